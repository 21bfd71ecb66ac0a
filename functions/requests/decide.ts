import { Conflict, NotAllowed } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import { type Money, timesMoney, toMicros } from '../domain/money.ts';
import type { NumberRequest, RequestState } from './schema.ts';

/** Monthly money from which two people must approve (DESIGN §9), in any currency: the stricter reading. */
export const TWO_PERSON_MONTHLY = '50';

export interface Decider {
  readonly id: UserId;
  readonly name: string;
}

/** Throws 409 `wrong_state` unless the request stands in one of `states`. */
export function requireState(request: NumberRequest, states: readonly RequestState[], act: string): void {
  if (states.includes(request.state)) return;
  throw new Conflict({
    code: 'wrong_state',
    detail: `The request is ${request.state}; ${act} is possible while it is ${states.join(' or ')}.`,
    extra: { state: request.state },
  });
}

/** Nobody decides their own request (N6); the person who asked is compared, whatever role decides. */
export function requireOther(request: NumberRequest, who: Decider): void {
  if (request.requestedBy === who.id)
    throw new NotAllowed({ code: 'own_request', detail: 'You asked for this yourself; somebody else has to decide.' });
}

/** The first decision stands (N3); a second one is told who made it. */
export function requireUndecided(request: NumberRequest): void {
  const decision = request.decision;
  if (!decision) return;
  throw new Conflict({
    code: 'already_decided',
    detail: `${decision.byName} has ${decision.verdict} this at ${decision.at}.`,
    extra: { decision },
  });
}

/** Highest known monthly price of the whole request: terms, reviewed prices, price cap; undefined when none is known. */
export function knownMonthly(request: NumberRequest, offered?: Money): Money | undefined {
  const each = [offered, request.terms?.monthly, request.wish.maxMonthly, ...request.named.map((one) => one.monthly)];
  const known = each.filter((money): money is Money => money !== undefined);
  const highest = known.sort((a, b) => (toMicros(a.amount) > toMicros(b.amount) ? -1 : 1))[0];
  return highest && timesMoney(highest, request.quantity);
}

/** How many people must approve: two from the price above, else one (DESIGN §9); the cap of an alternative counts as well. */
export function approvalsNeeded(request: NumberRequest, offered?: Money): 1 | 2 {
  const caps = request.alternatives.map(({ maxMonthly }) => maxMonthly && timesMoney(maxMonthly, request.quantity));
  const isDear = (total: Money | undefined): boolean =>
    total !== undefined && toMicros(total.amount) >= toMicros(TWO_PERSON_MONTHLY);
  return [knownMonthly(request, offered), ...caps].some(isDear) ? 2 : 1;
}

/** Back to people who approve: what was approved before does not cover the price by now (DESIGN §9). */
export const approvalAnew = (needed: number, approvals: NumberRequest['approvals'] = []) =>
  ({
    state: 'approval_pending',
    waitingFor: 'customer_success',
    agreedAt: undefined,
    undoUntil: undefined,
    decision: undefined,
    approvals,
    approvalsNeeded: needed,
  }) as const satisfies Partial<NumberRequest>;

/** Throws 403 `own_approval` when this person approved before. */
export function requireNewApprover(request: NumberRequest, who: Decider): void {
  if (request.approvals.some((one) => one.by === who.id))
    throw new NotAllowed({ code: 'own_approval', detail: 'You have approved this already; a second person has to.' });
}

/** States in which an order cannot have left yet, so that the customer may still cancel (P16). */
export const CANCELLABLE: readonly RequestState[] = [
  'submitted',
  'classified',
  'terms_pending',
  'approval_pending',
  'quote_pending',
  'info_requested',
  'documents_pending',
  'documents_review',
  'sourcing',
];
/** States in which wish, name and assignment may still change. */
export const CHANGEABLE: readonly RequestState[] = CANCELLABLE.filter((state) => state !== 'sourcing');
/** Whose turn it is by the state alone: what a hold or a question interrupted goes on with. */
export function turnOf(request: Pick<NumberRequest, 'state' | 'terms' | 'papers'>): NumberRequest['waitingFor'] {
  switch (request.state) {
    case 'approval_pending':
    case 'quote_pending':
      return 'customer_success';
    case 'terms_pending':
      return request.terms?.state === 'offered' ? 'customer' : 'customer_success';
    case 'info_requested':
    case 'documents_pending':
      return 'customer';
    case 'documents_review':
      return request.papers?.state === 'submitted' || request.papers?.state === 'in_review'
        ? 'carrier'
        : 'customer_success';
    case 'ordering':
    case 'resolving':
      return 'carrier';
    default:
      return 'nobody';
  }
}
/** True while everybody has agreed (and an undo window is over): sourcing may begin. Only such a window goes by the clock (X1). */
export const isAgreed = ({ agreedAt, undoUntil, decision }: NumberRequest, at: Date): boolean =>
  agreedAt !== undefined &&
  (agreedAt !== undoUntil || agreedAt === decision?.at || Date.parse(agreedAt) <= at.getTime());
