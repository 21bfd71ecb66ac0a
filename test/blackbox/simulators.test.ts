import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectProblem, file, type House, hurry, key, openHouse, type Reply, until } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
beforeEach(async () => {
  for (const carrier of CARRIERS) await house.control(`DELETE ${carrier}/faults`);
});
const CARRIERS = ['telnyx', 'twilio', 'vonage'] as const;
const FAULTS =
  `gone_at_purchase lost_after_execution lost_before_execution rate_limited server_error cut_body slow webhook_late
  webhook_twice webhook_reordered webhook_lost papers_rejected partial_bulk no_credit price_raised`.split(/\s+/);
type Row = {
  number: string;
  state: string;
  reference?: string;
  purchases: number;
  country: string;
  areaCode?: string;
  type: string;
};
const numbers = async (carrier: string, state = ''): Promise<Row[]> =>
  (await house.control(`GET ${carrier}/numbers${state ? `?state=${state}` : ''}`)).json.data;
const stock = (carrier: string, number: string, more: object = {}) =>
  house.control(`POST ${carrier}/stock`, {
    numbers: [{ number, country: 'GB', type: 'local', monthly: { amount: '1.00', currency: 'USD' }, ...more }],
  });
const named = (number: string, carrier: string, more: object = {}) => ({
  country: 'GB',
  numbers: [{ number, carrier, monthly: { amount: '2.00', currency: carrier === 'vonage' ? 'EUR' : 'USD' } }],
  ...more,
});

