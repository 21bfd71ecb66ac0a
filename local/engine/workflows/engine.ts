import type { Clock } from '../../../functions/platform/clock.ts';
import type { Log } from '../../../functions/platform/log.ts';
import type { Json, Table } from '../../../functions/platform/table.ts';

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

export interface WorkflowOptions {
  readonly table: Table;
  readonly clock: Clock;
  /** Definitions by name, placeholders already replaced by function names. */
  readonly machines: Readonly<Record<string, unknown>>;
  /** Calls a function. What it throws is matched by name in Retry and Catch. May be called again after a crash. */
  readonly invoke: (functionName: string, payload: Json, meta: CallMeta) => Promise<unknown>;
  readonly log: Log;
  /** Called before and after every write and every call, for tests that kill the process there. */
  readonly boundary?: (name: string) => void;
  /** For jitter; in [0, 1). */
  readonly random?: () => number;
}
