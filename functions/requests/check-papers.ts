import * as z from 'zod';
import type { RequirementItem } from '../carriers/papers-port.ts';
import { unpaused } from '../carriers/pause-store.ts';
import { defaultRequirements } from '../compliance/store.ts';
import type { CarrierId } from '../domain/carrier-id.ts';
import { CarrierError } from '../domain/errors.ts';
import { RequestId, TenantId } from '../domain/ids.ts';
import { task } from '../platform/task.ts';
import { type BuyDeps, callWithin, READ_MS } from './buy-deps.ts';
import { isAgreed } from './decide.ts';
import { isGivenUp } from './given-up.ts';
import { handInPapers, lookAtReview } from './hand-in.ts';
import { putOnHold, withPresentHold } from './hold.ts';
import { openOrders } from './intent-store.ts';
import { isFinal } from './move.ts';
import { type PapersOnRequest, PapersOutcome } from './papers-schema.ts';
import { endOfCheck, isEmpty, isOpen, turnTo } from './papers-turn.ts';
import { mergeRequirements } from './requirements.ts';
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
    const found = await withPresentHold(deps, await readRequest(deps, place));
    // Orders of a request that has ended are followed to their own end (next state), after a fresh start too.
    if (isFinal(found) || isGivenUp(found))
      return { outcome: (await openOrders(deps.table, place)).length > 0 ? 'ready' : 'ended' };
    // A question is open: its answer makes us look again.
    if (found.state === 'info_requested') return { outcome: found.agreedAt ? 'missing' : 'not_agreed' };
    if (!isAgreed(found, deps.clock.now())) return { outcome: 'not_agreed' };
    if (await putOnHold(deps, found)) return { outcome: 'hold' };
    const request = await readRequest(deps, place);
    const known = request.papers?.carrier || request.papers?.known === false;
    return judge(deps, known ? request : await listRequirements(deps, request));
  },
});

/** Asks the carrier that would sell, where it has a requirement service, over the data file (regulatory §2). */
async function listRequirements(deps: BuyDeps, request: NumberRequest): Promise<NumberRequest> {
  const { carrier, items } = await askRequirements(deps, request);
  const at = deps.clock.now();
  return saveRequest(deps, { tenantId: request.tenantId, requestId: request.id }, (before) => {
    const requirements = mergeRequirements(before.requirements, items ?? []);
    const papers: PapersOnRequest = {
      ...(carrier ? { carrier } : {}),
      known: items !== undefined,
      state: 'open',
      revision: 1,
    };
    return { move: { action: 'requirements_listed', actor: SYSTEM, at, fields: { requirements, papers } } };
  });
}

interface Asked {
  readonly carrier: CarrierId | undefined;
  readonly items: readonly RequirementItem[] | undefined;
}

/** The first carrier that can be used says what it needs; one that cannot be reached at all is passed over (P8). */
async function askRequirements(deps: BuyDeps, request: NumberRequest): Promise<Asked> {
  const named = request.named.find((one) => one.carrier)?.carrier;
  const eligible = named ? [named] : deps.carriers.eligible(request.country, request.type);
  const asked = await unpaused(deps.table, eligible);
  for (const carrier of asked)
    try {
      return { carrier, items: await requirementsAt(deps, request, carrier) };
    } catch (error) {
      if (!(error instanceof CarrierError) || carrier === asked.at(-1)) throw error;
      deps.log.warn('requirements_failed', { carrier, error: error.name });
    }
  return { carrier: eligible[0], items: listedRequirements(request) };
}

async function requirementsAt(deps: BuyDeps, request: NumberRequest, id: CarrierId): Promise<Asked['items']> {
  const { country, type, subject } = request;
  const { papers } = await deps.carriers.get(id);
  const own = await papers?.requirements({ country, type, subject, action: 'ordering' }, callWithin(READ_MS));
  return own ?? listedRequirements(request);
}

function listedRequirements({ country, type, subject }: NumberRequest): Asked['items'] {
  const known = defaultRequirements(country, type, subject);
  return known.known ? known.items : undefined;
}

async function judge(deps: BuyDeps, request: NumberRequest): Promise<PapersOutcome> {
  const papers = request.papers;
  if (papers?.state === 'approved' || papers?.state === 'provisionally_approved') return ready(deps, request);
  if (papers?.state === 'submitted' || papers?.state === 'in_review') return lookAtReview(deps, request, ready);
  if (request.requirements.some(isOpen)) return wait(deps, request, 'documents_pending', 'customer');
  if (papers?.known === false) return wait(deps, request, 'documents_review', 'customer_success');
  if (request.requirements.some((one) => one.state === 'received'))
    return wait(deps, request, 'documents_review', 'customer_success');
  if (request.requirements.some((one) => one.state === 'accepted')) return handInPapers(deps, request, ready);
  return ready(deps, request);
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
