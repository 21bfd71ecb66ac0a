import { Conflict } from '../domain/errors.ts';
import type { Planned } from './approval.ts';
import { type Decider, requireState } from './decide.ts';
import { endedEarly } from './given-up.ts';
import type { NumberRequest } from './schema.ts';

const notOffered = (act: string): Conflict =>
  new Conflict({ code: 'wrong_state', detail: `No terms are on offer yet; ${act} is possible once they are.` });

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
  return {
    action: 'terms_accepted',
    fields: {
      terms: { ...terms, state: 'accepted' },
      agreedPrice,
      ...agreedTerms,
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
