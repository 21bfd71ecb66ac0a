import { TooLarge } from '../../../functions/domain/errors.ts';
import type { Workflows } from '../../../functions/platform/workflows.ts';
import type { Executor } from './executor.ts';
import type { Frame, TaskPhase } from './frame.ts';
import { isTooLarge } from './limits.ts';
import { attemptAt, completeAttempt, failAttempt, heartbeat, tick } from './operations.ts';
import { StateError } from './state-error.ts';
import { endExecution, type Step } from './step.ts';
import { placeOf } from './token.ts';
import type { Busy } from './work.ts';

type Waiting = Frame & { readonly phase: TaskPhase };

/** What reaches an execution from outside. A token that is over, used or unknown is `gone`. */
export function signalsOf(
  executor: Executor,
  { track }: Busy,
): Pick<Workflows, 'succeedTask' | 'failTask' | 'heartbeatTask' | 'stop'> {
  const signal = (token: string, act: (step: Step, waiting: Waiting) => Promise<void>): Promise<'done' | 'gone'> =>
    track(async () => {
      const place = placeOf(token);
      if (!place) return 'gone';
      return executor.operate(place, async (step) => {
        await tick(step);
        const waiting = attemptAt(step, place.path, token);
        if (!waiting?.phase.callback || step.ending) return 'gone';
        await act(step, waiting);
        return 'done';
      });
    });
  return {
    async succeedTask(token, output) {
      if (isTooLarge(output)) throw new TooLarge({ code: 'output_too_large', detail: 'the output is over 256 KiB' });
      return signal(token, (step, waiting) => completeAttempt(step, waiting, output));
    },
    failTask: (token, error, cause) =>
      signal(token, (step, waiting) => failAttempt(step, waiting, new StateError(error, cause))),
    heartbeatTask: (token) => signal(token, async (step, waiting) => heartbeat(step, waiting)),
    stop: (machine, name, cause) =>
      track(() =>
        executor.operate({ machine, name }, async (step) => {
          await tick(step);
          if (step.ending) return 'gone';
          endExecution(step, { status: 'aborted', error: 'Aborted', cause });
          return 'done';
        }),
      ),
  };
}
