import { isUsable } from '../compliance/bundle-schema.ts';
import { defaultRequirements } from '../compliance/store.ts';
import type { ApiDeps } from '../contract/api-deps.ts';
import { policyOf, requireCountry } from '../countries/store.ts';
import { InvalidInput } from '../domain/errors.ts';
import { timesMoney } from '../domain/money.ts';
import { malformedBecause } from '../numbers/assignment-schema.ts';
import { actorOf, type Principal, type TenantScope } from '../platform/auth.ts';
import { dayOf, findTenant, readCommitted, readCounter } from '../tenants/store.ts';
import { resolveTarget } from '../tenants/target-store.ts';
import { newRequest } from './accept.ts';
import { readNamed, requireGoodStanding, requireOneForm, requireRoom, requireUnderCap } from './accept-rules.ts';
import { knownMonthly } from './decide.ts';
import { papersAtHand, requireAttached, requireDocuments, requirePresenters } from './references.ts';
import type { NewRequest, NumberRequest } from './schema.ts';

/** Throws 422 when the assignment is none (S0-9), or names a target that is not there, or another tenant's. */
export async function requireTarget(
  deps: ApiDeps,
  scope: TenantScope,
  assignment: NewRequest['assignment'],
): Promise<void> {
  const malformed = assignment && malformedBecause(assignment, '#/assignment');
  if (malformed) throw malformed;
  await requirePresenters(deps, scope, assignment?.presentableBy);
  if (!assignment?.target || (await resolveTarget(deps, scope, assignment.target))) return;
  throw new InvalidInput({
    code: 'unknown_target',
    detail: 'The assignment names a target that does not exist.',
    errors: [{ pointer: '#/assignment/target', code: 'unknown_target', detail: 'No such target in this tenant.' }],
  });
}

/** Throws 422 for a day that is over, by UTC. */
function requireAhead(wantedBy: NewRequest['wantedBy'], at: Date): void {
  if (wantedBy === undefined || wantedBy >= at.toISOString().slice(0, 10)) return;
  const detail = 'wantedBy lies in the past.';
  throw new InvalidInput({ code: 'past_time', detail, errors: [{ pointer: '#/wantedBy', code: 'past_time', detail }] });
}

/** Everything is checked before anything is stored; classification is a rule over dated data (S0-36, S2-6, S2-8). */
export async function prepareRequest(
  deps: ApiDeps,
  scope: TenantScope,
  who: Principal,
  input: NewRequest,
  at: Date,
): Promise<Omit<NumberRequest, 'version'>> {
  const tenant = await findTenant(deps.table, scope);
  if (!tenant) throw new InvalidInput({ code: 'unknown_tenant', detail: 'The tenant does not exist.' });
  requireGoodStanding(tenant);
  requireOneForm(input);
  requireCountry(input.country);
  requireAhead(input.wantedBy, at);
  const named = readNamed(input);
  await requireTarget(deps, scope, input.assignment);
  await requireDocuments(deps, scope, who, input.documents);
  const country = await policyOf(deps.table, scope, input.country, at);
  // Who uses the number: the end user named decides, then the set of papers, whatever `subject` says.
  const { endUser, bundle } = await requireAttached(deps, scope, input);
  const subject = endUser?.subject ?? bundle?.subject ?? input.subject ?? 'business';
  const listed = defaultRequirements(input.country, input.type ?? 'local', subject);
  const request = newRequest({
    input: { ...input, subject, endUserId: input.endUserId ?? bundle?.endUserId },
    tenant,
    who,
    actor: actorOf(who),
    class: country.class,
    named,
    requirements: listed.known ? listed.items : [],
    atHand: await papersAtHand(deps, scope, input),
    bundle: bundle && isUsable(bundle, at) ? bundle : undefined,
    at,
  });
  requireRoom(await readCounter(deps.table, scope), tenant.numberLimit, request.quantity);
  requireUnderCap(tenant, knownMonthly({ ...request, version: 1 }), await readCommitted(deps.table, scope, at));
  return request;
}

/** Throws 422 when a request that names other numbers now would commit more than the day's cap leaves. */
export async function requireCapLeft(
  deps: ApiDeps,
  scope: TenantScope,
  request: NumberRequest,
  at: Date,
): Promise<void> {
  const tenant = await findTenant(deps.table, scope);
  if (!tenant) return;
  const known = request.agreedTerms ? timesMoney(request.agreedTerms.monthly, request.quantity) : knownMonthly(request);
  const own = request.committed?.day === dayOf(at) ? BigInt(request.committed.micros) : 0n;
  requireUnderCap(tenant, known, (await readCommitted(deps.table, scope, at)) - own);
}
