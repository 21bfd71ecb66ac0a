import { isDeepStrictEqual } from 'node:util';
import type { Json, JsonObject, Key } from '../../../functions/platform/table.ts';
import type { ExecutionStatus, HistoryEvent } from '../../../functions/platform/workflows.ts';
import type { ChildrenPhase, Frame } from './frame.ts';
import { parentOf, ROOT } from './frame.ts';
import type { Machine, Scope, State } from './machine.ts';

/** What an execution is beside its frames; small, written with every step. Instants are epoch milliseconds. */
export interface Head {
  readonly machine: string;
  readonly name: string;
  readonly definition: string;
  readonly status: ExecutionStatus;
  readonly startedAt: number;
  /** After this it has run too long. */
  readonly deadline: number;
  /** The instant at which the clock moves it. */
  readonly dueAt: number;
  /** Steps written so far: the condition of the next one. */
  readonly revision: number;
  /** History events so far. */
  readonly events: number;
  /** Something is to be done at once: a function to call, a frame to move. */
  readonly pending: boolean;
  readonly stoppedAt?: number;
  readonly error?: string;
  readonly cause?: string;
}
export interface Ending {
  readonly status: Exclude<ExecutionStatus, 'running'>;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
}
/** An execution as it is stored. */
export interface Saved {
  readonly head: Head;
  readonly input: JsonObject;
  readonly frames: ReadonlyMap<string, Frame>;
  /** Keys of the items of removed frames that still lie in the table, frame by frame. */
  readonly leftOver: readonly (readonly Key[])[];
}

/** The work on an execution between two writes. Nothing in it has happened until it is written. */
export interface Step {
  readonly saved: Saved;
  readonly machine: Machine;
  readonly now: number;
  readonly random: () => number;
  readonly frames: Map<string, Frame>;
  /** Paths of frames that stand otherwise than they are stored. */
  readonly changed: Set<string>;
  /** Paths to look at next. */
  readonly queue: string[];
  readonly events: HistoryEvent[];
  ending: Ending | undefined;
}

export function beginStep(saved: Saved, machine: Machine, now: number, random: () => number): Step {
  const frames = new Map(saved.frames);
  const movable = [...frames.values()].filter(({ phase }) => phase.kind === 'ready' || phase.kind === 'children');
  const queue = movable.map((frame) => frame.path);
  return { saved, machine, now, random, frames, changed: new Set(), queue, events: [], ending: undefined };
}

export const hasChanged = (step: Step): boolean =>
  step.changed.size > 0 || step.events.length > 0 || step.ending !== undefined;

export function put(step: Step, frame: Frame): void {
  step.frames.set(frame.path, frame);
  step.changed.add(frame.path);
}

/** Puts a frame at the door of a state. */
export function goTo(step: Step, frame: Frame, state: string, input: Json, variables: JsonObject): void {
  const phase = { kind: 'ready', fresh: true } as const;
  put(step, { ...frame, state, input, variables, phase, enteredAt: step.now, retries: {} });
  step.queue.push(frame.path);
}

export function removeChildren(step: Step, path: string): void {
  for (const child of step.frames.keys()) {
    if (!child.startsWith(`${path}.`)) continue;
    step.frames.delete(child);
    step.changed.add(child);
  }
}

export function childrenOf(step: Step, frame: Frame, phase: ChildrenPhase): Frame[] {
  const prefix = `${frame.path}.${phase.generation}-`;
  return [...step.frames.values()].filter(({ path }) => path.startsWith(prefix) && !path.includes('.', prefix.length));
}

export function eventCount(step: Step): number {
  return step.saved.head.events + step.events.length;
}

export function record(step: Step, type: string, state?: string, error?: string): void {
  step.events.push({
    id: eventCount(step) + 1,
    type,
    at: new Date(step.now).toISOString(),
    ...(state === undefined ? {} : { state }),
    ...(error === undefined ? {} : { error }),
  });
}

const ENDINGS = { succeeded: 'Succeeded', failed: 'Failed', timed_out: 'TimedOut', aborted: 'Aborted' } as const;

export function endExecution(step: Step, ending: Ending): void {
  record(step, `Execution${ENDINGS[ending.status]}`, undefined, ending.error);
  step.ending = ending;
  removeChildren(step, ROOT);
  step.frames.delete(ROOT);
  step.changed.add(ROOT);
}

/** The states among which a frame stands. */
function scopeOf(step: Step, path: string): Scope {
  const above = parentOf(path);
  if (above === undefined) return step.machine;
  const state = stateOf(step, frameAt(step, above));
  if (state.type === 'Map') return state.processor;
  const branch = state.type === 'Parallel' ? state.branches[Number(path.slice(path.lastIndexOf('-') + 1))] : undefined;
  if (!branch) throw new Error(`frame ${path} lies in no Map and no branch`);
  return branch;
}

export function startOf(step: Step, path: string): string {
  return scopeOf(step, path).startAt;
}

export function stateOf(step: Step, frame: Frame): State {
  const state = scopeOf(step, frame.path).states.get(frame.state);
  if (!state) throw new Error(`there is no state ${frame.state} in definition ${step.machine.hash}`);
  return state;
}

export function frameAt(step: Step, path: string): Frame {
  const frame = step.frames.get(path);
  if (!frame) throw new Error(`there is no frame ${path}`);
  return frame;
}

/** Whether a start with this input means the very execution that runs. */
export function isSameStart(saved: Pick<Saved, 'head' | 'input'>, input: JsonObject): boolean {
  return saved.head.status === 'running' && isDeepStrictEqual(saved.input, input);
}
