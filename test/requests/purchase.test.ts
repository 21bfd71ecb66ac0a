import { describe, expect, it } from 'vitest';
import { buyingLab, gone, named } from './buying.ts';
import { numberOf, offerOf, scriptedCarrier, usd } from './scripted-carrier.ts';

const lab = buyingLab();

describe('the number is gone', () => {
  it('P1: before the order, the next one of the wish is taken, and nothing was ordered for the first', async () => {
    const carrier = await lab.open();
    carrier.prices.set(numberOf(1), 'gone');

    const done = await lab.room.order({});

    expect(done).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(2), state: 'active' }] });
    expect(carrier.orders.map((order) => order.number)).toEqual([numberOf(2)]);
  });

  it('P1: a named one is asked about, and its replacement bought', async () => {
    const carrier = await lab.open();
    carrier.prices.set(numberOf(1), 'gone');

    const asked = await lab.room.order(named(1));

    expect(asked).toMatchObject({
      state: 'info_requested',
      waitingFor: 'customer',
      cancellable: true,
      question: { code: 'choose_another_number', text: expect.stringContaining(numberOf(1)) },
    });
    const body = { answer: 'then this one', fields: { numbers: [{ number: numberOf(3), monthly: usd('1.00') }] } };
    await lab.room.ask('customer', `POST /v1/number-requests/${asked.id}/information`, { body });
    expect(await lab.room.request(asked.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(3) }] });
  });

  it('P1: refused at the order and nothing found: claim freed, another bought', async () => {
    const carrier = await lab.open();
    carrier.script.set(numberOf(1), [{ kind: 'refused', refusal: gone }]);

    const done = await lab.room.order({});

    expect(done.state).toBe('completed');
    expect(carrier.orders.map((order) => order.reference)).toEqual([`${done.id}.0.1`, `${done.id}.0.2`]);
  });

  it('P1: three named, two gone: two are asked for, and the third is kept', async () => {
    const carrier = await lab.open();
    carrier.stock.delete(numberOf(1));
    carrier.stock.delete(numberOf(3));
    const numbers = [1, 2, 3].map((n) => ({ number: numberOf(n), monthly: usd('1.00') }));

    const asked = await lab.room.order({ areaCode: undefined, numbers });

    const answer = (list: readonly number[]) => ({
      body: { answer: 'others', fields: { numbers: list.map((n) => ({ number: numberOf(n), monthly: usd('1.00') })) } },
    });
    const path = `POST /v1/number-requests/${asked.id}/information`;
    expect((await lab.room.ask('customer', path, answer([4]))).status).toBe(422);
    expect((await lab.room.ask('customer', path, answer([4, 5]))).status).toBe(200);
    const done = await lab.room.request(asked.id);
    expect(done).toMatchObject({ state: 'completed', quantity: 3 });
    expect(done.numbers.map(({ number }) => number)).toEqual([numberOf(4), numberOf(2), numberOf(5)]);
  });

  it('nobody chooses another one in 7 days: expired, nothing bought', async () => {
    const carrier = await lab.open();
    carrier.stock.delete(numberOf(1));
    const asked = await lab.room.order(named(1));

    await lab.room.pass(7 * 86_400 + 60);

    expect(await lab.room.request(asked.id)).toMatchObject({ state: 'expired', waitingFor: 'nobody' });
    expect(carrier.orders).toEqual([]);
  });
});

