import type { InboundSecrets } from '../carriers/inbound-port.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Secrets } from '../platform/secrets.ts';
import type { SecretNames } from './deps.ts';
import { inTime } from './in-time.ts';

const MINUTE = 60_000;
const FRESH = 5 * MINUTE;
/** How long a secret is used while its store is down (V7). */
const LONGEST = 60 * MINUTE;
/** Pause before a store that is down is asked again. */
const PAUSE = 10_000;
/** Pause between two readings that somebody's wrong signatures may cause. */
const RENEWAL_PAUSE = 1_000;
const LIMIT = { tryMs: 300, tries: 2 };

interface Kept {
  readonly secrets: InboundSecrets;
  readonly readAt: number;
  triedAt: number;
}
export interface SecretCache {
  /** The named secrets, at most 5 min old, or 1 h while the store is down; undefined when there are none (V7). */
  read(names: SecretNames): Promise<InboundSecrets | undefined>;
  /** After a wrong signature: read anew, unless that was done a moment ago; undefined when nothing is newer (X8). */
  renew(names: SecretNames): Promise<InboundSecrets | undefined>;
}

/** Keeps secrets in memory, under the very object that names them: as many as there are carriers. */
export function secretCache(secrets: Secrets, clock: Clock, log: Log): SecretCache {
  const kept = new Map<SecretNames, Kept>();
  const reading = new Map<SecretNames, Promise<Kept | undefined>>();

  async function refresh(names: SecretNames): Promise<Kept | undefined> {
    const before = kept.get(names);
    const now = clock.now().getTime();
    if (before) before.triedAt = now;
    try {
      const found = await inTime(() => readAll(secrets, names), LIMIT);
      const read: Kept = { secrets: found, readAt: now, triedAt: now };
      kept.set(names, read);
      return read;
    } catch (error) {
      log.error('inbound_secrets_unreadable', error, { kept: before !== undefined });
      return undefined;
    }
  }
  /** Calls that arrive together wait for one reading. */
  function joined(names: SecretNames): Promise<Kept | undefined> {
    const running = reading.get(names);
    if (running !== undefined) return running;
    const started = refresh(names).finally(() => reading.delete(names));
    reading.set(names, started);
    return started;
  }

  return {
    async read(names) {
      const before = kept.get(names);
      const now = clock.now().getTime();
      if (before && Math.abs(now - before.readAt) <= FRESH) return before.secrets;
      const isUsable = before !== undefined && Math.abs(now - before.readAt) <= LONGEST;
      if (isUsable && Math.abs(now - before.triedAt) <= PAUSE) return before.secrets;
      return ((await joined(names)) ?? (isUsable ? before : undefined))?.secrets;
    },
    async renew(names) {
      const before = kept.get(names);
      if (before && Math.abs(clock.now().getTime() - before.triedAt) < RENEWAL_PAUSE) return undefined;
      return (await joined(names))?.secrets;
    },
  };
}

async function readAll(secrets: Secrets, names: SecretNames): Promise<InboundSecrets> {
  const found = await Promise.all(
    Object.entries(names).map(async ([credential, name]) => [credential, (await secrets.find(name)) ?? []] as const),
  );
  return Object.fromEntries(found);
}
