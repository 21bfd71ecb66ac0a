import { tenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { standingProblem } from '../tenants/schema.ts';
import { findTenant } from '../tenants/store.ts';
import type { BuyDeps } from './buy-deps.ts';
import { turnOf } from './decide.ts';
import { readRequest, saveRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';
import { SYSTEM } from './timeline.ts';

/** Why the request's tenant may not buy at this moment; undefined when it may. */
export async function accountProblem(
  deps: Pick<Deps, 'table'>,
  request: NumberRequest,
): Promise<ReturnType<typeof standingProblem>> {
  const tenant = await findTenant(deps.table, tenantScope(request.tenantId));
  return tenant ? standingProblem(tenant) : { code: 'tenant_suspended', detail: 'The account is gone.' };
}

/** The request without a hold whose reason has passed, whatever else is waited for. */
export async function withPresentHold(deps: BuyDeps, request: NumberRequest): Promise<NumberRequest> {
  if (!request.hold) return request;
  await putOnHold(deps, request);
  return readRequest(deps, { tenantId: request.tenantId, requestId: request.id });
}

/**
 * Sets or lifts the hold of a tenant that may not buy now (P17); true while it may not. While people still have to agree
 * or to answer, their wait goes on and no hold is set.
 */
export async function putOnHold(deps: BuyDeps, request: NumberRequest): Promise<boolean> {
  const problem = await accountProblem(deps, request);
  const at = deps.clock.now();
  if (!problem && !request.hold) return false;
  await saveRequest(deps, { tenantId: request.tenantId, requestId: request.id }, (before) => {
    if (before.hold?.reason === problem?.code) return undefined;
    if (!before.hold && (before.agreedAt === undefined || before.state === 'info_requested')) return undefined;
    const hold = problem ? { reason: problem.code, since: at.toISOString() } : undefined;
    const waitingFor = problem ? 'customer_success' : turnOf(before);
    return {
      move: { action: problem ? 'put_on_hold' : 'hold_lifted', actor: SYSTEM, at, fields: { hold, waitingFor } },
    };
  });
  return problem !== undefined;
}