describe('price', () => {
  it('P9: a named number is dearer already when looked for: offered, not bought; bought once accepted', async () => {
    const carrier = await lab.open();

    const asked = await lab.room.order(named(1, '0.50'));
    expect(asked).toMatchObject({
      state: 'terms_pending',
      waitingFor: 'customer',
      cancellable: true,
      terms: { reason: 'price_changed', monthly: { amount: '1.00' }, state: 'offered', version: 1 },
    });
    expect(asked.actions).toContain('acceptance');
    expect(carrier.orders).toEqual([]);
    await lab.room.ask('customer', `POST /v1/number-requests/${asked.id}/acceptance`, { body: { termsVersion: 1 } });

    expect(await lab.room.request(asked.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(1) }] });
  });

  it('P9: dearer at the order itself: offered, not bought; the accepted price is the new cap', async () => {
    const carrier = await lab.open();
    carrier.prices.set(numberOf(1), usd('3.00'));

    const asked = await lab.room.order(named(1));
    expect(asked).toMatchObject({ state: 'terms_pending', terms: { monthly: { amount: '3.00' } }, cancellable: true });
    expect(carrier.orders).toEqual([]);
    carrier.prices.set(numberOf(1), usd('3.50'));
    await lab.room.ask('customer', `POST /v1/number-requests/${asked.id}/acceptance`, { body: { termsVersion: 1 } });

    const again = await lab.room.request(asked.id);
    expect(again).toMatchObject({ state: 'terms_pending', terms: { version: 2, monthly: { amount: '3.50' } } });
    await lab.room.ask('customer', `POST /v1/number-requests/${asked.id}/acceptance`, { body: { termsVersion: 2 } });
    expect(await lab.room.request(asked.id)).toMatchObject({ state: 'completed' });
  });

  it('P9: one of three rises while the others are bought: the customer decides, and cannot cancel what was bought', async () => {
    const carrier = await lab.open();
    carrier.prices.set(numberOf(2), usd('3.00'));
    const numbers = [1, 2, 3].map((n) => ({ number: numberOf(n), monthly: usd('1.00') }));

    const asked = await lab.room.order({ areaCode: undefined, numbers });
    expect(asked).toMatchObject({ state: 'terms_pending', waitingFor: 'customer', cancellable: false });
    const late = await lab.room.ask('customer', `POST /v1/number-requests/${asked.id}/cancellation`);
    expect(late.json).toMatchObject({ code: 'too_late' });
    await lab.room.ask('customer', `POST /v1/number-requests/${asked.id}/refusal`);

    expect(await lab.room.request(asked.id)).toMatchObject({ state: 'partially_completed' });
    expect(carrier.bought()).toHaveLength(2);
  });

  it('P9: one rises while another is unclear: the new price stays on offer, and both come to an end', async () => {
    const carrier = await lab.open();
    carrier.prices.set(numberOf(2), usd('3.00'));
    carrier.script.set(numberOf(1), [{ kind: 'unknown', executedAfter: 3600 }]);
    const numbers = [1, 2].map((n) => ({ number: numberOf(n), monthly: usd('1.00') }));

    const asked = await lab.room.order({ areaCode: undefined, numbers });
    await lab.room.pass(1500);
    const waiting = await lab.room.request(asked.id);
    expect(waiting).toMatchObject({ state: 'terms_pending', waitingFor: 'customer' });
    expect(await lab.openTasks('unclear_order')).toHaveLength(1);
    await lab.room.ask('customer', `POST /v1/number-requests/${asked.id}/acceptance`, { body: { termsVersion: 1 } });
    await lab.room.pass(8 * 3600);

    expect(await lab.room.request(asked.id)).toMatchObject({ state: 'completed' });
  });

  it('of two that rise at once the dearest price is offered', async () => {
    const carrier = await lab.open();
    carrier.prices.set(numberOf(1), usd('4.00')).set(numberOf(2), usd('3.00'));
    const numbers = [1, 2].map((n) => ({ number: numberOf(n), monthly: usd('1.00') }));

    const asked = await lab.room.order({ areaCode: undefined, numbers });

    expect(asked).toMatchObject({ state: 'terms_pending', terms: { monthly: { amount: '4.00' } } });
  });
});

