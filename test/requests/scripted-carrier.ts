import type { Outcome, Refusal } from '../../functions/carriers/outcome.ts';
import type { Bought, Carrier, CarrierOffer, Carriers, Manifest, Order, Probe } from '../../functions/carriers/port.ts';
import type { CarrierId } from '../../functions/domain/carrier-id.ts';
import { CountryCode } from '../../functions/domain/country.ts';
import { E164 } from '../../functions/domain/e164.ts';
import { CarrierBusy, NumberUnavailable } from '../../functions/domain/errors.ts';
import type { Money } from '../../functions/domain/money.ts';
import type { Clock } from '../../functions/platform/clock.ts';

/** What one order comes to; `after` is in seconds. */
export type Deed =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly executed?: boolean }
  | { readonly kind: 'unknown'; readonly executedAfter?: number }
  | { readonly kind: 'accepted'; readonly after?: number; readonly fails?: Refusal; readonly reviewing?: boolean }
  | { readonly kind: 'not_sent' }
  | { readonly kind: 'other_number'; readonly number: string };

interface Ledger {
  readonly order: Order;
  /** When it is executed (or fails). */
  readonly at: number;
  readonly fails?: Refusal;
  readonly reviewing: boolean;
  readonly gives: string;
}

/** One carrier whose every answer is written down beforehand: for faults no simulator can time. */
export interface ScriptedCarrier extends Carrier {
  readonly stock: Map<string, CarrierOffer>;
  /** Deeds of the next orders of a number, then of any number; after that orders succeed at once. */
  readonly script: Map<string, Deed[]>;
  readonly next: Deed[];
  readonly orders: Order[];
  readonly ledger: Ledger[];
  /** Present prices where they differ from what the search shows; `gone`: no longer offered. */
  readonly prices: Map<string, Money | 'gone'>;
  /** Numbers of this account that somebody else of ours ordered. */
  readonly theirs: Set<string>;
  /** How many of the next probes get no answer. */
  probesLost: number;
  probes: number;
  configures: number;
  before?: (order: Order) => void | Promise<void>;
  /** Executed orders of ours by now. */
  bought(): readonly { readonly reference: string; readonly number: string }[];
}

export const GB = CountryCode.parse('GB');
export const numberOf = (n: number): E164 => E164.parse(`+4412235550${String(n).padStart(2, '0')}`);
export const usd = (amount: string): Money => ({ amount, currency: 'USD' });

export function offerOf(
  carrier: CarrierId,
  n: number,
  monthly = '1.00',
  more: Partial<CarrierOffer> = {},
): CarrierOffer {
  const offer = { number: numberOf(n), country: GB, type: 'local', areaCode: '1223', locality: 'Cambridge' } as const;
  const rest = { features: ['voice', 'sms'], premium: false, holdable: false } as const;
  return { ...offer, ...rest, monthly: usd(monthly), setup: usd('0.00'), carrier, ...more };
}

