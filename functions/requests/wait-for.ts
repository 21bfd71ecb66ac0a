import type { ApiDeps } from '../contract/api-deps.ts';
import type { RequestId } from '../domain/ids.ts';
import type { TenantScope } from '../platform/auth.ts';
import { isFinal } from './move.ts';
import type { NumberRequest } from './schema.ts';
import { getRequest } from './store.ts';
import { waitKindOf } from './waiting.ts';

/** Milliseconds between two looks: often at first, since most that settle by themselves do so within seconds. */
const POLL_MS = 100;
const SLOW_POLL_MS = 1_000;
const SOON_MS = 3_000;

/**
 * Holds until the request is final or waits for a person, at most `seconds` of real time (`Prefer: wait`, performance §1).
 * One keyed read a tenth of a second, after three seconds one a second, or as the waiting room has it; the answer is whatever
 * it is by then.
 */
export async function untilSettled(
  deps: Pick<ApiDeps, 'table' | 'waiting'>,
  scope: TenantScope,
  id: RequestId,
  seconds: number,
): Promise<NumberRequest> {
  const began = performance.now();
  const end = began + seconds * 1000;
  for (;;) {
    const request = await getRequest(deps.table, scope, id);
    const forPerson = waitKindOf(request) !== undefined || request.waitingFor === 'customer_success';
    const now = performance.now();
    if (isFinal(request) || forPerson || now + POLL_MS > end) return request;
    const usual = now - began < SOON_MS ? POLL_MS : SLOW_POLL_MS;
    const pause = Math.min(deps.waiting?.pollMs ?? usual, end - now);
    await new Promise((wake) => setTimeout(wake, pause));
  }
}
