import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectProblem, file, type House, type Json, openHouse, type Reply, type Sent, until } from './house.ts';

let house: House;
/** The numbers the tenant owns, cheapest place to ask for them by. */
let owned: Json[] = [];
type Item = Reply['json'];
let extensions: Item[] = [];
const usd = (amount: string) => ({ amount, currency: 'USD' });

const buy = async (number: string, more: Json = {}, as = 'admin', carrier = 'telnyx') => {
  const numbers = [{ number, country: 'GB', type: 'local', monthly: usd('1.00') }];
  await house.control(`POST ${carrier}/stock`, { numbers });
  const wish = { country: 'GB', numbers: [{ number, carrier, monthly: usd('2.00') }], ...more };
  const { json } = await file(house, wish, as);
  return until(house, json.id, 'completed', as);
};
beforeAll(async () => {
  house = await openHouse();
  await buy('+441223720001', { name: 'Front desk', tags: ['sales'], reference: 'ref-1' });
  await buy('+441223720002');
  await buy('+441612000003', { tags: ['support'] });
  await buy('+441223720009', {}, 'globex');
  owned = (await house.ask('GET /v1/numbers', { as: 'admin' })).json.data ?? [];
  extensions = (await house.ask('GET /v1/extensions', { as: 'admin' })).json.data ?? [];
}, 30_000);
afterAll(() => house.close());

const list = (query = '', sent: Sent = {}) => house.ask(`GET /v1/numbers${query}`, { as: 'admin', ...sent });
const numbersOf = (reply: Reply) => reply.json.data.map((one: Item) => one.number);
const one = (id: string, sent: Sent = {}) =>
  house.ask(`GET /v1/numbers/${encodeURIComponent(id)}`, { as: 'admin', ...sent });
const assign = (id: string, body: unknown, sent: Sent = {}) =>
  house.ask(`PUT /v1/numbers/${encodeURIComponent(id)}/assignment`, { as: 'admin', body, ...sent });
const patch = (id: string, body: unknown, sent: Sent = {}) =>
  house.ask(`PATCH /v1/numbers/${encodeURIComponent(id)}`, { as: 'admin', body, ...sent });
const call = async (to: string) => (await house.control('POST telnyx/calls', { from: '+447700900123', to })).json;
const FIRST = '+441223720001';

describe('§6 GET /v1/numbers/{id}', () => {
  it('the number, with the fields of the page, by id and by E.164', async () => {
    const { status, json, headers, text } = await one(FIRST);
    expect(status, text).toBe(200);
    expect(headers.get('etag')).toMatch(/^".+"$/);
    expect(json).toMatchObject({
      id: expect.stringMatching(/^num_[0-9a-z]{26}$/),
      object: 'number',
      number: FIRST,
      display: '+44 1223 720001',
      name: 'Front desk',
      country: 'GB',
      type: 'local',
      areaCode: '1223',
      locality: 'Cambridge',
      features: expect.arrayContaining(['voice']),
      serviceNumber: false,
      status: 'active',
      state: 'active',
      ownership: 'pre_provisioned',
      routedTo: 'none',
      monthly: { ...usd('1.00'), interval: 'month' },
      subscription: { startedOn: expect.any(String), periodEndsOn: expect.any(String) },
      statistics: { callsLast30Days: expect.any(Number) },
      carrier: 'telnyx',
      attention: [],
      tags: ['sales'],
      metadata: {},
      actions: expect.any(Array),
      numberRequestId: expect.stringMatching(/^req_/),
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
    });
    expect((await one(json.id)).json).toEqual(json);
  });
  it('a number’s default name is its E.164 form', async () => {
    expect((await one('+441223720002')).json.name).toBe('+441223720002');
  });
  it('absent and foreign numbers look the same: 404', async () => {
    const foreign = await one('+441223720009');
    const missing = await one('+441223720010');
    expectProblem(foreign, 404, 'not_found');
    expectProblem(missing, 404, 'not_found');
    expect(foreign.json.detail.replace('+441223720009', '')).toBe(missing.json.detail.replace('+441223720010', ''));
    for (const bad of ['x', 'num_1', '..', '+44', 'num_01k0000000000000000000zzzz']) expectProblem(await one(bad), 404);
  });
  it('a customer sees own numbers only', async () => {
    expectProblem(await one(FIRST, { as: 'customer' }), 404, 'not_found');
    expect(numbersOf(await list('', { as: 'customer' }))).toEqual([]);
  });
});

