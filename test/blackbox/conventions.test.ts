import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, file, type House, key, openHouse, type Sent, show } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const wish = { country: 'CO', quantity: 1 };
const create = (body: unknown, sent: Sent = {}) =>
  house.ask('POST /v1/number-requests', { as: 'customer', body, key: key(), ...sent });

describe('credentials, roles and tenants', () => {
  it('401 without a credential or with a bad one', async () => {
    const bare = await house.ask('GET /v1/number-requests');
    expectProblem(bare, 401);
    expect(bare.headers.get('www-authenticate')).toMatch(/^Bearer/);
    for (const authorization of [
      'Bearer x',
      'Bearer a.b.c',
      'Basic YTpi',
      'Bearer gw_live_0000',
      `Bearer ${'A'.repeat(3000)}`,
    ])
      expectProblem(await house.ask('GET /v1/me', { headers: { authorization } }), 401);
  });

  it('a token whose payload was changed is nobody', async () => {
    const [head, payload = '', signature] = (await house.token('customer@acme.example')).split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: house.ids.operator })).toString('base64url');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const token of [`${head}.${forged}.${signature}`, `${none}.${forged}.`, `${none}.${payload}.`])
      expectProblem(await house.ask('GET /v1/me', { headers: { authorization: `Bearer ${token}` } }), 401);
  });

  it('a token is over after its time', async () => {
    const other = await openHouse();
    try {
      const old = { headers: { authorization: `Bearer ${await other.token('admin@acme.example')}` } };
      await other.advance(3 * 86_400);
      expectProblem(await other.ask('GET /v1/me', old), 401);
    } finally {
      await other.close();
    }
  });

  it.each(['cs', 'operator'])('%s needs Gateway-Tenant for what a tenant owns', async (as) => {
    expectProblem(await house.ask('GET /v1/number-requests', { as, tenant: false }), 400, 'tenant_required');
    expect((await house.ask('GET /v1/number-requests', { as })).status).toBe(200);
    const unknown = { as, tenant: 'ten_01k0000000000000000000zzzz' };
    expect([403, 404]).toContain((await house.ask('GET /v1/number-requests', unknown)).status);
    expect([400, 403, 404]).toContain((await house.ask('GET /v1/number-requests', { as, tenant: 'acme' })).status);
  });
  it('rows marked † need no Gateway-Tenant', async () => {
    for (const as of ['cs', 'operator'])
      for (const path of ['/v1/countries', '/v1/countries/GB', '/v1/countries/GB/requirements', '/v1/carriers'])
        expect((await house.ask(`GET ${path}`, { as, tenant: false })).status, `${as} ${path}`).toBe(200);
  });
  it("a tenant's user may name the own tenant, no other", async () => {
    expect((await house.ask('GET /v1/number-requests', { as: 'admin', tenant: house.acme })).status).toBe(200);
    expectProblem(await house.ask('GET /v1/number-requests', { as: 'admin', tenant: house.globex }), 403);
  });

  it('O does what S does, except decide', async () => {
    const { json, headers } = await create(wish);
    const id = json.id;
    const sent = { as: 'operator', key: key(), ifMatch: headers.get('etag') ?? '' };
    const terms = {
      monthly: { amount: '5.00', currency: 'USD' },
      setup: { amount: '0.00', currency: 'USD' },
      text: 'x',
      validUntil: '2031-01-01T00:00:00Z',
    };
    const bodies = {
      approval: {},
      rejection: { reason: 'other', comment: 'no' },
      terms,
      'documents-review': { documents: [{ id: 'doc_01k0000000000000000000zzzz', verdict: 'accepted' }] },
    };
    for (const [what, body] of Object.entries(bodies))
      expectProblem(await house.ask(`POST /v1/number-requests/${id}/${what}`, { ...sent, body }), 403, 'not_allowed');
    expectProblem(await house.ask(`DELETE /v1/number-requests/${id}/approval`, { as: 'operator' }), 403, 'not_allowed');
    expect((await show(house, id, 'operator')).status).toBe(200);
    const asked = { as: 'operator', key: key(), body: { question: 'Which city?' } };
    const reply = await house.ask(`POST /v1/number-requests/${id}/information-request`, asked);
    expect(reply.status, reply.text).toBe(200);
    expect(reply.json.state).toBe('info_requested');
  });

  it.each(['customer', 'admin'])('%s may not do what is customer success alone', async (as) => {
    const { json, headers } = await create(wish, { as });
    const sent = { as, key: key(), ifMatch: headers.get('etag') ?? '' };
    for (const [what, body] of Object.entries({
      approval: {},
      rejection: { reason: 'other', comment: 'no' },
      terms: {
        monthly: { amount: '1.00', currency: 'USD' },
        setup: { amount: '0.00', currency: 'USD' },
        text: 'x',
        validUntil: '2031-01-01T00:00:00Z',
      },
      'information-request': { question: 'why' },
      'documents-review': { documents: [{ id: 'x', verdict: 'accepted' }] },
      requirements: { kind: 'text', name: 'n', description: 'd' },
    }))
      expectProblem(
        await house.ask(`POST /v1/number-requests/${json.id}/${what}`, { ...sent, body }),
        403,
        'not_allowed',
      );
    expectProblem(await house.ask('GET /v1/tasks', { as }), 403, 'not_allowed');
    expectProblem(
      await house.ask('PUT /v1/countries/GB/policy', { as, body: { class: 'special' } }),
      403,
      'not_allowed',
    );
  });

  it("(own): another user's request of the same tenant is 404 for a customer, visible to the admin", async () => {
    const { json } = await create(wish, { as: 'admin' });
    const mine = await show(house, json.id, 'customer');
    const missing = await show(house, 'req_01k0000000000000000000zzzz', 'customer');
    expectProblem(mine, 404, 'not_found');
    expect(mine.json.detail.replace(json.id, '')).toBe(
      missing.json.detail.replace('req_01k0000000000000000000zzzz', ''),
    );
    const listed = await house.ask('GET /v1/number-requests?limit=200', { as: 'customer' });
    expect(listed.json.data.map((one: { id: string }) => one.id)).not.toContain(json.id);
    expect((await show(house, json.id, 'admin')).status).toBe(200);
  });
});

