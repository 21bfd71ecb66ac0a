import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, file, type House, type Json, key, openHouse, type Reply, show, until } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const HOUR = 3600;
const DAY = 24 * HOUR;
const usd = (amount: string) => ({ amount, currency: 'USD' });
const now = async () => Date.parse((await house.ask('GET /health')).json.time);
const later = async (seconds: number) => new Date((await now()) + seconds * 1000).toISOString();
const terms = async (more: Json = {}) => {
  const fixed = { monthly: usd('2.00'), setup: usd('5.00'), text: 'One year' };
  return { ...fixed, validUntil: await later(14 * DAY), ...more };
};
const act = (id: string, what: string, body: Json, as = 'cs') =>
  house.ask(`POST /v1/number-requests/${id}/${what}`, { as, key: key(), body });
const stock = (number: string, amount = '1.00') =>
  house.control('POST telnyx/stock', { numbers: [{ number, country: 'GB', type: 'local', monthly: usd(amount) }] });
const reminders = async (id: string) => {
  await house.gateway.idle();
  const { data } = (await house.ask(`GET /local/mails?numberRequestId=${id}`)).json;
  return data.filter((one: Json) => String(one['messageKey']).includes('.reminder_')).length;
};
const steps = ({ json }: Reply): string[] => json.timeline.map((one: Json) => `${one['step']} ${one['state']}`);

describe('S2-9: prices go in as they came out', () => {
  it('an item of a search is bought with the monthly price it showed, interval and all', async () => {
    const found = await house.ask('GET /v1/available-numbers?country=GB&areaCode=1223&limit=1', { as: 'customer' });
    const [{ number, monthly, setup, carrier }] = found.json.data;
    expect(monthly.interval).toBe('month');
    const { json } = await file(house, { country: 'GB', numbers: [{ number, monthly, setup, carrier }] });
    expect(json, JSON.stringify(json.failure)).toMatchObject({ state: 'completed', numbers: [{ number, monthly }] });
    const capped = await file(house, { country: 'GB', areaCode: '1223', maxMonthly: { ...monthly, amount: '3.00' } });
    expect(capped.json.state).toBe('completed');
  });
  it('terms are offered again with the monthly price they showed; another interval is refused', async () => {
    const { json } = await file(house, { country: 'FR' });
    const first = await act(json.id, 'terms', await terms());
    const again = await act(json.id, 'terms', await terms({ monthly: first.json.terms.monthly }));
    expect(again.json.terms).toMatchObject({ version: 2, monthly: { ...usd('2.00'), interval: 'month' } });
    const yearly = { ...usd('2.00'), interval: 'year' };
    expectProblem(await act(json.id, 'terms', await terms({ monthly: yearly })), 400);
  });
});

describe('S0-40, P9: a raise above agreed terms', () => {
  it('what is offered is what will be charged: no part is below the terms that hold', async () => {
    const { json } = await file(house, { country: 'KR' });
    await act(json.id, 'terms', await terms({ monthly: usd('40.00'), setup: usd('0.00') }));
    await act(json.id, 'acceptance', { termsVersion: 1 }, 'customer');
    const raised = await until(house, json.id, (one) => one.terms.reason === 'price_changed');
    expect(raised.json.terms).toMatchObject({ version: 2, monthly: usd('40.00'), setup: { currency: 'USD' } });
    expect(Number(raised.json.terms.setup.amount)).toBeGreaterThan(0);
    await act(json.id, 'acceptance', { termsVersion: 2 }, 'customer');
    const done = await until(house, json.id, 'completed');
    const [one] = done.json.numbers;
    const { monthly, setup } = raised.json.terms;
    expect(one).toMatchObject({ monthly, setup });
    const number = await house.ask(`GET /v1/numbers/${one.numberId}`, { as: 'admin' });
    expect(number.json).toMatchObject({ monthly, setup });
  });
});

