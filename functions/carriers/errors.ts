import {
  CarrierBusy,
  type CarrierError,
  CarrierRefused,
  CarrierUnusable,
  DocumentsRequired,
  NumberUnavailable,
} from '../domain/errors.ts';
import type { Refusal } from './outcome.ts';

const CLASSES = { CarrierBusy, NumberUnavailable, CarrierUnusable, DocumentsRequired, CarrierRefused } as const;

/** The error a read throws for a carrier's refusal; the carrier's own code and text stay with it. */
export function carrierError(carrier: string, refusal: Refusal, cause?: unknown): CarrierError {
  const Class = CLASSES[refusal.class];
  return new Class({
    code: refusal.code,
    detail: `${carrier}: ${refusal.carrierText ?? refusal.code}`,
    ...(refusal.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: refusal.retryAfterSeconds }),
    ...(cause === undefined ? {} : { cause }),
    carrier: {
      carrier,
      ...(refusal.carrierCode === undefined ? {} : { carrierCode: refusal.carrierCode }),
      ...(refusal.carrierText === undefined ? {} : { carrierText: refusal.carrierText }),
    },
  });
}

/** Most characters of a carrier's text that are kept. */
const TEXT_KEPT = 500;

/** A refusal for a status no carrier file knows better: 401, 403 `auth`; 429 `rate_limited`, not processed; other 4xx `other`. */
export function refusalOfStatus(status: number, text: string): Refusal {
  const carrierText = text.slice(0, TEXT_KEPT);
  const carrierCode = String(status);
  if (status === 401 || status === 403) return { class: 'CarrierUnusable', code: 'auth', carrierCode, carrierText };
  if (status === 429)
    return { class: 'CarrierBusy', code: 'rate_limited', carrierCode, carrierText, notProcessed: true };
  if (status >= 500) return { class: 'CarrierBusy', code: 'carrier_down', carrierCode, carrierText };
  return { class: 'CarrierRefused', code: 'other', carrierCode, carrierText };
}

/** What a reply nobody can read is (S3). */
export function malformedReply(detail: string): Refusal {
  return { class: 'CarrierUnusable', code: 'malformed_reply', carrierText: detail.slice(0, TEXT_KEPT) };
}
