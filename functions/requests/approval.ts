import { Conflict, InvalidInput } from '../domain/errors.ts';
import {
  approvalsNeeded,
  type Decider,
  requireNewApprover,
  requireOther,
  requireState,
  requireUndecided,
} from './decide.ts';
import type { TermsBody } from './decision-routes.ts';
import { endedEarly } from './given-up.ts';
import type { Move } from './move.ts';
import { withWaived } from './requirements.ts';
import type { NumberRequest } from './schema.ts';

export type Planned = Omit<Move, 'actor' | 'at'>;
const MANY_VERSIONS = 1000;

/** The terms a request gets: version, reason by its class, valid for a time that lies ahead. */
export function termsOf(request: NumberRequest, body: TermsBody, at: Date): NonNullable<NumberRequest['terms']> {
  if (Date.parse(body.validUntil) <= at.getTime())
    throw new InvalidInput({
      code: 'past_time',
      detail: 'validUntil lies in the past.',
      errors: [{ pointer: '#/validUntil', code: 'past_time', detail: 'Give a time that lies ahead.' }],
    });
  const reason = request.class === 'restricted' ? 'restricted' : request.class === 'unsupported' ? 'quote' : 'special';
  const { minimumMonths, ...given } = body;
  const version = Math.min(MANY_VERSIONS, (request.terms?.version ?? 0) + 1);
  return {
    ...given,
    version,
    state: 'offered',
    reason,
    monthly: { ...body.monthly, interval: 'month' },
    ...(minimumMonths ? { minimumMonths } : {}),
  };
}

type ApprovalBody = {
  comment?: string | undefined;
  terms?: TermsBody | undefined;
  waived?: { requirementId: string; reason: string }[] | undefined;
  undoSeconds?: number | undefined;
};

export function planApproval(request: NumberRequest, who: Decider, body: ApprovalBody, at: Date): Planned {
  requireOther(request, who);
  if (request.state !== 'approval_pending') requireUndecided(request);
  if (request.state === 'approval_pending') requireNewApprover(request, who);
  requireState(request, ['approval_pending'], 'approval');
  const approvals = [...request.approvals, { by: who.id, name: who.name, at: at.toISOString() }];
  const standing = request.terms?.state === 'offered' ? request.terms : undefined;
  const terms = body.terms ? termsOf(request, body.terms, at) : standing;
  const needed = Math.max(request.approvalsNeeded, approvalsNeeded(request, terms?.monthly));
  const requirements = withWaived(request.requirements, body.waived ?? []);
  if (approvals.length < needed)
    return {
      action: 'approved_first',
      fields: {
        approvals,
        approvalsNeeded: needed,
        requirements,
        ...(terms ? { terms } : {}),
      },
      steps: [['approval', 'waiting', `${who.name} approved; a second person has to.`]],
    };
  return approvedBy(who, { approvals, requirements, terms, comment: body.comment, undo: body.undoSeconds ?? 0 }, at);
}

interface Approved {
  readonly approvals: NumberRequest['approvals'];
  readonly requirements: NumberRequest['requirements'];
  readonly terms: NumberRequest['terms'];
  readonly comment: string | undefined;
  readonly undo: number;
}
function approvedBy(who: Decider, given: Approved, at: Date): Planned {
  const until = new Date(at.getTime() + given.undo * 1000);
  const decision = {
    verdict: 'approved',
    by: who.id,
    byName: who.name,
    at: at.toISOString(),
    ...(given.comment ? { comment: given.comment } : {}),
  } as const;
  const common = {
    decision,
    approvals: given.approvals,
    requirements: given.requirements,
    undoUntil: until.toISOString(),
  };
  const done = [['approval', 'done', given.comment]] as [['approval', 'done', string?]];
  if (given.terms)
    return {
      action: 'approved',
      fields: { ...common, terms: given.terms, state: 'terms_pending', waitingFor: 'customer' },
      steps: [...done, ['terms', 'waiting']],
    };
  return {
    action: 'approved',
    fields: {
      ...common,
      state: 'classified',
      waitingFor: 'nobody',
      agreedAt: until.toISOString(),
      resumesTo: undefined,
    },
    steps: done,
    signal: given.undo > 0 ? until : true,
  };
}

export function planUndo(request: NumberRequest, at: Date): Planned {
  const open =
    request.decision?.verdict === 'approved' &&
    request.undoUntil !== undefined &&
    Date.parse(request.undoUntil) > at.getTime();
  if (!open || !['classified', 'terms_pending'].includes(request.state))
    throw new Conflict({ code: 'too_late', detail: 'The time to take this approval back is over.' });
  // Kept, so that its version is never used again: the customer holds a mail that names it (I12).
  const terms = request.terms?.state === 'offered' ? { ...request.terms, state: 'expired' as const } : request.terms;
  return {
    action: 'approval_undone',
    fields: {
      state: 'approval_pending',
      waitingFor: 'customer_success',
      decision: undefined,
      approvals: [],
      agreedAt: undefined,
      undoUntil: undefined,
      terms,
    },
    steps: [
      ['approval', 'undone'],
      ['approval', 'waiting'],
    ],
  };
}

const REJECTABLE: readonly NumberRequest['state'][] = [
  'approval_pending',
  'quote_pending',
  'terms_pending',
  'documents_review',
];

/** The step that a rejection ends, where it is not the approval. */
const STEP_OF: Readonly<Partial<Record<NumberRequest['state'], 'terms' | 'documents'>>> = {
  quote_pending: 'terms',
  terms_pending: 'terms',
  documents_review: 'documents',
};

export function planRejection(
  request: NumberRequest,
  who: Decider,
  body: { reason: string; comment: string },
  at: Date,
): Planned {
  requireOther(request, who);
  if (!REJECTABLE.includes(request.state)) requireUndecided(request);
  requireState(request, REJECTABLE, 'rejection');
  const decision = { verdict: 'declined', by: who.id, byName: who.name, at: at.toISOString(), ...body } as const;
  return {
    action: 'declined',
    fields: { ...endedEarly(request, 'declined'), decision },
    steps: [[STEP_OF[request.state] ?? 'approval', 'failed', body.comment]],
    signal: true,
  };
}
