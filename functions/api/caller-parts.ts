import type { ApiDeps } from '../contract/api-deps.ts';
import { tenantScope } from '../platform/auth.ts';
import { newAuthenticate } from '../platform/authenticate.ts';
import type { Deps } from '../platform/deps.ts';
import type { Quota } from '../platform/rate-limit.ts';
import { sharedQuota } from '../platform/shared-quota.ts';
import { findKeyRecord, noteKeyUsed } from '../tenants/key-store.ts';
import { findPrincipal } from '../tenants/principal-store.ts';
import { findTenant } from '../tenants/store.ts';

/** Proves issuer and subject of a bearer token; throws NotSignedIn. */
export type VerifyToken = (bearer: string) => Promise<{ readonly issuer: string; readonly subject: string }>;

/** How calls are let in, the same on both engines: who calls, for which tenant. */
export function callerParts(
  deps: Pick<Deps, 'table' | 'clock' | 'log'>,
  verifyToken: VerifyToken,
): Pick<ApiDeps, 'authenticate' | 'tenantExists'> {
  const { table, clock, log } = deps;
  return {
    authenticate: newAuthenticate({
      verifyToken,
      findPrincipal: (issuer, subject) => findPrincipal(table, issuer, subject),
      findKey: (keyId) => findKeyRecord(table, keyId),
      keyUsed: (keyId, at) => noteKeyUsed(table, keyId, at),
      failed: (what, cause) => log.error(what, cause),
      clock,
    }),
    tenantExists: async (id) => (await findTenant(table, tenantScope(id))) !== undefined,
  };
}

/** The quota of functions: their processes share it. */
export const functionQuota = ({ table, settings, log }: Pick<Deps, 'table' | 'settings' | 'log'>): Quota =>
  sharedQuota({ table, limit: settings.rateLimitPerMinute, now: () => Date.now(), log });

/** List cursors are sealed with 32 bytes, whatever the length of the secret. */
export async function cursorKeyOf(secret: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret)));
}
