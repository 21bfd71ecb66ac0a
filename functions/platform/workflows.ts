import type { JsonObject } from './table.ts';

export type ExecutionStatus = 'running' | 'succeeded' | 'failed' | 'timed_out' | 'aborted';
export interface Execution {
  readonly machine: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly input: JsonObject;
  readonly output?: unknown;
  readonly error?: { readonly error: string; readonly cause: string };
  readonly startedAt: string;
  readonly stoppedAt?: string;
}
export interface HistoryEvent {
  readonly id: number;
  /** As Step Functions names it: TaskStateEntered, ChoiceStateExited, ExecutionSucceeded… */
  readonly type: string;
  readonly at: string;
  readonly state?: string;
  readonly error?: string;
}

/** Long-running executions of the state machines in `statemachines/`. */
export interface Workflows {
  /**
   * Starts at most once per name: `started` (new, or the same input is already running), `exists` (name used before).
   * Durable before it answers.
   */
  start(machine: string, name: string, input: JsonObject): Promise<'started' | 'exists'>;
  /** Ends the wait behind a task token; `gone` when it is over, used or unknown (N7: close the outbox line). */
  succeedTask(token: string, output: JsonObject): Promise<'done' | 'gone'>;
  failTask(token: string, error: string, cause: string): Promise<'done' | 'gone'>;
  heartbeatTask(token: string): Promise<'done' | 'gone'>;
  /** Ends an execution from outside. Never used to cancel a request (reliability 4.8). */
  stop(machine: string, name: string, cause: string): Promise<'done' | 'gone'>;
  find(machine: string, name: string): Promise<Execution | undefined>;
  history(machine: string, name: string): Promise<readonly HistoryEvent[]>;
}
