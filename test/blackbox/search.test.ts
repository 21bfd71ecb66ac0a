import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectProblem, type House, openHouse, type Reply } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse({ SEARCH_DEADLINE_MS: '800' });
  await search('country=GB');
});
afterAll(() => house.close());
beforeEach(async () => {
  for (const carrier of CARRIERS) await house.control(`DELETE ${carrier}/faults`);
});
const CARRIERS = ['telnyx', 'twilio', 'vonage'];
const search = (query: string, as = 'customer') => house.ask(`GET /v1/available-numbers?${query}`, { as });
type Item = Reply['json'];
const outcomes = (json: Item): Record<string, string> =>
  Object.fromEntries(json.meta.carriers.map((one: Item) => [one.carrier, one.outcome]));

describe('§3 the answer', () => {
  it('has exactly the fields of the page', async () => {
    const { status, json } = await search('country=GB&areaCode=1223&limit=30');
    expect(status).toBe(200);
    expect(Object.keys(json).toSorted()).toEqual(['data', 'meta', 'object', 'page']);
    expect(json.page).toEqual({ hasMore: expect.any(Boolean) });
    expect(json.data.length).toBeGreaterThan(3);
    for (const item of json.data) {
      expect(item).toMatchObject({
        object: 'available_number',
        number: expect.stringMatching(/^\+441223\d{6}$/),
        country: 'GB',
        type: 'local',
        areaCode: '1223',
        locality: 'Cambridge',
        features: expect.arrayContaining(['voice']),
        premium: false,
        requirements: expect.any(Array),
        carrier: expect.stringMatching(/^(telnyx|twilio|vonage)$/),
        holdable: expect.any(Boolean),
        expiresAt: expect.stringMatching(/Z$/),
      });
      expect('region' in item).toBe(true);
      expect(item.monthly).toEqual({
        amount: expect.stringMatching(/^\d+\.\d{2,}$/),
        currency: expect.stringMatching(/^[A-Z]{3}$/),
        interval: 'month',
      });
      if (item.setup)
        expect(item.setup).toEqual({
          amount: expect.stringMatching(/^\d+\.\d{2,}$/),
          currency: expect.stringMatching(/^[A-Z]{3}$/),
        });
      expect(item).not.toHaveProperty('priceOnRequest');
      expect(item.holdable).toBe(item.carrier === 'telnyx');
      for (const one of item.requirements)
        expect(Object.keys(one).toSorted()).toEqual(['kind', 'name', 'requirementId']);
    }
    expect(new Set(json.data.map((one: Item) => one.number)).size).toBe(json.data.length);
    expect(json.meta.carriers.map((one: Item) => one.carrier).toSorted()).toEqual(CARRIERS);
    for (const one of json.meta.carriers)
      expect(one).toEqual({
        carrier: expect.any(String),
        outcome: 'ok',
        count: expect.any(Number),
        latencyMs: expect.any(Number),
      });
    expect(Array.isArray(json.meta.alternatives)).toBe(true);
  });

  it('is ranked by price, currencies never compared', async () => {
    const { json } = await search('country=GB&areaCode=1223&limit=60');
    const currencies = new Set<string>(json.data.map((one: Item) => one.monthly.currency));
    for (const currency of currencies) {
      const same = json.data.filter((one: Item) => one.monthly.currency === currency);
      const prices = same.map((one: Item) => Number(one.monthly.amount));
      expect(prices).toEqual(prices.toSorted((a: number, b: number) => a - b));
    }
  });

  it('identical searches in flight are joined and cached', async () => {
    const count = async () =>
      (await house.control('GET vonage/requests')).json.data.filter((one: Item) => one.path.includes('search')).length;
    const start = await count();
    await search('country=GB&areaCode=20&limit=99');
    const before = await count();
    const query = 'country=GB&areaCode=20&limit=98';
    const replies = await Promise.all([search(query), search(query), search(query)]);
    await search(query);
    expect(new Set(replies.map((one) => one.json.data.map((item: Item) => item.number).join())).size).toBe(1);
    expect((await count()) - before).toBe(before - start);
  });

  it('default 20 items; limit above 100 is reduced', async () => {
    expect((await search('country=GB')).json.data).toHaveLength(20);
    expect((await search('country=GB&limit=500')).json.data.length).toBeLessThanOrEqual(100);
    expectProblem(await search('country=GB&limit=0'), 400);
  });
});

