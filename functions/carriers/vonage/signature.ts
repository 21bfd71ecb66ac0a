import { createHash } from 'node:crypto';
import type { InboundSecrets, RawRequest, Verdict } from '../inbound-port.ts';
import type { Claims, TokenReader } from './token.ts';

/** Tolerance for `iat`, seconds, both ways (X1). */
const MAX_AGE_SECONDS = 300;
const JTI = /^[\x21-\x7e]{1,128}$/;

interface Account {
  readonly signatureSecrets: readonly string[];
  readonly apiKeys: readonly string[];
  readonly applicationIds: readonly string[];
}

/**
 * Checks what the vendor's own function does not (vonage.md §6.3, reliability §5): HS256 only, issuer, api key and
 * application ours, `iat` within 300 s, `payload_hash` over the exact bytes. A missing token is answered 503 because
 * the vendor now and then sends one unsigned and repeats it then (V6); a missing secret also 503 (V7).
 */
export function verifySignature(
  request: RawRequest,
  secrets: InboundSecrets,
  now: Date,
  readToken: TokenReader,
): Verdict {
  const account = accountOf(secrets);
  if (account === undefined) return { ok: false, status: 503, reason: 'secret missing' };
  const authorization = request.headers['authorization'] ?? '';
  if (authorization === '') return { ok: false, status: 503, reason: 'unsigned' };
  const token = /^Bearer (\S+)$/.exec(authorization)?.[1];
  const claims = token === undefined ? undefined : readToken(token, account.signatureSecrets);
  if (claims === undefined) return { ok: false, status: 401, reason: 'bad signature' };
  const reason = findFault(claims, account, request, now.getTime() / 1000);
  if (reason !== undefined) return { ok: false, status: 401, reason };
  return { ok: true, deliveryId: String(claims['jti']) };
}

function accountOf(secrets: InboundSecrets): Account | undefined {
  const versions = (name: string) => (secrets[name] ?? []).filter((value) => value !== '');
  const account: Account = {
    signatureSecrets: versions('VONAGE_SIGNATURE_SECRET'),
    apiKeys: versions('VONAGE_API_KEY'),
    applicationIds: versions('VONAGE_APPLICATION_ID'),
  };
  return Object.values(account).every((values) => values.length > 0) ? account : undefined;
}

function findFault(claims: Claims, account: Account, request: RawRequest, nowSeconds: number): string | undefined {
  if (claims['iss'] !== 'Vonage') return 'other issuer';
  if (!isOneOf(claims['api_key'], account.apiKeys)) return 'other account';
  const application = claims['application_id'];
  if (application !== undefined && !isOneOf(application, account.applicationIds)) return 'other application';
  if (typeof claims['jti'] !== 'string' || !JTI.test(claims['jti'])) return 'no delivery id';
  if (!isFresh(claims, nowSeconds)) return 'stale';
  return coversPayload(claims['payload_hash'], request) ? undefined : 'other payload';
}

function isOneOf(value: unknown, expected: readonly string[]): boolean {
  return typeof value === 'string' && expected.includes(value);
}

/** `exp` and `nbf` are not sent today; where they are, they count. */
function isFresh({ iat, exp, nbf }: Claims, nowSeconds: number): boolean {
  if (typeof iat !== 'number' || Math.abs(nowSeconds - iat) > MAX_AGE_SECONDS) return false;
  if (exp !== undefined && !(typeof exp === 'number' && exp > nowSeconds)) return false;
  return nbf === undefined || (typeof nbf === 'number' && nbf <= nowSeconds + MAX_AGE_SECONDS);
}

function coversPayload(hash: unknown, request: RawRequest): boolean {
  const payload = signedPayload(request);
  if (typeof hash !== 'string' || payload === undefined) return false;
  return hash.toLowerCase() === createHash('sha256').update(payload).digest('hex');
}

/** POST: the body's bytes. GET: the query as JSON, in the order received; a name given twice has no such form. */
function signedPayload({ method, query, body }: RawRequest): Uint8Array | string | undefined {
  if (method === 'POST') return body;
  return method === 'GET' && body.length === 0 ? queryAsJson(query) : undefined;
}

function queryAsJson(query: string): string | undefined {
  const pairs = [...new URLSearchParams(query)];
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) return undefined;
  // An object would put names that look like numbers first.
  return `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
}
