import { webhooksOf } from '../../../functions/carriers/all-carriers.ts';
import { rankOffers } from '../../../functions/carriers/choose.ts';
import type { Carrier, Carriers, Order } from '../../../functions/carriers/port.ts';
import { MANIFESTS } from '../../../functions/carriers/registry.ts';
import { CarrierBusy, NumberUnavailable } from '../../../functions/domain/errors.ts';
import { nationalDigits } from '../../../functions/domain/number-parsing.ts';
import type { Mail } from '../../../functions/platform/mailer.ts';
import {
  ConditionFailed,
  type Key,
  type Table,
  TableUnavailable,
  type Write,
} from '../../../functions/platform/table.ts';
import type { Choices } from './choices.ts';
import type { Market } from './market.ts';
import type { Actor, Scheduler } from './scheduler.ts';
import { SELLERS, type Seller } from './stock.ts';
import type { Trace } from './trace.ts';

export interface Surroundings {
  readonly table: Table;
  readonly market: Market;
  readonly choices: Choices;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly faulty: number;
  /** Share of reads at which others may come first; before and after writes they always may. */
  readonly chatty: number;
  readonly mails: string[];
  /** Message keys that lie in the outbox. */
  readonly written: ReadonlySet<string>;
  /** Takes down what must never be. */
  wrong(what: string): void;
  /** Told after each commit. */
  committed(writes: readonly Write[]): void;
}

/** What a transaction is about, in the order of its writes. */
const shown = (writes: readonly Write[]): string => writes.map(({ op, key }) => `${op} ${short(key)}`).join(', ');
const short = ({ pk, sk }: Key): string => (pk.startsWith('TEN#') || pk.startsWith('AUD#') ? sk : `${pk}/${sk}`);

/** The table as one actor sees it: others come in between, it may die before and after each commit, and the table may be away. */
export function tableOf(actor: Actor, around: Surroundings): Table {
  const { table, scheduler, choices, trace } = around;
  const pause = async (what: string): Promise<void> => {
    if (around.chatty > 0 && choices.weigh(`read ${actor.name}`, [1 - around.chatty, around.chatty]) === 1)
      await scheduler.point(actor, what);
  };
  const away = (when: string): void => {
    const share = around.faulty / 100;
    if (share === 0 || choices.weigh(`table ${actor.name}`, [1 - share, share]) === 0) return;
    trace.note(actor.name, `the table is away ${when}`);
    throw new TableUnavailable('the table is away');
  };
  return {
    async get(key, options) {
      await pause('get');
      return table.get(key, options);
    },
    async query(query) {
      await pause('query');
      return table.query(query);
    },
    async queryIndex(name, query) {
      await pause('query index');
      return table.queryIndex(name, query);
    },
    async write(writes) {
      await scheduler.point(actor, 'before commit');
      away('before the commit');
      try {
        await table.write(writes);
      } catch (error) {
        if (error instanceof ConditionFailed) trace.note(actor.name, `is too late: ${shown(writes)}`);
        throw error;
      }
      trace.note(actor.name, shown(writes));
      around.committed(writes);
      await scheduler.point(actor, 'after commit');
      away('after the commit');
    },
  };
}

export const mailerOf = (actor: Actor, { scheduler, mails, trace, written, wrong }: Surroundings) => ({
  async send({ messageKey }: Mail): Promise<void> {
    await scheduler.point(actor, 'before mail');
    mails.push(messageKey);
    if (!written.has(messageKey)) wrong(`I12 ${messageKey} leaves before it is written down`);
    trace.note(actor.name, `mail ${messageKey} leaves`);
    await scheduler.point(actor, 'after mail');
  },
});

