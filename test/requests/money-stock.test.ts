import { describe, expect, it } from 'vitest';
import type { Refusal } from '../../functions/carriers/outcome.ts';
import { pauseWrite } from '../../functions/carriers/pause-store.ts';
import type { CarrierAnswer } from '../../functions/carriers/port.ts';
import { RequestId, TenantId } from '../../functions/domain/ids.ts';
import { claimWrite } from '../../functions/requests/intent-store.ts';
import { buyingLab, named } from './buying.ts';
import { moneyActs } from './money.ts';
import { type Deed, numberOf, offerOf, scriptedCarrier } from './scripted-carrier.ts';

const lab = buyingLab();
const money = moneyActs(lab);
const notSent: Deed = { kind: 'not_sent' };

/** One carrier with `count` numbers at one price. */
const openWith = (count: number) =>
  lab.open({
    carriers: (clock) => [
      scriptedCarrier(
        'telnyx',
        clock,
        Array.from({ length: count }, (_, n) => offerOf('telnyx', n)),
      ),
    ],
  });

/** Claims of another tenant's orders that nobody can find, on the cheapest numbers. */
const claimedByOthers = (numbers: readonly number[]) =>
  lab.room.table.write(
    numbers.map((n) =>
      claimWrite(numberOf(n), {
        tenantId: TenantId.parse('ten_00000000000000000000000002'),
        requestId: RequestId.parse('req_00000000000000000000000009'),
        reference: `other.${n}`,
        at: lab.room.clock.now().toISOString(),
      }),
    ),
  );

/** The search of every carrier ends like this, with nothing found. */
function searchEnds(answer: Partial<CarrierAnswer>) {
  const { carriers } = lab.room;
  const search = carriers.search;
  carriers.search = async (_wish, ids) => ({
    offers: [],
    answers: ids.map((carrier) => ({ carrier, outcome: 'error', count: 0, latencyMs: 1, ...answer })),
  });
  return () => {
    carriers.search = search;
  };
}

describe('plenty of stock', () => {
  it('P6 S2-9: the cheapest are claimed by others: the search goes on until a free one is found', async () => {
    await openWith(60);
    await claimedByOthers(Array.from({ length: 20 }, (_, n) => n));

    expect(await lab.room.order({})).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(20) }] });
  });

  it('P6: what is sold out is said once the whole stock was looked at', async () => {
    const carrier = await openWith(20);
    await claimedByOthers(Array.from({ length: 20 }, (_, n) => n));

    expect(await lab.room.order({})).toMatchObject({ state: 'failed', failure: { code: 'not_enough_numbers' } });
    expect(carrier.orders).toEqual([]);
  });

  it('P6: many requests at once, all after the same cheapest numbers: each has one', async () => {
    await openWith(60);
    const { deps, table } = lab.room;
    const slow = async () => new Promise((done) => setTimeout(done, 2));
    // Reads and writes take a little, so that all of them choose before the first has claimed.
    Object.assign(deps.table, {
      get: async (...given: Parameters<typeof table.get>) => {
        await slow();
        return table.get(...given);
      },
    });

    const made = await Promise.all(
      Array.from({ length: 20 }, () =>
        lab.room.ask('customer', 'POST /v1/number-requests', { body: { country: 'GB', areaCode: '1223' } }),
      ),
    );
    await lab.room.settle();

    const ends = await Promise.all(made.map(({ json }) => lab.room.request(json.id)));
    expect(ends.map(({ state }) => state)).toEqual(ends.map(() => 'completed'));
    expect(new Set(ends.map(({ numbers }) => numbers[0]?.number)).size).toBe(20);
  }, 20_000);
});

