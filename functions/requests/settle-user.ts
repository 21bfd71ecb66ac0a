import { tenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { ConditionFailed } from '../platform/table.ts';
import type { User } from '../tenants/schema.ts';
import { findExtension, findUser, provisionedWrites } from '../tenants/store.ts';
import { type Place, readRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';
import { SYSTEM } from './timeline.ts';

/**
 * A new user's number has come, or will not come: the user is active, or is asked for a preference again, so that nobody
 * waits for a number that is not on its way (S0-2, S0-3). Repeating it changes nothing.
 */
export async function settleUser(deps: Deps, place: Place, isBought: boolean): Promise<void> {
  for (let round = 1; ; round++) {
    const request = await readRequest(deps, place);
    const user = await userOf(deps, request);
    const fields = user && isProvisioned(request, user) ? changeOf(isBought) : undefined;
    if (!user || !fields) return;
    const at = deps.clock.now();
    const change = { action: isBought ? 'provisioned' : 'not_provisioned', actor: SYSTEM, at };
    try {
      await deps.table.write(provisionedWrites(user, fields, change));
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailed) || round >= 8) throw error;
    }
  }
}

async function userOf(deps: Deps, request: NumberRequest): Promise<User | undefined> {
  const target = request.assignment?.target;
  if (target?.type !== 'extension') return undefined;
  const scope = tenantScope(request.tenantId);
  const extension = await findExtension(deps.table, scope, target.id);
  return extension && findUser(deps.table, scope, extension.userId);
}

/** True for the request that was filed with the user, not for a further number of theirs. */
const isProvisioned = (request: NumberRequest, user: User): boolean =>
  user.state === 'provisioning' &&
  request.assignment?.primary === true &&
  request.wish.areaCode === user.preferredAreaCode;

const changeOf = (isBought: boolean): Partial<User> =>
  isBought ? { state: 'active' } : { state: 'preference_needed', preferredAreaCode: undefined };
