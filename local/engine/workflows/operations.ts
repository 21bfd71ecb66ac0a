import type { Json } from '../../../functions/platform/table.ts';
import { dueOf, type Frame, type TaskPhase } from './frame.ts';
import { fail, finish } from './leave.ts';
import { StateError } from './state-error.ts';
import { endExecution, put, record, type Step } from './step.ts';

/** After this many calls of one attempt that the process did not survive, the attempt has failed. */
const MOST_REFIRES = 5;

/** How a function call ended. */
export type CallEnd = { readonly result: Json } | { readonly problem: StateError };

/** Does what the clock demands: waits and retries that are over, tasks out of time, an execution too old. */
export async function tick(step: Step): Promise<void> {
  if (step.now >= step.saved.head.deadline) {
    return endExecution(step, { status: 'timed_out', error: 'States.Timeout', cause: 'the execution ran too long' });
  }
  for (const frame of [...step.frames.values()]) {
    const due = dueOf(frame);
    const isStillThere = step.frames.get(frame.path) === frame && !step.ending;
    if (due !== undefined && due <= step.now && isStillThere) await fallDue(step, frame);
  }
}

async function fallDue(step: Step, frame: Frame): Promise<void> {
  if (frame.phase.kind === 'wait') return finish(step, frame, frame.input);
  if (frame.phase.kind === 'retry') {
    put(step, { ...frame, phase: { kind: 'ready', fresh: false } });
    step.queue.push(frame.path);
    return;
  }
  if (frame.phase.kind !== 'task') return;
  const error = frame.phase.timeoutAt <= step.now ? 'States.Timeout' : 'States.HeartbeatTimeout';
  record(step, 'TaskTimedOut', frame.state, error);
  await fail(step, frame, new StateError(error, ''));
}

/** The frame whose present attempt has this token. */
export function attemptAt(step: Step, path: string, token: string): (Frame & { phase: TaskPhase }) | undefined {
  const frame = step.frames.get(path);
  if (frame?.phase.kind !== 'task' || frame.phase.token !== token) return undefined;
  return { ...frame, phase: frame.phase };
}

/** Records how the function call of an attempt ended; an attempt that is over stays over. */
export async function settleCall(step: Step, path: string, token: string, end: CallEnd): Promise<void> {
  const frame = attemptAt(step, path, token);
  if (!frame) return;
  if ('problem' in end) return failAttempt(step, frame, end.problem);
  if (!frame.phase.callback) return completeAttempt(step, frame, end.result);
  record(step, 'TaskSubmitted', frame.state);
  put(step, { ...frame, phase: { ...frame.phase, delivered: true } });
}

export async function completeAttempt(step: Step, frame: Frame, result: Json): Promise<void> {
  record(step, 'TaskSucceeded', frame.state);
  await finish(step, frame, result);
}

export async function failAttempt(step: Step, frame: Frame, problem: StateError): Promise<void> {
  record(step, 'TaskFailed', frame.state, problem.error);
  await fail(step, frame, problem);
}

export function heartbeat(step: Step, frame: Frame & { phase: TaskPhase }): void {
  const { heartbeatSeconds } = frame.phase;
  if (heartbeatSeconds === undefined) return;
  put(step, { ...frame, phase: { ...frame.phase, heartbeatAt: step.now + heartbeatSeconds * 1000 } });
}

/**
 * After a restart: gives calls whose end was not recorded their full time again, since nobody worked on them meanwhile.
 * One that took the process down too often counts as lost, as Lambda reports it.
 * @returns how many calls are to be made again
 */
export async function refire(step: Step): Promise<number> {
  let refired = 0;
  for (const frame of [...step.frames.values()]) {
    const { phase } = frame;
    if (phase.kind !== 'task' || phase.delivered || step.frames.get(frame.path) !== frame) continue;
    if (phase.refired >= MOST_REFIRES) {
      await failAttempt(
        step,
        frame,
        new StateError('Lambda.Unknown', `the process died in ${phase.refired + 1} calls`),
      );
      continue;
    }
    const { heartbeatSeconds } = phase;
    const beat = heartbeatSeconds === undefined ? {} : { heartbeatAt: step.now + heartbeatSeconds * 1000 };
    const timeoutAt = step.now + phase.timeoutSeconds * 1000;
    put(step, { ...frame, phase: { ...phase, refired: phase.refired + 1, timeoutAt, ...beat } });
    refired++;
  }
  return refired;
}