describe('several at once', () => {
  it('P6: two tenants want one number: one has it, the other is asked, and nobody hears of the other', async () => {
    const carrier = await lab.open();
    const body = { country: 'GB', ...named(1) };
    const [one, two] = await Promise.all(
      ['customer', 'globex'].map((who) => lab.room.ask(who, 'POST /v1/number-requests', { body })),
    );
    await lab.room.settle();

    const ends = [await lab.room.request(one?.json.id), await lab.room.request(two?.json.id, 'globex')];
    expect(ends.map(({ state }) => state).toSorted()).toEqual(['completed', 'info_requested']);
    expect(carrier.orders).toHaveLength(1);
    expect((await lab.room.ask('customer', `GET /v1/number-requests/${two?.json.id}`)).status).toBe(404);
  });

  it('P7: two requests accepted at once for the last slot: one fails with the limit, nothing is left held', async () => {
    await lab.open();
    await lab.room.changeTenant({ numberLimit: 1 });
    lab.room.late.quiet = true;
    const one = await lab.room.order({});
    const two = await lab.room.order({});
    lab.room.late.quiet = false;
    await lab.room.pass(60);

    const ends = [await lab.room.request(one.id), await lab.room.request(two.id)];
    expect(ends.map(({ state }) => state).toSorted()).toEqual(['completed', 'failed']);
    expect(ends.find(({ state }) => state === 'failed')?.failure).toMatchObject({ code: 'number_limit_reached' });
    const third = await lab.room.ask('customer', 'POST /v1/number-requests', { body: { country: 'GB' } });
    expect(third.json).toMatchObject({ status: 422, code: 'number_limit_reached', limit: 1, used: 1 });
  });

  it('P11: an accepted order fails later: only that place is chosen again', async () => {
    const carrier = await lab.open();
    carrier.next.push({ kind: 'accepted', after: 5 }, { kind: 'accepted', after: 5, fails: gone }, { kind: 'done' });

    const made = await lab.room.order({ quantity: 3 });
    expect(made.numbers.map(({ state }) => state)).toEqual(['pending', 'pending', 'active']);
    await lab.room.pass(300);

    const done = await lab.room.request(made.id);
    expect(done).toMatchObject({ state: 'completed' });
    expect(carrier.orders.map((order) => order.reference.split('.').slice(1).join('.'))).toEqual([
      '0.1',
      '1.1',
      '2.1',
      '1.2',
    ]);
  });

  it.each([
    ['all_or_nothing', 'failed', 0],
    ['best_effort', 'partially_completed', 6],
    ['exact_count', 'partially_completed', 6],
  ] as const)('Quantity: eight wanted, six there: %s ends %s', async (policy, state, count) => {
    const carrier = await lab.open();

    const done = await lab.room.order({ quantity: 8, policy });

    expect(done).toMatchObject({ state, failure: { code: 'not_enough_numbers' } });
    expect(carrier.orders).toHaveLength(count);
    expect(await lab.openTasks('manual_order')).toHaveLength(policy === 'exact_count' ? 1 : 0);
    const ticket = await lab.room.ask('customer', `GET /v1/tickets/${done.ticketId}`);
    expect(ticket.json.state).toBe(state === 'failed' ? 'closed' : 'waiting');
  });

  it('Quantity: nothing there at all fails under every policy', async () => {
    const carrier = await lab.open();
    carrier.stock.clear();

    for (const policy of ['all_or_nothing', 'best_effort', 'exact_count'])
      expect(await lab.room.order({ quantity: 2, policy })).toMatchObject({
        state: 'failed',
        failure: { code: 'not_enough_numbers' },
      });
  });

  it('thirty numbers stay within twelve items a transaction', async () => {
    await lab.open({
      carriers: (clock) => [
        scriptedCarrier(
          'telnyx',
          clock,
          Array.from({ length: 40 }, (_, n) => offerOf('telnyx', n + 10)),
        ),
      ],
    });

    expect(await lab.room.order({ quantity: 30 })).toMatchObject({ state: 'completed' });
  });
});
