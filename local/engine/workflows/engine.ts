import type { Clock } from '../../../functions/platform/clock.ts';
import type { Log } from '../../../functions/platform/log.ts';
import type { Json, Table, Write } from '../../../functions/platform/table.ts';
import type { ExecutionStatus } from '../../../functions/platform/workflows.ts';

/** What the function of a task is told about the call beside its payload. */
export interface CallMeta {
  readonly machine: string;
  readonly execution: string;
  readonly state: string;
  /** The same for every repetition of one attempt after a crash, another one for every retry and iteration. */
  readonly attempt: string;
  /** After this nobody waits for the answer any more. */
  readonly timeoutAt: Date;
}

/** An execution that ended otherwise than by its own last state. */
export interface BadEnd {
  readonly machine: string;
  readonly execution: string;
  readonly status: Exclude<ExecutionStatus, 'running' | 'succeeded'>;
  readonly startedAt: Date;
  readonly stoppedAt: Date;
}

export interface WorkflowOptions {
  readonly table: Table;
  readonly clock: Clock;
  /** Definitions by name, placeholders already replaced by function names. */
  readonly machines: Readonly<Record<string, unknown>>;
  /** Calls a function. What it throws is matched by name in Retry and Catch. May be called again after a crash. */
  readonly invoke: (functionName: string, payload: Json, meta: CallMeta) => Promise<unknown>;
  readonly log: Log;
  /** Written in the transaction of such an end, so that it cannot be missed; a few writes at most. */
  readonly withBadEnd?: (end: BadEnd) => readonly Write[];
  /** Called before and after every write and every call, for tests that kill the process there. */
  readonly boundary?: (name: string) => void;
  /** For jitter; in [0, 1). */
  readonly random?: () => number;
}
