import type { RequestId } from '../domain/ids.ts';
import type { Deps } from '../platform/deps.ts';
import { outboxWrite } from '../platform/outbox.ts';
import { ConditionFailed, type Write } from '../platform/table.ts';
import { isFinal, moveRequest } from './move.ts';
import type { NumberRequest } from './schema.ts';
import { findRequest, findScopeOf } from './store.ts';
import { SYSTEM } from './timeline.ts';

type GoOnDeps = Pick<Deps, 'table' | 'settings' | 'clock'>;

/** Name of the execution that carries a request: its id, with a count behind it from the second one on. */
export const executionOf = ({ id, executions }: Pick<NumberRequest, 'id' | 'executions'>): string =>
  executions > 1 ? `${id}.${executions}` : id;

/** Its last state has run: slots and ticket are settled, nothing is left for an execution to do. */
export const isClosed = (request: NumberRequest): boolean =>
  isFinal(request) && request.timeline.some((one) => one.step === 'closed');

/**
 * The writes that begin the next execution of a request as it was read. Every fact is in the table and an intent is sent by one
 * run only, so that it goes on wherever the one before stood: open orders are asked for, not sent again (I1).
 */
export async function goOnWrites(deps: GoOnDeps, request: NumberRequest): Promise<readonly Write[]> {
  const at = deps.clock.now();
  const { tenantId, id, executions, class: of } = request;
  const next = { id, executions: executions + 1 };
  const { writes } = await moveRequest(deps, request, {
    action: 'continued',
    actor: SYSTEM,
    at,
    fields: { executions: next.executions },
  });
  const line = {
    kind: 'start_workflow',
    machine: 'request-number',
    name: executionOf(next),
    input: { tenantId, requestId: id, class: of },
  } as const;
  return [...writes, outboxWrite(line, at)];
}

/** Writes made for a request as it stands, made anew when it changed meanwhile; none end it. */
export async function writeFor(
  deps: Pick<Deps, 'table'>,
  id: RequestId,
  make: (request: NumberRequest) => Promise<readonly Write[]>,
): Promise<void> {
  const scope = await findScopeOf(deps.table, id);
  for (let round = 1; scope; round++) {
    const request = await findRequest(deps.table, scope, id);
    const writes = request ? await make(request) : [];
    if (writes.length === 0) return;
    try {
      return await deps.table.write(writes);
    } catch (error) {
      if (!(error instanceof ConditionFailed) || round >= 8) throw error;
    }
  }
}

const ENDED_BADLY: readonly (string | undefined)[] = ['failed', 'timed_out', 'aborted'];

/**
 * Whoever moved a request on may have met no execution, since the one that carried it has died: then it goes on in a fresh one
 * (I4). Nothing while it runs, before it is started, or after its own end.
 */
export function goOnIfDead(deps: GoOnDeps & Pick<Deps, 'workflows'>, id: RequestId): Promise<void> {
  return writeFor(deps, id, async (request) => {
    if (isClosed(request)) return [];
    const execution = await deps.workflows.find('request-number', executionOf(request));
    return ENDED_BADLY.includes(execution?.status) ? goOnWrites(deps, request) : [];
  });
}
