/** One thing that is wrong with the input: where (JSON pointer fragment, or query parameter), which rule, in words. */
export interface FieldProblem {
  readonly pointer?: string;
  readonly parameter?: string;
  readonly code: string;
  readonly detail: string;
  /** The rule as data, as `max_length 24`. */
  readonly rule?: string;
  /** What to send instead. */
  readonly remedy?: string;
}

/** What a thrown error may carry beside its code; `extra` becomes further members of the problem document. */
export interface ErrorOptionsOf {
  readonly code: string;
  readonly detail: string;
  readonly title?: string;
  readonly errors?: readonly FieldProblem[];
  readonly retryAfterSeconds?: number;
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * The root of everything thrown on purpose. The class says what the caller must do, `code` (stable, snake_case) says why.
 * `name` is spelled out in each class because a workflow's Retry and Catch match it and minifiers rename classes.
 */
export abstract class GatewayError extends Error {
  abstract readonly status: number;
  readonly code: string;
  readonly title: string | undefined;
  readonly errors: readonly FieldProblem[];
  readonly retryAfterSeconds: number | undefined;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(options: ErrorOptionsOf) {
    super(options.detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.title = options.title;
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.extra = options.extra ?? {};
  }
}

/** 400: cannot be read: not JSON, unknown field, wrong type, value outside a closed list, bad cursor. */
export class Malformed extends GatewayError {
  override readonly name = 'Malformed';
  readonly status = 400;
}
/** 401: no credential, or one that does not verify. */
export class NotSignedIn extends GatewayError {
  override readonly name = 'NotSignedIn';
  readonly status = 401;
}
/** 403: the role, scope or tenant may not. */
export class NotAllowed extends GatewayError {
  override readonly name = 'NotAllowed';
  readonly status = 403;
}
/** 404: absent, or another tenant's: both look the same (I7). */
export class NotFound extends GatewayError {
  override readonly name = 'NotFound';
  readonly status = 404;
}
/** 409: the present state does not allow it. */
export class Conflict extends GatewayError {
  override readonly name = 'Conflict';
  readonly status = 409;
}
/** 412: `If-Match` names a version that is gone. */
export class Stale extends GatewayError {
  override readonly name = 'Stale';
  readonly status = 412;
}
/** 428: `If-Match` is required here. */
export class PreconditionRequired extends GatewayError {
  override readonly name = 'PreconditionRequired';
  readonly status = 428;
}
/** 413: body or file over its limit. */
export class TooLarge extends GatewayError {
  override readonly name = 'TooLarge';
  readonly status = 413;
}
/** 422: well-formed, but against a rule. */
export class InvalidInput extends GatewayError {
  override readonly name = 'InvalidInput';
  readonly status = 422;
}
/** 429: over a quota; carries `retryAfterSeconds`. */
export class TooMany extends GatewayError {
  override readonly name = 'TooMany';
  readonly status = 429;
}

/** What a carrier answered, for the problem document and for the case worker. Never holds a secret. */
export interface CarrierAnswerDetail {
  readonly carrier: string;
  readonly carrierCode?: string;
  readonly carrierText?: string;
}
type CarrierErrorOptions = ErrorOptionsOf & { readonly carrier?: CarrierAnswerDetail };

/** Thrown by reads and by calls that never left us; a write's answer is a value (`Outcome`), never thrown. */
export abstract class CarrierError extends GatewayError {
  readonly carrier: CarrierAnswerDetail | undefined;
  constructor(options: CarrierErrorOptions) {
    super(options);
    this.carrier = options.carrier;
  }
}
/** Wait and repeat. codes: rate_limited, carrier_down, timeout. */
export class CarrierBusy extends CarrierError {
  override readonly name = 'CarrierBusy';
  get status(): number {
    return this.code === 'timeout' ? 504 : 503;
  }
}
/** Choose another number. codes: not_available, owned_by_other, reservation_expired. */
export class NumberUnavailable extends CarrierError {
  override readonly name = 'NumberUnavailable';
  readonly status = 409;
}
/** Choose another carrier and tell the operator. codes: auth, insufficient_funds, malformed_reply. */
export class CarrierUnusable extends CarrierError {
  override readonly name = 'CarrierUnusable';
  readonly status = 502;
}
/** Ask the customer. codes: documents_required, document_rejected, address_invalid. */
export class DocumentsRequired extends CarrierError {
  override readonly name = 'DocumentsRequired';
  readonly status = 422;
}
/** Stop. codes: bad_number, restricted_country, not_portable. */
export class CarrierRefused extends CarrierError {
  override readonly name = 'CarrierRefused';
  readonly status = 422;
}

/** The names a workflow's Retry and Catch may match. */
export const ERROR_NAMES = [
  'Malformed',
  'NotSignedIn',
  'NotAllowed',
  'NotFound',
  'Conflict',
  'Stale',
  'PreconditionRequired',
  'TooLarge',
  'InvalidInput',
  'TooMany',
  'CarrierBusy',
  'NumberUnavailable',
  'CarrierUnusable',
  'DocumentsRequired',
  'CarrierRefused',
] as const;
export type ErrorName = (typeof ERROR_NAMES)[number];
