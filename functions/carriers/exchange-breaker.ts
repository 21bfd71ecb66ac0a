import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhenResult } from 'cockatiel';
import { AnswerLost, type HttpAnswer, NotSent } from '../platform/http.ts';
import type { Health } from './exchange-health.ts';

export interface Breaker {
  guard(kind: 'read' | 'write', signal: AbortSignal, work: () => Promise<HttpAnswer>): Promise<HttpAnswer>;
  state(): Health['breaker'];
}
/** The breaker holds this call back: nothing left. */
export class BreakerOpen extends NotSent {}

const FAILURES_TO_OPEN = 5;
/** Milliseconds until a trial read is let through. */
const HALF_OPEN_AFTER_MS = 10_000;

type Attempt = { readonly answer: HttpAnswer } | { readonly error: unknown; readonly counts: boolean };

/**
 * Opens after five failed reads in a row (no connection, no answer, 5xx), closes after one good trial read ten seconds on.
 * Only reads count and only a read is the trial: a write must not be what finds out that a carrier is back. While it is
 * open a write is held back too (it would most likely end unclear); once the pause is over writes pass again. The pause is
 * measured here, by the given time, and not by the policy.
 */
export function carrierBreaker(timing: { monotonicMs(): number }): Breaker {
  const policy = circuitBreaker(
    handleWhenResult((result) => failed(result as Attempt)),
    { breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN), halfOpenAfter: 0 },
  );
  let openedAt = 0;
  policy.onBreak(() => {
    openedAt = timing.monotonicMs();
  });
  const resting = () => policy.state === CircuitState.Open && timing.monotonicMs() - openedAt < HALF_OPEN_AFTER_MS;
  const counts = (error: unknown, signal: AbortSignal) =>
    (error instanceof NotSent || error instanceof AnswerLost) &&
    (policy.state !== CircuitState.Closed || !leftByCaller(signal));
  return {
    state: () => (policy.state === CircuitState.Closed ? 'closed' : resting() ? 'open' : 'half_open'),
    async guard(kind, signal, work) {
      if (resting()) throw new BreakerOpen('the carrier is held back after repeated failures');
      if (kind === 'write') return work();
      if (policy.state === CircuitState.HalfOpen) throw new BreakerOpen('the carrier is on trial with another call');
      const attempt = await policy.execute(() => attempted(work, (error) => counts(error, signal)));
      if ('answer' in attempt) return attempt.answer;
      throw attempt.error;
    },
  };
}

async function attempted(work: () => Promise<HttpAnswer>, counts: (error: unknown) => boolean): Promise<Attempt> {
  try {
    return { answer: await work() };
  } catch (error) {
    return { error, counts: counts(error) };
  }
}

/** A caller that has enough (left its search) says nothing about the carrier; one that ran out of time does. */
function leftByCaller(signal: AbortSignal): boolean {
  return signal.aborted && !(signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError');
}

function failed(attempt: Attempt): boolean {
  return 'answer' in attempt ? attempt.answer.status >= 500 : attempt.counts;
}
