import * as z from 'zod';
import { RequestId, TenantId } from '../domain/ids.ts';
import { task } from '../platform/task.ts';
import { withBundle } from './bundle-papers.ts';
import type { BuyDeps } from './buy-deps.ts';
import { isAgreed } from './decide.ts';
import { isGivenUp } from './given-up.ts';
import { handInPapers, lookAtReview } from './hand-in.ts';
import { putOnHold, withPresentHold } from './hold.ts';
import { openOrders } from './intent-store.ts';
import { listAgain, listRequirements } from './list-requirements.ts';
import { isFinal } from './move.ts';
import { PapersOutcome } from './papers-schema.ts';
import { endOfCheck, isEmpty, isOpen, turnTo } from './papers-turn.ts';
import { readRequest, saveRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';
import { SYSTEM } from './timeline.ts';

const PlaceInput = z.strictObject({ tenantId: TenantId, requestId: RequestId });

/** What is missing for country × type × carrier? Before agreement no carrier is asked anything (S0-42). */
export const checkPapers = task({
  name: 'CheckPapers',
  input: PlaceInput,
  output: PapersOutcome,
  async run(place, deps: BuyDeps): Promise<PapersOutcome> {
    // Orders that are open are followed to their own end first (next state), after a fresh start too, whatever is waited for.
    if ((await openOrders(deps.table, place)).length > 0) return { outcome: 'ready' };
    const found = await withPresentHold(deps, await readRequest(deps, place));
    if (isFinal(found) || isGivenUp(found)) return { outcome: 'ended' };
    // A question is open: its answer makes us look again.
    if (found.state === 'info_requested') return { outcome: found.agreedAt ? 'missing' : 'not_agreed' };
    if (!isAgreed(found, deps.clock.now())) return { outcome: 'not_agreed' };
    if (await putOnHold(deps, found)) return { outcome: 'hold' };
    const request = await readRequest(deps, place);
    const now = await withBundle(deps, request);
    const known = now.papers?.carrier || now.papers?.known === false;
    return judge(deps, known ? now : await listRequirements(deps, now));
  },
});

async function judge(deps: BuyDeps, request: NumberRequest): Promise<PapersOutcome> {
  const papers = request.papers;
  if (papers?.state === 'approved' || papers?.state === 'provisionally_approved') return ready(deps, request);
  if (papers?.state === 'submitted' || papers?.state === 'in_review') return lookAtReview(deps, request, ready);
  if (request.requirements.some(isOpen)) return wait(deps, request, 'documents_pending', 'customer');
  if (papers?.known === false) return wait(deps, request, 'documents_review', 'customer_success');
  if (request.requirements.some((one) => one.state === 'received'))
    return wait(deps, request, 'documents_review', 'customer_success');
  if (!request.requirements.some((one) => one.state === 'accepted')) return ready(deps, request);
  const { now, listed } = await listAgain(deps, request);
  if (now.requirements.some(isOpen)) return wait(deps, now, 'documents_pending', 'customer');
  if (now.requirements.some((one) => one.state === 'received'))
    return wait(deps, now, 'documents_review', 'customer_success');
  return handInPapers(deps, now, ready, listed);
}

async function wait(
  deps: BuyDeps,
  request: NumberRequest,
  state: 'documents_pending' | 'documents_review',
  waitingFor: 'customer' | 'customer_success',
): Promise<PapersOutcome> {
  const at = deps.clock.now();
  const after = await saveRequest(deps, { tenantId: request.tenantId, requestId: request.id }, (before) => {
    const fields = turnTo(before, at, state, waitingFor);
    if (isEmpty(fields)) return undefined;
    return { move: { action: state, actor: SYSTEM, at, fields, steps: [['documents', 'waiting']] } };
  });
  return endOfCheck(after, at, 'missing');
}

/** Nothing is missing. What has been ordered already goes on from where it stands. */
async function ready(deps: BuyDeps, request: NumberRequest): Promise<PapersOutcome> {
  const at = deps.clock.now();
  const had = request.requirements.length > 0;
  const after = await saveRequest(deps, { tenantId: request.tenantId, requestId: request.id }, (before) => {
    const isOrdering = before.state === 'ordering' || before.state === 'resolving';
    const fields = turnTo(before, at, 'sourcing', 'nobody');
    if (isEmpty(fields) || (isOrdering && before.orderedAt)) return undefined;
    const steps = [...(had ? [['documents', 'done'] as const] : []), ['sourcing', 'current'] as const];
    return { move: { action: 'sourcing', actor: SYSTEM, at, fields, steps } };
  });
  return endOfCheck(after, at, 'ready');
}
