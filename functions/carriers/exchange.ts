import { type BulkheadPolicy, BulkheadRejectedError, bulkhead } from 'cockatiel';
import type { CarrierId } from '../domain/carrier-id.ts';
import { AnswerLost, type Http, type HttpAnswer, type HttpRequest, NotSent } from '../platform/http.ts';
import { redactAnswer, redactRequest } from './client-redact.ts';
import { carrierBreaker } from './exchange-breaker.ts';
import { type Health, healthRecorder } from './exchange-health.ts';
import type { Call } from './outcome.ts';

/** What an exchange belongs to. `operation` is ours (`search`, `purchase`, `probe` …), for health and records. */
export interface About {
  readonly call: Call;
  readonly kind: 'read' | 'write';
  readonly operation: string;
}
/** One exchange as it went over the line, secrets blanked. */
export interface Observed {
  readonly carrier: CarrierId;
  readonly operation: string;
  readonly kind: 'read' | 'write';
  readonly request: HttpRequest;
  readonly answer?: HttpAnswer;
  /** `NotSent`, or the reason of `AnswerLost`. */
  readonly failure?: string;
  readonly durationMs: number;
}
export type Observe = (seen: Observed) => void;

/** Real time and chance of the client; tests give their own. */
export interface Timing {
  monotonicMs(): number;
  epochMs(): number;
  random(): number;
  /** Resolves early when the signal fires. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** The caller's time was over before anything left. */
export class OutOfTime extends NotSent {}

/** Bytes of an answer taken at most (S3). */
const MAX_ANSWER_BYTES = 5 * 1024 * 1024;
/** Calls that may wait for a free slot, per slot. */
const QUEUED_PER_SLOT = 16;

/** The one way out to a carrier: slot, breaker, limits, record. No repetition here. */
export interface Line {
  send(request: HttpRequest, about: About, signal: AbortSignal, timeoutMs: number): Promise<HttpAnswer>;
  health(): Health;
}

interface LineParts {
  readonly id: CarrierId;
  readonly concurrency: number;
  readonly secrets: readonly string[];
  readonly http: Http;
  readonly observe: Observe | undefined;
  readonly timing: Timing;
}

/**
 * Makes a carrier's line. `send` throws `NotSent` when nothing left (breaker open, no slot before the end of time, refused
 * connection) and `AnswerLost` when it may have.
 */
export function carrierLine(parts: LineParts): Line {
  const slots = bulkhead(parts.concurrency, parts.concurrency * QUEUED_PER_SLOT);
  const breaker = carrierBreaker(parts.timing);
  const health = healthRecorder();
  return {
    health: () => health.read(breaker.state()),
    send(request, about, signal, timeoutMs) {
      const started = parts.timing.monotonicMs();
      const left = () => timeoutMs - (parts.timing.monotonicMs() - started);
      const waitable = AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(Math.max(0, timeoutMs)))]);
      return inSlot(slots, waitable, () => {
        if (left() <= 0) throw new OutOfTime('no time left before sending');
        return breaker.guard(about.kind, signal, () => observed(parts, health, request, about, signal, left()));
      });
    },
  };
}

/** Waits for a slot; who gives up while waiting has sent nothing. */
async function inSlot(
  slots: BulkheadPolicy,
  signal: AbortSignal,
  work: () => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  if (signal.aborted) throw new OutOfTime('given up before sending');
  const waiting = { over: false };
  const entered = slots.execute(() => {
    waiting.over = true;
    if (signal.aborted) throw new OutOfTime('given up while waiting for a slot');
    return work();
  });
  try {
    return await Promise.race([entered, givenUp(signal, waiting)]);
  } catch (error) {
    entered.catch(() => undefined); // a queued task that nobody waits for any more ends in NotSent
    if (error instanceof BulkheadRejectedError) throw new NotSent('too many calls wait for this carrier');
    throw error;
  }
}

function givenUp(signal: AbortSignal, waiting: { over: boolean }): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => waiting.over || reject(new OutOfTime('given up while waiting for a slot'));
    signal.addEventListener('abort', end, { once: true });
  });
}

async function observed(
  parts: LineParts,
  health: ReturnType<typeof healthRecorder>,
  request: HttpRequest,
  about: About,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<HttpAnswer> {
  const started = parts.timing.monotonicMs();
  const note = (answer: HttpAnswer | undefined, failure: string | undefined) => {
    const durationMs = parts.timing.monotonicMs() - started;
    health.add(about.operation, durationMs, answer !== undefined && answer.status < 500);
    parts.observe?.({
      carrier: parts.id,
      operation: about.operation,
      kind: about.kind,
      request: redactRequest(request, parts.secrets),
      ...(answer ? { answer: redactAnswer(answer, parts.secrets) } : {}),
      ...(failure ? { failure } : {}),
      durationMs,
    });
  };
  try {
    const answer = await parts.http(request, { signal, timeoutMs, maxBytes: MAX_ANSWER_BYTES });
    note(answer, undefined);
    return answer;
  } catch (error) {
    note(undefined, error instanceof AnswerLost ? error.reason : 'NotSent');
    throw error;
  }
}
