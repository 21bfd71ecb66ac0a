import type { RequestId, TenantId } from '../domain/ids.ts';
import { tenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { ConditionFailed, type Write } from '../platform/table.ts';
import { isFinal, type Move, moveRequest } from './move.ts';
import type { NumberRequest } from './schema.ts';
import { getRequest } from './store.ts';

export interface Place {
  readonly tenantId: TenantId;
  readonly requestId: RequestId;
}
type Plan = (
  request: NumberRequest,
) => Promise<{ move: Move; also?: readonly Write[] } | undefined> | { move: Move; also?: readonly Write[] } | undefined;

/** Reads a request of a workflow's input. */
export const readRequest = (deps: Pick<Deps, 'table'>, place: Place): Promise<NumberRequest> =>
  getRequest(deps.table, tenantScope(place.tenantId), place.requestId);

/**
 * Changes a request by a workflow state: reads, plans, writes; when somebody else changed it in between, once more from
 * the start (≤ 8). `plan` returns undefined when nothing is to be done. A final request is never changed.
 */
export async function saveRequest(
  deps: Pick<Deps, 'table' | 'settings'>,
  place: Place,
  plan: Plan,
): Promise<NumberRequest> {
  for (let round = 1; ; round++) {
    const before = await readRequest(deps, place);
    const planned = isFinal(before) ? undefined : await plan(before);
    if (!planned) return before;
    const { request, writes } = await moveRequest(deps, before, planned.move);
    try {
      await deps.table.write([...writes, ...(planned.also ?? [])]);
      return request;
    } catch (error) {
      if (!(error instanceof ConditionFailed) || round >= 8) throw error;
    }
  }
}
