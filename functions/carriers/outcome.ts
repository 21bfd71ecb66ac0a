/** Accompanies every call to a carrier. */
export interface Call {
  readonly signal: AbortSignal;
  /** Total for this operation, milliseconds. */
  readonly timeoutMs: number;
}

/** What a carrier refused, in our terms. `class` says what to do next (house style §6), `code` why. */
export interface Refusal {
  readonly class: 'CarrierBusy' | 'NumberUnavailable' | 'CarrierUnusable' | 'DocumentsRequired' | 'CarrierRefused';
  readonly code:
    | 'rate_limited'
    | 'carrier_down'
    | 'timeout'
    | 'not_available'
    | 'owned_by_other'
    | 'reservation_expired'
    | 'auth'
    | 'insufficient_funds'
    | 'malformed_reply'
    | 'documents_required'
    | 'document_rejected'
    | 'address_invalid'
    | 'bad_number'
    | 'restricted_country'
    | 'not_portable'
    | 'not_owned'
    | 'other';
  readonly carrierCode?: string;
  readonly carrierText?: string;
  readonly retryAfterSeconds?: number;
  /** The carrier documents this answer as "not processed" (429): after one probe the same order may be sent again. */
  readonly notProcessed?: boolean;
}

/** The carrier's own names for things of ours, kept with the intent. */
export interface CarrierRefs {
  readonly orderId?: string;
  readonly numberId?: string;
  readonly reservationId?: string;
}

/** The four ends of a write. Neither `refused` nor `unknown` is believed before a probe (reliability §2 step 7). */
export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T; readonly refs: CarrierRefs }
  | {
      readonly kind: 'accepted';
      readonly refs: CarrierRefs;
      readonly pollAfterSeconds: number;
      readonly reviewing?: boolean;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason; readonly refs: CarrierRefs };
export type UnknownReason = 'timeout' | 'connection_lost' | 'server_error' | 'malformed_reply';
