import type { E164 } from '../domain/e164.ts';
import type { ExtensionId, UserId } from '../domain/ids.ts';
import type { CallFlowStep, FallbackTarget, Target } from './schema.ts';

/** Ids a target names. */
export const idsInTarget = (target: FallbackTarget | undefined): readonly string[] =>
  target && 'id' in target && target.id !== undefined ? [target.id] : [];

/** Ids the steps of a flow name. */
export const idsInSteps = (steps: readonly CallFlowStep[]): readonly string[] =>
  steps.flatMap((step) => targetsInStep(step).flatMap(idsInTarget));

/** What a step rings, as targets; announcements and the end ring nobody. */
export function targetsInStep(step: CallFlowStep): readonly Target[] {
  switch (step.type) {
    case 'dial':
      return step.targets.map((one) => (one.type === 'number' ? forward(one.number) : one));
    case 'queue':
      return [{ type: 'queue', id: step.queueId }];
    case 'forward':
      return [forward(step.number)];
    case 'voicemail':
      return [{ type: 'voicemail', ...(step.userId ? { id: step.userId } : {}) }];
    case 'announce':
    case 'hangup':
      return [];
  }
}

const forward = (number: E164): Target => ({ type: 'forward', number });

/** Who takes the place of a user: of each extension, and of the user. */
export interface Successor {
  readonly from: ReadonlySet<string>;
  readonly extensionId: ExtensionId;
  readonly userId: UserId;
}

/** The target with the successor in the place of who leaves. */
export function succeeded<T extends FallbackTarget>(target: T, to: Successor): T {
  if (target.type === 'extension' && to.from.has(target.id)) return { ...target, id: to.extensionId };
  if (target.type === 'voicemail' && target.id && to.from.has(target.id)) return { ...target, id: to.userId };
  return target;
}

export function succeededSteps(steps: readonly CallFlowStep[], to: Successor): CallFlowStep[] {
  return steps.map((step) => {
    if (step.type === 'voicemail' && step.userId && to.from.has(step.userId)) return { ...step, userId: to.userId };
    if (step.type !== 'dial') return step;
    const targets = step.targets.map((one) => (one.type === 'extension' ? succeeded(one, to) : one));
    return { ...step, targets };
  });
}