describe.each(CARRIERS)('§1, §13 _control of %s', (carrier) => {
  it('numbers: default stock, states and their filter', async () => {
    const all = await numbers(carrier);
    expect(all.length).toBeGreaterThan(1000);
    for (const row of all.slice(0, 50)) {
      expect(row.number).toMatch(/^\+\d+$/);
      expect(['available', 'reserved', 'pending', 'owned', 'released']).toContain(row.state);
      expect(row.purchases).toBe(0);
    }
    const per = new Map<string, Row[]>();
    for (const row of all)
      per.set(`${row.country} ${row.type}`, [...(per.get(`${row.country} ${row.type}`) ?? []), row]);
    for (const [what, rows] of per) expect(rows.length, what).toBeGreaterThanOrEqual(20);
    for (const [what, rows] of per)
      if (what.endsWith('local')) expect(new Set(rows.map((row) => row.areaCode)).size, what).toBeGreaterThanOrEqual(3);
    const gb = per.get('GB local') ?? [];
    for (const code of ['1223', '161', '20'])
      expect(
        gb.some((row) => row.areaCode === code),
        code,
      ).toBe(true);
    expect(gb.some((row) => row.areaCode === '1954')).toBe(false);
    expect(await numbers(carrier, 'owned')).toEqual([]);
    expect((await house.control(`GET ${carrier}/numbers?state=sold`)).status).toBe(400);
  });

  it('stock: adds a number, derives area and place; it can be bought', async () => {
    const number = `+44122371000${CARRIERS.indexOf(carrier)}`;
    const added = await stock(carrier, number);
    expect(added.status).toBe(200);
    expect(await numbers(carrier, 'available')).toContainEqual(
      expect.objectContaining({ number, areaCode: '1223', locality: 'Cambridge', purchases: 0 }),
    );
    const { json } = await create(named(number, carrier));
    const done = await hurry(house, json.id, completed);
    expect(done.json.numbers).toMatchObject([{ number, carrier, state: 'active' }]);
    const owned = await numbers(carrier, 'owned');
    expect(owned).toMatchObject([{ number, state: 'owned', purchases: 1 }]);
    expect(owned[0]?.reference ?? json.id).toContain(json.id);
  });

  it('requests: what reached it, with method, path, body and time', async () => {
    await house.ask(`GET /v1/available-numbers?country=GB&carrier=${carrier}&limit=3`, { as: 'admin' });
    const { json } = await house.control(`GET ${carrier}/requests`);
    expect(json.data.length).toBeGreaterThan(0);
    for (const one of json.data) {
      expect(one).toMatchObject({ method: expect.stringMatching(/^[A-Z]+$/), path: expect.stringMatching(/^\//) });
      expect(one.at).toMatch(/Z$/);
      expect('body' in one).toBe(true);
    }
  });

  it('calls: the answer of the gateway, in the carrier’s own markup', async () => {
    const to = `+44122371000${CARRIERS.indexOf(carrier)}`;
    const { status, json } = await house.control(`POST ${carrier}/calls`, { from: '+447700900123', to });
    expect(status).toBe(200);
    expect(Object.keys(json).toSorted()).toEqual(['body', 'contentType', 'status']);
    expect(json.status).toBe(200);
    if (carrier === 'vonage') expect(JSON.parse(json.body)).toEqual(expect.any(Array));
    else expect(json.body).toMatch(/<Response>.*<\/Response>/s);
    expect(json.contentType).toMatch(carrier === 'vonage' ? /json/ : /xml/);
  });

  it('messages: sends a signed message and tells our answer', async () => {
    const to = `+44122371000${CARRIERS.indexOf(carrier)}`;
    const { status, json } = await house.control(`POST ${carrier}/messages`, { from: '+447700900123', to, text: 'hi' });
    expect(status).toBe(200);
    expect([200, 204]).toContain(json.status);
  });

  it('faults: planted with defaults, shown, withdrawn; all of the page are known', async () => {
    // Status events of the calls and messages above would use up planted faults.
    expect((await house.control('POST reset')).status).toBe(200);
    for (const fault of [...FAULTS, 'server_error_after_execution'])
      expect((await house.control(`POST ${carrier}/faults`, { fault, times: 1 })).status, fault).toBe(200);
    for (const on of ['order', 'search', 'probe', 'configure', 'any'])
      expect((await house.control(`POST ${carrier}/faults`, { fault: 'slow', on })).status, on).toBe(200);
    const { json } = await house.control(`GET ${carrier}/faults`);
    expect(json.data).toHaveLength(FAULTS.length + 6);
    expect(json.data[0]).toEqual({ fault: 'gone_at_purchase', times: 1, on: 'order' });
    expect((await house.control(`DELETE ${carrier}/faults`)).status).toBeLessThan(300);
    expect((await house.control(`GET ${carrier}/faults`)).json.data).toEqual([]);
    for (const bad of [
      { fault: 'fire' },
      { fault: 'slow', times: 0 },
      { fault: 'slow', on: 'x' },
      { fault: 'slow', x: 1 },
      {},
    ])
      expect((await house.control(`POST ${carrier}/faults`, bad)).status).toBe(400);
  });

  it('malformed wishes are 400, papers nobody has 404', async () => {
    for (const [path, body] of [
      ['stock', { numbers: [{ number: '12' }] }],
      ['stock', {}],
      ['calls', { to: '+44' }],
      ['messages', { from: 'a', to: 'b' }],
      ['papers', { mode: 'slow' }],
      ['papers', { reference: 'x', verdict: 'maybe' }],
    ] as const)
      expect((await house.control(`POST ${carrier}/${path}`, body)).status, path).toBe(400);
    const judged = await house.control(`POST ${carrier}/papers`, { reference: 'none', verdict: 'approved' });
    expect(judged.status).toBe(404);
    expect((await house.control(`POST ${carrier}/papers`, { mode: 'manual' })).status).toBe(200);
    expect((await house.control(`POST ${carrier}/papers`, { mode: 'automatic' })).status).toBe(200);
  });
});

const create = async (body: object): Promise<Reply> => {
  const reply = await house.ask('POST /v1/number-requests', { as: 'customer', body, key: key() });
  expect(reply.status, reply.text).toBe(202);
  return reply;
};
const completed = (json: Reply['json']): boolean => json.state === 'completed';

describe('§1 _control and the path', () => {
  it('an unknown carrier is 404', async () => {
    for (const path of ['numbers', 'requests', 'faults'])
      expect((await house.control(`GET acme/${path}`)).status).toBe(404);
  });

  const buying = async (number: string, carrier: string, fault: string, more: object = {}): Promise<Reply> => {
    await stock(carrier, number);
    await house.control(`POST ${carrier}/faults`, { fault, times: 1 });
    const { json } = await create({ ...named(number, carrier), ...more });
    return hurry(house, json.id, (now) => /^customer/.test(now.waitingFor) || /completed|failed/.test(now.state));
  };
  const bought = async (carrier: string, number: string) =>
    (await numbers(carrier)).find((row) => row.number === number)?.purchases;

  it.each(CARRIERS)('lost_after_execution at %s: bought once, completed', async (carrier) => {
    const number = `+44122372000${CARRIERS.indexOf(carrier)}`;
    const { json } = await buying(number, carrier, 'lost_after_execution');
    const done = await hurry(house, json.id, completed);
    expect(done.json.numbers[0]).toMatchObject({ number, state: 'active' });
    expect(await bought(carrier, number)).toBe(1);
  });
  it.each(CARRIERS)(
    '§13 gone_at_purchase at %s with no wish left: the customer chooses another number',
    async (carrier) => {
      const number = `+44122373000${CARRIERS.indexOf(carrier)}`;
      const { json } = await buying(number, carrier, 'gone_at_purchase');
      expect(json).toMatchObject({ state: 'info_requested', waitingFor: 'customer' });
      expect(json.question.code).toBe('choose_another_number');
      const other = `+44122373010${CARRIERS.indexOf(carrier)}`;
      await stock(carrier, other);
      const monthly = { amount: '2.00', currency: carrier === 'vonage' ? 'EUR' : 'USD' };
      const answered = await house.ask(`POST /v1/number-requests/${json.id}/information`, {
        as: 'customer',
        body: { answer: 'This one', fields: { numbers: [{ number: other, carrier, monthly }] } },
      });
      expect(answered.status, answered.text).toBe(200);
      const done = await hurry(house, json.id, completed);
      expect(done.json.numbers.find((one: Row) => one.number === other)).toMatchObject({ state: 'active' });
      expect([await bought(carrier, number), await bought(carrier, other)]).toEqual([0, 1]);
    },
  );
  it.each(CARRIERS)(
    'rate_limited at %s: not processed, ordered again after Retry-After, bought once',
    async (carrier) => {
      const number = `+44122374000${CARRIERS.indexOf(carrier)}`;
      await stock(carrier, number);
      await house.control(`POST ${carrier}/faults`, { fault: 'rate_limited', times: 1 });
      const { json } = await create(named(number, carrier));
      const done = await hurry(house, json.id, completed);
      expect(done.json.numbers[0]).toMatchObject({ number, state: 'active' });
      expect(await bought(carrier, number)).toBe(1);
    },
  );
  it.each(CARRIERS)('price_raised at %s: not bought, terms are asked again', async (carrier) => {
    const number = `+44122375000${CARRIERS.indexOf(carrier)}`;
    await stock(carrier, number, { monthly: { amount: '1.00', currency: carrier === 'vonage' ? 'EUR' : 'USD' } });
    await house.control(`POST ${carrier}/faults`, { fault: 'price_raised', times: 1 });
    const dear = {
      country: 'GB',
      numbers: [{ number, carrier, monthly: { amount: '1.00', currency: carrier === 'vonage' ? 'EUR' : 'USD' } }],
    };
    const { json } = await create(dear);
    const now = await hurry(
      house,
      json.id,
      (one) => one.state === 'terms_pending' || /completed|failed/.test(one.state),
    );
    expect(now.json).toMatchObject({ state: 'terms_pending', terms: { reason: 'price_changed' } });
    expect(await bought(carrier, number)).toBe(0);
  });
  it.each([
    ['telnyx', 'cut_body'],
    ['telnyx', 'server_error'],
    ['telnyx', 'server_error_after_execution'],
    ['telnyx', 'webhook_late'],
    ['telnyx', 'webhook_lost'],
    ['telnyx', 'webhook_twice'],
    ['telnyx', 'webhook_reordered'],
    ['twilio', 'cut_body'],
    ['twilio', 'server_error_after_execution'],
    ['vonage', 'cut_body'],
    ['vonage', 'server_error_after_execution'],
  ])('I1: %s with %s: never bought twice; bought, or a person is asked', async (carrier, fault) => {
    const number = `+4412237600${String(FAULTS.indexOf(fault) + 1).padStart(2, '0')}`.replace(
      '760',
      `76${CARRIERS.findIndex((one) => one.startsWith(carrier))}`,
    );
    const { json } = await buying(number, carrier, fault);
    const unclear = json.state === 'resolving' && json.waitingFor === 'customer_success';
    if (!unclear) expect(json.state, JSON.stringify(json)).toBe('completed');
    const times = await bought(carrier, number);
    expect(times).toBe(unclear ? 0 : 1);
    await house.control(`DELETE ${carrier}/faults`);
  });
  it('no_credit: the next carrier is tried', async () => {
    await house.control('POST telnyx/faults', { fault: 'no_credit', times: 50 });
    const { json } = await create({ country: 'GB', areaCode: '161' });
    const done = await hurry(house, json.id, (one) => /completed|failed/.test(one.state));
    expect(done.json.state).toBe('completed');
    expect(done.json.numbers.find((one: Row) => one.state === 'active').carrier).not.toBe('telnyx');
  });

  it('reset puts everything back to the default stock', async () => {
    await house.control('POST telnyx/faults', { fault: 'slow' });
    expect((await house.control('POST reset')).status).toBe(200);
    for (const carrier of CARRIERS) {
      expect(await numbers(carrier, 'owned')).toEqual([]);
      expect((await house.control(`GET ${carrier}/faults`)).json.data).toEqual([]);
    }
  });
});

describe('§13 test clock', () => {
  it('simulators follow it', async () => {
    await house.advance(10 * 86_400);
    await house.ask('GET /v1/available-numbers?country=GB&carrier=twilio&limit=2', { as: 'admin' });
    const { json } = await house.control('GET twilio/requests');
    const now = Date.parse((await house.ask('GET /health')).json.time);
    expect(Math.abs(Date.parse(json.data.at(-1).at) - now)).toBeLessThan(60_000);
  });
  it('timers fall due: a request that waits too long expires', async () => {
    const { json } = await file(house, { country: 'GE' });
    expect(json.state).toBe('approval_pending');
    await house.advance(31 * 86_400);
    const gone = await until(house, json.id, 'expired');
    expect(gone.json.waitingFor).toBe('nobody');
    expectProblem(
      await house.ask(`POST /v1/number-requests/${json.id}/cancellation`, { as: 'customer', body: {} }),
      409,
      'too_late',
    );
  });
});
