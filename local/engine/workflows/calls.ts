import type { Json } from '../../../functions/platform/table.ts';
import type { CallMeta, WorkflowOptions } from './engine.ts';
import type { Executor } from './executor.ts';
import type { Frame, TaskPhase } from './frame.ts';
import { isTooLarge } from './limits.ts';
import { type CallEnd, settleCall, tick } from './operations.ts';
import type { Persistently } from './persistence.ts';
import { StateError } from './state-error.ts';
import type { Saved, Step } from './step.ts';
import type { ExecutionId } from './store.ts';
import type { Busy } from './work.ts';

export interface Calls {
  /** Calls the functions an execution waits for and that are not being called yet. */
  fire(saved: Saved): void;
  /** No call begins any more. */
  close(): void;
  /** The end of a call that is still under way is no longer recorded. */
  abandon(): void;
}
interface Attempt {
  readonly id: ExecutionId;
  readonly frame: Frame;
  readonly phase: TaskPhase;
}
export function createCalls(
  options: WorkflowOptions,
  executor: Executor,
  busy: Busy,
  persistently: Persistently,
): Calls {
  const underWay = new Set<string>();
  let state: 'open' | 'closed' | 'abandoned' = 'open';

  const call = async ({ id, frame, phase }: Attempt): Promise<void> => {
    const end = await outcomeOf(options, id, frame, phase);
    const record = async (step: Step): Promise<void> => {
      await tick(step);
      await settleCall(step, frame.path, phase.token, end);
    };
    if (state !== 'abandoned') await persistently('record the end of a call', () => executor.operate(id, record));
    underWay.delete(phase.token);
  };
  return {
    fire({ head, frames }) {
      if (state !== 'open') return;
      for (const frame of frames.values()) {
        const { phase } = frame;
        if (phase.kind !== 'task' || phase.delivered || underWay.has(phase.token)) continue;
        underWay.add(phase.token);
        void busy.track(() => call({ id: head, frame, phase }));
      }
    },
    close() {
      state = 'closed';
    },
    abandon() {
      state = 'abandoned';
    },
  };
}

async function outcomeOf(options: WorkflowOptions, id: ExecutionId, frame: Frame, phase: TaskPhase): Promise<CallEnd> {
  options.boundary?.(`before call ${frame.state}`);
  const end = await invoked(options, phase, metaOf(id, frame, phase));
  options.boundary?.(`after call ${frame.state}`);
  return end;
}

async function invoked({ invoke }: WorkflowOptions, phase: TaskPhase, meta: CallMeta): Promise<CallEnd> {
  try {
    const answer = asJson(await invoke(phase.functionName, asJson(phase.payload), meta));
    if (isTooLarge(answer))
      return { problem: new StateError('States.DataLimitExceeded', 'the answer is over 256 KiB') };
    return { result: { ExecutedVersion: '$LATEST', Payload: answer, StatusCode: 200 } };
  } catch (problem) {
    return { problem: asLambdaReports(problem) };
  }
}

function metaOf({ machine, name }: ExecutionId, frame: Frame, phase: TaskPhase): CallMeta {
  const retries = Object.values(frame.retries).reduce((sum, count) => sum + count, 0);
  const attempt = [name, frame.path, frame.state, frame.enteredAt, retries].join('/');
  return { machine, execution: name, state: frame.state, attempt, timeoutAt: new Date(phase.timeoutAt) };
}

/** Functions get and give JSON, as on the platform: live objects and undefined do not pass. */
function asJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value) ?? 'null') as Json;
}

function asLambdaReports(problem: unknown): StateError {
  if (!(problem instanceof Error) || problem.name === '') return new StateError('Lambda.Unknown', String(problem));
  const cause = { errorType: problem.name, errorMessage: problem.message };
  return new StateError(problem.name, JSON.stringify(cause));
}
