import { RequestId } from '../domain/ids.ts';
import type { Deps } from '../platform/deps.ts';
import { ConditionFailed } from '../platform/table.ts';
import { isFinal } from './move.ts';
import { openOrderTask } from './order-task.ts';
import { findRequest, findScopeOf } from './store.ts';

/**
 * Puts a request before a person whose execution ended otherwise than by its own last state, and so left it without a timer
 * (reliability 4.8, I4). Told twice it is there once; a request that has ended is left alone.
 * @param execution its name: the request's id, with a count behind it from the second execution on
 * @param status as Step Functions names it: FAILED, TIMED_OUT, ABORTED
 */
export async function endedBadly(
  deps: Pick<Deps, 'table' | 'clock'>,
  execution: string,
  status: string,
): Promise<void> {
  const id = RequestId.safeParse(execution.split('.', 1)[0]);
  const scope = id.success ? await findScopeOf(deps.table, id.data) : undefined;
  const request = id.success && scope ? await findRequest(deps.table, scope, id.data) : undefined;
  if (!request || isFinal(request)) return;
  const detail = `Its workflow ${execution} ended before the request did (${status.toLowerCase()}): nothing moves it on.`;
  const writes = await openOrderTask(deps, request, { detail }, deps.clock.now());
  try {
    if (writes.length > 0) await deps.table.write(writes);
  } catch (error) {
    // Told twice at the same moment: the other one has put it there.
    if (!(error instanceof ConditionFailed)) throw error;
  }
}
