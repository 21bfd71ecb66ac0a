import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { SecretUnavailable } from '../secrets.ts';
import { CallRefused, type TableCall } from './table-call.ts';

type Members = Readonly<Record<string, unknown>>;
/** A secret as it is and as it was before the last change; a secret that does not exist has no members. */
export interface StoredSecret {
  readonly current: Members;
  readonly previous: Members;
}
export interface SecretStoreOptions {
  readonly call: TableCall;
  readonly clock: Clock;
  readonly log: Log;
  readonly freshSeconds?: number;
  readonly keptSeconds?: number;
}

/** Seconds before a store that is down is asked again. */
const PAUSE_SECONDS = 10;

interface Kept {
  readonly secret: StoredSecret;
  readonly readAt: number;
  /** False when its former version could not be read: not to be trusted for long. */
  readonly isWhole: boolean;
  triedAt: number;
}

/** Reads whole secrets and keeps them by id; readings at the same moment are one. Throws `SecretUnavailable`. */
export function secretStore({ call, clock, log, freshSeconds = 300, keptSeconds = 3_600 }: SecretStoreOptions) {
  const kept = new Map<string, Kept>();
  const reading = new Map<string, Promise<Kept>>();

  async function refresh(id: string): Promise<Kept> {
    const now = clock.now().getTime();
    const before = kept.get(id);
    if (before) before.triedAt = now;
    try {
      const found = { ...(await readSecret(call, log, id)), readAt: now, triedAt: now };
      kept.set(id, found);
      return found;
    } catch (error) {
      const isUsable = before !== undefined && isWithin(now, before.readAt, keptSeconds);
      log.error('secret_unreadable', error, { secret: id, kept: isUsable });
      if (isUsable) return before;
      throw new SecretUnavailable(`secret ${id} cannot be read`, { cause: error });
    }
  }
  return {
    async read(id: string): Promise<StoredSecret> {
      const before = kept.get(id);
      const now = clock.now().getTime();
      if (before && isStillGood(before, now, { freshSeconds, keptSeconds })) return before.secret;
      const joined = reading.get(id) ?? refresh(id).finally(() => reading.delete(id));
      reading.set(id, joined);
      return (await joined).secret;
    },
  };
}

interface Ages {
  readonly freshSeconds: number;
  readonly keptSeconds: number;
}
function isStillGood(kept: Kept, now: number, { freshSeconds, keptSeconds }: Ages): boolean {
  if (kept.isWhole && isWithin(now, kept.readAt, freshSeconds)) return true;
  return isWithin(now, kept.readAt, keptSeconds) && isWithin(now, kept.triedAt, Math.min(PAUSE_SECONDS, freshSeconds));
}

/** A clock that jumps back makes nothing young (X1). */
function isWithin(now: number, at: number, seconds: number): boolean {
  return Math.abs(now - at) <= seconds * 1000;
}

/** The version before is asked for only if some member does not say itself which of its versions are valid. */
async function readSecret(call: TableCall, log: Log, id: string): Promise<Pick<Kept, 'secret' | 'isWhole'>> {
  const current = membersOf(await readVersion(call, id, 'AWSCURRENT'));
  const isListed = Object.values(current).every(Array.isArray);
  if (isListed) return { secret: { current, previous: {} }, isWhole: true };
  try {
    return { secret: { current, previous: formerMembers(await readVersion(call, id, 'AWSPREVIOUS')) }, isWhole: true };
  } catch (error) {
    log.error('former_secret_unreadable', error, { secret: id });
    return { secret: { current, previous: {} }, isWhole: false };
  }
}

/** Text of a version; an empty object where there is none. */
async function readVersion(call: TableCall, id: string, stage: 'AWSCURRENT' | 'AWSPREVIOUS'): Promise<unknown> {
  try {
    return (await call('GetSecretValue', { SecretId: id, VersionStage: stage }))['SecretString'];
  } catch (error) {
    if (error instanceof CallRefused && error.code === 'ResourceNotFoundException') return '{}';
    throw error;
  }
}

function membersOf(text: unknown): Members {
  const members = parsed(text);
  if (members) return members;
  throw new SecretUnavailable('a secret is not a JSON object');
}

/** A version that is no object holds nothing that was ever valid: what a secret was made with before it was filled. */
const formerMembers = (text: unknown): Members => parsed(text) ?? {};

/** Says nothing of what it read: a parser's error quotes the text. */
function parsed(text: unknown): Members | undefined {
  try {
    const value: unknown = typeof text === 'string' ? JSON.parse(text) : undefined;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
  } catch {
    return undefined;
  }
}
