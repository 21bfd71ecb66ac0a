/** Runs work on one key one after another, on different keys side by side. */
export type Lanes = <T>(key: string, work: () => Promise<T>) => Promise<T>;

export function lanes(): Lanes {
  const tails = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const mine = (tails.get(key) ?? Promise.resolve()).then(work);
    const tail = mine
      .catch(() => undefined)
      .finally(() => {
        if (tails.get(key) === tail) tails.delete(key);
      });
    tails.set(key, tail);
    return mine;
  };
}

/** Counts what is under way, so that one can wait until nothing is. */
export interface Busy {
  track<T>(work: () => Promise<T>): Promise<T>;
  /** A pause within tracked work, during which it does not count. */
  pause(pause: () => Promise<void>): Promise<void>;
  idle(): Promise<void>;
}

export function busyCounter(): Busy {
  let underWay = 0;
  const waiting: (() => void)[] = [];
  const leave = (): void => {
    underWay--;
    if (underWay === 0) for (const resolve of waiting.splice(0)) resolve();
  };
  return {
    async track(work) {
      underWay++;
      try {
        return await work();
      } finally {
        leave();
      }
    },
    async pause(pause) {
      leave();
      await pause();
      underWay++;
    },
    idle: () => (underWay === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
