import type { Json, JsonObject } from '../../../functions/platform/table.ts';

/** A task that was entered: its function is to be called, is being called, or has answered and a token is waited for. */
export interface TaskPhase {
  readonly kind: 'task';
  /** Names this attempt; a callback's caller knows it. */
  readonly token: string;
  readonly functionName: string;
  readonly payload: Json;
  readonly callback: boolean;
  /** The function has answered; only callbacks go on waiting then. */
  readonly delivered: boolean;
  /** How often the function was called anew because the process died meanwhile. */
  readonly refired: number;
  readonly timeoutSeconds: number;
  readonly timeoutAt: number;
  readonly heartbeatSeconds?: number;
  readonly heartbeatAt?: number;
}
/** A Map or Parallel whose iterations or branches run, each in a frame of its own. */
export interface ChildrenPhase {
  readonly kind: 'children';
  /** Unlike every other Map's of this execution, so that left-over frames of an earlier round are never mistaken. */
  readonly generation: number;
  readonly count: number;
  readonly atOnce: number;
  /** The items of a Map; the input of each branch of a Parallel. */
  readonly of: Json;
}
type Phase =
  | { readonly kind: 'ready'; readonly fresh: boolean }
  | TaskPhase
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'retry'; readonly until: number }
  | ChildrenPhase
  | { readonly kind: 'done'; readonly output: Json };

/**
 * One place where an execution stands: the root, an iteration of a Map or a branch of a Parallel. Never changed, only
 * replaced. Instants are epoch milliseconds.
 */
export interface Frame {
  /** `r`, and for children the parent's path, the generation and the index: `r.12-3`. */
  readonly path: string;
  readonly state: string;
  readonly input: Json;
  /** Variables set in this scope; those of the frames above are read through them. */
  readonly variables: JsonObject;
  readonly enteredAt: number;
  /** Retries made in this state, per retrier. */
  readonly retries: Readonly<Record<string, number>>;
  readonly phase: Phase;
  /** What the iteration of a Map is about. */
  readonly item?: { readonly index: number; readonly value: Json };
}

export const ROOT = 'r';

export function parentOf(path: string): string | undefined {
  const end = path.lastIndexOf('.');
  return end < 0 ? undefined : path.slice(0, end);
}

export function indexOf(path: string): number {
  return Number(path.slice(path.lastIndexOf('-') + 1));
}

export function childPath(parent: Frame, phase: ChildrenPhase, index: number): string {
  return `${parent.path}.${phase.generation}-${index}`;
}

/** The instant at which something happens to this frame by itself. */
export function dueOf({ phase }: Frame): number | undefined {
  if (phase.kind === 'wait' || phase.kind === 'retry') return phase.until;
  if (phase.kind !== 'task') return undefined;
  return phase.heartbeatAt === undefined ? phase.timeoutAt : Math.min(phase.timeoutAt, phase.heartbeatAt);
}
