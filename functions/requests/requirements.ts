import type { RequirementItem } from '../carriers/papers-port.ts';
import type { RequirementOnRequest } from './papers-schema.ts';

/** Requirements customer success added by hand; no carrier's list knows them. */
export const ADDED = 'added_';

/** The list as it stands now, keeping what was already handed in, decided or added by hand (R2). Pure. */
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
  const added = [...before.values()].filter((one) => one.state !== 'missing' || one.requirementId.startsWith(ADDED));
  return [...now, ...added];
}

/**
 * Requirements somebody decided to do without, with the reason shown. One the list does not name yet is kept as waived, for
 * the carrier's own list, which nobody may ask for before the agreement (S0-42).
 */
export function withWaived(
  requirements: readonly RequirementOnRequest[],
  waived: readonly { readonly requirementId: string; readonly reason: string }[],
): RequirementOnRequest[] {
  const reasons = new Map(waived.map((one) => [one.requirementId, one.reason]));
  const known = requirements.map((one): RequirementOnRequest => {
    const remark = reasons.get(one.requirementId);
    reasons.delete(one.requirementId);
    return remark === undefined ? one : { ...one, state: 'waived', remark };
  });
  const unlisted = [...reasons].map(
    ([requirementId, remark]): RequirementOnRequest => ({
      requirementId,
      kind: 'document',
      name: requirementId,
      description: '',
      required: false,
      acceptedEvidence: [],
      state: 'waived',
      remark,
    }),
  );
  return [...known, ...unlisted];
}
