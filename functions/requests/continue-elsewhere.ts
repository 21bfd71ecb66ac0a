import * as z from 'zod';
import { RequestId, TenantId } from '../domain/ids.ts';
import type { Deps } from '../platform/deps.ts';
import { ConditionFailed } from '../platform/table.ts';
import { task } from '../platform/task.ts';
import { executionOf, goOnWrites } from './go-on.ts';
import { readRequest } from './save.ts';

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
      if (place.execution !== executionOf(request)) return { outcome: 'continued' };
      try {
        await deps.table.write(await goOnWrites(deps, request));
        return { outcome: 'continued' };
      } catch (error) {
        if (!(error instanceof ConditionFailed) || round >= 8) throw error;
      }
    }
  },
});
