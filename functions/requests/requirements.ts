import type { RequirementItem } from '../carriers/papers-port.ts';
import type { RequirementOnRequest } from './papers-schema.ts';

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

/** Requirements somebody decided to do without, with the reason shown. */
export function withWaived(
  requirements: readonly RequirementOnRequest[],
  waived: readonly { readonly requirementId: string; readonly reason: string }[],
): RequirementOnRequest[] {
  const reasons = new Map(waived.map((one) => [one.requirementId, one.reason]));
  return requirements.map((one) =>
    reasons.has(one.requirementId) ? { ...one, state: 'waived', remark: reasons.get(one.requirementId) } : one,
  );
}
