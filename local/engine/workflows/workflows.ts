import type { Clock } from '../../../functions/platform/clock.ts';
import type { Workflows } from '../../../functions/platform/workflows.ts';
import { alarmsOf } from './alarms.ts';
import { createCalls } from './calls.ts';
import type { WorkflowOptions } from './engine.ts';
import { createExecutor } from './executor.ts';
import { persistentlyOn } from './persistence.ts';
import { findExecution, historyOf } from './read.ts';
import { signalsOf } from './signals.ts';
import { startExecution } from './start.ts';
import { createWatch } from './watch.ts';
import { busyCounter } from './work.ts';

/** The workflows of one machine, and what its composition needs beside the interface. */
export interface LocalWorkflows extends Workflows {
  /** To be called once before use: takes up what ran when the process ended. */
  recover(): Promise<{ readonly running: number; readonly refired: number }>;
  /** Resolves when nothing is under way: executions only wait for the clock or a token, or have ended. */
  idle(): Promise<void>;
  /** No new call, no alarm; waits a few seconds for calls under way. What is not recorded then is called again later. */
  close(): Promise<void>;
}

const GRACE_MS = 5000;

/**
 * Interprets state machines in Amazon States Language (JSONata), every step of which is saved in the table before it has
 * an effect and after it has a result. One process at a time may own a table's executions. Throws InvalidMachine.
 */
export function createWorkflows(options: WorkflowOptions): LocalWorkflows {
  const { table, clock, log } = options;
  const busy = busyCounter();
  const alarms = alarmsOf(clock);
  const persistently = persistentlyOn({ clock, log, alarms, busy });
  const executor = createExecutor(options, (saved) => {
    calls.fire(saved);
    watch.over(saved.head);
  });
  const calls = createCalls(options, executor, busy, persistently);
  const watch = createWatch({ table, clock, log, alarms, busy, executor, persistently });

  return {
    start: (machine, name, input) =>
      busy.track(() => startExecution({ table, executor, now: clock.now() }, { machine, name }, input)),
    ...signalsOf(executor, busy),
    find: (machine, name) => findExecution(table, { machine, name }),
    history: (machine, name) => historyOf(table, { machine, name }),
    recover: watch.recover,
    idle: busy.idle,
    async close() {
      calls.close();
      alarms.close();
      await Promise.race([busy.idle(), passed(clock, GRACE_MS)]);
      calls.abandon();
    },
  };
}

function passed(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.wakeAt(new Date(clock.now().getTime() + ms), resolve));
}
