import type { CarrierRefs, Outcome, Refusal } from '../../../functions/carriers/outcome.ts';
import type { Offer, Order, Probe, Bought as Sold } from '../../../functions/carriers/port.ts';
import type { CarrierId } from '../../../functions/domain/carrier-id.ts';
import { CountryCode } from '../../../functions/domain/country.ts';
import { E164 } from '../../../functions/domain/e164.ts';
import type { Money } from '../../../functions/domain/money.ts';
import { requestOfReference } from '../../../functions/requests/intent-store.ts';
import type { Bought } from '../facts.ts';
import type { Choices } from './choices.ts';
import type { Scheduler } from './scheduler.ts';
import type { Trace } from './trace.ts';

/** Three ways carriers are: at once and with our reference; later, after an order; at once and without any reference. */
export const SELLERS = ['twilio', 'telnyx', 'vonage'] as const satisfies readonly CarrierId[];
export type Seller = (typeof SELLERS)[number];
export const GB = CountryCode.parse('GB');

/** How an order may end at a carrier that is not kind. */
const ENDINGS = [
  'good',
  'answer_lost',
  'never_arrived',
  'executed_late',
  'gone',
  'not_processed',
  'not_sent',
  'refused_though_executed',
  'no_credit',
  'broken_after',
  'fails_later',
  'another_number',
] as const;
export type Ending = (typeof ENDINGS)[number];
const LATE_MS = [1_000, 15_000, 90_000, 900_000, 7_200_000];
const COMPLETES_MS = [2_000, 500, 30_000, 400_000];
const LAGS_MS = [0, 3_000, 80_000, 400_000];

interface Line {
  readonly number: E164;
  readonly seller: Seller;
  state: 'free' | 'pending' | 'owned' | 'foreign';
  reference?: string;
  purchases: number;
  monthly: Money;
  /** When the carrier's lists begin to show that it is ours. */
  shownFrom: number;
}
interface SimOrder {
  readonly id: string;
  readonly reference: string;
  readonly line: Line;
  readonly shownFrom: number;
  state: 'pending' | 'done' | 'failed';
}
export interface MarketOptions {
  readonly choices: Choices;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  /** Share of calls that go wrong, 0–1. */
  readonly faulty: number;
  /** The carrier takes a repeated order for a new one and charges it again, as some do. */
  readonly chargesTwice: boolean;
  readonly numbersEach: number;
  /** Decisions are named by place and attempt, since ids differ from run to run. */
  nameOf(reference: string): string;
  /** An asynchronous order has ended. */
  told(seller: Seller, order: { readonly id: string; readonly reference: string }): void;
}

/** All carriers together: stock, orders, and what was really executed. */
export type Market = ReturnType<typeof openMarket>;

