import type { CarrierId } from '../domain/carrier-id.ts';
import type { Clock } from '../platform/clock.ts';
import { AnswerLost, type Http, type HttpAnswer, NotSent } from '../platform/http.ts';
import type { Log } from '../platform/log.ts';
import type { Key, Table } from '../platform/table.ts';
import { BreakerOpen } from './exchange-breaker.ts';

const FAILURES_TO_REST = 5;
/** Seconds a carrier rests for everybody: as long as the breaker of one process. */
const REST_SECONDS = 10;
/** Milliseconds for which a process believes what it read of the others. */
const BELIEVED_MS = 3_000;
/** Longest a call waits for that, milliseconds. */
const LOOK_MS = 250;

interface Parts {
  readonly table: Table;
  readonly clock: Clock;
  readonly log: Log;
}
const restKey = (id: CarrierId): Key => ({ pk: `CARRIER#${id}`, sk: 'REST' });

/**
 * A carrier's line as many processes share it: after five failed reads in a row of one of them all let the carrier rest,
 * instead of each finding out by itself (performance §4). One small item a carrier, read every few seconds; while the table
 * is down each process goes by what it sees itself. Throws `BreakerOpen` while the carrier rests.
 */
export function sharedLine({ table, clock, log }: Parts, id: CarrierId, http: Http): Http {
  let failures = 0;
  let restsUntil = 0;
  let readAt = Number.NEGATIVE_INFINITY;
  const now = (): number => clock.now().getTime();

  async function look(): Promise<void> {
    if (Math.abs(now() - readAt) < BELIEVED_MS) return;
    readAt = now();
    try {
      const stored = await table.get(restKey(id), { eventual: true });
      // Never back: a read may not show yet what we have written ourselves.
      if (stored) restsUntil = Math.max(restsUntil, Date.parse(String(stored.data['until'])));
    } catch (error) {
      log.error('carrier_rest_unreadable', error, { carrier: id });
    }
  }
  async function rest(): Promise<void> {
    failures = 0;
    restsUntil = now() + REST_SECONDS * 1000;
    log.warn('carrier_rests', { carrier: id, seconds: REST_SECONDS });
    const data = { carrier: id, until: new Date(restsUntil).toISOString() };
    const expiresAt = Math.ceil(restsUntil / 1000) + 60;
    await table
      .write([{ op: 'put', key: restKey(id), data, expiresAt }])
      .catch((error: unknown) => log.error('carrier_rest_not_told', error, { carrier: id }));
  }
  /** Only reads count: a write must not be what finds out (exchange-breaker). */
  async function learn(failed: boolean): Promise<void> {
    failures = failed ? failures + 1 : 0;
    if (failures >= FAILURES_TO_REST) await rest();
  }

  return async (request, limits): Promise<HttpAnswer> => {
    await atMost(LOOK_MS, look());
    if (now() < restsUntil) throw new BreakerOpen('the carrier rests after repeated failures');
    if (request.method !== 'GET') return http(request, limits);
    try {
      const answer = await http(request, limits);
      await learn(answer.status >= 500);
      return answer;
    } catch (error) {
      // A search that has enough ends its calls itself: that says nothing about the carrier.
      const isLeft = limits.signal?.aborted === true && !isTimeout(limits.signal);
      if (!isLeft && (error instanceof AnswerLost || error instanceof NotSent)) await learn(true);
      throw error;
    }
  };
}

const isTimeout = ({ reason }: AbortSignal): boolean =>
  reason instanceof DOMException && reason.name === 'TimeoutError';

async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([work, late.promise]);
  clearTimeout(timer);
}
