import type { Clock } from '../../../functions/platform/clock.ts';
import type { Log } from '../../../functions/platform/log.ts';
import type { Alarms } from './alarms.ts';
import type { Busy } from './work.ts';

/** Repeats what the engine owes itself, with growing pauses, until the table takes it. To be called in tracked work. */
export type Persistently = (what: string, work: () => Promise<unknown>) => Promise<void>;

const LONGEST_PAUSE_MS = 60_000;

export function persistentlyOn(parts: {
  readonly clock: Clock;
  readonly log: Log;
  readonly alarms: Alarms;
  readonly busy: Busy;
}): Persistently {
  let pauses = 0;
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      pauses++;
      parts.alarms.set(`pause ${pauses}`, parts.clock.now().getTime() + ms, resolve);
    });
  return async (what, work) => {
    for (let tries = 0; ; tries++) {
      try {
        await work();
        return;
      } catch (problem) {
        parts.log.error('workflow_write_failed', problem, { what, tries });
      }
      await parts.busy.pause(() => pause(Math.min(1000 * 2 ** tries, LONGEST_PAUSE_MS)));
    }
  };
}
