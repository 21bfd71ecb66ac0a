import { describe, expect, it } from 'vitest';
import type { Money } from '../../functions/domain/money.ts';
import { buyingLab, gone, named } from './buying.ts';
import { moneyActs } from './money.ts';
import { numberOf, offerOf, usd } from './scripted-carrier.ts';

const lab = buyingLab();
const money = moneyActs(lab);
const eur = (amount: string): Money => ({ amount, currency: 'EUR' });
const in30Days = (): string => new Date(lab.room.clock.now().getTime() + 30 * 86_400_000).toISOString();

describe('terms and approvals', () => {
  it('I12: an approval taken back and given anew with other terms makes another version, and tells the customer', async () => {
    await lab.open();
    await money.treatAs('restricted');
    const { id } = await lab.room.order({});
    await money.approve(id, { terms: money.terms('5.00'), undoSeconds: 10 });
    await lab.room.ask('cs', `DELETE /v1/number-requests/${id}/approval`);

    await money.approve(id, { terms: money.terms('49.00') });

    expect(await lab.room.request(id)).toMatchObject({ terms: { version: 2, monthly: { amount: '49.00' } } });
    expect(await money.mailsOf(id)).toContain('terms_offered_2.requester');
    expect((await money.accept(id, 1)).json).toMatchObject({ status: 409, code: 'terms_changed' });
    expect((await money.accept(id, 2)).status).toBe(200);
    await lab.room.settle();
  });

  it('S0-40: an approval taken back and given anew without terms offers none', async () => {
    await lab.open();
    await money.treatAs('restricted');
    const { id } = await lab.room.order({});
    await money.approve(id, { terms: money.terms('5.00'), undoSeconds: 10 });
    await lab.room.ask('cs', `DELETE /v1/number-requests/${id}/approval`);

    await money.approve(id);

    expect(await lab.room.request(id)).toMatchObject({ state: 'completed' });
  });

  it('N6: another, dearer number needs the second person its price asks for', async () => {
    const carrier = await lab.open();
    await money.treatAs('restricted');
    carrier.stock.delete(numberOf(1));
    carrier.stock.set(numberOf(5), offerOf('telnyx', 5, '900.00'));
    const { id } = await lab.room.order(named(1, '0.10'));
    await money.approve(id);
    expect(await lab.room.request(id)).toMatchObject({ question: { code: 'choose_another_number' } });

    const numbers = [{ number: numberOf(5), monthly: usd('900.00') }];
    await money.act('customer', id, 'information', { answer: 'this one', fields: { numbers } });

    expect(await lab.room.request(id)).toMatchObject({ state: 'approval_pending', waitingFor: 'customer_success' });
    expect(carrier.orders).toEqual([]);
    expect((await money.approve(id)).json).toMatchObject({ state: 'approval_pending', approvalsMissing: 1 });
    await money.approve(id, {}, 'cs2');
    expect(await lab.room.request(id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(5) }] });
  });

  it('S0-40: another number under agreed terms costs no more than they say', async () => {
    const carrier = await lab.open();
    await money.treatAs('special');
    carrier.stock.delete(numberOf(1));
    carrier.stock.set(numberOf(5), offerOf('telnyx', 5, '30.00'));
    const { id } = await lab.room.order(named(1));
    await money.act('cs', id, 'terms', money.terms('20.00'));
    await money.accept(id, 1);
    await lab.room.settle();

    const numbers = [{ number: numberOf(5), monthly: usd('30.00') }];
    await money.act('customer', id, 'information', { answer: 'this one', fields: { numbers } });

    expect(await lab.room.request(id)).toMatchObject({ state: 'terms_pending', terms: { reason: 'price_changed' } });
    expect(carrier.orders).toEqual([]);
  });

  it('S0-40 B7: the number carries the agreed terms, not what the carrier takes', async () => {
    await lab.open();
    await money.treatAs('special');
    const { id } = await lab.room.order({});
    await money.act('cs', id, 'terms', money.terms('20.00', { setup: usd('5.00') }));
    await money.accept(id, 1);

    const done = await lab.room.request(id);

    const charged = { monthly: { amount: '20.00' }, setup: { amount: '5.00' } };
    expect(done).toMatchObject({ state: 'completed', numbers: [charged] });
    expect(await money.number(1)).toMatchObject(charged);
    expect((await lab.room.intents(id))[0]).toMatchObject({ monthly: { amount: '1.00' } });
  });

  it('S0-40: terms in another currency than carriers sell in go to customer success; nothing fails or is bought', async () => {
    const carrier = await lab.open();
    await money.treatAs('special');
    onlyInCurrency();
    const { id } = await lab.room.order({});
    await money.act('cs', id, 'terms', money.terms('20.00', { monthly: eur('20.00') }));
    await money.accept(id, 1);

    const waiting = await lab.room.request(id);
    expect(waiting).toMatchObject({ state: 'terms_pending', waitingFor: 'customer_success', cancellable: true });
    expect(waiting.timeline.at(-1)?.detail).toContain('USD');
    expect(await lab.openTasks('terms')).toHaveLength(1);
    expect(carrier.orders).toEqual([]);
    await money.act('cs', id, 'terms', money.terms('22.00'));
    await money.accept(id, 2);

    expect(await lab.room.request(id)).toMatchObject({ state: 'completed', numbers: [{ monthly: usd('22.00') }] });
  });

  it('S0-40: an exact number under terms in another currency is customer success’s as well', async () => {
    await lab.open();
    await money.treatAs('special');
    const { id } = await lab.room.order(named(1));
    await money.act('cs', id, 'terms', money.terms('20.00', { monthly: eur('20.00') }));
    await money.accept(id, 1);

    expect(await lab.room.request(id)).toMatchObject({ state: 'terms_pending', waitingFor: 'customer_success' });
  });
});

