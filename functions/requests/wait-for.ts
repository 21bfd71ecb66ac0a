import type { RequestId } from '../domain/ids.ts';
import type { TenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { isFinal } from './move.ts';
import type { NumberRequest } from './schema.ts';
import { getRequest } from './store.ts';
import { waitKindOf } from './waiting.ts';

const POLL_MS = 100;

/**
 * Holds until the request is final or waits for a person, at most `seconds` of real time (`Prefer: wait`, performance §1).
 * One keyed read a tenth of a second; the answer is whatever it is by then.
 */
export async function untilSettled(
  deps: Pick<Deps, 'table'>,
  scope: TenantScope,
  id: RequestId,
  seconds: number,
): Promise<NumberRequest> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const request = await getRequest(deps.table, scope, id);
    const forPerson = waitKindOf(request) !== undefined || request.waitingFor === 'customer_success';
    if (isFinal(request) || forPerson || performance.now() + POLL_MS > end) return request;
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}
