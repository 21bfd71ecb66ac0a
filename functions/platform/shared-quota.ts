import type { Log } from './log.ts';
import { newQuota, type QuotaState } from './rate-limit.ts';
import { ConditionFailed, type Key, type Table, type Write } from './table.ts';

const WINDOW_MS = 60_000;
/** Parts a minute's calls are taken in: a process takes one at a time, so that most calls need no table. */
const PARTS = 20;
const REMEMBERED = 5_000;

interface Parts {
  readonly table: Table;
  readonly limit: number;
  /** The wall clock, milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}
interface Window {
  readonly index: number;
  /** Calls we may still let in without asking. */
  left: number;
  /** What all processes had taken when we asked last. */
  taken: number;
  exceeded: boolean;
}

/**
 * A fixed window of one minute per credential that all processes share (one machine has `newQuota`). Calls are taken from the
 * table in parts, so the count is exact only to a part per process; while the table is down each process counts by itself.
 */
export function sharedQuota({ table, limit, now, log }: Parts): (credential: string) => Promise<QuotaState> {
  const windows = new Map<string, Window>();
  const alone = newQuota(limit, now);
  const part = Math.max(1, Math.floor(limit / PARTS));

  return async (credential) => {
    const at = now();
    const index = Math.floor(at / WINDOW_MS);
    const known = windows.get(credential);
    const window = known?.index === index ? known : { index, left: 0, taken: 0, exceeded: false };
    keep(windows, credential, window);
    const resetSeconds = Math.max(1, Math.ceil(((index + 1) * WINDOW_MS - at) / 1000));
    try {
      if (window.left === 0 && !window.exceeded) await take(table, keyOf(credential, index), window, { limit, part });
    } catch (error) {
      log.error('quota_unshared', error);
      return alone(credential);
    }
    if (window.left > 0) window.left--;
    else window.exceeded = true;
    const remaining = window.exceeded ? 0 : Math.max(0, limit - window.taken + window.left);
    return { limit, remaining, resetSeconds, exceeded: window.exceeded };
  };
}

const keyOf = (credential: string, index: number): Key => ({
  pk: `RATE#${Buffer.from(credential).toString('base64url')}`,
  sk: String(index),
});

/** Takes the next part, or what is left one by one. Calls of one process that come together may each take one. */
async function take(table: Table, key: Key, window: Window, { limit, part }: { limit: number; part: number }) {
  for (const size of part > 1 ? [part, 1] : [1]) {
    if (!(await takes(table, key, size, limit, window.index))) continue;
    window.left += size;
    window.taken = Number((await table.get(key))?.data['taken'] ?? size);
    return;
  }
}

async function takes(table: Table, key: Key, size: number, limit: number, index: number): Promise<boolean> {
  const expiresAt = ((index + 1) * WINDOW_MS) / 1000 + 3600;
  const more: Write = {
    op: 'add',
    key,
    add: { taken: size },
    when: [{ is: 'at_most', field: 'taken', value: limit - size }],
  };
  const first: Write = { op: 'put', key, data: { taken: size }, expiresAt, when: [{ is: 'absent' }] };
  // Added, or the first of the minute, or added after somebody else was the first.
  for (const write of [more, first, more]) if (await holds(table, write)) return true;
  return false;
}

async function holds(table: Table, write: Write): Promise<boolean> {
  try {
    await table.write([write]);
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

function keep(windows: Map<string, Window>, credential: string, window: Window): void {
  windows.delete(credential);
  windows.set(credential, window);
  const oldest = windows.keys().next();
  if (windows.size > REMEMBERED && !oldest.done) windows.delete(oldest.value);
}
