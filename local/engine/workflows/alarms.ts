import type { Clock } from '../../../functions/platform/clock.ts';

/** One alarm per key; setting it anew replaces it. */
export interface Alarms {
  set(key: string, at: number, wake: () => void): void;
  clear(key: string): void;
  /** Takes all back; none is set any more. */
  close(): void;
}

export function alarmsOf(clock: Clock): Alarms {
  let closed = false;
  const alarms = new Map<string, { readonly at: number; readonly cancel: () => void }>();
  const clear = (key: string): void => {
    alarms.get(key)?.cancel();
    alarms.delete(key);
  };
  return {
    set(key, at, wake) {
      if (closed || alarms.get(key)?.at === at) return;
      clear(key);
      const ring = (): void => {
        alarms.delete(key);
        wake();
      };
      alarms.set(key, { at, cancel: clock.wakeAt(new Date(at), ring) });
    },
    clear,
    close() {
      closed = true;
      for (const key of [...alarms.keys()]) clear(key);
    },
  };
}
