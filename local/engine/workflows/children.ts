import type { Json } from '../../../functions/platform/table.ts';
import { bindingsOf } from './context.ts';
import { type ChildrenPhase, childPath, type Frame, indexOf } from './frame.ts';
import { finish } from './leave.ts';
import { MAX_ITERATIONS_AT_ONCE, withinLimit } from './limits.ts';
import type { MapState, ParallelState } from './machine.ts';
import { queryError } from './state-error.ts';
import { childrenOf, eventCount, put, record, type Step, startOf, stateOf } from './step.ts';
import type { Bindings } from './templates.ts';

export async function enterMap(step: Step, frame: Frame, state: MapState): Promise<void> {
  const bindings = bindingsOf(step, frame);
  const items = await state.items(bindings);
  if (!Array.isArray(items)) throw queryError(`Items gives ${typeof items}, not an array`);
  withinLimit(items, 'the items of a Map');
  const atOnce = await concurrency(state, bindings);
  record(step, 'MapStateStarted', frame.state);
  begin(step, frame, { count: items.length, atOnce, of: items });
}

export async function enterParallel(step: Step, frame: Frame, state: ParallelState): Promise<void> {
  const input = state.input ? withinLimit(await state.input(bindingsOf(step, frame)), 'the arguments') : frame.input;
  record(step, 'ParallelStateStarted', frame.state);
  begin(step, frame, { count: state.branches.length, atOnce: state.branches.length, of: input });
}

async function concurrency(state: MapState, bindings: Bindings): Promise<number> {
  const wished = await state.maxConcurrency(bindings);
  if (typeof wished !== 'number' || !Number.isInteger(wished) || wished < 0) {
    throw queryError(`MaxConcurrency gives ${JSON.stringify(wished)}, not a whole number`);
  }
  return Math.min(wished || MAX_ITERATIONS_AT_ONCE, MAX_ITERATIONS_AT_ONCE);
}

function begin(step: Step, frame: Frame, children: Omit<ChildrenPhase, 'kind' | 'generation'>): void {
  put(step, { ...frame, phase: { kind: 'children', generation: eventCount(step), ...children } });
  step.queue.push(frame.path);
}

/** Ends a Map or Parallel whose children are all done, or starts one more child if there is room. */
export async function advanceChildren(step: Step, frame: Frame, phase: ChildrenPhase): Promise<void> {
  const children = childrenOf(step, frame, phase);
  const outputs = children.flatMap(({ path, phase }) =>
    phase.kind === 'done' ? [{ index: indexOf(path), output: phase.output }] : [],
  );
  if (outputs.length === phase.count) {
    record(step, `${stateOf(step, frame).type}StateSucceeded`, frame.state);
    const inOrder = outputs.sort((a, b) => a.index - b.index).map(({ output }) => output);
    return finish(step, frame, inOrder);
  }
  const room = children.length < phase.count && children.length - outputs.length < phase.atOnce;
  if (!room) return;
  await startChild(step, frame, phase, children.length);
  step.queue.push(frame.path);
}

async function startChild(step: Step, frame: Frame, phase: ChildrenPhase, index: number): Promise<void> {
  const path = childPath(frame, phase, index);
  const state = stateOf(step, frame);
  const item = state.type === 'Map' ? { index, value: (phase.of as readonly Json[])[index] ?? null } : undefined;
  const about = item ? { item } : {};
  const selector = state.type === 'Map' ? state.itemSelector : undefined;
  const input = selector
    ? withinLimit(await selector(bindingsOf(step, { ...frame, ...about })), 'the input of an iteration')
    : item
      ? item.value
      : phase.of;
  if (item) record(step, 'MapIterationStarted', frame.state);
  const ready = { kind: 'ready', fresh: true } as const;
  put(step, {
    path,
    state: startOf(step, path),
    input,
    variables: {},
    enteredAt: step.now,
    retries: {},
    phase: ready,
    ...about,
  });
  step.queue.push(path);
}
