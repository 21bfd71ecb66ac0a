import { actorOf, type TenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { findCallFlow, findUser } from '../tenants/store.ts';
import { forbiddenBecause } from './assignment.ts';
import { malformedBecause, wrong } from './assignment-schema.ts';
import { assignmentWrites } from './assignment-store.ts';
import { changeNumber, checkPresent, isSupport, type NumberCall } from './change.ts';
import { numbersOfTarget, requireForwardable } from './forward-store.ts';
import type { Assignment, NumberRecord } from './schema.ts';
import type { NumberView } from './view-schema.ts';

type Sources = Pick<Deps, 'table' | 'settings'>;

/**
 * Routes a number anew, or to nobody. Checked in this order: role against the flow, state and ownership, If-Match, the
 * assignment in itself, its target, where it forwards to.
 */
export function assign(
  deps: Sources,
  call: NumberCall,
  wanted: Assignment | undefined,
  present: (record: NumberRecord) => Promise<NumberView>,
): Promise<NumberRecord> {
  const { scope, who, now } = call;
  return changeNumber(deps, call, async (before) => {
    const locked = await isLocked(deps, scope, before.assignment, wanted);
    const forbidden = forbiddenBecause({ record: before, wanted, locked }, { isSupport: isSupport(who) });
    if (forbidden) throw forbidden;
    await checkPresent(call, before, present);
    const assignment = wanted ? complete(wanted) : unassigned(before.assignment);
    const malformed = wanted && malformedBecause(wanted);
    if (malformed) throw malformed;
    if (JSON.stringify(assignment) === JSON.stringify(complete(before.assignment))) return undefined;
    await requirePresenters(deps, scope, assignment);
    await requireForwards(deps, scope, before, assignment);
    const action = wanted ? 'assigned' : 'unassigned';
    return assignmentWrites(deps, scope, before, assignment, { action, actor: actorOf(who), at: now });
  });
}

/** Fields in one order, so that equal assignments look equal. */
const complete = ({ ownership, target, primary, presentableBy }: Assignment): Assignment => ({
  ownership,
  ...(target ? { target } : {}),
  primary: primary ?? false,
  ...(presentableBy ? { presentableBy } : {}),
});

/** Ownership stays: a private number stays private (S0-16, api-map §13). */
const unassigned = ({ ownership, presentableBy }: Assignment): Assignment =>
  complete({ ownership, ...(presentableBy ? { presentableBy } : {}) });

async function isLocked(deps: Sources, scope: TenantScope, ...assignments: readonly (Assignment | undefined)[]) {
  const flows = assignments.flatMap((one) => (one?.target?.type === 'call_flow' ? [one.target.id] : []));
  const found = await Promise.all(flows.map((id) => findCallFlow(deps.table, scope, id)));
  return found.some((flow) => flow?.locked === true);
}

/** Who may show a shared number are users of the tenant (S0-11); organisation units there are none yet. */
async function requirePresenters(deps: Sources, scope: TenantScope, { presentableBy }: Assignment): Promise<void> {
  const refused = (at: string) =>
    wrong(`#/presentableBy/${at}`, 'unknown_target', 'There is no such user.', 'unknown_target');
  if (presentableBy && presentableBy.ouIds.length > 0) throw refused('ouIds/0');
  for (const [at, id] of presentableBy?.users.entries() ?? [])
    if (!(await findUser(deps.table, scope, id))) throw refused(`users/${at}`);
}

async function requireForwards(deps: Sources, scope: TenantScope, record: NumberRecord, assignment: Assignment) {
  const to = await numbersOfTarget(deps.table, scope, assignment.target);
  await requireForwardable(deps.table, scope, to, (own) => own.number === record.number, '#/target');
}
