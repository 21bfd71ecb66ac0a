import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import type { Clock } from './clock.ts';

/** Age at which the keys are read again. */
const FRESH_MS = 600_000;
/** Age up to which they count while the issuer cannot be reached, as with secrets (V7). */
const KEPT_MS = 3_600_000;
/** Between two readings while there are keys to go by: a stranger's `kid` or an issuer that is out must not make a storm. */
const APART_MS = 30_000;
const READ_MS = 3_000;

/**
 * The keys at an issuer's address: kept, read anew with age and for a new `kid`, and used for an hour while they cannot be read.
 * Throws `JWKSNoMatchingKey` for a `kid` that the issuer does not have, whatever reading threw where nobody knows.
 */
export function issuerKeys(address: URL, clock: Clock): JWTVerifyGetKey {
  // When to read is decided here, since there an issuer that is out takes the keys away with it.
  const remote = createRemoteJWKSet(address, {
    timeoutDuration: READ_MS,
    cacheMaxAge: Number.POSITIVE_INFINITY,
    cooldownDuration: Number.POSITIVE_INFINITY,
  });
  const last = { read: Number.NEGATIVE_INFINITY, tried: Number.NEGATIVE_INFINITY, problem: undefined as unknown };
  const since = (at: number): number => clock.now().getTime() - at;
  const read = async (): Promise<void> => {
    last.tried = clock.now().getTime();
    try {
      await remote.reload();
      last.read = clock.now().getTime();
      last.problem = undefined;
    } catch (cause) {
      last.problem = cause;
      throw cause;
    }
  };
  return async (header, token) => {
    if (since(last.read) >= KEPT_MS) await read();
    else if (since(last.read) >= FRESH_MS && since(last.tried) >= APART_MS) await read().catch(() => undefined);
    try {
      return await remote(header, token);
    } catch (cause) {
      if (!(cause instanceof errors.JWKSNoMatchingKey)) throw cause;
      if (since(last.tried) < APART_MS) throw last.problem ?? cause;
    }
    await read();
    return remote(header, token);
  };
}
