import type { CarrierRefs, Outcome, Refusal } from '../../../functions/carriers/outcome.ts';
import type { Order, Bought as Sold } from '../../../functions/carriers/port.ts';
import type { Execution, MarketOptions } from './execution.ts';
import { type Line, type Seller, sold } from './stock.ts';

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
type Ending = (typeof ENDINGS)[number];
const RARE: Partial<Record<Ending, number>> = { another_number: 0.3, no_credit: 0.5 };
const LATE_MS = [1_000, 15_000, 90_000, 900_000, 7_200_000];
const LAGS_MS = [0, 3_000, 80_000, 400_000];

type Answer = Outcome<Sold> | 'not_sent' | 'broken';
const refused = (of: Refusal['class'], code: Refusal['code'], notProcessed = false): Answer => ({
  kind: 'refused',
  refusal: { class: of, code, ...(notProcessed ? { notProcessed } : {}) },
});
const NO_REFS: CarrierRefs = {};
const unknown = (reason: 'timeout' | 'connection_lost'): Answer => ({ kind: 'unknown', reason, refs: NO_REFS });
const accepted = (orderId: string): Answer => ({ kind: 'accepted', refs: { orderId }, pollAfterSeconds: 600 });

/** How the carriers take an order that arrived: it runs there whether or not anybody waits for the answer. */
export function orderTaker(options: MarketOptions, lines: readonly Line[], { underWay, execute, accept }: Execution) {
  const { choices, scheduler, trace, faulty, nameOf } = options;
  const weights = [1 - faulty, ...ENDINGS.slice(1).map((name) => (faulty / (ENDINGS.length - 1)) * (RARE[name] ?? 1))];
  const take = (line: Line, reference: string, fails: boolean, lag: number) =>
    line.seller === 'telnyx' ? accept(line, reference, fails, lag) : execute(line, reference, lag);

  const executeLate = (line: Line, reference: string, lag: number): void => {
    underWay.add(reference);
    const late = LATE_MS[choices.pick(`late ${nameOf(reference)}`, LATE_MS.length)] ?? 0;
    scheduler.after(10_000 + late, () => {
      underWay.delete(reference);
      take(line, reference, false, lag);
    });
  };
  /** P13: the carrier sells something else than was ordered; only one that lists orders by our reference can be asked. */
  const anotherNumber = (line: Line, reference: string): Answer => {
    const other = lines.find(
      (one) => one.seller === 'telnyx' && line.seller === 'telnyx' && one.state === 'free' && one !== line,
    );
    const taken = other && accept(other, reference, false, 0);
    return taken ? accepted(taken.id) : refused('NumberUnavailable', 'not_available');
  };
  const answerTo = (ending: Ending, line: Line, reference: string, lag: number): Answer => {
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
    const taken = take(line, reference, ending === 'fails_later', lag);
    if (!taken) return refused('NumberUnavailable', 'not_available');
    if (ending === 'answer_lost') return unknown('connection_lost');
    if (ending === 'broken_after') return 'broken';
    if (ending === 'refused_though_executed') return refused('NumberUnavailable', 'not_available');
    return typeof taken === 'object'
      ? accepted(taken.id)
      : { kind: 'done', value: sold(line), refs: { numberId: line.number } };
  };

  return (seller: Seller, { number, reference }: Order): { readonly answer: () => Answer; readonly delay: number } => {
    const ending = ENDINGS[choices.weigh(`order ${nameOf(reference)}`, weights)] ?? 'good';
    const line = lines.find((one) => one.seller === seller && one.number === number);
    if (ending !== 'good') trace.note(seller, `${reference}: ${ending}`);
    if (!line) return { delay: 50, answer: () => refused('NumberUnavailable', 'not_available') };
    const lag =
      ending === 'refused_though_executed'
        ? 0
        : (LAGS_MS[choices.pick(`lag ${nameOf(reference)}`, LAGS_MS.length)] ?? 0);
    if (ending === 'executed_late') executeLate(line, reference, lag);
    return { delay: 50, answer: () => answerTo(ending, line, reference, lag) };
  };
}
