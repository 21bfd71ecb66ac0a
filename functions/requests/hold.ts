import { tenantScope } from '../platform/auth.ts';
import { standingProblem } from '../tenants/schema.ts';
import { findTenant } from '../tenants/store.ts';
import type { BuyDeps } from './buy-deps.ts';
import { turnOf } from './decide.ts';
import { saveRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';
import { SYSTEM } from './timeline.ts';

/** Sets or lifts the hold of a tenant that may not buy now (P17); true while it stands. */
export async function putOnHold(deps: BuyDeps, request: NumberRequest): Promise<boolean> {
  const tenant = await findTenant(deps.table, tenantScope(request.tenantId));
  const problem = tenant ? standingProblem(tenant) : { code: 'tenant_suspended', detail: 'The account is gone.' };
  const at = deps.clock.now();
  if (!problem && !request.hold) return false;
  await saveRequest(deps, { tenantId: request.tenantId, requestId: request.id }, (before) => {
    if (before.hold?.reason === problem?.code) return undefined;
    const hold = problem ? { reason: problem.code, since: at.toISOString() } : undefined;
    const waitingFor = problem ? 'customer_success' : turnOf(before);
    return {
      move: { action: problem ? 'put_on_hold' : 'hold_lifted', actor: SYSTEM, at, fields: { hold, waitingFor } },
    };
  });
  return problem !== undefined;
}
