import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  expectProblem,
  file,
  type House,
  hurry,
  type Json,
  key,
  openHouse,
  type Reply,
  type Sent,
  upload,
} from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const post = (path: string, body: unknown = {}, sent: Sent = {}): Promise<Reply> =>
  house.ask(`POST ${path}`, { as: 'admin', body, key: key(), ...sent });
const get = (id: string, as: Sent['as'] = 'admin') => house.ask(`GET /v1/bundles/${id}`, { as });
/** Waits for what follows by itself, letting the clock of the simulated reviewers go on. */
const became = (id: string, holds: (json: Reply['json']) => boolean) =>
  vi.waitFor(
    async () => {
      await house.gateway.idle();
      const reply = await get(id);
      if (!holds(reply.json)) {
        await house.advance(1);
        throw new Error(reply.text);
      }
      return reply;
    },
    { timeout: 12_000, interval: 40 },
  );
const begun = async (carrier: string, more: Json = {}): Promise<Reply> => {
  const made = await post('/v1/bundles', { country: 'SE', carrier, ...more });
  expect(made.status, made.text).toBe(201);
  return became(made.json.id, (json) => json.listedBy === 'carrier');
};
const place = { lines: ['Drottninggatan 1'], city: 'Stockholm', postalCode: '111 51', country: 'SE' };
const filled = async ({ json }: Reply): Promise<Reply> => {
  const items = [];
  for (const { requirementId, kind, state } of json.items) {
    if (state !== 'missing' && state !== 'rejected') continue;
    if (kind === 'text') items.push({ requirementId, value: 'Acme AB' });
    else if (kind === 'address') items.push({ requirementId, address: place });
    else items.push({ requirementId, documentId: (await upload(house, 'admin')).json.id });
  }
  const reply = await house.ask(`PATCH /v1/bundles/${json.id}`, { as: 'admin', body: { items } });
  expect(reply.status, reply.text).toBe(200);
  return reply;
};
const sets = async (carrier: string, path: string) =>
  (await house.control(`GET ${carrier}/requests`)).json.data.filter(
    (one: Json) => one['method'] === 'POST' && String(one['path']).endsWith(path),
  ).length;

