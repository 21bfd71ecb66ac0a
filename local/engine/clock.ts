import * as z from 'zod';
import { InvalidInput } from '../../functions/domain/errors.ts';
import type { Clock } from '../../functions/platform/clock.ts';
import { readTextFile, replaceTextFile } from './files.ts';
import { alarm, wakes } from './wakes.ts';

/** The machine's clock. Waits of any length; a pending wake does not keep the process alive. */
export function systemClock(): Clock {
  return runningClock(() => Date.now()).clock;
}

export interface TestClock extends Clock {
  /** Moves on by whole or broken seconds; each due wake runs at its own instant, those it adds as well. */
  advance(seconds: number): void;
  /** As `advance`, but what a wake has started comes to rest before the next instant. */
  pass(seconds: number): Promise<void>;
  /** Moves on to an instant; going back is an error. */
  set(to: Date): void;
}

/**
 * A clock that stands still until it is moved; with `runs` it also runs on by itself.
 * @param start default 2026-01-15T09:00:00Z
 */
export function testClock(start = new Date('2026-01-15T09:00:00.000Z'), { runs = false } = {}): TestClock {
  let base = start.getTime();
  let since = performance.now();
  const now = (): number => (runs ? base + Math.floor(performance.now() - since) : base);
  const waiting = wakes();
  const { set: setAlarm } = alarm(waiting, now);
  const jump = (to: number): void => {
    base = Math.max(to, now());
    since = performance.now();
  };
  /** Goes to the next due wake up to `end` and runs it. */
  const step = (end: number): boolean => {
    const next = waiting.next();
    if (next === undefined || next > end) return false;
    jump(next);
    return waiting.runNext(next);
  };
  const arrive = (end: number): void => {
    jump(end);
    if (runs) setAlarm();
  };
  const moveTo = (end: number): void => {
    if (end < now()) throw new RangeError('a clock does not go back');
    while (step(end));
    arrive(end);
  };
  return {
    now: () => new Date(now()),
    wakeAt(at, wake) {
      const cancel = waiting.add(at, wake);
      if (runs) setAlarm();
      return cancel;
    },
    advance: (seconds) => moveTo(now() + seconds * 1000),
    async pass(seconds) {
      const end = now() + seconds * 1000;
      await settled();
      while (step(end)) await settled();
      arrive(end);
      await settled();
    },
    set: (to) => moveTo(to.getTime()),
  };
}

export interface ShiftedClock extends Clock {
  /** At least 1 second; what is due runs at once, in order. The shift is on disk before this returns. */
  advanceSeconds(seconds: number): Date;
  /** Throws `InvalidInput` `clock_backwards` when `to` is before now. */
  advanceTo(to: Date): Date;
}

/** The machine's clock plus a shift that only grows and is kept in a file (api-map §13, Test clock). */
export function shiftedClock(path: string): ShiftedClock {
  let shift = readShift(path);
  const { clock, ring } = runningClock(() => Date.now() + shift);
  const advanceBy = (ms: number): Date => {
    replaceTextFile(path, JSON.stringify({ shiftMs: shift + ms }));
    shift += ms;
    ring();
    return clock.now();
  };
  return {
    ...clock,
    advanceSeconds(seconds) {
      if (!(seconds >= 1 && Number.isFinite(new Date(Date.now() + shift + seconds * 1000).getTime())))
        throw new InvalidInput({ code: 'invalid_seconds', detail: 'The clock advances by at least one second.' });
      return advanceBy(Math.round(seconds * 1000));
    },
    advanceTo(to) {
      const ms = to.getTime() - clock.now().getTime();
      if (!(ms >= 0)) throw new InvalidInput({ code: 'clock_backwards', detail: 'The clock does not go back.' });
      return advanceBy(ms);
    },
  };
}

function runningClock(now: () => number) {
  const waiting = wakes();
  const { set, ring } = alarm(waiting, now);
  const clock: Clock = {
    now: () => new Date(now()),
    wakeAt(at, wake) {
      const cancel = waiting.add(at, wake);
      set();
      return cancel;
    },
  };
  return { clock, ring };
}

/** Lets promises and immediates run until the next turn of the event loop, a few times over. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((done) => setImmediate(done));
}

const Shift = z.object({ shiftMs: z.int().min(0) });

function readShift(path: string): number {
  const text = readTextFile(path);
  return text === undefined ? 0 : Shift.parse(JSON.parse(text)).shiftMs;
}
