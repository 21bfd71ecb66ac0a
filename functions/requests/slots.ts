import { tenantScope } from '../platform/auth.ts';
import { ConditionFailed } from '../platform/table.ts';
import { findTenant, holdSlots } from '../tenants/store.ts';
import type { BuyDeps } from './buy-deps.ts';
import { isFinal, moveRequest } from './move.ts';
import { readRequest, saveRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';
import { SYSTEM } from './timeline.ts';

/** Takes slots up to `total` (settled ones included) on condition of the limit; false ends the request (P7). */
export async function takeSlots(deps: BuyDeps, request: NumberRequest, total: number): Promise<boolean> {
  const scope = tenantScope(request.tenantId);
  for (;;) {
    const before = await readRequest(deps, { tenantId: request.tenantId, requestId: request.id });
    if (isFinal(before)) return false;
    const more = total - before.slots;
    if (more <= 0) return true;
    const limit = (await findTenant(deps.table, scope))?.numberLimit ?? 0;
    const at = deps.clock.now();
    const { writes } = await moveRequest(deps, before, {
      action: 'slots_held',
      actor: SYSTEM,
      at,
      fields: { slots: total },
    });
    try {
      await deps.table.write([...writes, holdSlots(scope, more, limit)]);
      return true;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      if (!error.failed.includes(writes.length)) continue;
      await limitReached(deps, before);
      return false;
    }
  }
}

async function limitReached(deps: BuyDeps, request: NumberRequest): Promise<void> {
  const at = deps.clock.now();
  const failure = {
    code: 'number_limit_reached',
    detail: 'The last free slot of the limit was taken by another request.',
  };
  await saveRequest(deps, { tenantId: request.tenantId, requestId: request.id }, () => ({
    move: {
      action: 'failed',
      actor: SYSTEM,
      at,
      fields: { state: 'failed', waitingFor: 'nobody', failure },
      steps: [['sourcing', 'failed', failure.detail]],
    },
  }));
}