describe('§3 filters hold for every item', () => {
  const every = async (query: string, holds: (item: Item) => boolean, least = 1) => {
    const { status, json, text } = await search(query);
    expect(status, text).toBe(200);
    expect(json.data.length, query).toBeGreaterThanOrEqual(least);
    for (const item of json.data) expect(holds(item), `${query}: ${JSON.stringify(item)}`).toBe(true);
  };
  const local = (item: Item) => item.number.replace('+44', '');
  it.each(['1223', '161', '20'])('areaCode %s, at all three carriers', async (code) => {
    await every(`country=GB&areaCode=${code}`, (item) => local(item).startsWith(code) && item.areaCode === code);
    for (const carrier of CARRIERS)
      await every(`country=GB&areaCode=${code}&carrier=${carrier}`, (item) => item.carrier === carrier);
  });
  it('contains with match starts, anywhere, ends', async () => {
    await every('country=GB&contains=77', (item) => local(item).includes('77'));
    await every('country=GB&contains=77&match=anywhere', (item) => local(item).includes('77'));
    await every('country=GB&contains=5&match=ends&areaCode=1223', (item) => item.number.endsWith('5'), 0).catch(
      async () => {
        expectProblem(await search('country=GB&contains=5&match=ends&areaCode=1223'), 422);
      },
    );
    await every('country=GB&contains=12&match=ends', (item) => item.number.endsWith('12'));
    await every('country=GB&contains=1223&match=starts', (item) => local(item).startsWith('1223'));
  });
  it('locality, type, features, maxMonthly, carrier', async () => {
    await every('country=GB&locality=Cambridge', (item) => item.locality === 'Cambridge');
    for (const type of ['mobile', 'toll_free']) await every(`country=GB&type=${type}`, (item) => item.type === type);
    await every(
      'country=GB&features=voice,sms',
      (item) => item.features.includes('voice') && item.features.includes('sms'),
    );
    await every('country=GB&maxMonthly=1.10', (item) => Number(item.monthly.amount) <= 1.1);
    await every('country=US&type=local', (item) => item.country === 'US' && item.number.startsWith('+1'));
    await every('country=GB&carrier=vonage', (item) => item.carrier === 'vonage');
    const only = await search('country=GB&carrier=vonage');
    for (const one of only.json.meta.carriers) if (one.carrier !== 'vonage') expect(one.outcome).toBe('skipped');
  });

  it('a carrier that is not connected here is named as skipped', async () => {
    const { status, json } = await search('country=GB&carrier=bandwidth');

    expect([status, json.data]).toEqual([200, []]);
    expect(json.meta.carriers).toMatchObject([{ carrier: 'bandwidth', outcome: 'skipped', code: 'not_offered' }]);
  });
  it('region', async () => {
    const all = (await search('country=US&limit=50')).json.data;
    const region = all.find((one: Item) => one.region)?.region;
    expect(region).toEqual(expect.any(String));
    await every(`country=US&region=${encodeURIComponent(region)}`, (item) => item.region === region);
  });
  it('a number planted in the stock is found, at its price', async () => {
    const stock = {
      numbers: [
        { number: '+441223123987', country: 'GB', type: 'local', monthly: { amount: '0.42', currency: 'USD' } },
      ],
    };
    expect((await house.control('POST vonage/stock', stock)).status).toBe(200);
    const { json } = await search('country=GB&contains=1223123987&match=ends');
    expect(json.data).toMatchObject([
      { number: '+441223123987', carrier: 'vonage', monthly: { amount: '0.42' }, areaCode: '1223' },
    ]);
  });
  it('a number two carriers have is listed once, at the lower price', async () => {
    const one = (amount: string) => ({
      numbers: [{ number: '+441223123988', country: 'GB', type: 'local', monthly: { amount, currency: 'USD' } }],
    });
    await house.control('POST vonage/stock', one('0.90'));
    await house.control('POST telnyx/stock', one('0.80'));
    const { json } = await search('country=GB&contains=1223123988&match=ends');
    expect(json.data).toMatchObject([{ number: '+441223123988', carrier: 'telnyx', monthly: { amount: '0.80' } }]);
  });
});