/** As the real search: an offer in another currency than the cap is not affordable. */
function onlyInCurrency() {
  const { carriers } = lab.room;
  const search = carriers.search;
  carriers.search = async (wish, ids, how) => {
    const { maxMonthly, ...rest } = how;
    const found = await search(wish, ids, rest);
    const offers = found.offers.filter((one) => !maxMonthly || one.monthly?.currency === maxMonthly.currency);
    return { ...found, offers };
  };
}

describe('the price at the order', () => {
  it.each([
    ['another currency', { monthly: eur('0.50') }],
    ['a setup fee nobody has seen', { monthly: usd('1.00'), setup: usd('250.00') }],
    ['dearer', { monthly: usd('1.01') }],
  ])('P9: %s is offered, not bought', async (_, quote) => {
    const carrier = await lab.open();
    carrier.quote = async () => quote;

    const asked = await lab.room.order(named(1));

    expect(asked).toMatchObject({ state: 'terms_pending', terms: { reason: 'price_changed', ...quote } });
    expect(carrier.orders).toEqual([]);
    await money.accept(asked.id, 1);
    expect(await lab.room.request(asked.id)).toMatchObject({ state: 'completed' });
  });

  it('S0-40: a raise nobody answers goes back to customer success, who may offer anew', async () => {
    const carrier = await lab.open();
    carrier.quote = async () => ({ monthly: usd('1.01') });
    const asked = await lab.room.order(named(1));

    await lab.room.pass(14 * 86_400 + 60);

    const expired = { state: 'terms_pending', waitingFor: 'customer_success', terms: { state: 'expired' } };
    expect(await lab.room.request(asked.id)).toMatchObject(expired);
    expect((await money.accept(asked.id, 1)).json).toMatchObject({ status: 409, code: 'terms_expired' });
    await money.act('cs', asked.id, 'terms', {
      monthly: usd('1.01'),
      setup: usd('0.00'),
      text: 'As it is now.',
      validUntil: in30Days(),
    });
    expect((await money.accept(asked.id, 2)).status).toBe(200);
    await lab.room.settle();
    expect(await lab.room.request(asked.id)).toMatchObject({ state: 'completed' });
    expect(carrier.orders).toHaveLength(1);
  });

  it('P9: a setup fee above the reviewed one is seen when the number is looked for', async () => {
    const carrier = await lab.open();
    carrier.stock.set(numberOf(1), offerOf('telnyx', 1, '1.00', { setup: usd('250.00') }));
    const numbers = [{ number: numberOf(1), monthly: usd('1.00'), setup: usd('0.00') }];

    expect(await lab.room.order({ areaCode: undefined, numbers })).toMatchObject({
      state: 'terms_pending',
      terms: { setup: usd('250.00') },
    });
  });

  it('S4: without any price nothing is bought blind; the next one is taken', async () => {
    const carrier = await lab.open();
    const { monthly: _m, setup: _s, ...unpriced } = offerOf('telnyx', 1);
    carrier.stock.set(numberOf(1), unpriced);

    const done = await lab.room.order({});

    expect(done).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(2) }] });
    expect(carrier.orders.map(({ number }) => number)).toEqual([numberOf(2)]);
  });

  it('P9: a price that cannot be asked leaves the one just seen', async () => {
    const carrier = await lab.open();
    carrier.quote = async () => undefined;

    expect(await lab.room.order(named(1))).toMatchObject({ state: 'completed' });
  });

  it('B7: the number carries what it cost at the order, not what the search showed', async () => {
    const carrier = await lab.open();
    carrier.prices.set(numberOf(1), usd('2.50'));

    expect(await lab.room.order(named(1, '3.00'))).toMatchObject({ state: 'completed' });

    expect(await money.number(1)).toMatchObject({ monthly: { amount: '2.50' } });
  });

  it('S2-9: the price accepted for one does not lower what was reviewed for another', async () => {
    const carrier = await lab.open();
    carrier.stock.set(numberOf(1), offerOf('telnyx', 1, '2.00')).set(numberOf(2), offerOf('telnyx', 2, '5.00'));
    const asked = await lab.room.order(money.several('1.00', '5.00'));
    expect(asked).toMatchObject({ state: 'terms_pending', terms: { monthly: { amount: '2.00' } } });

    await money.accept(asked.id, 1);

    expect(await lab.room.request(asked.id)).toMatchObject({ state: 'completed' });
    expect(await money.number(1)).toMatchObject({ monthly: { amount: '2.00' } });
    expect(await money.number(2)).toMatchObject({ monthly: { amount: '5.00' } });
  });
});

