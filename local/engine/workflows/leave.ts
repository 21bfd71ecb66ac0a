import type { Json, JsonObject } from '../../../functions/platform/table.ts';
import { bindingsOf } from './context.ts';
import { type Frame, indexOf, parentOf } from './frame.ts';
import { withinLimit } from './limits.ts';
import type { Exit, Retrier } from './machine.ts';
import { matches, StateError } from './state-error.ts';
import { endExecution, frameAt, goTo, put, record, removeChildren, type Step, stateOf } from './step.ts';
import type { Bindings } from './templates.ts';

/** A state has its result: variables and output are computed from what was before it, then the way goes on. */
export async function finish(step: Step, frame: Frame, result: Json): Promise<void> {
  const state = stateOf(step, frame);
  if (!('exit' in state)) throw new Error(`${state.type} has no result`);
  try {
    await leaveBy(step, frame, state.exit, bindingsOf(step, frame, { result }), result);
  } catch (problem) {
    if (!(problem instanceof StateError)) throw problem;
    await fail(step, frame, problem);
  }
}

/** Takes one way out. Throws StateError when an expression of it fails: then nothing has changed. */
export async function leaveBy(
  step: Step,
  frame: Frame,
  exit: Exit,
  bindings: Bindings,
  otherwise: Json,
): Promise<void> {
  const assigned = exit.assign ? ((await exit.assign(bindings)) as JsonObject) : {};
  const output = withinLimit(exit.output ? await exit.output(bindings) : otherwise, 'the output');
  const variables = withinLimit({ ...frame.variables, ...assigned }, 'the variables together');
  removeChildren(step, frame.path);
  record(step, `${stateOf(step, frame).type}StateExited`, frame.state);
  if (exit.next !== undefined) return goTo(step, frame, exit.next, output, variables);
  endScope(step, frame, output);
}

/** The last state of the machine, an iteration or a branch is left. */
function endScope(step: Step, frame: Frame, output: Json): void {
  const above = parentOf(frame.path);
  if (above === undefined) {
    endExecution(step, { status: 'succeeded', output });
    return;
  }
  const { path, state, enteredAt } = frame;
  put(step, { path, state, enteredAt, input: null, variables: {}, retries: {}, phase: { kind: 'done', output } });
  const parent = frameAt(step, above);
  if (stateOf(step, parent).type === 'Map') record(step, 'MapIterationSucceeded', parent.state);
  step.queue.push(above);
}

/** A state has failed: it is retried, caught, or takes what is around it down with it. */
export async function fail(step: Step, frame: Frame, problem: StateError): Promise<void> {
  const state = stateOf(step, frame);
  removeChildren(step, frame.path);
  if (state.type === 'Map' || state.type === 'Parallel')
    record(step, `${state.type}StateFailed`, frame.state, problem.error);
  if (!('retry' in state)) return failAround(step, frame, problem);
  const retried = retryOf(state.retry, frame, problem.error, step.random);
  if (retried) {
    const phase = { kind: 'retry', until: step.now + retried.delayMs } as const;
    return put(step, { ...frame, retries: retried.retries, phase });
  }
  const catcher = state.catch.find(({ errorEquals }) => matches(errorEquals, problem.error));
  if (!catcher) return failAround(step, frame, problem);
  const errorOutput = { Error: problem.error, Cause: problem.reason };
  try {
    await leaveBy(step, frame, catcher.exit, bindingsOf(step, frame, { errorOutput }), errorOutput);
  } catch (another) {
    if (!(another instanceof StateError)) throw another;
    await failAround(step, frame, another);
  }
}

async function failAround(step: Step, frame: Frame, problem: StateError): Promise<void> {
  const above = parentOf(frame.path);
  if (above === undefined) return endExecution(step, { status: 'failed', error: problem.error, cause: problem.reason });
  const parent = frameAt(step, above);
  if (stateOf(step, parent).type === 'Map') record(step, 'MapIterationFailed', parent.state, problem.error);
  else record(step, 'ParallelBranchFailed', `${parent.state}[${indexOf(frame.path)}]`, problem.error);
  await fail(step, parent, problem);
}

/** The first retrier that names the error decides; each counts for itself. */
function retryOf(
  retriers: readonly Retrier[],
  frame: Frame,
  error: string,
  random: () => number,
): { readonly delayMs: number; readonly retries: Frame['retries'] } | undefined {
  const at = retriers.findIndex(({ errorEquals }) => matches(errorEquals, error));
  const retrier = retriers[at];
  const made = frame.retries[at] ?? 0;
  if (!retrier || made >= retrier.maxAttempts) return undefined;
  const growing = retrier.intervalSeconds * retrier.backoffRate ** made;
  const seconds = Math.min(growing, retrier.maxDelaySeconds ?? Number.POSITIVE_INFINITY);
  const delayMs = Math.round(seconds * 1000 * (retrier.fullJitter ? random() : 1));
  return { delayMs, retries: { ...frame.retries, [at]: made + 1 } };
}