describe('every answer', () => {
  it('carries Request-Id, a fresh one each', async () => {
    const seen = new Set<string | null>();
    const calls = ['GET /health', 'GET /v1/me', 'GET /nowhere', 'GET /v1/number-requests', 'GET /local/people'];
    for (const call of [...calls, 'POST /local/sign-in', 'GET /problems/not_found', 'GET /openapi.json']) {
      const { headers } = await house.ask(call, { as: call.includes('/v1/') ? 'admin' : 'nobody' });
      expect(headers.get('request-id'), call).toMatch(/^[0-9a-z]{26}$/);
      seen.add(headers.get('request-id'));
    }
    expect(seen.size).toBe(calls.length + 3);
  });

  it('says what is left of the quota, and nothing in X-RateLimit', async () => {
    for (const call of [
      'GET /v1/me',
      'GET /v1/number-requests',
      'GET /v1/number-requests/req_x',
      'GET /v1/countries',
    ]) {
      const { headers } = await house.ask(call, { as: 'admin' });
      expect(headers.get('ratelimit-policy'), call).toMatch(/^"tenant";q=1000000;w=60$/);
      expect(headers.get('ratelimit'), call).toMatch(/^"tenant";r=\d+;t=\d+$/);
      expect([...headers.keys()].filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
    }
  });

  it('404 and 405 are problem documents', async () => {
    expectProblem(await house.ask('GET /v1/nothing', { as: 'admin' }), 404, 'not_found');
    const wrong = await house.ask('PUT /v1/number-requests', { as: 'admin' });
    expectProblem(wrong, 405);
    expect(wrong.headers.get('allow')).toMatch(/GET/);
    // An empty id is nothing, not a method that is refused while it is allowed.
    for (const method of ['GET', 'PATCH', 'POST'])
      expectProblem(await house.ask(`${method} /v1/number-requests/`, { as: 'admin' }), 404, 'not_found');
  });

  it('429 over the quota, with Retry-After and the violated policy', async () => {
    const small = await openHouse({ RATE_LIMIT_PER_MINUTE: '3' });
    try {
      for (let n = 0; n < 3; n++) expect((await small.ask('GET /v1/me', { as: 'customer' })).status).toBe(200);
      const over = await small.ask('GET /v1/me', { as: 'customer' });
      expectProblem(over, 429);
      expect(over.json.type).toBe('https://iana.org/assignments/http-problem-types#quota-exceeded');
      expect(over.json['violated-policies']).toEqual(expect.any(Array));
      expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(over.headers.get('ratelimit')).toMatch(/^"tenant";r=0;t=\d+$/);
      expect((await small.ask('GET /v1/me', { as: 'cs' })).status, 'per credential').toBe(200);
    } finally {
      await small.close();
    }
  });
});

describe('bodies', () => {
  it.each(['{', 'nonsense', '"text"', '[]', 'null', '{"country":"CO"}}', '{"country":'])('%s is 400', async (raw) => {
    expectProblem(await create(undefined, { raw }), 400);
  });
  it('unknown fields are refused and named', async () => {
    const reply = await create({ ...wish, tenantId: house.globex });
    expectProblem(reply, 400);
    expect(reply.json.errors).toEqual([expect.objectContaining({ pointer: '#/tenantId' })]);
    expectProblem(await create({ ...wish, state: 'completed' }), 400);
    expectProblem(await create({ ...wish, alternatives: [{ price: 1 }] }), 400);
  });
  it('unknown query parameters are refused', async () => {
    for (const path of ['/v1/number-requests?stat=x', '/v1/countries?clas=special', '/v1/me?a=1', '/health?a=1'])
      expectProblem(await house.ask(`GET ${path}`, { as: 'admin' }), 400);
    expectProblem(
      await house.ask('POST /v1/number-requests?dryrun=true', { as: 'admin', key: key(), body: wish }),
      400,
    );
  });
  it('more than 64 KiB is 413', async () => {
    expectProblem(await create({ ...wish, purposeNote: 'x'.repeat(70_000) }), 413);
  });
  it('absent and null mean the same', async () => {
    const { status, json } = await create({ ...wish, areaCode: null, name: null });
    expect(status).toBe(202);
    expect(json.wish).toEqual({});
    expect(json).not.toHaveProperty('name');
  });
});

describe('Idempotency-Key', () => {
  it('is required on a request, and 1–255 visible characters', async () => {
    const bare = await house.ask('POST /v1/number-requests', { as: 'customer', body: wish });
    expectProblem(bare, 400, 'idempotency_key_required');
    for (const bad of ['x'.repeat(256), 'two words']) expect((await create(wish, { key: bad })).status).toBe(400);
    expect((await create(wish, { key: 'x'.repeat(255) })).status).toBe(202);
  });
  it('same key, same body: the same answer again', async () => {
    const again = { key: key() };
    const first = await create(wish, again);
    const second = await create({ quantity: 1, country: 'CO' }, again);
    expect(second.status).toBe(202);
    expect(second.json).toEqual(first.json);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
  });
  it('same key, other body: 422; another tenant and another route may use it', async () => {
    const again = { key: key() };
    const first = await create(wish, again);
    expectProblem(await create({ country: 'CO', quantity: 2 }, again), 422, 'idempotency_key_reused');
    const other = await create({ country: 'CO', quantity: 2 }, { ...again, as: 'globex' });
    expect(other.status).toBe(202);
    expect(other.json.id).not.toBe(first.json.id);
    const comment = { ...again, as: 'customer', body: { text: 'hello' } };
    expect((await house.ask(`POST /v1/number-requests/${first.json.id}/comments`, comment)).status).toBe(201);
  });
  it('refused input does not use the key up', async () => {
    const again = { key: key() };
    expectProblem(await create({ country: 'CO', quantity: 101 }, again), 422);
    expectProblem(await create({ nonsense: 1 }, again), 400);
    expect((await create(wish, again)).status).toBe(202);
  });
  it('ten calls at once make one request', async () => {
    const again = { key: key() };
    const replies = await Promise.all(Array.from({ length: 10 }, () => create({ ...wish, reference: 'ten' }, again)));
    const made = new Set(replies.filter((one) => one.status === 202).map((one) => one.json.id));
    expect(made.size).toBe(1);
    for (const one of replies.filter(({ status }) => status !== 202)) {
      expectProblem(one, 409, 'idempotency_in_progress');
      expect(Number(one.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    const listed = await house.ask('GET /v1/number-requests?reference=ten', { as: 'customer' });
    expect(listed.json.data).toHaveLength(1);
  });
  it('is kept for seven days', async () => {
    const other = await openHouse();
    try {
      const sent = { as: 'customer', key: 'kept', body: wish };
      const first = await other.ask('POST /v1/number-requests', sent);
      await other.advance(6.9 * 86_400);
      expect((await other.ask('POST /v1/number-requests', sent)).json.id).toBe(first.json.id);
      await other.advance(0.2 * 86_400);
      expect((await other.ask('POST /v1/number-requests', sent)).json.id).not.toBe(first.json.id);
    } finally {
      await other.close();
    }
  });
});

describe('ETag and If-Match', () => {
  it('a single object carries a strong ETag; PATCH takes If-Match', async () => {
    const made = await file(house, wish);
    const { headers } = await show(house, made.json.id, 'customer');
    const etag = headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[^"]+"$/);
    const patch = (ifMatch: string | undefined, name: string) =>
      house.ask(`PATCH /v1/number-requests/${made.json.id}`, {
        as: 'customer',
        body: { name },
        ...(ifMatch ? { ifMatch } : {}),
      });
    const changed = await patch(etag, 'one');
    expect([changed.status, changed.json.name]).toEqual([200, 'one']);
    expect(changed.headers.get('etag')).not.toBe(etag);
    const stale = await patch(etag, 'two');
    expectProblem(stale, 412, 'stale_version');
    expect(stale.headers.get('etag')).toBe(changed.headers.get('etag'));
    expect((await patch(undefined, 'three')).status).toBe(200);
    expect((await show(house, made.json.id, 'customer')).json.name).toBe('three');
  });
});

describe('lists', () => {
  // The only requests of this tenant for Thailand.
  let ids: string[] = [];
  beforeAll(async () => {
    const made = [];
    for (let n = 0; n < 5; n++)
      made.push(
        await house.ask('POST /v1/number-requests', {
          as: 'globex',
          body: { country: 'TH', reference: `list-${n}` },
          key: key(),
        }),
      );
    ids = made.map((one) => one.json.id).toReversed();
  });
  const list = (query: string, as = 'globex') => house.ask(`GET /v1/number-requests?${query}`, { as });

  it('newest first, paged by sealed cursors with a Link', async () => {
    const seen: string[] = [];
    let query = 'limit=2';
    for (let turn = 0; turn < 10; turn++) {
      const { json, headers } = await list(query);
      expect(json.object).toBe('list');
      expect(Object.keys(json.page).toSorted()).toEqual(json.page.hasMore ? ['hasMore', 'nextCursor'] : ['hasMore']);
      seen.push(...json.data.map((one: { id: string }) => one.id));
      if (!json.page.hasMore) break;
      const link = headers.get('link') ?? '';
      expect(link).toMatch(/rel="next"/);
      expect(link).toContain(encodeURIComponent(json.page.nextCursor));
      query = `limit=2&cursor=${encodeURIComponent(json.page.nextCursor)}`;
    }
    expect(seen.slice(0, 5)).toEqual(ids);
  });

  it('limit is reduced above 200 and refused below 1', async () => {
    expect((await list('limit=5000')).status).toBe(200);
    for (const limit of ['0', '-1', 'x', '1.5', '']) expectProblem(await list(`limit=${limit}`), 400);
  });

  it('a cursor used with other filters, by another tenant, or tampered with is refused', async () => {
    const cursor: string = (await list('limit=2')).json.page.nextCursor;
    expectProblem(await list(`limit=2&state=completed&cursor=${cursor}`), 400, 'cursor_mismatch');
    expectProblem(await list(`limit=2&sort=updatedAt&cursor=${cursor}`), 400, 'cursor_mismatch');
    const foreign = await list(`limit=2&cursor=${cursor}`, 'admin');
    expectProblem(foreign, 400);
    const middle = Math.floor(cursor.length / 2);
    const bent = cursor.slice(0, middle) + (cursor[middle] === 'A' ? 'B' : 'A') + cursor.slice(middle + 1);
    for (const bad of [bent, 'x', cursor.slice(0, -4), Buffer.from('{"pk":"TEN#"}').toString('base64url')])
      expectProblem(await list(`limit=2&cursor=${bad}`), 400);
  });

  it('a cursor is over after 24 hours', async () => {
    const other = await openHouse();
    try {
      for (let n = 0; n < 2; n++) await other.ask('POST /v1/number-requests', { as: 'admin', body: wish, key: key() });
      const { json } = await other.ask('GET /v1/number-requests?limit=1', { as: 'admin' });
      const path = `GET /v1/number-requests?limit=1&cursor=${json.page.nextCursor}`;
      await other.advance(23 * 3600);
      expect((await other.ask(path, { as: 'admin' })).status).toBe(200);
      await other.advance(2 * 3600);
      expectProblem(await other.ask(path, { as: 'admin' }), 400);
    } finally {
      await other.close();
    }
  });

  it('filters take several values with a comma; a parameter given twice or outside its list is refused', async () => {
    const both = await list('country=TH,GB&state=approval_pending,completed');
    expect(both.json.data).toHaveLength(5);
    expect((await list('country=GB')).json.data).toEqual([]);
    expect((await list('reference=list-3')).json.data.map((one: { id: string }) => one.id)).toEqual([ids[1]]);
    expectProblem(await list('state=approved'), 400);
    expectProblem(await list('country=TH&country=GB'), 400);
    expectProblem(await list('sort=name'), 400);
    expect([400, 422]).toContain((await list('createdAfter=yesterday')).status);
    expect((await list('createdAfter=2031-01-01T00:00:00Z')).json.data).toEqual([]);
    expect((await list('country=TH&class=restricted&waitingFor=customer_success')).json.data).toHaveLength(5);
    expect((await list('class=standard')).json.data).toEqual([]);
  });

  it.each(['createdAt', 'updatedAt', 'dueAt'])('sorts by %s, both ways', async (field) => {
    const values = async (sort: string) =>
      (await list(`country=TH&sort=${sort}&limit=200`)).json.data.map((one: Record<string, string>) => one[field]);
    const up = await values(field);
    expect(up).toHaveLength(5);
    expect(up).toEqual(up.toSorted());
    expect(await values(`-${field}`)).toEqual(up.toReversed());
  });
});

describe('shapes', () => {
  it('ids are prefix and lower-case ULID, times UTC with Z', async () => {
    const { json } = await create(wish);
    expect(json.id).toMatch(/^req_[0-9a-z]{26}$/);
    expect(json.ticketId).toMatch(/^tkt_[0-9a-z]{26}$/);
    expect(json.requestedBy).toBe(house.ids.customer);
    for (const name of ['createdAt', 'updatedAt', 'dueAt', 'expiresAt']) expect(json[name], name).toMatch(/T.*Z$/);
  });
});
