import type { Choices } from './choices.ts';
import type { Scheduler } from './scheduler.ts';
import type { Line, Seller } from './stock.ts';
import type { Trace } from './trace.ts';

const COMPLETES_MS = [2_000, 500, 30_000, 400_000];

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
interface AsyncOrder {
  readonly id: string;
  readonly reference: string;
  readonly line: Line;
  readonly shownFrom: number;
  state: 'pending' | 'done' | 'failed';
}

/** What carriers really do with an order that reached them, whatever they answer to it. */
export type Execution = ReturnType<typeof openExecution>;

export function openExecution({ choices, scheduler, trace, chargesTwice, nameOf, told }: MarketOptions) {
  const now = () => scheduler.clock.now().getTime();
  const orders: AsyncOrder[] = [];
  const underWay = new Set<string>();

  const execute = (line: Line, reference: string, lag: number): boolean => {
    const isRepeat = line.reference === reference && line.state !== 'free';
    if (line.state !== 'free' && !(isRepeat && line.state === 'pending') && !(isRepeat && chargesTwice)) return false;
    line.purchases++;
    line.state = 'owned';
    line.reference = reference;
    line.shownFrom = now() + lag;
    const times = line.purchases > 1 ? ` for the ${line.purchases}. time` : '';
    trace.note(line.seller, `executes ${reference}: ${line.number}${times}`);
    return true;
  };
  const complete = (order: AsyncOrder, fails: boolean): void => {
    if (order.state !== 'pending') return;
    underWay.delete(order.reference);
    if (fails || !execute(order.line, order.reference, 0)) {
      order.state = 'failed';
      if (order.line.state === 'pending' && order.line.reference === order.reference) order.line.state = 'foreign';
    } else order.state = 'done';
    trace.note(order.line.seller, `order ${order.reference} is ${order.state}`);
    told(order.line.seller, order);
  };
  return {
    orders,
    /** Orders that may still be executed though nobody heard of them. */
    underWay,
    /** @returns whether the number was to be had */
    execute,
    /** Takes an order as an asynchronous carrier does; undefined when the number is not to be had. */
    accept(line: Line, reference: string, fails: boolean, lag: number): AsyncOrder | undefined {
      const isRepeat = line.reference === reference && (line.state === 'pending' || line.state === 'owned');
      if (line.state !== 'free' && !(isRepeat && chargesTwice)) return undefined;
      if (line.state === 'free') line.state = 'pending';
      line.reference = reference;
      const id = `order-${orders.length + 1}`;
      const order: AsyncOrder = { id, reference, line, shownFrom: now() + lag, state: 'pending' };
      orders.push(order);
      underWay.add(reference);
      const ms = COMPLETES_MS[choices.pick(`completes ${nameOf(reference)}`, COMPLETES_MS.length)] ?? 0;
      scheduler.after(ms, () => complete(order, fails));
      return order;
    },
  };
}
