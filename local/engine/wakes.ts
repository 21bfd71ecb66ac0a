/** Longest a timer is set for: beyond 2^31 ms it would fire at once, and a changed system clock is noticed in time. */
const MAX_TIMER_MS = 60_000;

interface Waiting {
  readonly at: number;
  readonly wake: () => void;
}

/** What waits for an instant, in order of instants, then of arrival. */
export interface Wakes {
  add(at: Date, wake: () => void): () => void;
  /** Instant (ms) of the next one. */
  next(): number | undefined;
  /** Runs the next one if it is due at `now` (ms). */
  runNext(now: number): boolean;
}

export function wakes(): Wakes {
  const waiting: Waiting[] = [];
  return {
    add(at, wake) {
      const mine = { at: at.getTime(), wake };
      waiting.splice(placeAfter(waiting, mine.at), 0, mine);
      return () => {
        const place = waiting.indexOf(mine);
        if (place >= 0) waiting.splice(place, 1);
      };
    },
    next: () => waiting[0]?.at,
    runNext(now) {
      const first = waiting[0];
      if (!first || first.at > now) return false;
      waiting.shift();
      first.wake();
      return true;
    },
  };
}

function placeAfter(waiting: readonly Waiting[], at: number): number {
  let [low, high] = [0, waiting.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((waiting[middle]?.at ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One timer for all: sleeps until the next is due by `now` (ms), again and again. Does not keep the process alive. */
export function alarm(waiting: Wakes, now: () => number) {
  let timer: NodeJS.Timeout | undefined;
  const set = (): void => {
    clearTimeout(timer);
    const next = waiting.next();
    if (next === undefined) return;
    timer = setTimeout(ring, Math.min(Math.max(next - now(), 0), MAX_TIMER_MS));
    timer.unref();
  };
  const ring = (): void => {
    try {
      while (waiting.runNext(now()));
    } finally {
      set();
    }
  };
  return { set, ring };
}
