import { createHash } from 'node:crypto';
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
  show,
  until,
  upload,
} from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const post = (path: string, body: unknown, sent: Sent = {}): Promise<Reply> =>
  house.ask(`POST ${path}`, { as: 'customer', body, key: key(), ...sent });
const etagOf = async (id: string) => (await show(house, id, 'cs')).headers.get('etag') ?? '';
const approve = async (id: string) =>
  post(`/v1/number-requests/${id}/approval`, {}, { as: 'cs', ifMatch: await etagOf(id) });
const PDF = `%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n`;
const announce = (more: Json = {}, sent: Sent = {}) =>
  post(
    '/v1/documents',
    { kind: 'identity', fileName: 'a.pdf', contentType: 'application/pdf', size: PDF.length, ...more },
    sent,
  );
const put = ({ json }: Reply, body: string, headers: Record<string, string> = {}) =>
  fetch(json.upload.url, { method: 'PUT', headers: { ...json.upload.headers, ...headers }, body });
const get = (id: string, as: Sent['as'] = 'customer') => house.ask(`GET /v1/documents/${id}`, { as });
const stateOf = (id: string, state: string) =>
  vi.waitFor(async () => {
    const reply = await get(id, 'admin');
    expect(reply.json.state).toBe(state);
    return reply;
  }, 3000);
const DOCUMENT_STATES = ['awaiting_upload', 'checking', 'received', 'accepted', 'rejected', 'expired'];

