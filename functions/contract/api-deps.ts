import type { TenantId } from '../domain/ids.ts';
import type { Authenticate } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import type { Quota } from '../platform/rate-limit.ts';
import type { WaitingRoom } from '../platform/waiting-room.ts';

/** What `GET /health/ready` asks, each within a second; a check that throws is `failing`. */
export const READY_CHECKS = ['table', 'workflows', 'outbox', 'blobs', 'secrets'] as const;
export type ReadyChecks = Readonly<Record<(typeof READY_CHECKS)[number], () => Promise<void>>>;

/** What the HTTP interface needs beside the rooms' `Deps`. */
export interface ApiDeps extends Deps {
  readonly authenticate: Authenticate;
  /** Calls a minute per credential (wall clock): `newQuota` of `platform/rate-limit.ts`. */
  readonly quota: Quota;
  /** Whether staff may name this tenant in `Gateway-Tenant`. */
  tenantExists(id: TenantId): Promise<boolean>;
  /** Key list cursors are sealed with, 32 bytes. */
  readonly cursorKey: Uint8Array;
  readonly ready: ReadyChecks;
  /** Where callers wait (`Prefer: wait`); absent on one machine, where a caller who waits holds up nobody. */
  readonly waiting?: WaitingRoom;
  /** The caller's network address where the engine knows it: refused credentials are counted per address. */
  readonly addressOf?: (request: Request, env: unknown) => string | undefined;
}
