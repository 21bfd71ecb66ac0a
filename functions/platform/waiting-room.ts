import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { ConditionFailed, type Key, type Table } from './table.ts';

/** Where callers are held who want to wait for the end of what they began (`Prefer: wait`, performance §1). */
export interface WaitingRoom {
  /** Seconds a caller is held at most. */
  readonly longestSeconds: number;
  /** Milliseconds between two looks at what is waited for. */
  readonly pollMs: number;
  /** A place for so many seconds, left by calling what is returned; undefined when none was found. Never throws. */
  enter(seconds: number): Promise<(() => Promise<void>) | undefined>;
}
interface Parts {
  readonly table: Table;
  readonly clock: Clock;
  readonly log: Log;
  /** Callers held at the same time by all processes together. */
  readonly places: number;
}

/** Below the 29 s of the function and its front door, with the time of the work itself. */
const LONGEST_SECONDS = 20;
const POLL_MS = 1_000;
/** What a place outlasts its wait by: clocks differ, and the answer takes its time. */
const GRACE_SECONDS = 10;
/** Places looked at: each costs a write, and a caller who finds none is only answered at once. */
const TRIES = 3;

/**
 * A waiting room that all processes share: each caller takes one of its numbered places in the table, so that never more wait
 * than there are. A place whose process has died is free again by itself; a count would have to be repaired.
 */
export function sharedWaitingRoom({ table, clock, log, places }: Parts): WaitingRoom {
  const epoch = (): number => Math.floor(clock.now().getTime() / 1000);
  const by = randomUUID();
  let callers = 0;

  async function take(place: number, seconds: number): Promise<(() => Promise<void>) | undefined> {
    const key: Key = { pk: `RATE#waiting#${place}`, sk: 'PLACE' };
    callers += 1;
    const data = { by: `${by}.${callers}` };
    try {
      const expiresAt = epoch() + seconds + GRACE_SECONDS;
      await table.write([{ op: 'put', key, data, expiresAt, when: [{ is: 'absent' }] }]);
    } catch (error) {
      if (error instanceof ConditionFailed) return undefined;
      throw error;
    }
    const ours = { is: 'equals', field: 'by', value: data.by } as const;
    return () => table.write([{ op: 'put', key, data, expiresAt: epoch(), when: [ours] }]);
  }

  return {
    longestSeconds: LONGEST_SECONDS,
    pollMs: POLL_MS,
    async enter(seconds) {
      try {
        const first = Math.floor(Math.random() * places);
        for (let tried = 0; tried < Math.min(TRIES, places); tried++) {
          const leave = await take((first + tried) % places, seconds);
          if (leave) return () => leave().catch((error: unknown) => log.error('waiting_place_kept', error));
        }
      } catch (error) {
        log.error('waiting_room_unreachable', error);
      }
      return undefined;
    },
  };
}
