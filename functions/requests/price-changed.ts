import type { Money } from '../domain/money.ts';
import { tenantScope } from '../platform/auth.ts';
import { chargedPrice, dearerOf, isForeign, isWithin } from './agreed-price.ts';
import type { BuyDeps } from './buy-deps.ts';
import { isGivenUp } from './given-up.ts';
import { hasOrdered, readIntents } from './intent-store.ts';
import type { Move } from './move.ts';
import { saveRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';
import { SYSTEM } from './timeline.ts';

const OFFER_DAYS = 14;
/** What the carrier wants now. */
export interface Raised {
  readonly monthly: Money;
  readonly setup?: Money | undefined;
}

/**
 * The carrier wants more than was agreed: the new price is offered to the customer, nothing is bought (P9, S2-9). Terms in
 * another currency than the carrier's are customer success's to make anew.
 */
export async function offerNewPrice(deps: BuyDeps, request: NumberRequest, price: Raised): Promise<void> {
  const at = deps.clock.now();
  await saveRequest(deps, { tenantId: request.tenantId, requestId: request.id }, async (before) => {
    if (isGivenUp(before)) return undefined;
    const ordered = hasOrdered(await readIntents(deps.table, tenantScope(before.tenantId), before.id));
    // Nothing left and nothing can: the customer may cancel again (P16).
    const way = ordered ? {} : { orderedAt: undefined };
    const move = isForeign(before, price) ? termsAnew(before, price, way, at) : raise(before, price, way, at);
    return move && { move };
  });
}

function raise(before: NumberRequest, price: Raised, way: Partial<NumberRequest>, at: Date): Move | undefined {
  const standing = before.state === 'terms_pending' && before.terms?.state === 'offered' ? before.terms : undefined;
  // Of several numbers that rose at once the dearest is asked about; what is offered is what would be charged.
  const charged = chargedPrice(before, price);
  if (standing && isWithin(charged, standing))
    return 'orderedAt' in way && before.orderedAt
      ? { action: 'nothing_ordered', actor: SYSTEM, at, fields: way }
      : undefined;
  const monthly = dearerOf(charged.monthly, standing?.monthly) ?? price.monthly;
  const setup = dearerOf(charged.setup, standing?.setup);
  const terms: NonNullable<NumberRequest['terms']> = {
    version: (before.terms?.version ?? 0) + 1,
    state: 'offered',
    reason: 'price_changed',
    monthly: { amount: monthly.amount, currency: monthly.currency, interval: 'month' },
    ...(setup ? { setup } : {}),
    text: 'The carrier has raised the price since you saw it. Nothing was bought.',
    validUntil: new Date(at.getTime() + OFFER_DAYS * 86_400_000).toISOString(),
  };
  return {
    action: 'price_changed',
    actor: SYSTEM,
    at,
    fields: { state: 'terms_pending', waitingFor: 'customer', terms, agreedAt: undefined, ...way },
    steps: [['terms', 'waiting', `${monthly.amount} ${monthly.currency} a month`]],
  };
}

/** The offer goes back to customer success as an expired one does: a new one in the carrier's currency, or a rejection. */
function termsAnew(before: NumberRequest, price: Raised, way: Partial<NumberRequest>, at: Date): Move | undefined {
  if (before.state === 'terms_pending' || !before.terms) return undefined;
  const agreed = before.agreedTerms?.monthly.currency ?? '';
  return {
    action: 'terms_currency',
    actor: SYSTEM,
    at,
    fields: {
      state: 'terms_pending',
      waitingFor: 'customer_success',
      terms: { ...before.terms, state: 'expired' },
      agreedAt: undefined,
      ...way,
    },
    steps: [['terms', 'waiting', `Terms are agreed in ${agreed}, but carriers sell in ${price.monthly.currency}.`]],
  };
}