describe('§4 resolving: the carrier’s turn, later customer success’s', () => {
  it('§13: an order nobody knows the end of; dueAt once a person is waited for, moved with its task', async () => {
    await stock('+441223770001');
    await house.control('POST telnyx/faults', { fault: 'lost_before_execution', times: 1 });
    const numbers = [{ number: '+441223770001', carrier: 'telnyx', monthly: usd('1.00') }];
    const { json } = await file(house, { country: 'GB', numbers }, 'customer', 1);
    const unclear = await until(house, json.id, 'resolving');
    expect(unclear.json).toMatchObject({ waitingFor: 'carrier', numbers: [{ state: 'being_confirmed' }] });
    expect(unclear.json).not.toHaveProperty('dueAt');
    expect((await house.ask('GET /v1/number-requests?state=resolving', { as: 'admin' })).json.data).toHaveLength(1);
    for (let turn = 0; turn < 6; turn++) {
      await house.advance(900);
      await house.gateway.idle();
    }
    const asked = await until(house, json.id, (one) => one.waitingFor === 'customer_success');
    const left = Date.parse(asked.json.dueAt) - (await now());
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(4 * HOUR * 1000);
    const [task] = (await house.ask('GET /v1/tasks?kind=unclear_order', { as: 'cs', tenant: false })).json.data;
    expect(task.dueAt).toBe(asked.json.dueAt);
    const dueAt = await later(9 * HOUR);
    expect((await house.ask(`PATCH /v1/tasks/${task.id}`, { as: 'cs', body: { dueAt } })).status).toBe(200);
    expect((await show(house, json.id)).json).toMatchObject({ state: 'resolving', dueAt });
  });
});

describe('§13 clocks of a question with a date of its own', () => {
  it('nobody is reminded the moment they are asked, but a day before it is due', async () => {
    const { json } = await file(house, { country: 'CO' });
    await act(json.id, 'information-request', { question: 'Which?', dueAt: await later(5 * DAY) });
    await house.advance(HOUR);
    expect(await reminders(json.id)).toBe(0);
    await house.advance(4 * DAY);
    expect(await reminders(json.id)).toBe(1);
    await house.advance(DAY);
    expect(await reminders(json.id)).toBe(1);
    expect((await show(house, json.id)).json.state).toBe('info_requested');
  });
  it('nothing expires before it is due', async () => {
    const { json } = await file(house, { country: 'CO' });
    const dueAt = await later(20 * DAY);
    const asked = await act(json.id, 'information-request', { question: 'Which?', dueAt });
    expect(asked.json).toMatchObject({ dueAt, expiresAt: dueAt });
    await house.advance(15 * DAY);
    await house.gateway.idle();
    expect((await show(house, json.id)).json.state).toBe('info_requested');
    await house.advance(5 * DAY + 60);
    await until(house, json.id, 'expired');
  });
});

describe('§4 the timeline of a request that has ended', () => {
  const ended = async (id: string) => {
    const reply = await until(house, id, (one) => one.timeline.at(-1).step === 'closed');
    expect(steps(reply).filter((one) => / (waiting|current)$/.test(one))).toEqual([]);
    return steps(reply);
  };
  it('cancelled: what was waited for is undone', async () => {
    const { json } = await file(house, { country: 'CO' });
    await act(json.id, 'information-request', { question: 'Which?' });
    await act(json.id, 'cancellation', {}, 'customer');
    expect(await ended(json.id)).toEqual(expect.arrayContaining(['approval undone', 'information undone']));
  });
  it.each([
    ['CO', 'approval'],
    ['AQ', 'terms'],
    ['FR', 'terms'],
  ])('a request for %s is rejected: its %s failed, and nothing else', async (country, step) => {
    const { json } = await file(house, { country });
    if (country === 'FR') await act(json.id, 'terms', await terms());
    await act(json.id, 'rejection', { reason: 'other', comment: 'No' });
    expect((await ended(json.id)).filter((one) => !one.endsWith(' done'))).toEqual([`${step} failed`]);
  });
  it('expired: failed', async () => {
    const { json } = await file(house, { country: 'TH' });
    await house.advance(30 * DAY + 60);
    await until(house, json.id, 'expired');
    expect(await ended(json.id)).toContain('approval failed');
  });
  it('none to be had: the search failed', async () => {
    const { json } = await file(house, { country: 'GB', areaCode: '1954', quantity: 2, policy: 'exact_count' });
    expect(json.state).toBe('failed');
    expect(await ended(json.id)).toContain('sourcing failed');
  });
});
