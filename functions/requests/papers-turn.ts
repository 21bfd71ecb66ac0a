import { isAgreed } from './decide.ts';
import { isFinal } from './move.ts';
import type { PapersOutcome, RequirementOnRequest } from './papers-schema.ts';
import type { NumberRequest } from './schema.ts';

/** True while the customer has to hand something in. */
export const isOpen = (one: RequirementOnRequest): boolean =>
  one.required && (one.state === 'missing' || one.state === 'rejected');

/**
 * Whose turn a step on papers makes it. People may have moved the request while the carrier was asked: a question stays
 * open and its answer goes on here; an agreement that is missing again (undo, raised price) is waited for first (I4, I15).
 * Empty when nothing changes.
 */
export function turnTo(
  before: NumberRequest,
  at: Date,
  state: 'documents_pending' | 'documents_review' | 'sourcing',
  waitingFor: NumberRequest['waitingFor'],
): Pick<Partial<NumberRequest>, 'state' | 'waitingFor' | 'resumesTo'> {
  if (!isAgreed(before, at)) return {};
  if (before.state === 'info_requested') return before.resumesTo === state ? {} : { resumesTo: state };
  return before.state === state && before.waitingFor === waitingFor ? {} : { state, waitingFor };
}

export const isEmpty = (fields: object): boolean => Object.keys(fields).length === 0;

/** How a check of papers ends that wanted to end as `wanted`, by the request as it stands now. */
export function endOfCheck(
  after: NumberRequest,
  at: Date,
  wanted: PapersOutcome['outcome'],
): { readonly outcome: PapersOutcome['outcome'] } {
  if (isFinal(after)) return { outcome: 'ended' };
  if (after.state === 'info_requested' && after.agreedAt !== undefined) return { outcome: 'missing' };
  return { outcome: isAgreed(after, at) ? wanted : 'not_agreed' };
}