describe('the daily cap', () => {
  const one = (n: number, monthly = '1.00') => ({ country: 'GB', ...named(n, monthly) });
  const post = (body: object) => lab.room.ask('customer', 'POST /v1/number-requests', { body });

  it('Fraud: requests just below the cap together stay below it, at acceptance already', async () => {
    await lab.open();
    await lab.room.changeTenant({ dailyPurchaseCap: '2.50' });
    await lab.room.order({});
    await lab.room.order({});

    expect(await money.committed()).toBe(2_000_000n);
    expect((await post(one(3))).json).toMatchObject({ status: 422, code: 'purchase_cap_reached' });
    expect((await post(one(3))).json.detail).toContain('0.50 USD');
    await lab.room.pass(86_400);
    expect((await post(one(3))).status).toBe(202);
  });

  it('Fraud: of wishes accepted at once, only as many are bought as the cap allows', async () => {
    const carrier = await lab.open();
    await lab.room.changeTenant({ dailyPurchaseCap: '2.00' });
    lab.room.late.quiet = true;
    const made = [await lab.room.order({}), await lab.room.order({}), await lab.room.order({})];
    lab.room.late.quiet = false;
    await lab.room.pass(60);

    const ends = await Promise.all(made.map(({ id }) => lab.room.request(id)));
    expect(ends.map(({ state }) => state).toSorted()).toEqual(['completed', 'completed', 'failed']);
    expect(ends.find(({ state }) => state === 'failed')?.failure).toMatchObject({ code: 'purchase_cap_reached' });
    expect(carrier.orders).toHaveLength(2);
    expect(await money.counter()).toEqual({ used: 2, held: 0, taken: 2 });
  });

  it('Fraud: a price in another currency than the tenant’s cannot be measured, so it is refused', async () => {
    const carrier = await lab.open();
    await lab.room.changeTenant({ dailyPurchaseCap: '100.00' });
    for (const n of [1, 2, 3, 4, 5, 6])
      carrier.stock.set(numberOf(n), offerOf('telnyx', n, '1.00', { monthly: eur('1.00') }));

    expect(await lab.room.order({})).toMatchObject({ state: 'failed', failure: { code: 'purchase_cap_reached' } });
    const body = { country: 'GB', numbers: [{ number: numberOf(1), monthly: eur('1.00') }] };
    expect((await post(body)).json).toMatchObject({ code: 'purchase_cap_reached' });
  });

  it('Fraud: what was not bought in the end is given back, and a raised price counts once', async () => {
    const carrier = await lab.open();
    await lab.room.changeTenant({ dailyPurchaseCap: '4.00' });
    carrier.prices.set(numberOf(1), usd('3.00'));
    const asked = await lab.room.order(named(1));
    expect(await money.committed()).toBe(1_000_000n);
    await money.accept(asked.id, 1);
    expect(await lab.room.request(asked.id)).toMatchObject({ state: 'completed' });
    expect(await money.committed()).toBe(3_000_000n);
    carrier.prices.set(numberOf(2), usd('9.00'));
    const dear = await lab.room.order(named(2));
    expect(await money.committed()).toBe(4_000_000n);
    await money.act('customer', dear.id, 'refusal');
    await lab.room.request(dear.id);

    expect(await money.committed()).toBe(3_000_000n);
  });

  it('Fraud I8: what was counted on an earlier day does not come back on a later one', async () => {
    const carrier = await lab.open();
    await lab.room.changeTenant({ dailyPurchaseCap: '4.00' });
    carrier.prices.set(numberOf(1), usd('3.00'));
    const asked = await lab.room.order(named(1));
    expect(await money.committed()).toBe(1_000_000n);
    await lab.room.pass(86_400);
    carrier.script.set(numberOf(1), [{ kind: 'refused', refusal: gone }]);
    await money.accept(asked.id, 1);
    expect(await lab.room.request(asked.id)).toMatchObject({ state: 'info_requested' });
    expect(await money.committed(), 'the raise alone').toBe(2_000_000n);

    await lab.room.ask('customer', `POST /v1/number-requests/${asked.id}/cancellation`);

    expect(await lab.room.request(asked.id)).toMatchObject({ state: 'cancelled' });
    expect(await money.committed()).toBe(0n);
  });

  it('Fraud: another number than the one that is gone is measured before it is taken', async () => {
    const carrier = await lab.open();
    await lab.room.changeTenant({ dailyPurchaseCap: '10.00' });
    carrier.stock.delete(numberOf(1));
    carrier.stock.set(numberOf(5), offerOf('telnyx', 5, '900.00'));
    const { id } = await lab.room.order(named(1));

    const numbers = [{ number: numberOf(5), monthly: usd('900.00') }];
    const answer = await money.act('customer', id, 'information', { answer: 'this', fields: { numbers } });

    expect(answer.json).toMatchObject({ status: 422, code: 'purchase_cap_reached' });
    expect(await lab.room.request(id)).toMatchObject({ state: 'info_requested' });
  });
});
