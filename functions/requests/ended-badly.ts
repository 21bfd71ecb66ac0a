import { RequestId } from '../domain/ids.ts';
import type { Deps } from '../platform/deps.ts';
import { executionOf, goOnWrites, isClosed, writeFor } from './go-on.ts';
import { openOrderTask } from './order-task.ts';

/** An execution that ended otherwise than by its own last state. */
export interface BadEnd {
  /** Its name: of a request's, the request's id, with a count behind it from the second one on. */
  readonly execution: string;
  /** As Step Functions names it: FAILED, TIMED_OUT, ABORTED. */
  readonly status: string;
  /** How long it ran, where that is known. */
  readonly seconds?: number | undefined;
}

/** What dies sooner would die again: a fault of the definition, or of what it was given. */
const LONG_SECONDS = 3_600;

/**
 * Takes up a request that has lost its execution, and with it its timer (reliability 4.8, I4). One that ran for long (a year,
 * or until the table was gone for a day) goes on in a fresh one; otherwise, and when a person has stopped it, a person looks
 * first, and the task's resolution starts it again (`goOnIfDead`). Told twice it is done once; a request that is closed, or
 * carried by a later execution, is left alone. A set of papers needs nothing: it stays due, and the minute looks again.
 */
export async function endedBadly(
  deps: Pick<Deps, 'table' | 'clock' | 'settings' | 'log'>,
  { execution, status, seconds = 0 }: BadEnd,
): Promise<void> {
  const id = RequestId.safeParse(execution.split('.', 1)[0]);
  if (!id.success) return;
  await writeFor(deps, id.data, async (request) => {
    if (isClosed(request) || execution !== executionOf(request)) return [];
    const goesOn = status !== 'ABORTED' && seconds >= LONG_SECONDS;
    const words = { numberRequestId: request.id, execution, status, goesOn };
    deps.log.error('workflow_ended_badly', new Error(status), words);
    if (goesOn) return goOnWrites(deps, request);
    const detail = `Its workflow ${execution} ended before the request did (${status.toLowerCase()}); resolve to start it again.`;
    return openOrderTask(deps, request, { detail }, deps.clock.now());
  });
}
