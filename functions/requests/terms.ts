import { Conflict } from '../domain/errors.ts';
import type { Planned } from './approval.ts';
import { type Decider, requireState } from './decide.ts';
import type { NumberRequest } from './schema.ts';

export function planAcceptance(request: NumberRequest, termsVersion: number, at: Date): Planned {
  const terms = request.terms;
  if (terms?.state === 'expired' || (terms?.state === 'offered' && Date.parse(terms.validUntil) <= at.getTime()))
    throw new Conflict({ code: 'terms_expired', detail: 'The offer has expired; customer success makes a new one.' });
  if (request.state !== 'terms_pending' || terms?.state !== 'offered')
    requireState(request, [], 'acceptance of offered terms');
  if (terms?.version !== termsVersion || !terms)
    throw new Conflict({
      code: 'terms_changed',
      detail: `Version ${terms?.version} is on offer now.`,
      extra: { termsVersion: terms?.version },
    });
  const agreedPrice = { monthly: terms.monthly, ...(terms.setup ? { setup: terms.setup } : {}) };
  return {
    action: 'terms_accepted',
    fields: {
      terms: { ...terms, state: 'accepted' },
      agreedPrice,
      state: 'classified',
      waitingFor: 'nobody',
      agreedAt: at.toISOString(),
    },
    steps: [['terms', 'done']],
    signal: true,
  };
}

export function planRefusal(request: NumberRequest, who: Decider, reason: string | undefined, at: Date): Planned {
  const { terms } = request;
  if (request.state !== 'terms_pending' || terms?.state !== 'offered')
    requireState(request, [], 'refusal of offered terms');
  const decision = {
    verdict: 'declined',
    by: who.id,
    byName: who.name,
    at: at.toISOString(),
    ...(reason ? { comment: reason } : {}),
  } as const;
  const fields = {
    state: 'declined',
    waitingFor: 'nobody',
    decision,
    ...(terms ? { terms: { ...terms, state: 'refused' as const } } : {}),
  } as const;
  return {
    action: 'terms_refused',
    fields,
    steps: [['terms', 'failed', reason]] as Planned['steps'] & object,
    signal: true,
  };
}
