import type { Http } from '../platform/http.ts';

/** Longest wait for exchanges that were given up, milliseconds. */
const LONGEST_MS = 1_000;

/**
 * Carriers' exchanges, with a way to wait until none is open: what an ended search left behind would go on inside the next
 * call of a function that was frozen in between (performance §4).
 */
export function settledHttp(http: Http): { readonly http: Http; settled(): Promise<void> } {
  const open = new Set<Promise<unknown>>();
  return {
    http(request, limits) {
      const exchange = http(request, limits);
      const ended = exchange.then(
        () => undefined,
        () => undefined,
      );
      open.add(ended);
      void ended.then(() => open.delete(ended));
      return exchange;
    },
    async settled() {
      if (open.size === 0) return;
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, LONGEST_MS);
      await Promise.race([Promise.all(open), late.promise]);
      clearTimeout(timer);
    },
  };
}