describe('§5 documents', () => {
  it('201 awaiting_upload with a link to PUT to, for at most five minutes', async () => {
    const made = await announce({ issuedOn: '2026-01-01', expiresOn: '2036-01-01' });
    expect(made.status, made.text).toBe(201);
    expect(made.headers.get('location')).toBe(`/v1/documents/${made.json.id}`);
    expect(made.json).toMatchObject({
      id: expect.stringMatching(/^doc_/),
      state: 'awaiting_upload',
      upload: { method: 'PUT', url: expect.stringMatching(/^http/), headers: expect.any(Object) },
    });
    const now = Date.parse((await house.ask('GET /health')).json.time);
    const life = Date.parse(made.json.upload.expiresAt) - now;
    expect(life).toBeGreaterThan(0);
    expect(life).toBeLessThanOrEqual(300_000);
    const sent = await put(made, PDF);
    expect(sent.status).toBeGreaterThanOrEqual(200);
    expect(sent.status).toBeLessThan(300);
    const { json } = await stateOf(made.json.id, 'received');
    expect(json).toMatchObject({
      object: 'document',
      kind: 'identity',
      fileName: 'a.pdf',
      size: PDF.length,
      sha256: createHash('sha256').update(PDF).digest('hex'),
      issuedOn: '2026-01-01',
      expiresOn: '2036-01-01',
      usedBy: [],
    });
    expect(JSON.stringify(json)).not.toContain('papers/');
    const again = await put(made, PDF.replace('1.4', '1.5'));
    expect(again.status, 'a checked file is not replaced').toBeGreaterThanOrEqual(400);
  });

  it('a link is over after its time, and takes only what was announced', async () => {
    const made = await announce();
    expect((await put(made, `${PDF}more`)).status, 'size').toBeGreaterThanOrEqual(400);
    expect((await put(made, PDF, { 'content-type': 'text/html' })).status, 'type').toBeGreaterThanOrEqual(400);
    const bent = made.json.upload.url.replace(/.$/, (last: string) => (last === 'A' ? 'B' : 'A'));
    expect(
      (await fetch(bent, { method: 'PUT', headers: made.json.upload.headers, body: PDF })).status,
    ).toBeGreaterThanOrEqual(400);
    await house.advance(301);
    expect((await put(made, PDF)).status, 'time').toBeGreaterThanOrEqual(400);
    expect((await get(made.json.id)).json.state).toBe('awaiting_upload');
  });

  it('§13 a file that is not what it claims is taken, then rejected with a remark', async () => {
    const text = '<script>alert(1)</script>'.padEnd(PDF.length, ' ');
    const made = await announce();
    expect((await put(made, text)).ok).toBe(true);
    const { json } = await stateOf(made.json.id, 'rejected');
    expect(json.remark).toEqual(expect.any(String));
  });

  it.each([
    [{ size: 11 * 1024 * 1024 }, 422, 'file_too_large'],
    [{ contentType: 'text/html', fileName: 'a.html' }, 422, 'file_type_not_allowed'],
    [{ contentType: 'application/x-msdownload', fileName: 'a.exe' }, 422, 'file_type_not_allowed'],
    [{ size: 0 }, 422, undefined],
    [{ size: '10' }, 400, undefined],
    [{ fileName: undefined }, 400, undefined],
    [{ issuedOn: 'yesterday' }, 422, undefined],
    [{ tenantId: 'ten_1' }, 400, undefined],
    [{ state: 'accepted' }, 400, undefined],
    [{ numberRequestId: 'req_01k0000000000000000000zzzz' }, 422, undefined],
    [{ endUserId: 'usr_01k0000000000000000000zzzz' }, 422, undefined],
  ] as const)('%j is %i %s', async (more, status, code) => {
    expectProblem(await announce(more), status, code);
  });

  it('lists by state and request, (own) for customers', async () => {
    const { json } = await file(house, { country: 'CO' });
    const mine = await announce({ numberRequestId: json.id });
    const theirs = await announce({}, { as: 'admin' });
    const list = async (query: string, as = 'customer') =>
      (await house.ask(`GET /v1/documents?${query}`, { as })).json.data.map((one: Json) => one['id']);
    expect(await list(`numberRequestId=${json.id}`)).toEqual([mine.json.id]);
    expect(await list('limit=200')).not.toContain(theirs.json.id);
    expect(await list('limit=200', 'admin')).toEqual(expect.arrayContaining([mine.json.id, theirs.json.id]));
    expect(await list('state=accepted')).toEqual([]);
    for (const state of DOCUMENT_STATES)
      expect((await house.ask(`GET /v1/documents?state=${state}`, { as: 'admin' })).status).toBe(200);
    expectProblem(await house.ask('GET /v1/documents?state=lost', { as: 'admin' }), 400);
    expectProblem(await get(theirs.json.id), 404, 'not_found');
    expectProblem(await get(mine.json.id, 'globex'), 404, 'not_found');
    expect((await get(mine.json.id)).json.usedBy).toEqual([json.id]);
  });

  it('PATCH dates and requirement; DELETE while nothing depends on it', async () => {
    const made = await upload(house, 'customer');
    const path = `/v1/documents/${made.json.id}`;
    const { headers } = await get(made.json.id);
    const changed = await house.ask(`PATCH ${path}`, {
      as: 'customer',
      body: { expiresOn: '2032-02-02' },
      ifMatch: headers.get('etag') ?? '',
    });
    expect(changed.status, changed.text).toBe(200);
    expect(changed.json.expiresOn).toBe('2032-02-02');
    expectProblem(
      await house.ask(`PATCH ${path}`, {
        as: 'customer',
        body: { expiresOn: '2033-02-02' },
        ifMatch: headers.get('etag') ?? '',
      }),
      412,
    );
    const cleared = await house.ask(`PATCH ${path}`, { as: 'customer', body: { expiresOn: null } });
    expect(cleared.status, cleared.text).toBe(200);
    expect(cleared.json).not.toHaveProperty('expiresOn');
    for (const body of [{ state: 'accepted' }, { fileName: 'b.pdf' }, { sha256: '' }])
      expectProblem(await house.ask(`PATCH ${path}`, { as: 'customer', body }), 400);
    expectProblem(await house.ask(`PATCH ${path}`, { as: 'globex', body: {} }), 404);
    expectProblem(await house.ask(`DELETE ${path}`, { as: 'globex' }), 404);
    expect((await house.ask(`DELETE ${path}`, { as: 'customer' })).status).toBe(204);
    expectProblem(await get(made.json.id), 404);
  });

  it('download: 201 with a link for five minutes; customer success gives a reason', async () => {
    const made = await upload(house, 'customer');
    const path = `/v1/documents/${made.json.id}/download`;
    const link = await post(path, {});
    expect(link.status, link.text).toBe(201);
    expect(Object.keys(link.json).toSorted()).toEqual(['expiresAt', 'url']);
    const read = await fetch(link.json.url);
    expect(read.status).toBe(200);
    expect(await read.text()).toBe(PDF);
    expect(read.headers.get('content-disposition')).toMatch(/^attachment/);
    const bare = await post(path, {}, { as: 'cs' });
    expect([400, 422]).toContain(bare.status);
    expect((await post(path, { reason: 'review' }, { as: 'cs' })).status).toBe(201);
    expectProblem(await post(path, {}, { as: 'globex' }), 404);
    await house.advance(301);
    expect((await fetch(link.json.url)).status).toBeGreaterThanOrEqual(400);
  });
});