describe('§6 GET /v1/numbers', () => {
  it('lists the own, sorted by number, with the limit', async () => {
    const reply = await list();
    expect(numbersOf(reply)).toEqual(['+441223720001', '+441223720002', '+441612000003']);
    expect(reply.json.meta.limit).toEqual({ limit: 50, used: 3, held: 0, remaining: 47 });
  });
  it.each([
    ['?country=GB', 3],
    ['?country=FR,GB', 3],
    ['?country=FR', 0],
    ['?status=active', 3],
    ['?status=released,canceling', 0],
    ['?ownership=pre_provisioned', 3],
    ['?ownership=private,shared', 0],
    ['?routedTo=none', 3],
    ['?routedTo=extension', 0],
    ['?carrier=telnyx', 3],
    ['?carrier=vonage', 0],
    ['?tag=sales', 1],
    ['?tag=sales,support', 2],
    ['?reference=ref-1', 1],
    ['?assigned=false', 3],
    ['?assigned=true', 0],
    ['?serviceNumber=false', 3],
    ['?serviceNumber=true', 0],
    ['?q=1223', 2],
    ['?q=Front', 1],
    ['?q=ref-1', 1],
    ['?createdAfter=2000-01-01T00:00:00Z', 3],
    ['?createdBefore=2000-01-01T00:00:00Z', 0],
    ['?tag=sales&carrier=telnyx', 1],
  ])('%s finds %i', async (query, count) => {
    const reply = await list(query);
    expect(reply.status, reply.text).toBe(200);
    expect(reply.json.data).toHaveLength(count);
  });
  it.each(['number', 'ownership', 'name', 'routedTo', 'routingObject', 'updatedAt'])(
    'sorts by %s both ways',
    async (sort) => {
      const up = numbersOf(await list(`?sort=${sort}`));
      expect(up).toHaveLength(3);
      expect(numbersOf(await list(`?sort=-${sort}`))).toEqual(up.toReversed());
    },
  );
  it('pages by cursor', async () => {
    const seen: string[] = [];
    let cursor = '';
    for (let turn = 0; turn < 10; turn++) {
      const reply = await list(`?limit=1${cursor}`);
      seen.push(...numbersOf(reply));
      if (!reply.json.page.hasMore) break;
      cursor = `&cursor=${encodeURIComponent(reply.json.page.nextCursor)}`;
    }
    expect(seen).toEqual(['+441223720001', '+441223720002', '+441612000003']);
  });
  it('refuses unknown filters and values', async () => {
    for (const query of [
      '?stauts=active',
      '?status=gone',
      '?ownership=mine',
      '?sort=price',
      '?assigned=maybe',
      '?limit=0',
      '?carrier=acme',
      '?routedTo=moon',
    ])
      expectProblem(await list(query), 400);
  });
  it('summary: counts by status, ownership, country, carrier, routedTo, and the limit', async () => {
    const { status, json } = await house.ask('GET /v1/numbers/summary', { as: 'admin' });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      status: { active: 3 },
      ownership: { pre_provisioned: 3 },
      country: { GB: 3 },
      carrier: { telnyx: 3 },
      routedTo: { none: 3 },
      limit: { limit: 50, used: 3, held: 0, remaining: 47 },
    });
    expectProblem(await house.ask('GET /v1/numbers/summary', { as: 'customer' }), 403, 'not_allowed');
  });
});

