import type { PapersState } from '../carriers/papers-port.ts';
import { type Bundle, type BundleItem, type BundleState, USABLE } from './bundle-schema.ts';

/** What may follow a state; everything else changes nothing, so an old or repeated word does no harm (R5, I15). */
const NEXT: Readonly<Record<BundleState, readonly BundleState[]>> = {
  draft: ['submitted', 'withdrawn'],
  submitted: ['draft', 'in_review', 'provisionally_approved', 'approved', 'rejected'],
  in_review: ['provisionally_approved', 'approved', 'rejected'],
  provisionally_approved: ['approved', 'rejected', 'expiring', 'expired'],
  approved: ['expiring', 'expired'],
  expiring: ['approved', 'expired'],
  rejected: ['withdrawn'],
  expired: ['withdrawn'],
  withdrawn: [],
};
export const mayBecome = (from: BundleState, to: BundleState): boolean => NEXT[from].includes(to);

const DAY = 86_400_000;
/** How long before its last day a bundle has to be made anew: a review takes weeks (regulatory §3). */
const WARNING = 30 * DAY;
const REVIEW_POLL = 15 * 60_000;

/** When the carrier is asked again, beside its webhook; undefined once nothing more comes by itself. */
export function nextLook({ state }: Pick<Bundle, 'state'>, at: Date): string | undefined {
  if (state === 'submitted' || state === 'in_review') return new Date(at.getTime() + REVIEW_POLL).toISOString();
  return USABLE.includes(state) ? new Date(at.getTime() + DAY).toISOString() : undefined;
}

/**
 * A bundle after its carrier's word, read again by ourselves; undefined when that changes nothing. An approved set is never
 * taken back to review; one whose carrier refuses it later has expired (regulatory §4).
 */
export function reviewed(bundle: Bundle, told: PapersState, at: Date): Omit<Bundle, 'version'> | undefined {
  const validUntil = told.validUntil ?? bundle.validUntil;
  const state = stateTold(bundle.state, { ...told, ...(validUntil ? { validUntil } : {}) }, at);
  const dated = validUntil !== bundle.validUntil && USABLE.includes(bundle.state) && state === bundle.state;
  if (!dated && (state === undefined || !mayBecome(bundle.state, state))) return undefined;
  const judged = state ?? bundle.state;
  const { remark: _remark, ...rest } = bundle;
  const general = told.rejections.filter(
    (one) => !bundle.items.some((item) => item.requirementId === one.requirementId),
  );
  const remark = judged === 'rejected' || judged === 'expired' ? wordsOf(general) : undefined;
  return {
    ...rest,
    state: judged,
    items: itemsAfter(bundle.items, judged, told.rejections),
    ...(validUntil ? { validUntil } : {}),
    ...(remark ? { remark } : {}),
    updatedAt: at.toISOString(),
  };
}

function stateTold(from: BundleState, told: PapersState, at: Date): BundleState | undefined {
  switch (told.state) {
    case 'draft':
      return undefined;
    case 'in_review':
      return 'in_review';
    case 'approved':
    case 'provisionally_approved':
      return goodUntil(from, told.state, told.validUntil, at);
    case 'rejected':
      return from === 'approved' || from === 'expiring' ? 'expired' : 'rejected';
    case 'expired':
      return USABLE.includes(from) ? 'expired' : 'rejected';
  }
}

function goodUntil(from: BundleState, told: BundleState, until: string | undefined, at: Date): BundleState {
  const left = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until) - at.getTime();
  if (!USABLE.includes(from)) return left > 0 ? told : 'rejected';
  if (left <= 0) return 'expired';
  return left <= WARNING ? 'expiring' : told;
}

type Rejections = PapersState['rejections'];
const wordsOf = (rejections: Rejections): string | undefined =>
  rejections.length === 0 ? undefined : rejections.map((one) => one.remark).join('\n');

function itemsAfter(items: readonly BundleItem[], state: BundleState, rejections: Rejections): BundleItem[] {
  if (USABLE.includes(state))
    return items.map((item) => (item.state === 'received' ? { ...item, state: 'accepted', remarks: [] } : item));
  return state === 'rejected' ? rejectedItems(items, rejections) : [...items];
}

/** Reasons shown per requirement, several of one item beside each other, never as one blob (R1). */
export function rejectedItems(items: readonly BundleItem[], rejections: Rejections): BundleItem[] {
  return items.map((item) => {
    const remarks = rejections.filter((one) => one.requirementId === item.requirementId).map((one) => one.remark);
    return remarks.length === 0 ? item : { ...item, required: true, state: 'rejected', remarks };
  });
}
