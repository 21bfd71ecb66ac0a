import { Conflict, InvalidInput } from '../domain/errors.ts';
import { readNamed } from './accept-rules.ts';
import type { Planned } from './approval.ts';
import { CANCELLABLE, requireState } from './decide.ts';
import { isFinal } from './move.ts';
import type { RequirementOnRequest } from './papers-schema.ts';
import type { NumberRequest } from './schema.ts';

type Verdict = {
  readonly id: string;
  readonly verdict: 'accepted' | 'rejected';
  readonly reason?: string | undefined;
  readonly remark?: string | undefined;
};

/** Customer success's check: papers not named stay as they are (api-map §13, Papers). Pure. */
export function planReview(request: NumberRequest, verdicts: readonly Verdict[]): Planned {
  requireState(request, ['documents_review'], 'a review of papers');
  const byId = new Map(verdicts.map((one) => [one.id, one]));
  const known = new Set(request.requirements.flatMap((one) => [one.requirementId, one.documentId]));
  const stranger = verdicts.find((one) => !known.has(one.id as never));
  if (stranger)
    throw new InvalidInput({
      code: 'unknown_document',
      detail: `${stranger.id} belongs to no requirement of this request.`,
    });
  const requirements = request.requirements.map((one) =>
    judged(one, byId.get(one.documentId ?? '') ?? byId.get(one.requirementId)),
  );
  const rejected = requirements.some((one) => one.state === 'rejected');
  const open = requirements.some((one) => one.required && (one.state === 'missing' || one.state === 'received'));
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
    fields: { requirements, ...(papers ? { papers } : {}) },
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
  if (!one)
    throw new InvalidInput({ code: 'unknown_requirement', detail: `The request has no requirement ${requirementId}.` });
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

/** The answer to a question; another exact number may be chosen by it (`choose_another_number`). */
export function planInformation(
  request: NumberRequest,
  body: { answer: string; fields?: { numbers?: Parameters<typeof readNamed>[0]['numbers'] } | undefined },
  at: Date,
): Planned {
  requireState(request, ['info_requested'], 'an answer');
  const { question } = request;
  const numbers = body.fields?.numbers;
  const choosing = question?.code === 'choose_another_number';
  if (choosing && !numbers && request.alternatives.length === 0)
    throw new InvalidInput({
      code: 'invalid_number',
      detail: 'Name the number you want in fields.numbers.',
      errors: [{ pointer: '#/fields/numbers', code: 'invalid_number', detail: 'Needed to go on.' }],
    });
  const named = numbers ? readNamed({ numbers, country: request.country }) : undefined;
  const answered = question && { ...question, answer: body.answer };
  return {
    action: 'information_given',
    fields: {
      question: answered,
      state: choosing ? 'classified' : (request.resumesTo ?? 'submitted'),
      waitingFor: choosing ? 'nobody' : 'customer_success',
      resumesTo: undefined,
      ...(choosing ? { agreedAt: at.toISOString() } : {}),
      ...(named ? { named: [...named], quantity: named.length, agreedPrice: undefined } : {}),
    },
    steps: [['information', 'done', body.answer.slice(0, 200)]],
    ...(choosing ? { signal: true } : {}),
  };
}