describe('the carrier is away', () => {
  it('P8: an order that cannot leave waits for the carrier; nothing fails, nobody else is kept from it', async () => {
    const carrier = await lab.open();
    carrier.next.push(...Array.from({ length: 5 }, () => notSent));

    const made = await lab.room.order(named(1));
    for (let second = 0; second < 70; second += 5) await lab.room.pass(5);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(1) }] });
    expect(new Set(carrier.orders.map(({ reference }) => reference)).size).toBe(1);
    expect((await lab.room.intents(made.id))[0]).toMatchObject({ sends: 1 });
    expect(lab.room.facts.errors.join()).not.toContain('carrier_passed_over');
  });

  it('P8: after a quarter of an hour it is given up unsent, and the next carrier is asked', async () => {
    const carrier = await lab.open({ carriersOf: ['telnyx', 'twilio'] });
    carrier.purchase = async (order) => {
      carrier.orders.push(order);
      throw new (await import('../../functions/domain/errors.ts')).CarrierBusy({
        code: 'carrier_down',
        detail: 'away',
      });
    };

    const made = await lab.room.order({});
    await lab.room.pass(600);
    expect(await lab.room.request(made.id)).toMatchObject({ numbers: [{ carrier: 'telnyx' }] });
    for (let minute = 0; minute < 10; minute++) await lab.room.pass(60);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ carrier: 'twilio' }] });
    expect((await lab.room.intents(made.id))[0]).toMatchObject({ state: 'withdrawn', sends: 0 });
  });

  it('P8: the only carrier is away for longer: bought once it is back', async () => {
    const carrier = await lab.open();
    const back = lab.room.clock.now().getTime() + 40 * 60_000;
    const { purchase } = carrier;
    carrier.purchase = async (order, call) => {
      if (lab.room.clock.now().getTime() < back) carrier.next.unshift(notSent);
      return purchase(order, call);
    };

    const made = await lab.room.order(named(1));
    for (let minute = 0; minute < 90; minute++) await lab.room.pass(60);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(1) }] });
    expect(carrier.bought()).toHaveLength(1);
  });

  it('P8: while every carrier is paused a request waits, and is bought when the pause is over', async () => {
    await lab.open();
    await lab.room.table.write([pauseWrite('telnyx', 'insufficient_funds', lab.room.clock.now())]);

    const made = await lab.room.order({});
    expect(made).toMatchObject({ state: 'sourcing', cancellable: true });
    await lab.room.pass(40 * 60);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed' });
  });

  it('P8: no credit at the only carrier: passed over for a while, then bought there', async () => {
    const carrier = await lab.open();
    const refusal: Refusal = { class: 'CarrierUnusable', code: 'insufficient_funds' };
    carrier.next.push({ kind: 'refused', refusal });

    const made = await lab.room.order(named(1));
    expect(made).toMatchObject({ numbers: [{ state: 'refused' }] });
    for (let minute = 0; minute < 60; minute++) await lab.room.pass(60);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(1) }] });
  });

  it.each([{ outcome: 'timeout' }, { code: 'carrier_down' }, { code: 'rate_limited' }] as const)(
    'S1 P8: a search without an answer (%j) is no empty market: a named number is not gone, a wish not sold out',
    async (answer) => {
      await lab.open();
      const isBack = searchEnds(answer);
      const made = [await lab.room.order(named(1)), await lab.room.order({ quantity: 2 })];
      for (const { id } of made) expect(await lab.room.request(id)).toMatchObject({ state: 'sourcing' });

      isBack();
      await lab.room.pass(300);

      for (const { id } of made) expect(await lab.room.request(id)).toMatchObject({ state: 'completed' });
    },
  );

  it('P8 I4: away for hours: a person has it, and it goes on by their word', async () => {
    await lab.open();
    const isBack = searchEnds({ code: 'carrier_down' });
    const made = await lab.room.order({});
    for (let hour = 0; hour < 4; hour++) await lab.room.pass(3600);
    expect(await lab.openTasks('unclear_order')).toHaveLength(1);
    expect(await lab.room.request(made.id)).toMatchObject({ state: 'sourcing' });

    isBack();
    await lab.resolve({});

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed' });
  });

  it('best effort takes what the carriers that answer have', async () => {
    await lab.open();
    const { carriers } = lab.room;
    const { search } = carriers;
    carriers.search = async (wish, ids, how) => ({
      ...(await search(wish, ids, how)),
      answers: [{ carrier: 'vonage', outcome: 'timeout', count: 0, latencyMs: 1000, code: 'timeout' }],
    });

    const done = await lab.room.order({ quantity: 8, policy: 'best_effort' });

    expect(done).toMatchObject({ state: 'partially_completed' });
    expect(done.numbers.filter(({ state }) => state === 'active')).toHaveLength(6);
    expect(await money.counter()).toEqual({ used: 6, held: 0, taken: 6 });
  });
});
