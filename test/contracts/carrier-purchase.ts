import { describe, expect, it } from 'vitest';
import type { Order } from '../../functions/carriers/port.ts';
import { compareMoney } from '../../functions/domain/money.ts';
import type { Fault } from '../../local/carriers/kernel/simulator-port.ts';
import {
  type CarrierSubject,
  call,
  freeNumbers,
  orderFor,
  referenceOf,
  type StartedCarrier,
  settledProbe,
} from './carrier-start.ts';

/** Price and purchase: the four ends under every fault, the probe after each, twins. */
export function purchaseContract(subject: CarrierSubject, current: () => StartedCarrier): void {
  const fresh = (reference = referenceOf(1)): Order => {
    const [number] = freeNumbers(current(), 1);
    if (!number) throw new Error('no stock');
    return orderFor(number, reference);
  };
  const purchases = (order: Order) => current().world.numbers.find(order.number)?.purchases ?? 0;
  const keepsReference = subject.keepsReference ?? true;

  describe('price', () => {
    it('quotes what the number costs now', async () => {
      const { carrier, world } = current();
      const order = fresh();
      const quote = await carrier.quote(order, call());

      if (quote) expect(quote.monthly).toEqual(world.numbers.find(order.number)?.monthly);
    });

    it('P9: a price that rose is seen by the quote', async () => {
      const started = current();
      const order = fresh();
      const before = await started.carrier.quote(order, call());
      await started.fault('price_raised', 'order');
      const after = await started.carrier.quote(order, call());

      if (before && after) expect(compareMoney(after.monthly, before.monthly)).toBe(1);
    });
  });

  describe('purchase', () => {
    it('buys once; the carrier then names it ours, by number and reference', async () => {
      const started = current();
      const order = fresh();
      const outcome = await started.carrier.purchase(order, call());
      const probe = await settledProbe(started, order);

      expect(['done', 'accepted']).toContain(outcome.kind);
      if (outcome.kind === 'done') expect(outcome.value.number).toBe(order.number);
      expect(probe).toMatchObject({ kind: 'ours', value: { number: order.number } });
      if (probe.kind === 'ours') expect(probe.value.carrierNumberId).not.toBe('');
      expect(await started.numbers('owned')).toMatchObject([{ number: order.number, state: 'owned', purchases: 1 }]);
    });

    it('says nothing was bought when nothing was ordered', async () => {
      expect(await current().carrier.probe(fresh(), call())).toEqual({ kind: 'nothing' });
    });

    if (keepsReference)
      it("tells somebody else's order on this account from ours", async () => {
        const started = current();
        const order = fresh();
        await started.carrier.purchase(order, call());
        await settledProbe(started, order);

        expect(await settledProbe(started, { ...order, reference: referenceOf(2) })).toEqual({ kind: 'theirs' });
      });

    it.each<[string, Fault, boolean]>([
      ['P2: answer lost after execution', 'lost_after_execution', true],
      ['P2: 5xx after execution', 'server_error_after_execution', true],
      ['P2: body cut', 'cut_body', true],
      ['P2: connection lost before execution', 'lost_before_execution', false],
      ['P2: 5xx before execution', 'server_error', false],
    ])('%s is unknown, sent once, and the probe tells the truth', async (_, fault, executed) => {
      const started = current();
      const order = fresh();
      await started.fault(fault);
      const outcome = await started.carrier.purchase(order, call());
      const orders = started.observed.filter((seen) => seen.kind === 'write' && seen.operation === 'purchase');
      const probe = await settledProbe(started, order);

      expect(outcome.kind).toBe('unknown');
      expect(orders.length).toBeLessThanOrEqual(1);
      expect(probe.kind).toBe(executed ? 'ours' : 'nothing');
      expect(purchases(order)).toBe(executed ? 1 : 0);
    });

    it('P3: an order that executes after we gave up is unknown, then found', async () => {
      const started = current();
      const order = fresh();
      await started.fault('slow');
      const outcome = await started.carrier.purchase(order, call(150));
      const early = await started.carrier.probe(order, call());
      started.clock.advance(11);
      await new Promise((resolve) => setTimeout(resolve, 50));

      expect(outcome).toMatchObject({ kind: 'unknown', reason: 'timeout' });
      expect(early.kind).toBe('nothing');
      expect((await settledProbe(started, order)).kind).toBe('ours');
    });

    it.each<[string, Fault, object]>([
      ['429', 'rate_limited', { class: 'CarrierBusy', code: 'rate_limited', notProcessed: true }],
      ['P1: gone', 'gone_at_purchase', { class: 'NumberUnavailable' }],
      ['P8: no credit', 'no_credit', { class: 'CarrierUnusable', code: 'insufficient_funds' }],
    ])('%s is refused with its class, and nothing was bought', async (_, fault, refusal) => {
      const started = current();
      const order = fresh();
      await started.fault(fault);
      const outcome = await started.carrier.purchase(order, call());
      const probe = await settledProbe(started, order);

      if (outcome.kind === 'accepted') expect(probe).toMatchObject({ kind: 'failed', refusal });
      else {
        expect(outcome).toMatchObject({ kind: 'refused', refusal });
        expect(['nothing', 'failed']).toContain(probe.kind);
      }
      expect(purchases(order)).toBe(0);
    });

    it('a carrier that cannot be reached at all is thrown as CarrierBusy: nothing left us', async () => {
      const started = current();
      const order = fresh();
      await started.close();

      await expect(started.carrier.purchase(order, call())).rejects.toMatchObject({ name: 'CarrierBusy' });
    });

    it('P4: of two orders at once for one number one is executed, and the probe calls it ours for both', async () => {
      const started = current();
      const order = fresh();
      const twins = await Promise.all([
        started.carrier.purchase(order, call()),
        started.carrier.purchase(order, call()),
      ]);
      const probe = await settledProbe(started, order);

      expect(twins.some((twin) => twin.kind === 'done' || twin.kind === 'accepted')).toBe(true);
      expect(probe.kind).toBe('ours');
      expect(purchases(order)).toBe(1);
    });

    it('a number that another already owns is refused, not repeated', async () => {
      const started = current();
      const order = fresh();
      await started.carrier.purchase(order, call());
      await settledProbe(started, order);
      const again = await started.carrier.purchase({ ...order, reference: referenceOf(2) }, call());

      if (again.kind === 'accepted')
        expect((await settledProbe(started, { ...order, reference: referenceOf(2), refs: again.refs })).kind).not.toBe(
          'ours',
        );
      else expect(again.kind).toBe('refused');
      expect(purchases(order)).toBe(1);
    });
  });
}
