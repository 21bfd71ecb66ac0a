import type {
  Papers,
  PapersRefs,
  PapersService,
  PapersState,
  RequirementItem,
} from '../../functions/carriers/papers-port.ts';
import type { RoomOptions } from './room.ts';
import { offerOf, type ScriptedCarrier, scriptedCarrier } from './scripted-carrier.ts';

export const item = (requirementId: string, more: Partial<RequirementItem> = {}): RequirementItem => ({
  requirementId,
  kind: 'text',
  name: requirementId.toUpperCase(),
  description: '',
  required: true,
  acceptedEvidence: [],
  ...more,
});

/** A carrier's papers service whose review says what a test wants. */
export function scriptedPapers(items: readonly RequirementItem[]) {
  const facts = {
    submitted: [] as Papers[],
    review: { state: 'in_review', rejections: [] } as PapersState,
    /** The carrier's names for the set that was handed in. */
    refs: { bundleId: 'bundle-1' } as PapersRefs,
    /** Awaited while the list is asked for. */
    onList: undefined as (() => Promise<void>) | undefined,
    onSubmit: undefined as (() => Promise<void>) | undefined,
  };
  const service: PapersService = {
    async requirements() {
      await facts.onList?.();
      return items;
    },
    async submit(papers) {
      facts.submitted.push(papers);
      await facts.onSubmit?.();
      return { kind: 'done', value: facts.refs, refs: {} };
    },
    async state() {
      return facts.review;
    },
  };
  /** One carrier with six numbers and this service. */
  const carriers: RoomOptions['carriers'] = (clock): readonly ScriptedCarrier[] => {
    const offers = [1, 2, 3, 4, 5, 6].map((n) => offerOf('telnyx', n));
    return [Object.assign(scriptedCarrier('telnyx', clock, offers), { papers: service })];
  };
  return { facts, carriers };
}
