import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, type House, key, openHouse, type Sent } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const make = (more: Record<string, unknown> = {}, sent: Sent = {}) =>
  house.ask('POST /v1/api-keys', {
    as: 'admin',
    body: { name: 'Dialler', scopes: ['numbers:read', 'requests:write', 'requests:read'], ...more },
    ...sent,
  });
const asKey = (text: string, call: string, sent: Sent = {}) =>
  house.ask(call, { ...sent, headers: { authorization: `Bearer ${text}` } });

/** Every byte the gateway keeps, as text. */
function everythingKept(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n');
}

describe('§7 API keys', () => {
  it('is shown once, stands for its tenant within its scopes, and says who it is', async () => {
    const made = await make();
    const { id, key: text } = made.json;
    expect([made.status, made.text.includes('secretHash')]).toEqual([201, false]);
    expect(id).toMatch(/^key_/);
    expect(text).toMatch(/^gw_live_[0-9a-z]{26}_[\w-]{43}$/);

    const me = await asKey(text, 'GET /v1/me');
    expect(me.json).toMatchObject({
      id,
      object: 'api_key',
      name: 'Dialler',
      roles: ['tenant_admin'],
      tenantId: house.acme,
      scopes: ['numbers:read', 'requests:write', 'requests:read'],
    });
    expect((await asKey(text, 'GET /v1/numbers')).status).toBe(200);
    expectProblem(await asKey(text, 'GET /v1/users'), 403, 'missing_scope');
    expectProblem(await asKey(text, 'GET /v1/api-keys'), 403, 'not_allowed');
    expectProblem(await asKey(text, 'GET /v1/numbers', { tenant: house.globex }), 403, 'not_allowed');
    const listed = await house.ask('GET /v1/api-keys', { as: 'admin' });
    const mine = listed.json.data.find((one: { id: string }) => one.id === id);
    expect(mine).toMatchObject({ name: 'Dialler', createdBy: { id: house.ids.admin } });
    expect([mine.key, mine.lastUsedAt]).toEqual([undefined, expect.stringMatching(/Z$/)]);
  });

  it('S0-34: files a request, which is its maker’s, and the timeline names the key', async () => {
    const { id, key: text } = (await make()).json;
    const body = { country: 'GB', type: 'local', areaCode: '1223' };

    const made = await asKey(text, 'POST /v1/number-requests', { body, key: key() });

    expect(made.status, made.text).toBe(202);
    expect(made.json.requestedBy).toBe(house.ids.admin);
    expect(made.json.timeline[0]).toMatchObject({ step: 'submitted', actor: { kind: 'api_key', id, name: 'Dialler' } });
  });

  it('a repeat of its making is one key, and its text is kept nowhere', async () => {
    const repeat = { key: key() };
    const first = await make({ name: 'Once' }, repeat);
    const second = await make({ name: 'Once' }, repeat);

    expect([second.status, second.json.id, second.json.key]).toEqual([201, first.json.id, undefined]);
    const secret = first.json.key.split('_').at(-1);
    expect(everythingKept(house.dataDir)).toContain(first.json.id);
    expect(everythingKept(house.dataDir)).not.toContain(secret);
    expect(house.log.join('')).not.toContain(secret);
  });

  it('is refused when withdrawn (within a minute), run out, or changed by a letter', async () => {
    const gone = (await make()).json;
    const short = (await make({ expiresAt: new Date(Date.now() + 120_000).toISOString() })).json;
    expect((await asKey(gone.key, 'GET /v1/me')).status).toBe(200);
    expect((await asKey(short.key, 'GET /v1/me')).status).toBe(200);

    expect((await house.ask(`DELETE /v1/api-keys/${gone.id}`, { as: 'admin' })).status).toBe(204);
    await house.advance(61);
    expectProblem(await asKey(gone.key, 'GET /v1/me'), 401, 'invalid_api_key');
    expect((await asKey(short.key, 'GET /v1/me')).status).toBe(200);
    await house.advance(60);
    expectProblem(await asKey(short.key, 'GET /v1/me'), 401, 'invalid_api_key');
    const other = (await make()).json.key;
    const wrong = other.slice(0, -2) + (other.endsWith('AA') ? 'BB' : 'AA');
    expectProblem(await asKey(wrong, 'GET /v1/me'), 401, 'invalid_api_key');
    expectProblem(await house.ask(`DELETE /v1/api-keys/${gone.id}`, { as: 'admin' }), 404, 'not_found');
  });

  it('I7: is its tenant’s alone, and only an admin’s to make', async () => {
    const { id } = (await make()).json;

    expectProblem(await house.ask(`DELETE /v1/api-keys/${id}`, { as: 'globex' }), 404, 'not_found');
    expect((await house.ask('GET /v1/api-keys', { as: 'globex' })).json.data).toEqual([]);
    for (const as of ['customer', 'cs', 'operator']) expectProblem(await make({}, { as }), 403, 'not_allowed');
  });

  it('wrong input is refused field by field', async () => {
    expectProblem(await make({ scopes: ['numbers:buy'] }), 400);
    expectProblem(await make({ scopes: [] }), 422);
    expectProblem(await make({ name: ' ' }), 422);
    expectProblem(await make({ expiresAt: '2020-01-01T00:00:00Z' }), 422, 'past_time');
    expectProblem(await make({ secretHash: 'x' }), 400);
  });
});
