import type { CarrierId } from '../domain/carrier-id.ts';
import type { E164 } from '../domain/e164.ts';
import type { RouteEntry } from '../routing/schema.ts';
import { readRoute } from '../routing/store.ts';
import type { InboundDeps } from './deps.ts';
import { inTime } from './in-time.ts';

const LIMIT = { tryMs: 300, tries: 2 };
const LONGEST = 10 * 60_000;
/** An entry is not put in place of itself more often than this. */
const SOON = 1_000;
const MOST = 5_000;

/** What is known of a called number; `down`: the table did not answer and nothing recent is kept. */
export type Route =
  | { readonly source: 'table' | 'kept'; readonly entry: RouteEntry | undefined }
  | { readonly source: 'down' };
export type FindRoute = (number: E164, carrier: CarrierId) => Promise<Route>;

/**
 * Finds routing entries: one eventually consistent read each. While the table is slow or down, the last good entry
 * serves for up to ten minutes (V1); at most 5 000 are kept, the longest unused one leaves first.
 */
export function routeFinder({ table, clock, log }: InboundDeps): FindRoute {
  const kept = new Map<string, { readonly entry: RouteEntry; readonly readAt: number }>();

  function keep(key: string, entry: RouteEntry | undefined, now: number): void {
    const before = kept.get(key);
    if (before && entry?.version === before.entry.version && Math.abs(now - before.readAt) < SOON) return;
    kept.delete(key);
    if (!entry) return;
    kept.set(key, { entry, readAt: now });
    const oldest = kept.size > MOST ? kept.keys().next().value : undefined;
    if (oldest !== undefined) kept.delete(oldest);
  }

  return async (number, carrier) => {
    const key = `${number} ${carrier}`;
    const now = clock.now().getTime();
    try {
      const entry = await inTime(() => readRoute(table, number, carrier, { eventual: true }), LIMIT);
      keep(key, entry, now);
      return { source: 'table', entry };
    } catch (error) {
      log.error('route_unreadable', error, { carrier });
      const last = kept.get(key);
      const isRecent = last !== undefined && Math.abs(now - last.readAt) <= LONGEST;
      return isRecent ? { source: 'kept', entry: last.entry } : { source: 'down' };
    }
  };
}
