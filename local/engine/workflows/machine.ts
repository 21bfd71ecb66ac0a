import type { Template } from './templates.ts';

/** Where a state leads and what it leaves behind; without `next` it ends its scope. */
export interface Exit {
  readonly next: string | undefined;
  readonly assign: Template | undefined;
  readonly output: Template | undefined;
}
export interface Retrier {
  readonly errorEquals: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number | undefined;
  readonly fullJitter: boolean;
}
export interface Catcher {
  readonly errorEquals: readonly string[];
  readonly exit: Exit;
}
interface Failing {
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

export interface TaskState extends Failing {
  readonly type: 'Task';
  readonly exit: Exit;
  readonly functionName: string;
  readonly payload: Template;
  /** Waits for a task token after the function has answered. */
  readonly callback: boolean;
  readonly timeoutSeconds: Template;
  readonly heartbeatSeconds: Template | undefined;
}
export interface ChoiceState {
  readonly type: 'Choice';
  readonly rules: readonly { readonly condition: Template; readonly exit: Exit }[];
  readonly otherwise: Exit | undefined;
}
export interface WaitState {
  readonly type: 'Wait';
  readonly exit: Exit;
  readonly until: { readonly seconds: Template } | { readonly timestamp: Template };
}
export interface MapState extends Failing {
  readonly type: 'Map';
  readonly exit: Exit;
  readonly items: Template;
  readonly itemSelector: Template | undefined;
  readonly maxConcurrency: Template;
  readonly processor: Scope;
}
export interface ParallelState extends Failing {
  readonly type: 'Parallel';
  readonly exit: Exit;
  readonly input: Template | undefined;
  readonly branches: readonly Scope[];
}
/** Pass hands on, Succeed ends its scope: both are only an exit. */
interface PlainState {
  readonly type: 'Pass' | 'Succeed';
  readonly exit: Exit;
}
export interface FailState {
  readonly type: 'Fail';
  readonly error: Template;
  readonly cause: Template;
}
export type State = TaskState | ChoiceState | WaitState | MapState | ParallelState | PlainState | FailState;

/** States that see each other: the machine itself, a branch, or what a Map does for each item. */
export interface Scope {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
}
export interface Machine extends Scope {
  /** SHA-256 of the definition: running executions stay with the one they began with (X3). */
  readonly hash: string;
  readonly timeoutSeconds: number | undefined;
}

/** A definition this engine does not run; `problems` names state and field of each. */
export class InvalidMachine extends Error {
  override readonly name = 'InvalidMachine';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`state machine refused:\n${problems.join('\n')}`);
    this.problems = problems;
  }
}
