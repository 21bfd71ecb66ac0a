import * as z from 'zod';
import { RequestId, TenantId } from '../domain/ids.ts';
import type { Deps } from '../platform/deps.ts';
import { outboxWrite } from '../platform/outbox.ts';
import { task } from '../platform/task.ts';
import { readRequest, saveRequest } from './save.ts';
import { SYSTEM } from './timeline.ts';

/** Starts the same request in a fresh execution, since one ends after a year or 25,000 events (reliability 4.8). */
export const continueElsewhere = task({
  name: 'ContinueElsewhere',
  input: z.strictObject({ tenantId: TenantId, requestId: RequestId, execution: z.string() }),
  output: z.object({ outcome: z.string() }),
  async run(place, deps: Deps) {
    const { tenantId, requestId } = place;
    const request = await readRequest(deps, place);
    const present = request.executions > 1 ? `${requestId}.${request.executions}` : requestId;
    if (place.execution !== present) return { outcome: 'continued' };
    const at = deps.clock.now();
    await saveRequest(deps, place, (before) => {
      const executions = before.executions + 1;
      const line = {
        kind: 'start_workflow',
        machine: 'request-number',
        name: `${requestId}.${executions}`,
        input: { tenantId, requestId, class: before.class },
      } as const;
      return {
        move: { action: 'continued', actor: SYSTEM, at, fields: { executions } },
        also: [outboxWrite(line, at)],
      };
    });
    return { outcome: 'continued' };
  },
});