/** The carriers as one actor reaches them. What it sent is done there, whether or not it lives to hear the answer. */
export function carriersOf(actor: Actor, around: Surroundings): Carriers {
  return {
    ids: SELLERS,
    manifest(id) {
      const found = MANIFESTS.find((one) => one.id === id);
      if (!found) throw new Error(`no carrier ${id}`);
      return found;
    },
    get: async (id) => carrierOf(actor, around, seller(id)),
    webhooks: (id) => webhooksOf('https://gateway.example', id),
    eligible: () => SELLERS,
    async search(wish, ids, options) {
      await travel(actor, around, 'search');
      const isStale = around.choices.weigh(`search ${actor.name}`, [1 - around.faulty, around.faulty]) === 1;
      const digits = wish.pattern?.text ?? '';
      const cap = Number(options.maxMonthly?.amount ?? Number.POSITIVE_INFINITY);
      const offers = ids.flatMap((id) =>
        around.market.offers(seller(id), isStale).map((offer) => ({ ...offer, carrier: id })),
      );
      const fitting = offers.filter(
        (offer) => nationalDigits(offer.number).startsWith(digits) && Number(offer.monthly?.amount) <= cap,
      );
      return { offers: rankOffers(fitting, SELLERS).slice(0, wish.limit), answers: [] };
    },
  };
}

function seller(id: string): Seller {
  const found = SELLERS.find((one) => one === id);
  if (!found) throw new Error(`no carrier ${id}`);
  return found;
}

/** There and back again: time passes, others act, the actor may die on either way. */
async function travel(actor: Actor, { scheduler }: Surroundings, what: string): Promise<void> {
  await scheduler.point(actor, `before ${what}`);
  await scheduler.sleep(actor, 20);
}

const busy = (): CarrierBusy => new CarrierBusy({ code: 'carrier_down', detail: 'no answer' });

function carrierOf(actor: Actor, around: Surroundings, id: Seller): Carrier {
  const { market, scheduler, choices, faulty, trace } = around;
  const fails = (what: string): boolean => choices.weigh(`${what} ${actor.name}`, [1 - faulty / 3, faulty / 3]) === 1;
  const carrier: Carrier = {
    id,
    async *search() {
      yield { offers: market.offers(id, false), appliedBy: {}, dropped: 0 };
    },
    async quote({ number }) {
      await travel(actor, around, 'quote');
      if (fails('quote')) throw busy();
      const quote = market.quote(id, number);
      if (quote === 'gone') throw new NumberUnavailable({ code: 'not_available', detail: 'gone' });
      return quote;
    },
    async purchase(order) {
      await scheduler.point(actor, 'before order');
      const sent = sentOrder(actor, around, id, order);
      const answer = await sent;
      await scheduler.point(actor, 'after order');
      if (answer === 'not_sent') throw busy();
      if (answer === 'broken') throw new Error('the answer made no sense');
      return answer;
    },
    async probe(order) {
      await travel(actor, around, 'probe');
      if (fails('probe')) throw busy();
      const probe = market.probe(id, order);
      trace.note(actor.name, `asks ${id} for ${order.number}: ${probe.kind}`);
      return probe;
    },
    async configure() {
      await travel(actor, around, 'configure');
      return fails('configure')
        ? { kind: 'unknown', reason: 'timeout', refs: {} }
        : { kind: 'done', value: undefined, refs: {} };
    },
    async *listOwned() {
      yield [];
    },
    release: async () => ({ kind: 'unknown', reason: 'timeout', refs: {} }),
  };
  if (id !== 'telnyx') return carrier;
  return {
    ...carrier,
    async reserve({ number }) {
      await travel(actor, around, 'reserve');
      if (fails('reserve')) return { kind: 'unknown', reason: 'timeout', refs: {} };
      if (!market.isFree(id, number))
        return { kind: 'refused', refusal: { class: 'NumberUnavailable', code: 'not_available' } };
      return {
        kind: 'done',
        value: { expiresAt: '2027-01-01T00:00:00.000Z' },
        refs: { reservationId: `held-${number}` },
      };
    },
  };
}

/** From here on the order is on its way: what the carrier does with it depends on nobody here. */
function sentOrder(actor: Actor, { market, scheduler, trace }: Surroundings, id: Seller, order: Order) {
  trace.note(actor.name, `orders ${order.number} at ${id} as ${order.reference}`);
  const { delay, answer } = market.order(id, order);
  return new Promise<ReturnType<typeof answer>>((resolve) => {
    scheduler.after(delay, () => {
      const end = answer();
      scheduler.after(delay, () => scheduler.wake(actor, 'answer', () => resolve(end)));
    });
  });
}
