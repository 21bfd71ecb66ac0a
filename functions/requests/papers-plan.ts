import { Conflict, InvalidInput, NotFound } from '../domain/errors.ts';
import type { Planned } from './approval.ts';
import { CANCELLABLE, requireState } from './decide.ts';
import { isFinal } from './move.ts';
import type { RequirementOnRequest } from './papers-schema.ts';
import { withWaived } from './requirements.ts';
import type { NumberRequest } from './schema.ts';

type Verdict = {
  readonly id: string;
  readonly verdict: 'accepted' | 'rejected';
  readonly reason?: string | undefined;
  readonly remark?: string | undefined;
};

export interface Review {
  readonly documents: readonly Verdict[];
  readonly waived?: readonly { readonly requirementId: string; readonly reason: string }[] | undefined;
  /** Nothing else is needed, where nobody knows the list. */
  readonly listComplete?: true | undefined;
}

/** Customer success's check: papers not named stay as they are (api-map §13, Papers). Pure. */
export function planReview(request: NumberRequest, review: Review): Planned {
  requireState(request, ['documents_review'], 'a review of papers');
  const { documents: verdicts, waived = [] } = review;
  if (verdicts.length + waived.length === 0 && !review.listComplete)
    throw new InvalidInput({
      code: 'invalid_input',
      detail: 'Judge at least one paper, or say that the list is complete.',
      errors: [{ pointer: '#/documents', code: 'min_items', detail: 'Needs at least one.' }],
    });
  const byId = new Map(verdicts.map((one) => [one.id, one]));
  const known = new Set(request.requirements.flatMap((one) => [one.requirementId, one.documentId]));
  const stranger = [...byId.keys(), ...waived.map((one) => one.requirementId)].find((id) => !known.has(id as never));
  if (stranger)
    throw new InvalidInput({
      code: 'unknown_document',
      detail: `${stranger} belongs to no requirement of this request.`,
    });
  const requirements = withWaived(request.requirements, waived).map((one) =>
    judged(one, byId.get(one.documentId ?? '') ?? byId.get(one.requirementId)),
  );
  const rejected = requirements.some((one) => one.state === 'rejected');
  const open = requirements.some((one) => one.state === 'received' || (one.required && one.state === 'missing'));
  if (rejected) {
    const papers = request.papers && { ...request.papers, revision: request.papers.revision + 1 };
    return {
      action: 'papers_rejected',
      fields: { requirements, state: 'documents_pending', waitingFor: 'customer', ...(papers ? { papers } : {}) },
      steps: [['documents', 'waiting', 'rejected']],
      signal: true,
    };
  }
  const papers = request.papers && !open ? { ...request.papers, known: true } : request.papers;
  return {
    action: open ? 'papers_reviewed' : 'papers_accepted',
    fields: { requirements, ...(papers ? { papers } : {}), ...(open ? {} : { waitingFor: 'carrier' as const }) },
    ...(open ? {} : { signal: true }),
  };
}

function judged(one: RequirementOnRequest, verdict: Verdict | undefined): RequirementOnRequest {
  if (!verdict || one.state === 'waived') return one;
  const { remark: _remark, ...plain } = one;
  if (verdict.verdict === 'accepted') return { ...plain, state: 'accepted' };
  return { ...plain, state: 'rejected', remark: [verdict.reason, verdict.remark].filter(Boolean).join(': ') };
}

const HAND_IN_STATES: readonly NumberRequest['state'][] = [...CANCELLABLE];
export type HandIn = {
  documentId?: RequirementOnRequest['documentId'];
  value?: string | undefined;
  address?: RequirementOnRequest['address'];
};

/** One requirement handed in; the last missing one moves the request on by itself (api-map §5). */
export function planHandIn(request: NumberRequest, requirementId: string, given: HandIn): Planned {
  const one = request.requirements.find((known) => known.requirementId === requirementId);
  if (!one) throw new NotFound({ code: 'not_found', detail: `The request has no requirement ${requirementId}.` });
  if (one.state === 'accepted' || one.state === 'waived' || isFinal(request) || !HAND_IN_STATES.includes(request.state))
    throw new Conflict({
      code: 'wrong_state',
      detail: `${one.name} is ${one.state}; the request is ${request.state}.`,
    });
  const field = { document: 'documentId', text: 'value', address: 'address' }[one.kind] as keyof HandIn;
  if (given[field] === undefined || Object.values(given).filter((value) => value !== undefined).length !== 1)
    throw new InvalidInput({
      code: 'wrong_kind',
      detail: `${one.name} is a ${one.kind}: give "${field}" and nothing else.`,
      errors: [{ pointer: `#/${field}`, code: 'wrong_kind', detail: `A ${one.kind} is asked for.` }],
    });
  const { remark: _remark, ...plain } = one;
  const received: RequirementOnRequest = { ...plain, ...given, state: 'received' };
  const requirements = request.requirements.map((known) => (known === one ? received : known));
  const complete = !requirements.some(
    (known) => known.required && (known.state === 'missing' || known.state === 'rejected'),
  );
  const turned = complete && request.state === 'documents_pending';
  return {
    action: 'requirement_received',
    fields: {
      requirements,
      ...(turned ? { state: 'documents_review' as const, waitingFor: 'customer_success' as const } : {}),
    },
    ...(turned ? { steps: [['documents', 'waiting', 'handed in']] } : {}),
  };
}