describe('§5 end users', () => {
  it('made, listed, shown, changed; another tenant sees nothing', async () => {
    const address = { lines: ['1 High St'], city: 'Cambridge', postalCode: 'CB1 1AA', country: 'GB' };
    const body = { subject: 'business', name: 'Shop Ltd', fields: { registration: '123' }, addresses: [address] };
    const made = await post('/v1/end-users', body);
    expect(made.status, made.text).toBe(201);
    expect(made.json).toMatchObject(body);
    expect(made.headers.get('location')).toBe(`/v1/end-users/${made.json.id}`);
    const path = `/v1/end-users/${made.json.id}`;
    expect((await house.ask(`GET ${path}`, { as: 'admin' })).json).toMatchObject(body);
    const changed = await house.ask(`PATCH ${path}`, {
      as: 'customer',
      body: { name: 'Shop plc', fields: { vat: '9' } },
    });
    expect(changed.json).toMatchObject({ name: 'Shop plc', fields: { registration: '123', vat: '9' } });
    expectProblem(await house.ask(`PATCH ${path}`, { as: 'customer', body: { subject: 'robot' } }), 400);
    expectProblem(await house.ask(`GET ${path}`, { as: 'globex' }), 404);
    expectProblem(await house.ask(`PATCH ${path}`, { as: 'globex', body: { name: 'x' } }), 404);
    const listed = await house.ask('GET /v1/end-users', { as: 'customer' });
    expect(listed.json.data.map((one: Json) => one['id'])).toContain(made.json.id);
    expectProblem(await post('/v1/end-users', { subject: 'robot', name: 'x' }), 400);
    expectProblem(await post('/v1/end-users', { name: 'x' }), 400);
    expectProblem(await post('/v1/end-users', { subject: 'business', name: '' }), 422);
    const request = await file(house, { country: 'CO', endUserId: made.json.id });
    expect(request.json.endUserId).toBe(made.json.id);
    expectProblem(await post('/v1/number-requests', { country: 'CO', endUserId: made.json.id }, { as: 'globex' }), 422);
    expectProblem(
      await post('/v1/number-requests', { country: 'CO', endUserId: 'eus_01k0000000000000000000zzzz' }),
      422,
    );
  });
});

const filled = async (id: string, as: Sent['as'] = 'customer', only = (_one: Json) => true): Promise<Reply> => {
  let last = await show(house, id, 'admin');
  for (const one of last.json.requirements.filter(
    (each: Json) => ['missing', 'rejected'].includes(String(each['state'])) && only(each),
  )) {
    const path = `/v1/number-requests/${id}/requirements/${one.requirementId}`;
    const address = { lines: ['Carrera 7'], city: 'Bogotá', postalCode: '110111', country: 'CO' };
    const body =
      one.kind === 'document'
        ? { documentId: (await upload(house, as, { numberRequestId: id, requirementId: one.requirementId })).json.id }
        : one.kind === 'text'
          ? { value: '12345' }
          : { address };
    last = await house.ask(`PUT ${path}`, { as, body });
    expect(last.status, last.text).toBe(200);
  }
  return last;
};
const pendingPapers = async (): Promise<Reply> => {
  const { json } = await file(house, { country: 'CO' });
  expect((await approve(json.id)).status).toBe(200);
  const now = await until(
    house,
    json.id,
    (one) => one.state === 'documents_pending' || one.state === 'documents_review',
  );
  return now;
};