describe('§6 PATCH /v1/numbers/{id}', () => {
  it('S0-26, S0-31: name, description, tags, metadata, reference; merge patch; null name restores the number', async () => {
    const { headers } = await one('+441223720002');
    const ifMatch = headers.get('etag') ?? '';
    const changed = await patch(
      '+441223720002',
      { name: 'Lab', description: 'x', tags: ['lab'], metadata: { a: '1' }, reference: 'r' },
      { ifMatch },
    );
    expect(changed.status, changed.text).toBe(200);
    expect(changed.json).toMatchObject({
      name: 'Lab',
      description: 'x',
      tags: ['lab'],
      metadata: { a: '1' },
      reference: 'r',
    });
    expectProblem(await patch('+441223720002', { name: 'Lost' }, { ifMatch }), 412, 'stale_version');
    const merged = await patch('+441223720002', { metadata: { b: '2' }, description: null });
    expect(merged.json.metadata).toEqual({ a: '1', b: '2' });
    expect(merged.json).not.toHaveProperty('description');
    expect((await patch('+441223720002', { name: null })).json.name).toBe('+441223720002');
    expect((await patch('+441223720002', { name: 'By success' }, { as: 'cs' })).status).toBe(200);
  });
  it('refuses what is not for changing, lengths, others', async () => {
    for (const body of [
      { number: '+441223720003' },
      { state: 'released' },
      { carrier: 'vonage' },
      { tenantId: house.globex },
      { monthly: usd('0.00') },
      { tags: 'x' },
    ])
      expectProblem(await patch(FIRST, body), 400);
    for (const body of [
      { name: 'x'.repeat(101) },
      { description: 'x'.repeat(251) },
      { metadata: { a: 'x'.repeat(501) } },
    ])
      expectProblem(await patch(FIRST, body), 422);
    expectProblem(await patch(FIRST, { name: 'x' }, { as: 'customer' }), 403, 'not_allowed');
    expectProblem(await patch(FIRST, { name: 'x' }, { as: 'globex' }), 404, 'not_found');
    expectProblem(await patch('+441223720010', { name: 'x' }), 404, 'not_found');
  });
});

