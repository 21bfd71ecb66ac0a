import * as z from 'zod';
import type { CarrierId } from '../domain/carrier-id.ts';
import { GatewayError } from '../domain/errors.ts';
import { AnswerLost, type HttpAnswer, NotSent } from '../platform/http.ts';
import type { Seen } from './client-sdk.ts';
import { carrierError, malformedReply, refusalOfStatus } from './errors.ts';
import { OutOfTime, type Timing } from './exchange.ts';
import { retryAfterSeconds } from './exchange-retry.ts';
import type { Call, Refusal, UnknownReason } from './outcome.ts';

/** An answer as a carrier's error table reads it. */
export interface AnswerText {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}
export interface Refusals {
  readonly id: CarrierId;
  /** The carrier's codes in our terms; `undefined`: not an error. Also asked about 2xx answers (errors inside 200). */
  refusal(answer: AnswerText): Refusal | undefined;
}

/** A write's end before the adapter has read the value: `done` or `accepted` is made of `answered` there. */
export type Written<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason; readonly refs: Record<string, never> };

/** The answer's JSON in the wanted shape; an empty body is `undefined`. Throws (SyntaxError, ZodError) otherwise. */
export function parsed<S extends z.ZodType>(answer: HttpAnswer, shape: S): z.output<S> {
  const text = new TextDecoder().decode(answer.body);
  // A refusal has another shape; it is judged by its status, not by this parse.
  return shape.parse(text === '' ? undefined : JSON.parse(text));
}

/** A read's value, or the error class that says what to do next. */
export function judgeRead<T>(table: Refusals, call: Call, seen: Seen<T>, timing: Timing): T {
  const ownError = 'thrown' in seen.result ? seen.result.thrown : undefined;
  if (ownError instanceof GatewayError) throw ownError;
  const { last } = seen;
  if (last && 'error' in last && !isLoss(last.error)) throw last.error;
  if (last && 'error' in last) throw carrierError(table.id, refusalOfLoss(last.error, call), last.error);
  const refusal = last && refusalOf(table, last.answer, timing);
  if (refusal) throw carrierError(table.id, refusal);
  if ('value' in seen.result) return seen.result.value;
  if (call.signal.aborted) throw carrierError(table.id, { class: 'CarrierBusy', code: 'timeout' }, ownError);
  if (!last) throw ownError;
  throw carrierError(table.id, malformedReply(reasonOf(ownError)), ownError);
}

/** A write's end. Throws only `CarrierBusy` (nothing left us) and errors of our own before anything was sent. */
export function judgeWrite<T>(table: Refusals, call: Call, seen: Seen<T>, timing: Timing): Written<T> {
  const { last } = seen;
  if (!last) {
    if ('value' in seen.result) return { kind: 'answered', value: seen.result.value };
    throw seen.result.thrown;
  }
  if ('error' in last) return judgeLoss(table, call, last.error, seen.exchanges);
  const { answer } = last;
  const refusal = refusalOf(table, answer, timing);
  // A carrier that says of itself that it failed may have acted, whatever status says so (Vonage: 5xx inside 200).
  const hasFailed = answer.status >= 500 || refusal?.code === 'carrier_down';
  if (hasFailed && !refusal?.notProcessed) return unknown('server_error');
  if (answer.status === 408) return unknown('timeout');
  if (refusal) return refusal.code === 'malformed_reply' ? unknown('malformed_reply') : { kind: 'refused', refusal };
  return 'value' in seen.result ? { kind: 'answered', value: seen.result.value } : unknown('malformed_reply');
}

function judgeLoss(table: Refusals, call: Call, error: unknown, exchanges: number): Written<never> {
  if (error instanceof AnswerLost) return unknown(error.reason === 'too_large' ? 'malformed_reply' : error.reason);
  if (!(error instanceof NotSent)) throw error; // a bug of ours, not an end of the write
  // Earlier exchanges of the same write did leave: then the whole is unclear.
  if (exchanges > 1) return unknown('connection_lost');
  throw carrierError(table.id, refusalOfLoss(error, call), error);
}

function unknown(reason: UnknownReason): Written<never> {
  return { kind: 'unknown', reason, refs: {} };
}

const isLoss = (error: unknown) => error instanceof NotSent || error instanceof AnswerLost;

function refusalOfLoss(error: unknown, call: Call): Refusal {
  if (error instanceof AnswerLost && error.reason === 'too_large') return malformedReply('answer over the size limit');
  if (error instanceof AnswerLost && error.reason === 'timeout') return { class: 'CarrierBusy', code: 'timeout' };
  if (error instanceof OutOfTime || call.signal.aborted) return { class: 'CarrierBusy', code: 'timeout' };
  return { class: 'CarrierBusy', code: 'carrier_down', carrierText: reasonOf(error) };
}

/** The carrier's refusal in this answer, the wait it asks for included; a redirect is an answer nobody can read. */
function refusalOf(table: Refusals, answer: HttpAnswer, timing: Timing): Refusal | undefined {
  const text = new TextDecoder().decode(answer.body);
  const named = table.refusal({ status: answer.status, headers: answer.headers, text });
  const refusal = named ?? (answer.status >= 400 ? refusalOfStatus(answer.status, text) : undefined);
  if (!refusal) return answer.status >= 300 ? malformedReply(`status ${answer.status}`) : undefined;
  const wait = refusal.retryAfterSeconds ?? retryAfterSeconds(answer, timing);
  return wait === undefined ? refusal : { ...refusal, retryAfterSeconds: wait };
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError)
    return `unexpected reply: ${error.issues.map((issue) => issue.path.join('.')).join(', ')}`;
  return error instanceof Error ? error.message : 'unreadable reply';
}
