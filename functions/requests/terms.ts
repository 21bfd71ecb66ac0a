import { Conflict } from '../domain/errors.ts';
import { compareMoney } from '../domain/money.ts';
import type { Planned } from './approval.ts';
import { approvalAnew, approvalsNeeded, type Decider, requireState } from './decide.ts';
import { endedEarly } from './given-up.ts';
import type { NumberRequest } from './schema.ts';

const notOffered = (act: string): Conflict =>
  new Conflict({ code: 'wrong_state', detail: `No terms are on offer yet; ${act} is possible once they are.` });

/**
 * Terms go to the customer; for a restricted country only once two people stand for a price that asks for two: who makes
 * the offer is the first of them (DESIGN §9). Pure.
 */
export function planOffer(
  request: NumberRequest,
  who: Decider,
  terms: NonNullable<NumberRequest['terms']>,
  at: Date,
): Planned {
  const needed = approvalsNeeded(request, terms.monthly);
  const dearer = !request.terms || ![-1, 0].includes(compareMoney(terms.monthly, request.terms.monthly) ?? 1);
  const covered = needed === 1 || (request.approvals.length >= needed && !dearer);
  if (request.class !== 'restricted' || covered)
    return {
      action: 'terms_offered',
      fields: { terms, state: 'terms_pending', waitingFor: 'customer' },
      steps: [['terms', 'waiting', `version ${terms.version}`]],
    };
  return {
    action: 'terms_offered_first',
    fields: { terms, ...approvalAnew(needed, [{ by: who.id, name: who.name, at: at.toISOString() }]) },
    steps: [['approval', 'waiting', `${who.name} offers ${terms.monthly.amount}; a second person has to approve.`]],
  };
}

export function planAcceptance(request: NumberRequest, termsVersion: number, at: Date): Planned {
  const terms = request.terms;
  if (terms?.state === 'expired' || (terms?.state === 'offered' && Date.parse(terms.validUntil) <= at.getTime()))
    throw new Conflict({ code: 'terms_expired', detail: 'The offer has expired; customer success makes a new one.' });
  requireState(request, ['terms_pending'], 'acceptance');
  if (terms?.state !== 'offered') throw notOffered('acceptance');
  if (terms.version !== termsVersion)
    throw new Conflict({
      code: 'terms_changed',
      detail: `Version ${terms.version} is on offer now.`,
      extra: { termsVersion: terms.version },
    });
  const agreedPrice = { monthly: terms.monthly, ...(terms.setup ? { setup: terms.setup } : {}) };
  // A raise is the carrier's price and only a new cap; every other offer is what the customer pays.
  const agreedTerms = terms.reason === 'price_changed' ? {} : { agreedTerms: agreedPrice };
  const accepted = { terms: { ...terms, state: 'accepted' }, agreedPrice, ...agreedTerms } as const;
  const needed = approvalsNeeded(request);
  const isRaise = request.class === 'restricted' && terms.reason === 'price_changed';
  // The carrier's raise alone must not carry a request over the price that asks for a second person.
  if (isRaise && needed > request.approvals.length)
    return {
      action: 'terms_accepted',
      fields: { ...accepted, ...approvalAnew(needed) },
      steps: [
        ['terms', 'done'],
        ['approval', 'waiting'],
      ],
    };
  return {
    action: 'terms_accepted',
    fields: {
      ...accepted,
      state: 'classified',
      waitingFor: 'nobody',
      agreedAt: at.toISOString(),
      undoUntil: undefined,
    },
    steps: [['terms', 'done']],
    signal: true,
  };
}

export function planRefusal(request: NumberRequest, who: Decider, reason: string | undefined, at: Date): Planned {
  const { terms } = request;
  requireState(request, ['terms_pending'], 'refusal');
  if (terms?.state !== 'offered') throw notOffered('refusal');
  const decision = {
    verdict: 'declined',
    by: who.id,
    byName: who.name,
    at: at.toISOString(),
    ...(reason ? { comment: reason } : {}),
  } as const;
  const fields = {
    ...endedEarly(request, 'declined'),
    decision,
    terms: { ...terms, state: 'refused' },
  } as const;
  return {
    action: 'terms_refused',
    fields,
    steps: [['terms', 'failed', reason]] as Planned['steps'] & object,
    signal: true,
  };
}
