import { InvalidInput } from '../domain/errors.ts';
import type { QueueId, UserId } from '../domain/ids.ts';
import { numbersOfSteps, numbersOfTarget, requireForwardable } from '../numbers/forward-store.ts';
import type { NumberRecord } from '../numbers/schema.ts';
import type { TenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { stepProblems } from './flow-rules.ts';
import { targetsInStep } from './references.ts';
import type { CallFlowStep, FallbackTarget } from './schema.ts';
import { findUser } from './store.ts';
import { resolveTarget } from './target-store.ts';

type Sources = Pick<Deps, 'table' | 'settings'>;

export function unknownTarget(pointer: string): InvalidInput {
  const detail = 'There is no such target in this tenant.';
  return new InvalidInput({ code: 'unknown_target', detail, errors: [{ pointer, code: 'unknown_target', detail }] });
}

/**
 * The tenant's fallback or a queue's overflow: it exists, is one target rather than a flow of several, and does not lead
 * back to numbers that would fall back again or wait in the same queue. Throws InvalidInput.
 * @param queue the queue whose overflow it is, if it is there already
 */
export async function requireFallback(
  deps: Sources,
  scope: TenantScope,
  target: FallbackTarget | undefined,
  pointer: string,
  queue?: QueueId,
): Promise<void> {
  if (!target || target.type === 'announce') return;
  if (target.type === 'call_flow') {
    const detail = 'A call flow is not a fallback: name one target or an announcement.';
    const errors = [{ pointer: `${pointer}/type`, code: 'target_not_allowed', detail }];
    throw new InvalidInput({ code: 'invalid_input', detail, errors });
  }
  if (!(await resolveTarget(deps, scope, target))) throw unknownTarget(pointer);
  const comesBack = ({ assignment: { target: own } }: NumberRecord) =>
    own === undefined || (own.type === 'queue' && own.id === queue);
  const to = await numbersOfTarget(deps.table, scope, target);
  await requireForwardable(deps.table, scope, to, comesBack, pointer);
}

/** Steps of a flow: well-formed, their targets exist, no call comes back to the flow. Throws InvalidInput. */
export async function requireSteps(
  deps: Sources,
  scope: TenantScope,
  steps: readonly CallFlowStep[],
  flowId: string,
): Promise<void> {
  const errors = stepProblems(steps);
  const [first] = errors;
  if (first) throw new InvalidInput({ code: 'invalid_input', detail: `${first.pointer}: ${first.detail}.`, errors });
  for (const [at, step] of steps.entries()) {
    const known = await Promise.all(targetsInStep(step).map((target) => resolveTarget(deps, scope, target)));
    if (known.includes(undefined)) throw unknownTarget(`#/steps/${at}`);
    const comesBack = (own: NumberRecord) =>
      own.assignment.target?.type === 'call_flow' && own.assignment.target.id === flowId;
    const to = await numbersOfSteps(deps.table, scope, [step]);
    await requireForwardable(deps.table, scope, to, comesBack, `#/steps/${at}`);
  }
}

/** Members of a queue are users of the tenant. Throws InvalidInput. */
export async function requireMembers(deps: Sources, scope: TenantScope, members: readonly UserId[]): Promise<void> {
  for (const [at, id] of members.entries())
    if (!(await findUser(deps.table, scope, id))) throw unknownTarget(`#/members/${at}`);
}