export function scriptedCarrier(id: CarrierId, clock: Clock, offers: readonly CarrierOffer[]): ScriptedCarrier {
  const now = () => clock.now().getTime();
  const boughtOf = (entry: Ledger): Bought => ({
    number: E164.parse(entry.gives),
    carrierNumberId: `id-${entry.gives}`,
    features: self.stock.get(entry.gives)?.features ?? ['voice'],
  });
  const execute = (order: Order, seconds: number, more: Partial<Ledger> = {}): Ledger => {
    const entry = { order, at: now() + seconds * 1000, reviewing: false, gives: order.number, ...more };
    self.ledger.push(entry);
    return entry;
  };
  const isExecuted = (entry: Ledger): boolean => entry.at <= now() && !entry.fails;
  const deed = (order: Order): Outcome<Bought> => {
    const given = self.script.get(order.number)?.shift() ?? self.next.shift() ?? { kind: 'done' as const };
    switch (given.kind) {
      case 'done':
        return { kind: 'done', value: boughtOf(execute(order, 0)), refs: {} };
      case 'other_number':
        return { kind: 'done', value: boughtOf(execute(order, 0, { gives: given.number })), refs: {} };
      case 'refused':
        if (given.executed) execute(order, 0);
        return { kind: 'refused', refusal: given.refusal };
      case 'unknown':
        if (given.executedAfter !== undefined) execute(order, given.executedAfter);
        return { kind: 'unknown', reason: 'connection_lost', refs: {} };
      case 'accepted': {
        const { after = 5, fails, reviewing = false } = given;
        execute(order, after, { reviewing, ...(fails ? { fails } : {}) });
        return { kind: 'accepted', refs: { orderId: `o-${order.reference}` }, pollAfterSeconds: 30, reviewing };
      }
      case 'not_sent':
        throw new CarrierBusy({ code: 'carrier_down', detail: 'nothing left' });
    }
  };
  const self: ScriptedCarrier = {
    id,
    stock: new Map(offers.map((offer) => [offer.number, offer])),
    script: new Map(),
    next: [],
    orders: [],
    ledger: [],
    prices: new Map(),
    theirs: new Set(),
    probesLost: 0,
    probes: 0,
    configures: 0,
    async *search() {
      yield { offers: [...self.stock.values()], appliedBy: {}, dropped: 0 };
    },
    async quote({ number }) {
      const price = self.prices.get(number);
      if (price === 'gone') throw new NumberUnavailable({ code: 'not_available', detail: 'no longer offered' });
      const monthly = price ?? self.stock.get(number)?.monthly;
      return monthly && { monthly };
    },
    async purchase(order) {
      self.orders.push(order);
      await self.before?.(order);
      return deed(order);
    },
    async probe(order): Promise<Probe> {
      self.probes += 1;
      if (self.probesLost > 0) {
        self.probesLost -= 1;
        throw new CarrierBusy({ code: 'timeout', detail: 'no answer' });
      }
      const entry = self.ledger.find((one) => one.order.reference === order.reference);
      if (entry && isExecuted(entry)) return { kind: 'ours', value: boughtOf(entry), refs: {} };
      if (entry?.fails && entry.at <= now()) return { kind: 'failed', refusal: entry.fails };
      // An order that was lost on its way is not to be seen before it is executed.
      const shown = entry && self.orders.some((one) => one === entry.order) && order.refs.orderId !== undefined;
      if (shown && entry)
        return { kind: 'in_progress', refs: order.refs, pollAfterSeconds: 30, reviewing: entry.reviewing };
      return self.theirs.has(order.number) ? { kind: 'theirs' } : { kind: 'nothing' };
    },
    async configure() {
      self.configures += 1;
      return { kind: 'done', value: undefined, refs: {} };
    },
    async *listOwned() {
      yield [];
    },
    async release() {
      return { kind: 'done', value: undefined, refs: {} };
    },
    bought: () =>
      self.ledger.filter(isExecuted).map((entry) => ({ reference: entry.order.reference, number: entry.gives })),
  };
  return self;
}

/** All scripted carriers behind the one door; bought numbers leave the search. */
export function scriptedCarriers(
  all: readonly ScriptedCarrier[],
): Carriers & { searches: number; onSearch?: () => void | Promise<void> } {
  const get = (id: CarrierId): ScriptedCarrier => {
    const found = all.find((one) => one.id === id);
    if (!found) throw new Error(`no carrier ${id}`);
    return found;
  };
  const door: Carriers & { searches: number; onSearch?: () => void | Promise<void> } = {
    searches: 0,
    ids: all.map((one) => one.id),
    manifest: (id) => ({ id, name: id, capabilities: [], credentials: [], concurrency: 1 }) satisfies Manifest,
    get: async (id) => get(id),
    webhooks: (id) => {
      const at = `https://gateway.example/inbound/${id}`;
      return {
        voiceUrl: `${at}/voice`,
        voiceFallbackUrl: `${at}/fallback`,
        statusUrl: `${at}/status`,
        smsUrl: `${at}/sms`,
        ordersUrl: `${at}/orders`,
      };
    },
    eligible: () => all.map((one) => one.id),
    async search(wish, ids, { maxMonthly }) {
      door.searches += 1;
      await door.onSearch?.();
      const taken = new Set(all.flatMap((one) => one.bought().map(({ number }) => number)));
      const offers = ids
        .flatMap((id) => [...get(id).stock.values()])
        .filter((offer) => !taken.has(offer.number))
        .filter((offer) => !wish.pattern || offer.number.includes(wish.pattern.text))
        .filter((offer) => !maxMonthly || !offer.monthly || Number(offer.monthly.amount) <= Number(maxMonthly.amount))
        .sort((a, b) => Number(a.monthly?.amount ?? 0) - Number(b.monthly?.amount ?? 0))
        .slice(0, wish.limit);
      return { offers, answers: [] };
    },
  };
  return door;
}
