import type { Clock } from '../../../functions/platform/clock.ts';
import type { Log } from '../../../functions/platform/log.ts';
import type { Table } from '../../../functions/platform/table.ts';
import type { Alarms } from './alarms.ts';
import { type Executor, keyOf } from './executor.ts';
import { refire, tick } from './operations.ts';
import type { Persistently } from './persistence.ts';
import type { Head } from './step.ts';
import { type ExecutionId, loadHead, runningExecutions } from './store.ts';
import type { Busy } from './work.ts';

interface Parts {
  readonly table: Table;
  readonly clock: Clock;
  readonly log: Log;
  readonly alarms: Alarms;
  readonly busy: Busy;
  readonly executor: Executor;
  readonly persistently: Persistently;
}

/** Wakes executions when the clock says so, and takes them up after a restart. */
export interface Watch {
  /** Sets the alarm of an execution as it is stored, or takes it away when it has ended. */
  over(head: Head): void;
  recover(): Promise<{ readonly running: number; readonly refired: number }>;
}

export function createWatch({ table, clock, log, alarms, busy, executor, persistently }: Parts): Watch {
  const wake = (id: ExecutionId): void => {
    void busy.track(() => persistently('wake', () => executor.operate(id, tick)));
  };
  const over = (head: Head): void => {
    const { machine, name, status, error } = head;
    if (status === 'running') {
      alarms.set(keyOf(head), head.dueAt, () => wake({ machine, name }));
      return;
    }
    alarms.clear(keyOf(head));
    const level = status === 'failed' || status === 'timed_out' ? 'warn' : 'info';
    log[level]('workflow_ended', { machine, name, status, error });
  };
  const takeUp = async (id: ExecutionId): Promise<number | 'gone'> => {
    const head = await loadHead(table, id);
    if (head?.status !== 'running') return 'gone';
    if (!head.pending && head.dueAt > clock.now().getTime()) {
      over(head);
      return 0;
    }
    return executor.operate(id, async (step) => {
      const refired = await refire(step);
      await tick(step);
      return refired;
    });
  };
  return {
    over,
    async recover() {
      const ids = await Array.fromAsync(runningExecutions(table));
      const answers: number[] = [];
      for (const id of ids) {
        try {
          const answer = await busy.track(() => takeUp(id));
          if (answer !== 'gone') answers.push(answer);
        } catch (problem) {
          log.error('workflow_not_recovered', problem, { ...id });
        }
      }
      return { running: answers.length, refired: answers.reduce((sum, refired) => sum + refired, 0) };
    },
  };
}