describe('§5 bundles', () => {
  it.each([
    ['twilio', '/Bundles'],
    ['telnyx', '/requirement_groups'],
  ])('S0-42: %s: listed, filled, handed in, approved, and ordered with by two requests', async (carrier, path) => {
    const draft = await begun(carrier);
    expect(draft.json).toMatchObject({ object: 'bundle', state: 'draft', country: 'SE', type: 'local', carrier });
    expect(draft.json.items.length).toBeGreaterThan(1);
    for (const item of draft.json.items)
      expect(item).toMatchObject({ requirementId: expect.any(String), state: 'missing', remarks: [] });
    for (const inner of ['tenantId', 'refs', 'version']) expect(draft.json).not.toHaveProperty(inner);
    await filled(draft);
    const submitted = await post(`/v1/bundles/${draft.json.id}/submission`);
    expect(submitted.status, submitted.text).toBe(202);
    const good = await became(draft.json.id, (json) => /approved/.test(json.state));
    for (const item of good.json.items.filter((one: Json) => one['required'])) expect(item.state).toBe('accepted');
    expect(await sets(carrier, path)).toBe(1);

    for (let n = 0; n < 2; n++) {
      const asked = await file(house, { country: 'SE', bundleId: draft.json.id });
      expect(asked.json.bundleId).toBe(draft.json.id);
      const done = await hurry(house, asked.json.id, (one) => /completed|failed|documents/.test(one.state));
      expect(done.json, done.text).toMatchObject({ state: 'completed', numbers: [{ carrier }] });
      for (const one of done.json.requirements) expect(one.state).toBe('accepted');
    }
    expect(await sets(carrier, path)).toBe(1);
  });

  it.each(['twilio', 'telnyx'])('R1: %s rejects, by its own id or ours; a copy is corrected', async (carrier) => {
    await house.control(`POST ${carrier}/papers`, { mode: 'manual' });
    const draft = await begun(carrier);
    await filled(draft);
    await post(`/v1/bundles/${draft.json.id}/submission`);
    await became(draft.json.id, (json) => json.state === 'in_review');
    const verdict = { reference: draft.json.id, verdict: 'rejected', reason: 'The name does not match' };
    expect((await house.control(`POST ${carrier}/papers`, verdict)).status).toBe(200);
    const back = await became(draft.json.id, (json) => json.state === 'rejected');
    expect(back.text).toContain('The name does not match');
    const copy = await post(`/v1/bundles/${draft.json.id}/copies`);
    expect(copy).toMatchObject({ status: 201, json: { state: 'draft', copyOf: draft.json.id } });
    await filled(copy);
    expect((await post(`/v1/bundles/${copy.json.id}/submission`)).status).toBe(202);
    await became(copy.json.id, (json) => json.state === 'in_review');
    await house.control(`POST ${carrier}/papers`, { reference: copy.json.id, verdict: 'approved' });
    await became(copy.json.id, (json) => json.state === 'approved');
    await house.control(`POST ${carrier}/papers`, { mode: 'automatic' });
    expect((await post(`/v1/bundles/${draft.json.id}/withdrawal`)).json.state).toBe('withdrawn');
  });

  it('shapes, roles and refusals', async () => {
    expectProblem(await post('/v1/bundles', { country: 'SE', carrier: 'vonage' }), 422, 'papers_not_supported');
    expectProblem(await post('/v1/bundles', { country: 'SE', carrier: 'nobody' }), 400);
    expectProblem(await post('/v1/bundles', { country: 'SE' }), 400);
    expectProblem(await post('/v1/bundles', { country: 'SE', carrier: 'twilio', state: 'approved' }), 400);
    expectProblem(await post('/v1/bundles', { country: 'SE', carrier: 'twilio' }, { as: 'customer' }), 403);
    const { json } = await begun('twilio');
    const path = `/v1/bundles/${json.id}`;
    expectProblem(await house.ask(`POST ${path}/submission`, { as: 'admin' }), 400, 'idempotency_key_required');
    expectProblem(await post(`${path}/submission`), 422, 'documents_required');
    expectProblem(await post(`${path}/submission`, {}, { ifMatch: '"99"' }), 412, 'stale_version');
    expectProblem(await post(`${path}/verdict`, { verdict: 'approved' }, { as: 'cs' }), 409, 'carrier_decides');
    expectProblem(await post(`${path}/verdict`, { verdict: 'approved' }), 403);
    expectProblem(await house.ask(`GET ${path}`, { as: 'globex' }), 404, 'not_found');
    expectProblem(await house.ask('GET /v1/bundles?state=lost', { as: 'admin' }), 400);
    const audited = await house.ask(`GET ${path}`, { as: 'cs' });
    expect(audited.headers.get('etag')).toMatch(/^"\d+"$/);
    expect((await post(`${path}/withdrawal`)).json.state).toBe('withdrawn');
    expectProblem(await post(`${path}/submission`), 409, 'wrong_state');
  });

  it('§4 documents[]: received from the start; unknown ones are refused', async () => {
    const made = await upload(house, 'customer', { kind: 'address_proof' });
    const asked = await file(house, { country: 'CO', documents: [made.json.id] });
    const proof = asked.json.requirements.find((one: Json) => one['documentId'] === made.json.id);
    expect(proof).toMatchObject({ kind: 'document', state: 'received' });
    const other = await upload(house, 'globex', { kind: 'address_proof' });
    const refused = await house.ask('POST /v1/number-requests', {
      as: 'customer',
      key: key(),
      body: { country: 'CO', documents: [other.json.id] },
    });
    expectProblem(refused, 422, 'unknown_document');
  });
});
