import { setTimeout as sleep } from 'node:timers/promises';
import { AnswerLost, type HttpAnswer, type HttpRequest, NotSent } from '../platform/http.ts';
import type { About, Line, Timing } from './exchange.ts';
import { BreakerOpen } from './exchange-breaker.ts';

const REPEATS = 2;
const BASE_MS = 200;
/** Longest wait a carrier may impose (S2). */
const MAX_WAIT_SECONDS = 60;
/** Share of calls that may be repeats, and how many may be saved up. */
const BUDGET_SHARE = 0.1;
const BUDGET_SAVED = 10;

export const realTiming: Timing = {
  monotonicMs: () => performance.now(),
  epochMs: () => Date.now(),
  random: () => Math.random(),
  wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};

/** `Retry-After` in whole seconds, 0–60 (S2); a date is read against the answer's own `Date`. Garbage and absence: undefined. */
export function retryAfterSeconds(answer: HttpAnswer, timing: Timing): number | undefined {
  const text = answer.headers['retry-after']?.trim();
  if (!text) return undefined;
  if (/^\d+$/.test(text)) return Math.min(Number(text), MAX_WAIT_SECONDS);
  const at = /[a-z]{3}/i.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) return undefined;
  const dated = Date.parse(answer.headers['date'] ?? '');
  const now = Number.isNaN(dated) ? timing.epochMs() : dated;
  return Math.min(Math.max(Math.ceil((at - now) / 1000), 0), MAX_WAIT_SECONDS);
}

type Tried = { readonly answer: HttpAnswer } | { readonly error: unknown };

/**
 * Sends; reads are repeated at most twice on `NotSent`, `AnswerLost`, 429 and 5xx, within the deadline (monotonic
 * milliseconds) and the budget. Writes go out once.
 */
export function repeater(line: Line, timing: Timing) {
  let budget = BUDGET_SAVED;
  return async (request: HttpRequest, about: About, deadline: number): Promise<HttpAnswer> => {
    budget = Math.min(BUDGET_SAVED, budget + BUDGET_SHARE);
    const { signal } = about.call;
    const attempt = () => tried(line.send(request, about, signal, Math.max(0, deadline - timing.monotonicMs())));
    let last = await attempt();
    for (let repeat = 0; about.kind === 'read' && repeat < REPEATS; repeat++) {
      const wait = waitBefore(last, repeat, timing);
      if (wait === undefined || budget < 1 || signal.aborted || timing.monotonicMs() + wait >= deadline) break;
      budget -= 1;
      await timing.wait(wait, signal);
      if (signal.aborted) break;
      last = await attempt();
    }
    if ('answer' in last) return last.answer;
    throw last.error;
  };
}

async function tried(sent: Promise<HttpAnswer>): Promise<Tried> {
  try {
    return { answer: await sent };
  } catch (error) {
    return { error };
  }
}

/** Milliseconds to wait before a repeat (full jitter on top of what the carrier asked for); undefined: do not repeat. */
function waitBefore(last: Tried, repeat: number, timing: Timing): number | undefined {
  const jitter = timing.random() * BASE_MS * 2 ** repeat;
  if ('answer' in last) {
    if (last.answer.status !== 429 && last.answer.status < 500) return undefined;
    return (retryAfterSeconds(last.answer, timing) ?? 0) * 1000 + jitter;
  }
  if (last.error instanceof BreakerOpen) return undefined;
  if (last.error instanceof AnswerLost && last.error.reason === 'too_large') return undefined;
  return last.error instanceof NotSent || last.error instanceof AnswerLost ? jitter : undefined;
}
