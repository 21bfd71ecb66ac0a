import type { Offer, Order, Probe } from '../../../functions/carriers/port.ts';
import type { E164 } from '../../../functions/domain/e164.ts';
import type { Money } from '../../../functions/domain/money.ts';
import { requestOfReference } from '../../../functions/requests/intent-store.ts';
import type { Bought } from '../facts.ts';
import { orderTaker } from './endings.ts';
import { type MarketOptions, openExecution } from './execution.ts';
import { offerOf, SELLERS, type Seller, sold, stock } from './stock.ts';

/** All carriers together: stock, orders, and what was really executed. */
export type Market = ReturnType<typeof openMarket>;

export function openMarket(options: MarketOptions) {
  const { choices, scheduler, trace, faulty } = options;
  const now = () => scheduler.clock.now().getTime();
  const lines = stock(options.numbersEach, choices.pick('cheapest carrier', SELLERS.length + 1) - 1);
  const execution = openExecution(options);
  const find = (seller: Seller, number: E164) => lines.find((line) => line.seller === seller && line.number === number);

  return {
    lines,
    order: orderTaker(options, lines, execution),
    probe(seller: Seller, { number, reference }: Order): Probe {
      const line = find(seller, number);
      if (seller !== 'vonage') {
        const order = execution.orders.find(
          (one) => one.reference === reference && one.line.seller === seller && one.shownFrom <= now(),
        );
        if (order?.state === 'pending')
          return { kind: 'in_progress', refs: { orderId: order.id }, pollAfterSeconds: 600 };
        if (order?.state === 'failed')
          return { kind: 'failed', refusal: { class: 'NumberUnavailable', code: 'not_available' } };
        if (order?.state === 'done')
          return { kind: 'ours', value: sold(order.line), refs: { orderId: order.id, numberId: order.line.number } };
      }
      if (line?.state !== 'owned' || line.shownFrom > now()) return { kind: 'nothing' };
      if (seller !== 'vonage' && line.reference !== reference) return { kind: 'theirs' };
      return { kind: 'ours', value: sold(line), refs: { numberId: line.number } };
    },
    /** @param isStale the list still shows what is sold */
    offers(seller: Seller, isStale: boolean): readonly Offer[] {
      return lines.filter((line) => line.seller === seller && (line.state === 'free' || isStale)).map(offerOf);
    },
    /** Present price, or `gone`. Prices rise and numbers go as chance has it. */
    quote(seller: Seller, number: E164): { readonly monthly: Money } | 'gone' {
      const line = find(seller, number);
      const event = choices.weigh(`quote ${number}`, [1 - faulty / 4, faulty / 8, faulty / 8]);
      if (line && event === 1) line.monthly = { amount: (Number(line.monthly.amount) + 1).toFixed(2), currency: 'USD' };
      if (line?.state === 'free' && event === 2) line.state = 'foreign';
      if (event > 0) {
        const what = event === 1 ? `costs ${line?.monthly.amount} now` : 'is taken by a stranger';
        trace.note(seller, `${number}: ${what}`);
      }
      return line?.state === 'free' ? { monthly: line.monthly } : 'gone';
    },
    isFree: (seller: Seller, number: E164): boolean => find(seller, number)?.state === 'free',
    /** What a person sees who looks at the carrier's own pages: is it ours, and can it still become ours? */
    lookedUp(reference: string): 'bought' | 'not_bought' | 'unknown' {
      if (execution.underWay.has(reference)) return 'unknown';
      return lines.some((line) => line.reference === reference && line.state === 'owned') ? 'bought' : 'not_bought';
    },
    ledger: (): readonly Bought[] =>
      lines.flatMap(({ seller, number, purchases, state, reference = '' }) => {
        if (state !== 'owned' && state !== 'pending') return [];
        const request = requestOfReference(reference);
        return { carrier: seller, number, purchases, state, ...(request ? { request } : {}) };
      }),
  };
}
