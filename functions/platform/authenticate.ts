import { NotSignedIn } from '../domain/errors.ts';
import type { Authenticate, Principal } from './auth.ts';
import { isSecretOf, readApiKey } from './auth-api-key.ts';
import type { Clock } from './clock.ts';

/** An API key as stored (`KEY#<key id>` / `KEY`). */
export interface KeyRecord {
  /** SHA-256 of the secret, hex. */
  readonly secretHash: string;
  readonly mode: 'live' | 'test';
  /** RFC 3339; absent: does not expire. */
  readonly expiresAt?: string;
  /** With `kind: 'api_key'`, its tenant and its scopes. */
  readonly principal: Principal;
}
export interface AuthenticateOptions {
  /** Proves issuer and subject of an access token. Throws NotSignedIn. */
  verifyToken(bearer: string): Promise<{ readonly issuer: string; readonly subject: string }>;
  /** Our user of that subject (`SUB#<issuer>#<sub>` / `USER`), with roles and tenant from the record, not the token. */
  findPrincipal(issuer: string, subject: string): Promise<Principal | undefined>;
  findKey(keyId: string): Promise<KeyRecord | undefined>;
  /** Told at most hourly per key and process; writes the key's last use. */
  readonly keyUsed?: (keyId: string, at: Date) => Promise<void>;
  readonly clock: Clock;
  /** Told when `keyUsed` fails: last use is worth no refused call. */
  readonly failed?: (what: string, cause: unknown) => void;
}

/** Role changes take effect within this time. */
const KEPT_MS = 60_000;
const KEPT_AT_MOST = 5_000;
const HOUR_MS = 3_600_000;

/** The one authenticator: bearer text to principal. Unknown, expired and wrong look the same from outside. */
export function newAuthenticate(options: AuthenticateOptions): Authenticate {
  const now = () => options.clock.now().getTime();
  const people = shortMemory<Principal>(now);
  const keys = shortMemory<KeyRecord>(now);
  const used = usageOf(options);

  async function byToken(bearer: string): Promise<Principal> {
    const { issuer, subject } = await options.verifyToken(bearer);
    const find = () => options.findPrincipal(issuer, subject);
    const who = await people(JSON.stringify([issuer, subject]), find);
    if (!who) throw new NotSignedIn({ code: 'invalid_token', detail: 'The token belongs to nobody here.' });
    return who;
  }

  async function byKey(bearer: string): Promise<Principal> {
    const presented = readApiKey(bearer);
    const record = presented && (await keys(presented.keyId, () => options.findKey(presented.keyId)));
    if (!record || !isSecretOf(presented.secret, record.secretHash)) throw badKey();
    if (record.mode !== presented.mode || hasExpired(record, now())) throw badKey();
    await used(presented.keyId);
    return asKeyHolder(record.principal);
  }

  return async (bearer) => {
    if (bearer === undefined) {
      throw new NotSignedIn({ code: 'credential_missing', detail: 'Send Authorization: Bearer with a token or key.' });
    }
    return bearer.startsWith('gw_') ? byKey(bearer) : byToken(bearer);
  };
}

const badKey = () => new NotSignedIn({ code: 'invalid_api_key', detail: 'The API key is not valid.' });

function hasExpired(record: KeyRecord, now: number): boolean {
  return record.expiresAt !== undefined && now >= Date.parse(record.expiresAt);
}

/** A key stands for a tenant_admin at most and never without a tenant (api-map, Roles). */
function asKeyHolder(principal: Principal): Principal {
  if (principal.tenantId === undefined) throw badKey();
  const roles = principal.roles.filter((role) => role === 'tenant_admin' || role === 'customer');
  return { ...principal, kind: 'api_key', roles, scopes: principal.scopes ?? [] };
}

function usageOf({ keyUsed, clock, failed }: AuthenticateOptions): (keyId: string) => Promise<void> {
  const told = new Map<string, number>();
  return async (keyId) => {
    const at = clock.now();
    if (!keyUsed || at.getTime() - (told.get(keyId) ?? Number.NEGATIVE_INFINITY) < HOUR_MS) return;
    if (told.size >= KEPT_AT_MOST) told.clear();
    told.set(keyId, at.getTime());
    // Awaited: a function's environment freezes with its answer.
    await keyUsed(keyId, at).catch((cause: unknown) => failed?.('key_use_not_noted', cause));
  };
}

/** Remembers what was found for at most a minute; what was not found is looked up again. Bounded: the oldest goes. */
function shortMemory<T>(now: () => number) {
  const kept = new Map<string, { readonly value: T; readonly at: number }>();
  return async (name: string, find: () => Promise<T | undefined>): Promise<T | undefined> => {
    const known = kept.get(name);
    if (known && Math.abs(now() - known.at) < KEPT_MS) return known.value;
    kept.delete(name);
    const value = await find();
    if (value === undefined) return undefined;
    const oldest = kept.keys().next();
    if (kept.size >= KEPT_AT_MOST && !oldest.done) kept.delete(oldest.value);
    kept.set(name, { value, at: now() });
    return value;
  };
}
