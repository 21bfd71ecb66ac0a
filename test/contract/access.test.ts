import { describe, expect, it } from 'vitest';
import { ACME, GLOBEX, PEOPLE, send, startSample } from './sample.ts';

const thing = { name: 'one' };

describe('who may call', () => {
  it('401: no credential, and one that does not verify, are told apart', async () => {
    const sample = startSample();

    const none = await send(sample, 'GET /v1/things/thg_1');
    const bad = await send(sample, 'GET /v1/things/thg_1', { as: 'nobody' });

    expect([none.status, none.json['code']]).toEqual([401, 'credential_missing']);
    expect(none.headers.get('www-authenticate')).toBe('Bearer');
    expect([bad.status, bad.json['code']]).toEqual([401, 'invalid_token']);
    expect(bad.headers.get('www-authenticate')).toContain('invalid_token');
  });

  it.each(['Basic Zm9v', 'Bearer', 'Bearer a b', 'bearer  ', 'customer'])(
    '401: "%s" is no credential',
    async (header) => {
      const answer = await send(startSample(), 'GET /v1/things/thg_1', { headers: { Authorization: header } });

      expect(answer.status).toBe(401);
    },
  );

  it('403: a role that may not is refused before its body is looked at', async () => {
    const answer = await send(startSample(), 'GET /v1/tasks', { as: 'admin' });

    expect([answer.status, answer.json['code']]).toEqual([403, 'not_allowed']);
  });

  it('an admin may what a customer may; an operator what customer success may, but decides nothing', async () => {
    const sample = startSample();
    await send(sample, 'POST /v1/things', { as: 'admin', key: 'k1', body: thing });
    const approval = { tenant: ACME, key: 'a1', body: {}, headers: { 'If-Match': '"1"' } };

    const reads = await send(sample, 'GET /v1/things/thg_1', { as: 'operator', tenant: ACME });
    const operator = await send(sample, 'POST /v1/things/thg_1/approval', { as: 'operator', ...approval });
    const success = await send(sample, 'POST /v1/things/thg_1/approval', { as: 'cs', ...approval });

    expect([reads.status, operator.status, success.status]).toEqual([200, 403, 200]);
  });
});

describe('for which tenant', () => {
  it('400 tenant_required: staff name the tenant on what a tenant owns, and need not elsewhere', async () => {
    const sample = startSample();

    const without = await send(sample, 'GET /v1/things', { as: 'cs' });
    const named = await send(sample, 'GET /v1/things', { as: 'cs', tenant: ACME });
    const platform = await send(sample, 'GET /v1/tasks', { as: 'cs' });
    const chosen = await send(sample, 'GET /v1/tasks', { as: 'cs', tenant: ACME });

    expect([without.status, without.json['code']]).toEqual([400, 'tenant_required']);
    expect(named.status).toBe(200);
    expect([platform.json['tenant'], chosen.json['tenant']]).toEqual(['none', ACME]);
  });

  it('403: a tenant user naming another tenant; their own is ignored', async () => {
    const sample = startSample();

    const foreign = await send(sample, 'GET /v1/things', { as: 'admin', tenant: GLOBEX });
    const own = await send(sample, 'GET /v1/things', { as: 'admin', tenant: ACME });

    expect([foreign.status, foreign.json['code'], own.status]).toEqual([403, 'not_allowed', 200]);
  });

  it.each(['ten_01k0000000000000000000000z', 'ten_x', 'acme', '../acme'])('404: staff naming %s', async (tenant) => {
    const answer = await send(startSample(), 'GET /v1/things', { as: 'cs', tenant });

    expect([answer.status, answer.json['code']]).toEqual([404, 'not_found']);
  });

  it("I7: another tenant's thing looks exactly like one that is not there", async () => {
    const sample = startSample();
    await send(sample, 'POST /v1/things', { as: 'admin', key: 'k1', body: { name: 'ours' } });

    const foreign = await send(sample, 'GET /v1/things/thg_1', { as: 'globex' });
    const absent = await send(sample, 'GET /v1/things/thg_2', { as: 'globex' });

    const shape = ({ requestId: _id, instance: _at, ...rest }: Record<string, unknown>) => rest;
    expect(foreign.status).toBe(404);
    expect(shape(foreign.json)).toEqual(shape(absent.json));
  });

  it('I7: nothing undeclared in a record leaves with the answer', async () => {
    const sample = startSample();
    await send(sample, 'POST /v1/things', { as: 'admin', key: 'k1', body: thing });

    const answer = await send(sample, 'GET /v1/things/thg_1', { as: 'admin' });
    const list = await send(sample, 'GET /v1/things', { as: 'admin' });

    expect(answer.text + list.text).not.toContain('MARKER');
  });
});