export function openMarket(options: MarketOptions) {
  const { choices, scheduler, trace, faulty, nameOf: name } = options;
  const now = () => scheduler.clock.now().getTime();
  const lines = stock(options.numbersEach, choices.pick('cheapest carrier', SELLERS.length + 1) - 1);
  const orders: SimOrder[] = [];
  /** Orders that may still be executed though nobody heard of them. */
  const underWay = new Set<string>();
  const weights = [1 - faulty, ...ENDINGS.slice(1).map((name) => (faulty / (ENDINGS.length - 1)) * (RARE[name] ?? 1))];
  const find = (seller: Seller, number: E164) => lines.find((line) => line.seller === seller && line.number === number);

  const execute = (line: Line, reference: string, lag: number): boolean => {
    const isRepeat = line.reference === reference && line.state !== 'free';
    if (line.state !== 'free' && !(isRepeat && line.state === 'pending') && !(isRepeat && options.chargesTwice))
      return false;
    line.purchases++;
    line.state = 'owned';
    line.reference = reference;
    line.shownFrom = now() + lag;
    trace.note(
      line.seller,
      `executes ${reference}: ${line.number}${line.purchases > 1 ? ` for the ${line.purchases}. time` : ''}`,
    );
    return true;
  };
  const complete = (order: SimOrder, fails: boolean): void => {
    if (order.state !== 'pending') return;
    underWay.delete(order.reference);
    if (fails || !execute(order.line, order.reference, 0)) {
      order.state = 'failed';
      if (order.line.state === 'pending' && order.line.reference === order.reference) {
        order.line.state = 'foreign';
      }
    } else order.state = 'done';
    trace.note(order.line.seller, `order ${order.reference} is ${order.state}`);
    options.told(order.line.seller, order);
  };
  /** Takes an order as an asynchronous carrier does; undefined when the number is not to be had. */
  const accept = (line: Line, reference: string, fails: boolean, lag: number): SimOrder | undefined => {
    const isRepeat = line.reference === reference && (line.state === 'pending' || line.state === 'owned');
    if (line.state !== 'free' && !(isRepeat && options.chargesTwice)) return undefined;
    if (line.state === 'free') line.state = 'pending';
    line.reference = reference;
    const order: SimOrder = {
      id: `order-${orders.length + 1}`,
      reference,
      line,
      shownFrom: now() + lag,
      state: 'pending',
    };
    orders.push(order);
    underWay.add(reference);
    scheduler.after(COMPLETES_MS[choices.pick(`completes ${name(reference)}`, COMPLETES_MS.length)] ?? 0, () =>
      complete(order, fails),
    );
    return order;
  };

  return {
    lines,
    /** An order that arrived; runs at the carrier whether or not anybody waits for the answer. */
    order(seller: Seller, order: Order): { readonly answer: () => Answer; readonly delay: number } {
      const ending = ENDINGS[choices.weigh(`order ${name(order.reference)}`, weights)] ?? 'good';
      const line = find(seller, order.number);
      if (ending !== 'good') trace.note(seller, `${order.reference}: ${ending}`);
      if (!line) return { delay: 50, answer: () => refused('NumberUnavailable', 'not_available') };
      const lag =
        ending === 'refused_though_executed'
          ? 0
          : (LAGS_MS[choices.pick(`lag ${name(order.reference)}`, LAGS_MS.length)] ?? 0);
      if (ending === 'executed_late') {
        underWay.add(order.reference);
        const late = LATE_MS[choices.pick(`late ${name(order.reference)}`, LATE_MS.length)] ?? 0;
        scheduler.after(10_000 + late, () => {
          underWay.delete(order.reference);
          if (seller === 'telnyx') accept(line, order.reference, false, lag);
          else execute(line, order.reference, lag);
        });
      }
      return { delay: 50, answer: () => answerTo(ending, line, order, lag) };
    },
    probe(seller: Seller, { number, reference }: Order): Probe {
      const line = find(seller, number);
      if (seller !== 'vonage') {
        const order = orders.find(
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
    offers(seller: Seller, isStale: boolean): readonly Offer[] {
      return lines.filter((line) => line.seller === seller && (line.state === 'free' || isStale)).map(offerOf);
    },
    /** Present price, or `gone`. Prices rise and numbers go as chance has it. */
    quote(seller: Seller, number: E164): { readonly monthly: Money } | 'gone' {
      const line = find(seller, number);
      const event = choices.weigh(`quote ${number}`, [1 - faulty / 4, faulty / 8, faulty / 8]);
      if (line && event === 1) line.monthly = { amount: (Number(line.monthly.amount) + 1).toFixed(2), currency: 'USD' };
      if (line?.state === 'free' && event === 2) line.state = 'foreign';
      if (event > 0)
        trace.note(
          seller,
          `${number}: ${event === 1 ? `costs ${line?.monthly.amount} now` : 'is taken by a stranger'}`,
        );
      return line?.state === 'free' ? { monthly: line.monthly } : 'gone';
    },
    isFree: (seller: Seller, number: E164): boolean => find(seller, number)?.state === 'free',
    /** What a person sees who looks at the carrier's own pages: is it ours, and can it still become ours? */
    lookedUp: (reference: string): 'bought' | 'not_bought' | 'unknown' =>
      underWay.has(reference)
        ? 'unknown'
        : lines.some((line) => line.reference === reference && line.state === 'owned')
          ? 'bought'
          : 'not_bought',
    ledger: (): readonly Bought[] =>
      lines
        .filter(({ state }) => state === 'owned' || state === 'pending')
        .map(({ seller, number, purchases, state, reference = '' }) => {
          const request = requestOfReference(reference);
          return {
            carrier: seller,
            number,
            purchases,
            state: state === 'owned' ? 'owned' : 'pending',
            ...(request ? { request } : {}),
          };
        }),
  };

  function answerTo(ending: Ending, line: Line, order: Order, lag: number): Answer {
    const { reference } = order;
    switch (ending) {
      case 'gone':
        if (line.state === 'free') line.state = 'foreign';
        return refused('NumberUnavailable', 'not_available');
      case 'not_processed':
        return refused('CarrierBusy', 'rate_limited', true);
      case 'not_sent':
        return 'not_sent';
      case 'no_credit':
        return refused('CarrierUnusable', 'insufficient_funds');
      case 'never_arrived':
      case 'executed_late':
        return unknown('timeout');
      case 'another_number':
        return anotherNumber(line, reference);
      default:
        break;
    }
    const isLater = line.seller === 'telnyx';
    const taken = isLater ? accept(line, reference, ending === 'fails_later', lag) : execute(line, reference, lag);
    if (!taken) return refused('NumberUnavailable', 'not_available');
    if (ending === 'answer_lost') return unknown('connection_lost');
    if (ending === 'broken_after') return 'broken';
    if (ending === 'refused_though_executed') return refused('NumberUnavailable', 'not_available');
    return typeof taken === 'object'
      ? { kind: 'accepted', refs: { orderId: taken.id }, pollAfterSeconds: 600 }
      : { kind: 'done', value: sold(line), refs: { numberId: line.number } };
  }

  /** P13: the carrier sells something else than was ordered; only one that lists orders by our reference can be asked. */
  function anotherNumber(line: Line, reference: string): Answer {
    const other = lines.find(
      (one) => one.seller === 'telnyx' && line.seller === 'telnyx' && one.state === 'free' && one !== line,
    );
    const taken = other && accept(other, reference, false, 0);
    return taken
      ? { kind: 'accepted', refs: { orderId: taken.id }, pollAfterSeconds: 600 }
      : refused('NumberUnavailable', 'not_available');
  }
}

export type Answer = Outcome<Sold> | 'not_sent' | 'broken';
const RARE: Partial<Record<Ending, number>> = { another_number: 0.3, no_credit: 0.5 };

const sold = (line: Line): Sold => ({
  number: line.number,
  carrierNumberId: `at-${line.seller}-${line.number}`,
  features: ['voice', 'sms'],
  monthly: line.monthly,
});
const refused = (of: Refusal['class'], code: Refusal['code'], notProcessed = false): Answer => ({
  kind: 'refused',
  refusal: { class: of, code, ...(notProcessed ? { notProcessed } : {}) },
});
const NO_REFS: CarrierRefs = {};
const unknown = (reason: 'timeout' | 'connection_lost'): Answer => ({ kind: 'unknown', reason, refs: NO_REFS });

const offerOf = (line: Line): Offer => ({
  number: line.number,
  country: GB,
  type: 'local',
  areaCode: '1223',
  features: ['voice', 'sms'],
  monthly: line.monthly,
  premium: false,
  holdable: line.seller === 'telnyx',
});

/** @param cheapest place of the carrier that is asked first; -1: all cost the same */
function stock(each: number, cheapest: number): Line[] {
  return SELLERS.flatMap((seller, at) =>
    Array.from({ length: each }, (_, n) => ({
      number: E164.parse(`+4412239876${at}${n}`),
      seller,
      state: 'free' as const,
      purchases: 0,
      monthly: { amount: at === cheapest ? '0.90' : '1.00', currency: 'USD' },
      shownFrom: 0,
    })),
  );
}
