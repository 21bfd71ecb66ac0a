import * as z from 'zod';
import { RequestId, TenantId } from '../domain/ids.ts';
import type { Deps } from '../platform/deps.ts';
import { outboxWrite } from '../platform/outbox.ts';
import { ConditionFailed } from '../platform/table.ts';
import { task } from '../platform/task.ts';
import { moveRequest } from './move.ts';
import { type Place, readRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';
import { SYSTEM } from './timeline.ts';

/**
 * Starts the same request in a fresh execution, since one ends after a year or 25,000 events (reliability 4.8). One that
 * has ended goes on as well: an order of it may still be open, and slots and ticket are settled at its close.
 */
export const continueElsewhere = task({
  name: 'ContinueElsewhere',
  input: z.strictObject({ tenantId: TenantId, requestId: RequestId, execution: z.string() }),
  output: z.object({ outcome: z.string() }),
  async run(place, deps: Deps) {
    for (let round = 1; ; round++) {
      const request = await readRequest(deps, place);
      if (place.execution !== nameOf(request.id, request.executions)) return { outcome: 'continued' };
      try {
        await goOn(deps, place, request);
        return { outcome: 'continued' };
      } catch (error) {
        if (!(error instanceof ConditionFailed) || round >= 8) throw error;
      }
    }
  },
});

const nameOf = (id: RequestId, executions: number): string => (executions > 1 ? `${id}.${executions}` : id);

async function goOn(deps: Deps, { tenantId, requestId }: Place, request: NumberRequest): Promise<void> {
  const at = deps.clock.now();
  const executions = request.executions + 1;
  const { writes } = await moveRequest(deps, request, {
    action: 'continued',
    actor: SYSTEM,
    at,
    fields: { executions },
  });
  const line = {
    kind: 'start_workflow',
    machine: 'request-number',
    name: nameOf(requestId, executions),
    input: { tenantId, requestId, class: request.class },
  } as const;
  await deps.table.write([...writes, outboxWrite(line, at)]);
}
