import type { Money } from '../domain/money.ts';
import type { BuyDeps } from './buy-deps.ts';
import { saveRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';
import { SYSTEM } from './timeline.ts';

const OFFER_DAYS = 14;

/** The carrier wants more than the customer has seen: the new price is offered, nothing is bought (P9, S2-9). */
export async function offerNewPrice(
  deps: BuyDeps,
  request: NumberRequest,
  price: { readonly monthly: Money; readonly setup?: Money },
): Promise<void> {
  const at = deps.clock.now();
  await saveRequest(deps, { tenantId: request.tenantId, requestId: request.id }, (before) => {
    const terms: NonNullable<NumberRequest['terms']> = {
      version: (before.terms?.version ?? 0) + 1,
      state: 'offered',
      reason: 'price_changed',
      monthly: { ...price.monthly, interval: 'month' },
      ...(price.setup ? { setup: price.setup } : {}),
      text: 'The carrier has raised the price since you saw it. Nothing was bought.',
      validUntil: new Date(at.getTime() + OFFER_DAYS * 86_400_000).toISOString(),
    };
    const fields = {
      state: 'terms_pending',
      waitingFor: 'customer',
      terms,
      agreedAt: undefined,
      orderedAt: undefined,
    } as const;
    return {
      move: {
        action: 'price_changed',
        actor: SYSTEM,
        at,
        fields,
        steps: [['terms', 'waiting', `${price.monthly.amount} ${price.monthly.currency} a month`]],
      },
    };
  });
}