describe('§4 requirements and documents review', () => {
  it('S0-42: the whole way: missing, handed in, reviewed, at the carrier, bought', async () => {
    const pending = await pendingPapers();
    expect(pending.json).toMatchObject({ state: 'documents_pending', waitingFor: 'customer' });
    const { id } = pending.json;
    expect(pending.json.requirements.length).toBeGreaterThan(0);
    for (const one of pending.json.requirements) {
      expect(one).toMatchObject({
        requirementId: expect.any(String),
        kind: expect.stringMatching(/^(document|text|address)$/),
        name: expect.any(String),
      });
      expect(['missing', 'waived']).toContain(one.state);
    }
    expect(Date.parse(pending.json.dueAt) - Date.parse(pending.json.updatedAt)).toBeGreaterThan(13.9 * 86_400_000);
    expect(pending.json.actions).toContain('requirements');
    const handed = await filled(id);
    expect(handed.json).toMatchObject({ state: 'documents_review', waitingFor: 'customer_success' });
    for (const one of handed.json.requirements.filter((each: Json) => each['required']))
      expect(one.state).toBe('received');
    const review = (documents: unknown, sent: Sent = {}) =>
      post(`/v1/number-requests/${id}/documents-review`, { documents }, { as: 'cs', ...sent });
    expectProblem(await review([]), 422);
    expectProblem(await review([{ id: 'doc_01k0000000000000000000zzzz', verdict: 'accepted' }]), 422);
    const papers: Json[] = handed.json.requirements.filter((each: Json) => each['documentId']);
    const ids = papers.map((one) => String(one['documentId']));
    expectProblem(await review(ids.map((one) => ({ id: one, verdict: 'maybe' }))), 400);
    expectProblem(await review([{ id: ids[0], verdict: 'rejected', reason: 'ugly' }]), 400);
    const back = await review([{ id: ids[0], verdict: 'rejected', reason: 'unreadable', remark: 'Scan it again' }]);
    expect(back.status, back.text).toBe(200);
    expect(back.json).toMatchObject({ state: 'documents_pending', waitingFor: 'customer' });
    const rejected = back.json.requirements.find(
      (one: Json) => one['documentId'] === ids[0] || one['state'] === 'rejected',
    );
    expect(rejected).toMatchObject({ state: 'rejected', remark: expect.stringContaining('Scan it again') });
    expect((await get(ids[0] ?? '')).json.state).toBe('rejected');
    const again = await filled(id);
    expect(again.json.state).toBe('documents_review');
    const all = again.json.requirements.filter((each: Json) => each['state'] === 'received');
    const named = all.map((one: Json) => ({ id: one['documentId'] ?? one['requirementId'], verdict: 'accepted' }));
    const accepted = await review(named);
    expect(accepted.status, accepted.text).toBe(200);
    const path = `/v1/number-requests/${id}/requirements/${all[0].requirementId}`;
    expectProblem(await house.ask(`PUT ${path}`, { as: 'customer', body: { value: 'x' } }), 409, 'wrong_state');
    await house.gateway.idle();
    const ended = await hurry(
      house,
      id,
      (one) => /completed|failed/.test(one.state) || one.waitingFor === 'carrier' || one.state === 'documents_pending',
    );
    expect(ended.json.state, ended.text).not.toBe('documents_pending');
    const done = await hurry(house, id, (one) => /completed|failed/.test(one.state));
    expect(done.json.state, done.text).toBe('completed');
  });

  it('§1, §13 the carrier reviews by hand: rejected with its reason, handed in again, approved, bought', async () => {
    const carriers = ['telnyx', 'twilio'];
    for (const carrier of carriers) await house.control(`POST ${carrier}/papers`, { mode: 'manual' });
    const { id } = (await pendingPapers()).json;
    const handOn = async () => {
      const handed = await filled(id);
      const received = handed.json.requirements.filter((one: Json) => one['state'] === 'received');
      const documents = received.map((one: Json) => ({
        id: one['documentId'] ?? one['requirementId'],
        verdict: 'accepted',
      }));
      const reviewed = await post(`/v1/number-requests/${id}/documents-review`, { documents }, { as: 'cs' });
      expect(reviewed.status, reviewed.text).toBe(200);
      return hurry(house, id, (one) => one.waitingFor === 'carrier' && one.state === 'documents_review');
    };
    const judge = async (verdict: string) => {
      const bodies = {
        reference: id,
        verdict,
        ...(verdict === 'rejected' ? { reason: 'The address does not match' } : {}),
      };
      // Only what has been handed in can be judged.
      await house.gateway.idle();
      await vi.waitFor(async () => {
        const sent = carriers.map((carrier) => house.control(`POST ${carrier}/papers`, bodies));
        expect((await Promise.all(sent)).map((one) => one.status)).toContain(200);
      }, 4000);
    };
    await handOn();
    await judge('rejected');
    const back = await hurry(house, id, (one) => one.waitingFor !== 'carrier');
    expect(['documents_pending', 'documents_review']).toContain(back.json.state);
    expect(JSON.stringify(back.json.requirements)).toContain('The address does not match');
    if (back.json.state === 'documents_review') {
      const paper = back.json.requirements.find((one: Json) => one['documentId']);
      const documents = [
        { id: paper.documentId, verdict: 'rejected', reason: 'other', remark: 'The address does not match' },
      ];
      await post(`/v1/number-requests/${id}/documents-review`, { documents }, { as: 'cs' });
    }
    await handOn();
    await judge('approved');
    const done = await hurry(house, id, (one) => /completed|failed/.test(one.state));
    expect(done.json.state, done.text).toBe('completed');
    for (const carrier of carriers) await house.control(`POST ${carrier}/papers`, { mode: 'automatic' });
  });

  it('one requirement: shape, kind and owner are checked', async () => {
    const pending = await pendingPapers();
    const { id, requirements } = pending.json;
    const put1 = (requirementId: string, body: unknown, sent: Sent = {}) =>
      house.ask(`PUT /v1/number-requests/${id}/requirements/${requirementId}`, { as: 'customer', body, ...sent });
    const paper = requirements.find((one: Json) => one['kind'] === 'document');
    expectProblem(await put1('nothing', { value: 'x' }), 404);
    expectProblem(await put1(paper.requirementId, { documentId: 'doc_01k0000000000000000000zzzz' }), 422);
    expectProblem(await put1(paper.requirementId, { documentId: 5 }), 400);
    expectProblem(await put1(paper.requirementId, { state: 'accepted' }), 400);
    expect([400, 422]).toContain((await put1(paper.requirementId, {})).status);
    expect([400, 422]).toContain((await put1(paper.requirementId, { value: 'x' })).status);
    const foreign = await upload(house, 'globex');
    expectProblem(await put1(paper.requirementId, { documentId: foreign.json.id }), 422);
    const mine = await upload(house, 'customer');
    expectProblem(await put1(paper.requirementId, { documentId: mine.json.id }, { as: 'globex' }), 404);
    const stale = await put1(paper.requirementId, { documentId: mine.json.id }, { ifMatch: '"999"' });
    expectProblem(stale, 412, 'stale_version');
    const done = await put1(paper.requirementId, { documentId: mine.json.id });
    expect(done.status, done.text).toBe(200);
    expect(done.json.requirements.find((one: Json) => one['requirementId'] === paper.requirementId)).toMatchObject({
      state: 'received',
      documentId: mine.json.id,
    });
    expectProblem(await house.ask(`DELETE /v1/documents/${mine.json.id}`, { as: 'customer' }), 409, 'in_use');
    expect((await get(mine.json.id)).json.usedBy).toContain(id);
    expectProblem(
      await post(
        `/v1/number-requests/${id}/documents-review`,
        { documents: [{ id: mine.json.id, verdict: 'accepted' }] },
        { as: 'cs' },
      ),
      409,
      'wrong_state',
    );
  });

  it('§13 known:false: customer success completes the list or waives', async () => {
    const monthly = { amount: '3.00', currency: 'EUR' };
    const number = '+525512345678';
    await house.control('POST vonage/stock', { numbers: [{ number, country: 'MX', type: 'local', monthly }] });
    expect((await house.ask('GET /v1/countries/MX/requirements?carrier=vonage', { as: 'cs' })).json.meta.known).toBe(
      false,
    );
    const { json } = await file(house, { country: 'MX', numbers: [{ number, carrier: 'vonage', monthly }] });
    const now = await until(
      house,
      json.id,
      (one) => one.state === 'documents_review' || /completed|failed/.test(one.state),
    );
    expect(now.json).toMatchObject({ state: 'documents_review', waitingFor: 'customer_success' });
    const added = await post(
      `/v1/number-requests/${json.id}/requirements`,
      { kind: 'text', name: 'Tax number', description: 'Of the company' },
      { as: 'cs' },
    );
    expect(added.status, added.text).toBeLessThan(300);
    expect(added.json.requirements).toMatchObject([{ kind: 'text', name: 'Tax number', state: 'missing' }]);
    expectProblem(
      await post(
        `/v1/number-requests/${json.id}/requirements`,
        { kind: 'poem', name: 'x', description: 'x' },
        { as: 'cs' },
      ),
      400,
    );
    expectProblem(
      await post(`/v1/number-requests/${json.id}/requirements`, { kind: 'text', name: 'x', description: 'x' }),
      403,
      'not_allowed',
    );
    const handed = await filled(json.id);
    expect(handed.json).toMatchObject({ state: 'documents_review', waitingFor: 'customer_success' });
  });

  it('papers not handed in: reminders, then expired after 30 days', async () => {
    const pending = await pendingPapers();
    const mails = async () => (await house.ask(`GET /local/mails?numberRequestId=${pending.json.id}`)).json.data.length;
    await house.gateway.idle();
    const before = await mails();
    await house.advance(7 * 86_400 + 120);
    await house.gateway.idle();
    expect(await mails()).toBe(before + 1);
    await house.advance(6 * 86_400);
    await house.gateway.idle();
    expect(await mails()).toBe(before + 2);
    await house.advance(17 * 86_400);
    await until(house, pending.json.id, 'expired');
  });
});
