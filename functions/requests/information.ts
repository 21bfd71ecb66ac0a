import { InvalidInput } from '../domain/errors.ts';
import { readNamed } from './accept-rules.ts';
import type { Planned } from './approval.ts';
import { approvalAnew, approvalsNeeded, requireState, turnOf } from './decide.ts';
import type { Question } from './decision-schema.ts';
import type { NamedNumber, NumberRequest } from './schema.ts';

/** States in which customer success may ask back. */
const ASKABLE: readonly NumberRequest['state'][] = [
  'submitted',
  'approval_pending',
  'quote_pending',
  'terms_pending',
  'documents_pending',
  'documents_review',
];

/** A question to the customer; the request goes on where it stood once it is answered (S0-38). */
export function planQuestion(
  request: NumberRequest,
  asked: {
    readonly question: string;
    readonly fields?: readonly string[] | undefined;
    readonly dueAt?: string | undefined;
  },
  at: Date,
): Planned {
  requireState(request, ASKABLE, 'a question');
  const { question: text, fields = [], dueAt } = asked;
  if (dueAt && Date.parse(dueAt) <= at.getTime()) {
    const detail = 'Give a time that lies ahead.';
    throw new InvalidInput({ code: 'past_time', detail, errors: [{ pointer: '#/dueAt', code: 'past_time', detail }] });
  }
  const question: Question = { text, fields: [...fields], askedAt: at.toISOString(), ...(dueAt ? { dueAt } : {}) };
  return {
    action: 'information_requested',
    fields: { question, state: 'info_requested', waitingFor: 'customer', resumesTo: request.state },
    steps: [['information', 'waiting', text.slice(0, 200)]],
  };
}

export interface Information {
  readonly answer: string;
  readonly documents?: NonNullable<Question['documents']> | undefined;
  readonly fields?:
    | { readonly numbers?: readonly NamedNumber[] | undefined; readonly [name: string]: unknown }
    | undefined;
}

/** The answer to a question; another exact number may be chosen by it (`choose_another_number`). Pure. */
export function planInformation(request: NumberRequest, body: Information, at: Date): Planned {
  requireState(request, ['info_requested'], 'an answer');
  const { numbers, ...others } = body.fields ?? {};
  const answered: Question | undefined = request.question && {
    ...request.question,
    answer: body.answer,
    ...(Object.keys(others).length > 0 ? { answered: others } : {}),
    ...(body.documents ? { documents: body.documents } : {}),
  };
  const steps = [['information', 'done', body.answer.slice(0, 200)]] as const;
  const common = { action: 'information_given', steps, signal: true } as const;
  if (request.question?.code === 'choose_another_number') {
    const chosen = chosenAnew(request, numbers, at);
    const asked = chosen.state === 'approval_pending' ? [['approval', 'waiting'] as const] : [];
    return {
      ...common,
      steps: [...steps, ...asked],
      fields: { ...chosen, question: answered, resumesTo: undefined },
    };
  }
  return { ...common, fields: { ...resumed(request), question: answered, resumesTo: undefined } };
}

/** Back to where it stood; papers completed in the meantime go to their check. */
function resumed(request: NumberRequest): Partial<NumberRequest> {
  const state = request.resumesTo ?? 'submitted';
  const missing = request.requirements.some(
    (one) => one.required && (one.state === 'missing' || one.state === 'rejected'),
  );
  if (state === 'documents_pending' && !missing) return { state: 'documents_review', waitingFor: 'customer_success' };
  return { state, waitingFor: turnOf({ ...request, state }) };
}

/** As many numbers as are gone replace those; as many as were asked for replace all. */
function chosenAnew(
  request: NumberRequest,
  numbers: readonly NamedNumber[] | undefined,
  at: Date,
): Partial<NumberRequest> {
  const on = { state: 'classified', waitingFor: 'nobody', agreedAt: at.toISOString() } as const;
  if (!numbers && request.alternatives.length > 0) return on;
  const gone = request.question?.numbers ?? request.named.map((one) => one.number);
  const given = numbers ? readNamed({ numbers: [...numbers], country: request.country }) : [];
  const all = given.length === request.named.length;
  if (!all && given.length !== gone.length) {
    const detail = `Name ${gone.length} in place of ${gone.join(', ')}, or all ${request.named.length}, in fields.numbers.`;
    throw new InvalidInput({
      code: 'invalid_number',
      detail,
      errors: [{ pointer: '#/fields/numbers', code: 'invalid_number', detail }],
    });
  }
  const places = new Map(gone.map((number, index) => [number, given[index]]));
  const named = all ? given : request.named.map((one) => places.get(one.number) ?? one);
  // Terms of its own stay what is paid; a reviewed price may need a second person now (DESIGN §9).
  if (request.agreedTerms) return { ...on, named: [...named] };
  const next = { ...request, named: [...named], agreedPrice: undefined };
  const needed = approvalsNeeded(next);
  const chosen = { named: next.named, agreedPrice: undefined };
  if (request.class !== 'restricted' || needed <= request.approvals.length) return { ...on, ...chosen };
  return { ...chosen, ...approvalAnew(needed) };
}
