import { compareMoney, type Money } from '../domain/money.ts';
import { tenantScope } from '../platform/auth.ts';
import type { BuyDeps } from './buy-deps.ts';
import { hasOrdered, readIntents } from './intent-store.ts';
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
  await saveRequest(deps, { tenantId: request.tenantId, requestId: request.id }, async (before) => {
    const standing = before.state === 'terms_pending' && before.terms?.state === 'offered' ? before.terms : undefined;
    // Of several numbers that rose at once the dearest is asked about.
    if (standing && compareMoney(price.monthly, standing.monthly) !== 1) return undefined;
    const ordered = hasOrdered(await readIntents(deps.table, tenantScope(before.tenantId), before.id));
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
      ...(ordered ? {} : { orderedAt: undefined }),
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