describe('§3 no stock, refusals and outcomes', () => {
  it('S2-13: no stock is 200 with empty data and alternatives', async () => {
    const { status, json } = await search('country=GB&areaCode=1954');
    expect(status).toBe(200);
    expect(json.data).toEqual([]);
    expect(json.meta.alternatives.length).toBeGreaterThan(0);
    for (const one of json.meta.alternatives) expect(one.areaCode).toMatch(/^\d+$/);
    expect(Object.values(outcomes(json))).toEqual(['empty', 'empty', 'empty']);
  });
  it('S0-42: restricted and unsupported countries are refused before any carrier is asked', async () => {
    const asked = async () =>
      (await Promise.all(CARRIERS.map((carrier) => house.control(`GET ${carrier}/requests`)))).map(
        (one) => one.json.data.length,
      );
    const before = await asked();
    for (const country of ['CO', 'GE', 'ID', 'TH'])
      expectProblem(await search(`country=${country}`), 422, 'restricted_country');
    for (const country of ['AQ', 'KP']) expectProblem(await search(`country=${country}`), 422, 'unsupported_country');
    expect(await asked()).toEqual(before);
  });
  it('S0-39: special countries may be searched', async () => {
    expect((await search('country=FR&limit=3')).status).toBe(200);
    expect((await search('country=DE&limit=3')).json.data.length).toBeGreaterThan(0);
  });
  it.each([
    ['', 400],
    ['country=XX', 422],
    ['country=gb', 422],
    ['country=GB&type=fax', 400],
    ['country=GB&match=middle', 400],
    ['country=GB&features=fly', 400],
    ['country=GB&carrier=acme', 400],
    ['country=GB&foo=1', 400],
    ['country=GB&quantity=x', 400],
    ['country=GB&limit=x', 400],
    ['country=GB&areaCode=01223x', 422],
    ['country=GB&contains=1', 422],
    ['country=GB&contains=1234567890123456', 422],
    ['country=GB&contains=%2A%2A', 422],
    ['country=GB&quantity=0', 422],
    ['country=GB&quantity=101', 422],
    ['country=GB&maxMonthly=cheap', 422],
    ['country=GB&maxMonthly=-1', 422],
  ])('%s is %i', async (query, status) => {
    expectProblem(await search(query), status);
  });
  it('operators may not search without a tenant; C, A and S may', async () => {
    for (const as of ['customer', 'admin', 'cs']) expect((await search('country=GB', as)).status).toBe(200);
    const bare = await house.ask('GET /v1/available-numbers?country=GB', { as: 'cs', tenant: false });
    expectProblem(bare, 400, 'tenant_required');
  });
  it('S3-2: a slow carrier is timeout, a failing one error; the others are listed', async () => {
    await house.control('POST vonage/faults', { fault: 'slow', on: 'search', times: 1 });
    const slow = await search('country=GB&areaCode=161&limit=100');
    expect(slow.status).toBe(200);
    expect(outcomes(slow.json)).toEqual({ telnyx: 'ok', twilio: 'ok', vonage: 'timeout' });
    const late = slow.json.meta.carriers.find((one: Item) => one.carrier === 'vonage');
    expect(late).toMatchObject({ count: 0, code: 'timeout' });
    expect(slow.json.data.length).toBeGreaterThan(0);
    await house.control('POST twilio/faults', { fault: 'server_error', on: 'search', times: 20 });
    const failing = await search('country=GB&areaCode=20&limit=100');
    expect(outcomes(failing.json)['twilio']).toBe('error');
    expect(failing.json.meta.carriers.find((one: Item) => one.carrier === 'twilio').code).toEqual(expect.any(String));
  });
  it('all carriers failing is still 200 with the outcomes', async () => {
    const other = await openHouse({ SEARCH_DEADLINE_MS: '800' });
    try {
      for (const carrier of CARRIERS)
        await other.control(`POST ${carrier}/faults`, { fault: 'server_error', on: 'search', times: 20 });
      const { status, json } = await other.ask('GET /v1/available-numbers?country=GB', { as: 'admin' });
      expect([status, json.data]).toEqual([200, []]);
      for (const outcome of Object.values(outcomes(json))) expect(['error', 'timeout']).toContain(outcome);
    } finally {
      await other.close();
    }
  });
});
