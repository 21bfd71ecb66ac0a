import {
  createLocalJWKSet,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { NotSignedIn } from '../domain/errors.ts';
import type { Clock } from './clock.ts';
import { issuerKeys } from './issuer-keys.ts';
import { SecretUnavailable } from './secrets.ts';

export interface AccessTokenRules {
  /** Exactly as in the tokens. */
  readonly issuer: string;
  /** The only algorithm taken, fixed by configuration. */
  readonly algorithm: 'ES256' | 'RS256' | 'PS256' | 'EdDSA';
  /** The issuer's keys: at hand, or read from its address (kept, `issuerKeys`). */
  readonly keys: JSONWebKeySet | URL | (() => Promise<JSONWebKeySet>);
  /** `aud` must name this one; leave out only for issuers whose access tokens have none (Cognito). */
  readonly audience?: string;
  /** `client_id` must be one of these. At least one of `audience` and `clientIds` must be given. */
  readonly clientIds?: readonly string[];
  readonly clock: Clock;
}
export interface AccessToken {
  readonly issuer: string;
  readonly subject: string;
  readonly clientId?: string;
  readonly expiresAt: Date;
}

const SKEW_SECONDS = 60;
const MAX_LENGTH = 8192;

/**
 * Verifies access tokens of an OIDC issuer (reliability §6): fixed algorithm, key only by `kid` from the configured set,
 * `iss`, `aud` or `client_id`, `exp` with 60 s skew, an access token by `token_use` or `typ`. A token proves issuer and subject, nothing else.
 * Throws `NotSignedIn` (`token_expired`, `invalid_token`), `SecretUnavailable` when the issuer's keys cannot be read.
 */
export function verifyAccessToken(rules: AccessTokenRules): (token: string) => Promise<AccessToken> {
  if (rules.audience === undefined && !rules.clientIds?.length)
    throw new Error('access tokens need an audience or client ids to be checked against');
  const keyOf = keySource(rules);
  return async (token) => {
    try {
      if (token.length > MAX_LENGTH || !namesKey(token)) throw refused('The token names no key.');
      const { payload, protectedHeader } = await jwtVerify(token, keyOf, {
        issuer: rules.issuer,
        algorithms: [rules.algorithm],
        currentDate: rules.clock.now(),
        clockTolerance: SKEW_SECONDS,
        requiredClaims: ['sub', 'exp', 'iat'],
        ...(rules.audience === undefined ? {} : { audience: rules.audience }),
      });
      return accepted(payload, protectedHeader.typ, rules);
    } catch (cause) {
      throw translated(cause);
    }
  };
}

/** A key that is not there is the token's fault; keys that cannot be read are not. */
function keySource({ keys, clock }: AccessTokenRules): JWTVerifyGetKey {
  const find = keyFinder(keys, clock);
  return async (header, token) => {
    try {
      return await find(header, token);
    } catch (cause) {
      if (cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JOSENotSupported) throw cause;
      throw new SecretUnavailable("the issuer's keys cannot be read", { cause });
    }
  };
}

function keyFinder(keys: AccessTokenRules['keys'], clock: Clock): JWTVerifyGetKey {
  if (keys instanceof URL) return issuerKeys(keys, clock);
  if (typeof keys !== 'function') return createLocalJWKSet(keys);
  return async (header, token) => createLocalJWKSet(await keys())(header, token);
}

/** Without a `kid` any key of the set would do. */
function namesKey(token: string): boolean {
  try {
    return typeof decodeProtectedHeader(token).kid === 'string';
  } catch {
    return false;
  }
}

/** Cognito says so in a claim, others in the type of the token (RFC 9068). */
const isAccess = (use: unknown, type: string | undefined): boolean =>
  use === undefined ? /^(?:application\/)?at\+jwt$/i.test(type ?? '') : use === 'access';

function accepted(payload: JWTPayload, type: string | undefined, { issuer, clientIds }: AccessTokenRules): AccessToken {
  const { sub = '', exp = 0, token_use: use, client_id: clientId } = payload;
  if (!isAccess(use, type) || sub === '') throw refused('This is no access token.');
  if (clientIds && !clientIds.some((known) => known === clientId)) throw refused('The token is for another client.');
  const client = typeof clientId === 'string' ? { clientId } : {};
  return { issuer, subject: sub, expiresAt: new Date(exp * 1000), ...client };
}

function translated(cause: unknown): unknown {
  if (cause instanceof errors.JWTExpired)
    return new NotSignedIn({ code: 'token_expired', detail: 'The token has expired; sign in again.', cause });
  return cause instanceof errors.JOSEError ? refused('The token does not verify.', cause) : cause;
}

function refused(detail: string, cause?: unknown): NotSignedIn {
  return new NotSignedIn({ code: 'invalid_token', detail, cause });
}