describe('API keys', () => {
  it('403 missing_scope names the scope; with it the call goes through', async () => {
    const sample = startSample();
    const reader = sample.newKey(['things:read']);

    const reads = await send(sample, 'GET /v1/things', { as: reader });
    const writes = await send(sample, 'POST /v1/things', { as: reader, key: 'k', body: thing });

    expect(reads.status).toBe(200);
    expect([writes.status, writes.json['code'], writes.json['scope']]).toEqual([403, 'missing_scope', 'things:write']);
  });

  it('403 not_allowed where keys may not at all', async () => {
    const sample = startSample();
    const answer = await send(sample, 'PATCH /v1/things/thg_1', { as: sample.newKey(['things:write']), body: {} });

    expect([answer.status, answer.json['code']]).toEqual([403, 'not_allowed']);
  });

  it('401: wrong secret, expired, unknown, of the other mode, and cut ones all look the same', async () => {
    const sample = startSample();
    const good = sample.newKey(['things:read']);
    const expired = sample.newKey(['things:read'], { expiresAt: '2026-01-15T09:00:00Z' });
    const wrong = `${good.slice(0, -4)}AAAA`;
    const bad = [wrong, expired, good.replace('live', 'test'), good.slice(0, -1), `${good}x`, 'gw_live_'];

    const answers = await Promise.all(bad.map((as) => send(sample, 'GET /v1/things', { as })));

    expect((await send(sample, 'GET /v1/things', { as: good })).status).toBe(200);
    expect(new Set(answers.map(({ status, json }) => `${status} ${json['code']}`))).toEqual(
      new Set(['401 invalid_api_key']),
    );
  });

  it('a key stands for a tenant admin at most, whatever its record says', async () => {
    const sample = startSample();
    const roles = ['operator', 'tenant_admin'] as const;
    const { tenantId: _none, ...free } = { ...PEOPLE['admin'], kind: 'api_key' as const, scopes: [], roles };
    const staff = sample.newKey([], { principal: free as never });
    const tenants = sample.newKey([], { principal: { ...free, tenantId: ACME } as never });

    expect((await send(sample, 'GET /v1/me', { as: staff })).status).toBe(401);
    expect((await send(sample, 'GET /v1/tasks', { as: tenants })).status).toBe(403);
    expect((await send(sample, 'GET /v1/me', { as: tenants })).json['roles']).toEqual(['tenant_admin']);
  });
});

describe('GET /v1/me', () => {
  it('says who a person is', async () => {
    const answer = await send(startSample(), 'GET /v1/me', { as: 'admin' });

    expect(answer.json).toEqual({
      id: PEOPLE['admin']?.id,
      object: 'user',
      name: 'Person b',
      email: 'pb@acme.example',
      roles: ['tenant_admin'],
      tenantId: ACME,
      permissions: [],
    });
  });

  it('says which scopes a key has', async () => {
    const sample = startSample();
    const answer = await send(sample, 'GET /v1/me', { as: sample.newKey(['things:read']) });

    expect(answer.json).toMatchObject({ object: 'api_key', scopes: ['things:read'], tenantId: ACME });
  });
});

describe('quota', () => {
  it('429 beyond the calls of a minute, with Retry-After and the IETF type; another credential is not touched', async () => {
    const sample = startSample({ perMinute: 3 });
    for (let n = 0; n < 3; n++) await send(sample, 'GET /v1/me', { as: 'admin' });
    sample.passWall(20_000);

    const over = await send(sample, 'GET /v1/me', { as: 'admin' });
    const other = await send(sample, 'GET /v1/me', { as: 'cs' });
    sample.passWall(40_000);
    const later = await send(sample, 'GET /v1/me', { as: 'admin' });

    expect(over.status).toBe(429);
    expect(over.headers.get('retry-after')).toBe('40');
    expect(over.json).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      code: 'quota_exceeded',
      'violated-policies': ['tenant'],
    });
    expect([other.status, later.status]).toEqual([200, 200]);
  });

  it('every answer says policy and rest, refusals included; the test clock does not move it', async () => {
    const sample = startSample();
    await send(sample, 'GET /v1/me', { as: 'admin' });
    sample.clock.advance(3600);
    const refused = await send(sample, 'GET /v1/tasks', { as: 'admin' });
    const unknown = await send(sample, 'GET /v1/tasks', { as: 'nobody' });

    expect(refused.headers.get('ratelimit-policy')).toBe('"tenant";q=600;w=60');
    expect(refused.headers.get('ratelimit')).toBe('"tenant";r=598;t=60');
    expect(unknown.headers.get('ratelimit')).toBe('"tenant";r=599;t=60');
    expect([...refused.headers.keys()].filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
  });

  it('refused credentials run out as well, while good ones go on', async () => {
    const sample = startSample({ perMinute: 2 });
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await send(sample, 'GET /v1/me', { as: `guess${n}` })).status);

    expect(statuses).toEqual([401, 401, 429]);
    expect((await send(sample, 'GET /v1/me', { as: 'admin' })).status).toBe(200);
  });
});
