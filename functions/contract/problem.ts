import { CarrierError, GatewayError } from '../domain/errors.ts';
import { SecretUnavailable } from '../platform/secrets.ts';
import { ConditionFailed, TableUnavailable } from '../platform/table.ts';
import { PROBLEMS } from './problem-catalogue.ts';

/** RFC 9457, as api-conventions "Errors" has it. */
interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly instance: string;
  readonly requestId: string;
  readonly errors?: readonly Readonly<Record<string, unknown>>[];
  readonly [member: string]: unknown;
}
export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly problem: Problem;
  /** Present for what was not thrown on purpose: to be logged. */
  readonly bug?: unknown;
}

/** 405: only the router throws it. */
export class MethodNotAllowed extends GatewayError {
  override readonly name = 'MethodNotAllowed';
  readonly status = 405;
  constructor(allowed: string) {
    super({ code: 'method_not_allowed', detail: `This address takes ${allowed}.` });
  }
}

const QUOTA_TYPE = 'https://iana.org/assignments/http-problem-types#quota-exceeded';

/** Problem document of anything thrown. What is not ours becomes 500 `internal_error` without a word about its inside. */
export function toProblem(
  thrown: unknown,
  where: { readonly publicUrl: string; readonly path: string; readonly requestId: string },
): ProblemAnswer {
  const known = asKnown(thrown);
  const { status, code, detail, extra } = known;
  const carrier = carrierOf(thrown);
  const problem: Problem = {
    ...extra,
    type: code === 'quota_exceeded' ? QUOTA_TYPE : `${where.publicUrl}/problems/${code}`,
    title: known.title ?? PROBLEMS.get(code)?.title ?? titleOfStatus(status),
    status,
    code,
    detail,
    instance: where.path,
    requestId: where.requestId,
    ...(known.errors.length > 0 ? { errors: known.errors.map((error) => ({ ...error })) } : {}),
    ...(carrier ? { carrier } : {}),
  };
  return { status, problem, headers: headersOf(known), ...(known.bug ? { bug: thrown } : {}) };
}

type Known = Pick<GatewayError, 'status' | 'code' | 'title' | 'errors' | 'retryAfterSeconds' | 'extra'> & {
  readonly detail: string;
  readonly bug?: true;
};
const plain = { title: undefined, errors: [], extra: {}, retryAfterSeconds: undefined };

function asKnown(thrown: unknown): Known {
  if (thrown instanceof GatewayError) {
    const { status, code, title, errors, retryAfterSeconds, extra } = thrown;
    return { status, code, title, errors, retryAfterSeconds, extra, detail: thrown.message };
  }
  if (thrown instanceof ConditionFailed) {
    const detail = 'It was changed by somebody else at the same moment; read it again.';
    return { ...plain, status: 409, code: 'conflict', detail };
  }
  if (thrown instanceof TableUnavailable || thrown instanceof SecretUnavailable) {
    const detail =
      'A store behind the gateway cannot be reached. Whether a change went through is not known; a repeat with the same Idempotency-Key does nothing twice.';
    return { ...plain, status: 503, code: 'unavailable', detail, retryAfterSeconds: 5, bug: true };
  }
  const detail = 'A fault of the gateway. It is logged under the requestId.';
  return { ...plain, status: 500, code: 'internal_error', detail, bug: true };
}

function headersOf(known: Known): Record<string, string> {
  const headers: Record<string, string> = {};
  const waits = known.retryAfterSeconds ?? (known.status === 503 || known.status === 429 ? 5 : undefined);
  if (waits !== undefined) headers['Retry-After'] = String(Math.max(1, Math.ceil(waits)));
  if (known.status === 401) headers['WWW-Authenticate'] = challenge(known.code);
  const version = known.extra['presentVersion'];
  if (typeof version === 'number') headers['ETag'] = `"${version}"`;
  return headers;
}

/** RFC 6750: no error member when there was no credential at all. */
function challenge(code: string): string {
  return code === 'credential_missing' ? 'Bearer' : 'Bearer error="invalid_token"';
}

function carrierOf(thrown: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!(thrown instanceof CarrierError) || !thrown.carrier) return undefined;
  const { carrier, carrierCode, carrierText } = thrown.carrier;
  return { name: carrier, code: carrierCode, message: carrierText, retryable: thrown.name === 'CarrierBusy' };
}

function titleOfStatus(status: number): string {
  return status >= 500 ? 'Something broke on our side' : 'The call was refused';
}
