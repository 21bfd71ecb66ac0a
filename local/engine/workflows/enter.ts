import type { Json } from '../../../functions/platform/table.ts';
import { advanceChildren, enterMap, enterParallel } from './children.ts';
import { bindingsOf } from './context.ts';
import type { Frame } from './frame.ts';
import { fail, finish, leaveBy } from './leave.ts';
import { withinLimit } from './limits.ts';
import type { ChoiceState, FailState, TaskState, WaitState } from './machine.ts';
import { queryError, StateError } from './state-error.ts';
import { put, record, type Step, stateOf } from './step.ts';
import type { Bindings, Template } from './templates.ts';
import { newToken } from './token.ts';

/** Moves one frame as far as it goes by itself: into the state at whose door it stands, or its next iteration. */
export async function visit(step: Step, frame: Frame): Promise<void> {
  try {
    if (frame.phase.kind === 'ready') await enter(step, frame, frame.phase.fresh);
    else if (frame.phase.kind === 'children') await advanceChildren(step, frame, frame.phase);
  } catch (problem) {
    if (!(problem instanceof StateError)) throw problem;
    await fail(step, frame, problem);
  }
}

async function enter(step: Step, frame: Frame, fresh: boolean): Promise<void> {
  const state = stateOf(step, frame);
  if (fresh) record(step, `${state.type}StateEntered`, frame.state);
  switch (state.type) {
    case 'Task':
      return enterTask(step, frame, state);
    case 'Choice':
      return enterChoice(step, frame, state);
    case 'Wait':
      return enterWait(step, frame, state);
    case 'Map':
      return enterMap(step, frame, state);
    case 'Parallel':
      return enterParallel(step, frame, state);
    case 'Pass':
    case 'Succeed':
      return finish(step, frame, frame.input);
    case 'Fail':
      throw await failureOf(state, bindingsOf(step, frame));
  }
}

async function enterTask(step: Step, frame: Frame, state: TaskState): Promise<void> {
  const token = newToken({ ...step.saved.head, path: frame.path });
  const bindings = bindingsOf(step, frame, state.callback ? { token } : {});
  const payload = withinLimit(await state.payload(bindings), 'the arguments');
  const timeoutSeconds = wholeSeconds(await state.timeoutSeconds(bindings), 'TimeoutSeconds', 1);
  const heartbeat = state.heartbeatSeconds && (await state.heartbeatSeconds(bindings));
  const heartbeatSeconds = heartbeat === undefined ? undefined : wholeSeconds(heartbeat, 'HeartbeatSeconds', 1);
  put(step, {
    ...frame,
    phase: {
      kind: 'task',
      token,
      functionName: state.functionName,
      payload,
      callback: state.callback,
      delivered: false,
      refired: 0,
      timeoutSeconds,
      timeoutAt: step.now + timeoutSeconds * 1000,
      ...(heartbeatSeconds === undefined ? {} : { heartbeatSeconds, heartbeatAt: step.now + heartbeatSeconds * 1000 }),
    },
  });
  record(step, 'TaskScheduled', frame.state);
  record(step, 'TaskStarted', frame.state);
}

async function enterChoice(step: Step, frame: Frame, state: ChoiceState): Promise<void> {
  const bindings = bindingsOf(step, frame);
  for (const rule of state.rules) {
    const holds = await rule.condition(bindings);
    if (typeof holds !== 'boolean') throw queryError(`the Condition gives ${JSON.stringify(holds)}, not a boolean`);
    if (holds) return leaveBy(step, frame, rule.exit, bindings, frame.input);
  }
  if (!state.otherwise) throw new StateError('States.NoChoiceMatched', 'no rule holds and there is no Default');
  return leaveBy(step, frame, state.otherwise, bindings, frame.input);
}

async function enterWait(step: Step, frame: Frame, state: WaitState): Promise<void> {
  const bindings = bindingsOf(step, frame);
  const until =
    'seconds' in state.until
      ? step.now + 1000 * wholeSeconds(await state.until.seconds(bindings), 'Seconds', 0)
      : await instant(state.until.timestamp, bindings);
  put(step, { ...frame, phase: { kind: 'wait', until } });
}

async function failureOf(state: FailState, bindings: Bindings): Promise<StateError> {
  const error = await state.error(bindings);
  const cause = await state.cause(bindings);
  if (typeof error !== 'string' || typeof cause !== 'string') throw queryError('Error and Cause must be text');
  return new StateError(error, cause);
}

function wholeSeconds(value: Json, field: string, least: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= 99_999_999) return value;
  throw queryError(`${field} gives ${JSON.stringify(value)}, not a whole number from ${least} to 99999999`);
}

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
async function instant(timestamp: Template, bindings: Bindings): Promise<number> {
  const value = await timestamp(bindings);
  const at = typeof value === 'string' && TIMESTAMP.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw queryError(`Timestamp gives ${JSON.stringify(value)}, not an instant as in RFC 3339`);
  return at;
}
