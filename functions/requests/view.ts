import type { Principal } from '../platform/auth.ts';
import { chargedPrice } from './agreed-price.ts';
import { CANCELLABLE } from './decide.ts';
import type { Intent } from './intent-schema.ts';
import { latestIntents } from './intent-store.ts';
import { isFinal } from './move.ts';
import type { NumberRequest } from './schema.ts';
import type { NumberRequestView, RequestAction } from './view-schema.ts';

type ShownNumber = NumberRequestView['numbers'][number];

/** True while no order can have left (P16). */
export const isCancellable = (request: NumberRequest): boolean =>
  CANCELLABLE.includes(request.state) && request.orderedAt === undefined;

const STAFF: readonly string[] = ['customer_success', 'operator'];

/** The request as this caller sees it, with what it may do now. */
export function viewRequest(
  request: NumberRequest,
  intents: readonly Intent[],
  who: Pick<Principal, 'roles' | 'id'>,
): NumberRequestView {
  const {
    version: _v,
    named: _n,
    requester: _r,
    taskId: _t,
    agreedAt: _a,
    agreedPrice: _p,
    agreedTerms: _at,
    committed: _c,
    givenUp: _g,
    approvals,
    approvalsNeeded,
    ...rest
  } = request;
  const {
    undoUntil: _u,
    papers: _pa,
    nextTimerAt: _nt,
    reminded: _re,
    escalated: _e,
    waitingSince: _w,
    slots: _s,
    orderedAt: _o,
    executions: _x,
    terms,
    ...shown
  } = rest;
  // Terms of a first approval are no offer before the second person agrees.
  const isOffered = request.state !== 'approval_pending' || who.roles.some((role) => STAFF.includes(role));
  const missing = request.state === 'approval_pending' ? approvalsNeeded - approvals.length : 0;
  return {
    ...shown,
    cancellable: isCancellable(request),
    actions: actionsOf(request, who),
    numbers: numbersOf(request, intents),
    ...(terms && isOffered ? { terms } : {}),
    ...(missing > 0 && approvals.length > 0 ? { approvalsMissing: missing } : {}),
  };
}

function numbersOf(request: NumberRequest, intents: readonly Intent[]): ShownNumber[] {
  const latest = new Map(latestIntents(intents).map((intent) => [intent.item, intent]));
  const wanted = request.named.map((one, item): ShownNumber => {
    const intent = latest.get(item);
    if (intent) return shownIntent(request, intent);
    return {
      number: one.number,
      state: 'wanted',
      ...(one.carrier ? { carrier: one.carrier } : {}),
      monthly: { ...one.monthly, interval: 'month' },
      ...(one.setup ? { setup: one.setup } : {}),
    };
  });
  const others = [...latest.values()].filter((intent) => intent.item >= request.named.length);
  return [...wanted, ...others.map((intent) => shownIntent(request, intent))];
}

/** The price is what is charged, as the number will show it. */
function shownIntent(request: NumberRequest, intent: Intent): ShownNumber {
  const { monthly, setup } = chargedPrice(request, intent);
  return {
    number: intent.number,
    state: stateOf(intent),
    carrier: intent.carrier,
    ...(monthly ? { monthly: { ...monthly, interval: 'month' as const } } : {}),
    ...(setup ? { setup } : {}),
    ...(intent.numberId ? { numberId: intent.numberId } : {}),
    ...(intent.failure && intent.state !== 'settled' ? { failure: intent.failure } : {}),
  };
}

function stateOf(intent: Intent): ShownNumber['state'] {
  switch (intent.state) {
    case 'recorded':
      return 'chosen';
    case 'sent':
      return intent.lastOutcome === 'accepted'
        ? 'pending'
        : intent.lastOutcome === 'unclear'
          ? 'being_confirmed'
          : 'ordered';
    case 'bought':
      return 'bought';
    case 'settled':
      return 'active';
    case 'refused':
    case 'withdrawn':
      return intent.state;
  }
}

/** What may be done in each state, by customer success and by the customer's side (api-map §4). */
const BY_SUCCESS: Readonly<Partial<Record<NumberRequest['state'], readonly RequestAction[]>>> = {
  approval_pending: ['approval', 'rejection', 'information_request'],
  quote_pending: ['terms', 'rejection', 'information_request'],
  terms_pending: ['terms', 'rejection', 'information_request'],
  documents_review: ['documents_review', 'rejection', 'information_request', 'requirements'],
  documents_pending: ['requirements', 'information_request'],
};
const BY_CUSTOMER: Readonly<Partial<Record<NumberRequest['state'], readonly RequestAction[]>>> = {
  info_requested: ['information'],
  documents_pending: ['requirements'],
  documents_review: ['requirements'],
};

function actionsOf(request: NumberRequest, who: Pick<Principal, 'roles' | 'id'>): RequestAction[] {
  if (isFinal(request)) return ['comment'];
  const success = who.roles.includes('customer_success') && request.requestedBy !== who.id;
  const customer = who.roles.includes('customer') || who.roles.includes('tenant_admin');
  const offered =
    request.state === 'terms_pending' && request.terms?.state === 'offered' && request.waitingFor === 'customer';
  const staff = success ? (BY_SUCCESS[request.state] ?? []) : [];
  const own = customer
    ? [...(BY_CUSTOMER[request.state] ?? []), ...(offered ? (['acceptance', 'refusal'] as const) : [])]
    : [];
  return [
    ...new Set([...staff, ...own, ...(isCancellable(request) ? (['cancellation'] as const) : []), 'comment' as const]),
  ];
}
