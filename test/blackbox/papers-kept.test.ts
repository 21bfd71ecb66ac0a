import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, file, type House, type Json, key, openHouse, type Sent, upload } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const get = (id: string) => house.ask(`GET /v1/documents/${id}`, { as: 'customer' });
const post = (path: string, body: Json, sent: Sent) => house.ask(`POST ${path}`, { body, key: key(), ...sent });
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

describe('§5 papers', () => {
  it.each(['cs', 'operator'])('%s reads a paper only with a reason', async (as) => {
    const { json } = await upload(house, 'customer');
    const path = `/v1/documents/${json.id}/download`;
    expectProblem(await post(path, {}, { as }), 422, 'reason_required');
    expectProblem(await post(path, { reason: '  ' }, { as }), 422, 'reason_required');
    expect((await post(path, { reason: 'The customer asked' }, { as })).status).toBe(201);
    expect((await post(path, {}, { as: 'admin' })).status).toBe(201);
  });

  it('a paper past its last day is expired, in the list as well', async () => {
    const over = await upload(house, 'customer', { expiresOn: day(-1) });
    const good = await upload(house, 'customer', { expiresOn: day(2) });
    expect((await get(over.json.id)).json.state).toBe('expired');
    expect((await get(good.json.id)).json.state).toBe('received');
    const listed = await house.ask('GET /v1/documents?state=expired', { as: 'customer' });
    expect(listed.json.data.map((one: Json) => one['id'])).toEqual([over.json.id]);
    const renewed = await house.ask(`PATCH /v1/documents/${over.json.id}`, {
      as: 'customer',
      body: { expiresOn: day(9) },
    });
    expect(renewed.json.state).toBe('received');
  });

  it('I9: a deletion is audited like any change', async () => {
    const { json } = await upload(house, 'customer');
    await get(json.id);
    expect((await house.ask(`DELETE /v1/documents/${json.id}`, { as: 'customer' })).status).toBe(204);
    const { items } = await house.gateway.table.query({ pk: `AUD#${json.id}`, limit: 10 });
    expect(items.map(({ data }) => [data['version'], data['action']])).toEqual([
      [1, 'announced'],
      [2, 'received'],
      [3, 'deleted'],
    ]);
  });

  it('PATCH answers what GET shows: the requests it is used by, the verdict', async () => {
    const { json } = await file(house, { country: 'CO' });
    const made = await upload(house, 'customer', { numberRequestId: json.id });
    const changed = await house.ask(`PATCH /v1/documents/${made.json.id}`, {
      as: 'customer',
      body: { issuedOn: day(-9) },
    });
    expect(changed.json).toEqual((await get(made.json.id)).json);
  });

  it('§1 every code a file’s link can answer has its page', async () => {
    const body = { kind: 'identity', fileName: 'a.pdf', contentType: 'application/pdf', size: 50 };
    const { upload: link } = (await post('/v1/documents', body, { as: 'customer' })).json;
    const put = async (url: string, bytes: string) =>
      (await fetch(url, { method: 'PUT', headers: link.headers, body: bytes })).json() as Promise<Json>;
    const answers = [
      await put(link.url, 'x'.repeat(49)),
      await put(link.url, 'x'.repeat(51)),
      await put(`${link.url}x`, 'x'.repeat(50)),
    ];
    await fetch(link.url, { method: 'PUT', headers: link.headers, body: 'x'.repeat(50) });
    answers.push(await put(link.url, 'x'.repeat(50)));
    const codes = answers.map((one) => one['code']);
    expect(codes).toEqual(['file_size_mismatch', 'file_too_large', 'link_invalid', 'already_uploaded']);
    for (const one of answers) expect((await fetch(String(one['type']))).status, String(one['code'])).toBe(200);
  });
});

describe('§7 what names no country', () => {
  it('is refused for tenants and users', async () => {
    const operator = { as: 'operator', tenant: false } as const;
    expectProblem(await post('/v1/tenants', { name: 'Nowhere', country: 'ZZ' }, operator), 422);
    expectProblem(await house.ask(`PATCH /v1/tenants/${house.acme}`, { ...operator, body: { country: 'ZZ' } }), 422);
    const user = { name: 'N', email: 'n@acme.example', country: 'ZZ' };
    expectProblem(await post('/v1/users', user, { as: 'admin' }), 422);
    const path = `/v1/users/${house.ids.customer}`;
    expectProblem(await house.ask(`PATCH ${path}`, { as: 'admin', body: { country: 'ZZ' } }), 422);
  });
});
