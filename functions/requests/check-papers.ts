import * as z from 'zod';
import type { RequirementItem } from '../carriers/papers-port.ts';
import { defaultRequirements } from '../compliance/store.ts';
import type { CarrierId } from '../domain/carrier-id.ts';
import { RequestId, TenantId } from '../domain/ids.ts';
import { tenantScope } from '../platform/auth.ts';
import { task } from '../platform/task.ts';
import { standingProblem } from '../tenants/schema.ts';
import { findTenant } from '../tenants/store.ts';
import { type BuyDeps, callWithin, READ_MS } from './buy-deps.ts';
import { isAgreed } from './decide.ts';
import { handInPapers, lookAtReview } from './hand-in.ts';
import { isFinal } from './move.ts';
import { type PapersOnRequest, PapersOutcome, type RequirementOnRequest } from './papers-schema.ts';
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
    const request = await readRequest(deps, place);
    if (isFinal(request)) return { outcome: 'ended' };
    if (!isAgreed(request, deps.clock.now())) return { outcome: 'not_agreed' };
    if (await putOnHold(deps, request)) return { outcome: 'hold' };
    const listed =
      request.papers?.carrier || request.papers?.known === false ? request : await listRequirements(deps, request);
    return judge(deps, listed);
  },
});

/** Sets or lifts the hold of a tenant that may not buy now (P17); true while it stands. */
export async function putOnHold(deps: BuyDeps, request: NumberRequest): Promise<boolean> {
  const tenant = await findTenant(deps.table, tenantScope(request.tenantId));
  const problem = tenant ? standingProblem(tenant) : { code: 'tenant_suspended', detail: 'The account is gone.' };
  const at = deps.clock.now();
  if (!problem && !request.hold) return false;
  await saveRequest(deps, { tenantId: request.tenantId, requestId: request.id }, (before) => {
    if (before.hold?.reason === problem?.code) return undefined;
    const hold = problem ? { reason: problem.code, since: at.toISOString() } : undefined;
    return {
      move: {
        action: problem ? 'put_on_hold' : 'hold_lifted',
        actor: SYSTEM,
        at,
        fields: { hold, waitingFor: problem ? 'customer_success' : 'nobody' },
      },
    };
  });
  return problem !== undefined;
}

/** Asks the carrier that would sell, where it has a requirement service, over the data file (regulatory §2). */
async function listRequirements(deps: BuyDeps, request: NumberRequest): Promise<NumberRequest> {
  const carrier =
    request.named.find((one) => one.carrier)?.carrier ?? deps.carriers.eligible(request.country, request.type)[0];
  const items = await requirementsAt(deps, request, carrier);
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

async function requirementsAt(
  deps: BuyDeps,
  request: NumberRequest,
  id: CarrierId | undefined,
): Promise<readonly RequirementItem[] | undefined> {
  const { country, type, subject } = request;
  const carrier = id && (await deps.carriers.get(id));
  const own = await carrier?.papers?.requirements({ country, type, subject, action: 'ordering' }, callWithin(READ_MS));
  if (own) return own;
  const known = defaultRequirements(country, type, subject);
  return known.known ? known.items : undefined;
}

/** The list as it stands now, keeping what was already handed in (R2). Pure. */
export function mergeRequirements(
  had: readonly RequirementOnRequest[],
  listed: readonly RequirementItem[],
): RequirementOnRequest[] {
  const before = new Map(had.map((one) => [one.requirementId, one]));
  const now = listed.map((item): RequirementOnRequest => {
    const old = before.get(item.requirementId);
    before.delete(item.requirementId);
    return { ...old, ...item, acceptedEvidence: [...item.acceptedEvidence], state: old?.state ?? 'missing' };
  });
  const added = [...before.values()].filter((one) => one.state !== 'missing');
  return [...now, ...added];
}

const isOpen = (one: RequirementOnRequest): boolean =>
  one.required && (one.state === 'missing' || one.state === 'rejected');

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
  await saveRequest(deps, { tenantId: request.tenantId, requestId: request.id }, (before) =>
    before.state === state && before.waitingFor === waitingFor
      ? undefined
      : {
          move: { action: state, actor: SYSTEM, at, fields: { state, waitingFor }, steps: [['documents', 'waiting']] },
        },
  );
  return { outcome: 'missing' };
}

async function ready(deps: BuyDeps, request: NumberRequest): Promise<PapersOutcome> {
  const at = deps.clock.now();
  const had = request.requirements.length > 0;
  const after = await saveRequest(deps, { tenantId: request.tenantId, requestId: request.id }, (before) =>
    before.state === 'sourcing'
      ? undefined
      : {
          move: {
            action: 'sourcing',
            actor: SYSTEM,
            at,
            fields: { state: 'sourcing', waitingFor: 'nobody' },
            steps: [...(had ? [['documents', 'done'] as const] : []), ['sourcing', 'current']],
          },
        },
  );
  return { outcome: isFinal(after) ? 'ended' : 'ready' };
}