describe('§6 PUT and DELETE assignment', () => {
  const extension = (n = 0) => ({ type: 'extension', id: extensions[n].id });
  it('S0-5, S0-9: private to an extension, effective at the next call', async () => {
    const done = await assign(FIRST, { ownership: 'private', target: extension(), primary: true });
    expect(done.status, done.text).toBe(200);
    expect(done.json).toMatchObject({
      ownership: 'private',
      routedTo: 'extension',
      routingObject: {
        type: 'extension',
        id: extensions[0].id,
        name: expect.any(String),
        label: expect.stringMatching(/^Extension: \w+/),
      },
      assignment: { ownership: 'private', target: extension(), primary: true },
    });
    expect(done.headers.get('etag')).toMatch(/^"/);
    const answer = await call(FIRST);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatch(/<Sip>sip:[^<]+<\/Sip>/);
    expect((await list('?assigned=true')).json.data).toHaveLength(1);
    expect((await list('?routedTo=extension&ownership=private')).json.data).toHaveLength(1);
  });
  it('private never becomes shared or pre_provisioned again, whoever asks', async () => {
    for (const as of ['admin', 'cs'])
      for (const body of [{ ownership: 'shared' }, { ownership: 'pre_provisioned' }])
        expectProblem(await assign(FIRST, body, { as }), 409, 'ownership_not_convertible');
  });
  it('shared to voicemail, forward, nobody', async () => {
    const number = '+441612000003';
    const forward = await assign(number, { ownership: 'shared', target: { type: 'forward', number: '+441223720001' } });
    expect(forward.status, forward.text).toBe(200);
    expect(forward.json).toMatchObject({ ownership: 'shared', routedTo: 'forward' });
    const users = (await house.ask('GET /v1/users', { as: 'admin' })).json.data;
    const voicemail = await assign(number, { ownership: 'shared', target: { type: 'voicemail', id: users[0].id } });
    expect(voicemail.json).toMatchObject({ routedTo: 'voicemail' });
    expect((await call(number)).body).toMatch(/<Record/);
    const bare = await assign(number, { ownership: 'shared' });
    expect(bare.status, bare.text).toBe(200);
  });
  it('queue', async () => {
    const made = await house.ask('POST /v1/queues', {
      as: 'cs',
      body: { name: 'Help', members: [house.ids.customer], timeoutSeconds: 30 },
    });
    expect(made.status, made.text).toBe(201);
    const done = await assign('+441612000003', { ownership: 'shared', target: { type: 'queue', id: made.json.id } });
    expect(done.json).toMatchObject({ routedTo: 'queue', routingObject: { name: 'Help' } });
    expect((await call('+441612000003')).status).toBe(200);
  });
  it('refusals', async () => {
    const free = '+441223720002';
    const nobody = { type: 'extension', id: 'ext_01k0000000000000000000zzzz' };
    expectProblem(await assign(free, { ownership: 'private', target: nobody }), 422, 'unknown_target');
    const foreign = (await house.ask('GET /v1/extensions', { as: 'globex' })).json.data[0];
    const stranger = await assign(free, { ownership: 'private', target: { type: 'extension', id: foreign.id } });
    expectProblem(stranger, 422, 'unknown_target');
    expectProblem(await assign(free, { ownership: 'private' }), 422);
    expectProblem(
      await assign(free, { ownership: 'private', target: { type: 'forward', number: '+441223720001' } }),
      422,
    );
    expectProblem(
      await assign(free, { ownership: 'shared', target: { type: 'forward', number: free } }),
      422,
      'forward_not_allowed',
    );
    for (const number of ['+881612345678', '+8835100012345', '+449012345678', '+18005550199x'])
      expectProblem(await assign(free, { ownership: 'shared', target: { type: 'forward', number } }), 422);
    expectProblem(await assign(free, { ownership: 'mine' }), 400);
    expectProblem(await assign(free, {}), 400);
    expectProblem(await assign(free, { ownership: 'shared', target: { type: 'moon' } }), 400);
    expectProblem(await assign(free, { ownership: 'shared', tenantId: 'x' }), 400);
    expectProblem(await assign(free, { ownership: 'shared' }, { as: 'customer' }), 403, 'not_allowed');
    expectProblem(await assign(free, { ownership: 'shared' }, { as: 'globex' }), 404, 'not_found');
    expectProblem(await assign(free, { ownership: 'shared' }, { ifMatch: '"999"' }), 412, 'stale_version');
    expect((await one(free)).json.ownership).toBe('pre_provisioned');
  });
  it('a forwarding loop over two numbers is refused', async () => {
    const first = await assign('+441612000003', {
      ownership: 'shared',
      target: { type: 'forward', number: '+441223720002' },
    });
    expect(first.status).toBe(200);
    const back = await assign('+441223720002', {
      ownership: 'shared',
      target: { type: 'forward', number: '+441612000003' },
    });
    expectProblem(back, 422, 'forward_not_allowed');
  });
  it('S2-18: DELETE routes to nobody: the tenant’s fallback answers; a private number stays private', async () => {
    const gone = await house.ask(`DELETE /v1/numbers/${encodeURIComponent(FIRST)}/assignment`, { as: 'admin' });
    expect([gone.status, gone.text]).toEqual([204, '']);
    expect((await one(FIRST)).json).toMatchObject({ ownership: 'private', routedTo: 'none' });
    const answer = await call(FIRST);
    expect(answer.body).not.toMatch(/<Sip>/);
    expect(answer.body).toMatch(/<Say/);
    expectProblem(await house.ask(`DELETE /v1/numbers/${encodeURIComponent(FIRST)}/assignment`, { as: 'globex' }), 404);
  });
});

describe('§6 calls, messages, audit', () => {
  it('a call is listed with from, to, startedAt and outcome; a message likewise', async () => {
    await assign(FIRST, { ownership: 'private', target: { type: 'extension', id: extensions[0].id } });
    await call(FIRST);
    await house.control('POST telnyx/messages', { from: '+447700900123', to: FIRST, text: 'Hello there' });
    const calls = await vi.waitFor(async () => {
      const reply = await house.ask(`GET /v1/numbers/${encodeURIComponent(FIRST)}/calls`, { as: 'admin' });
      expect(reply.json.data.length).toBeGreaterThan(0);
      return reply;
    }, 4000);
    expect(calls.json.data[0]).toMatchObject({
      from: expect.any(String),
      to: FIRST,
      startedAt: expect.stringMatching(/Z$/),
      outcome: expect.any(String),
    });
    const messages = await house.ask(`GET /v1/numbers/${encodeURIComponent(FIRST)}/messages`, { as: 'admin' });
    expect(messages.json.data).toMatchObject([{ from: '+447700900123', to: FIRST, text: 'Hello there' }]);
    const audit = await house.ask(`GET /v1/numbers/${encodeURIComponent(FIRST)}/audit`, { as: 'admin' });
    expect(audit.json.data.length).toBeGreaterThan(2);
    expect(audit.json.data[0]).toMatchObject({
      version: expect.any(Number),
      actor: expect.anything(),
      action: expect.any(String),
      at: expect.stringMatching(/Z$/),
    });
    for (const what of ['calls', 'messages', 'audit']) {
      const path = `/v1/numbers/${encodeURIComponent(FIRST)}/${what}`;
      expectProblem(await house.ask(`GET ${path}`, { as: 'globex' }), 404, 'not_found');
      expectProblem(await house.ask(`GET ${path}`, { as: 'customer' }), 403, 'not_allowed');
    }
  });
  it('the numbers were three, and are', () => expect(owned).toHaveLength(3));
});
