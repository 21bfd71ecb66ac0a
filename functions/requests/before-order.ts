import type { Carrier } from '../carriers/port.ts';
import { NumberUnavailable } from '../domain/errors.ts';
import { isAgreedPrice, type Price } from './agreed-price.ts';
import { type BuyDeps, callWithin, READ_MS } from './buy-deps.ts';
import { isGivenUp } from './given-up.ts';
import { putOnHold } from './hold.ts';
import { withdraw } from './hold-numbers.ts';
import type { Intent } from './intent-schema.ts';
import { isFinal } from './move.ts';
import { offerNewPrice } from './price-changed.ts';
import type { Purchased } from './purchase-schema.ts';
import { readRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';

type Failure = NonNullable<Intent['failure']>;
/** Either a reason not to order, or the price that was found to be in order. */
export type Checked = { readonly stop: Purchased } | { readonly price: Price };

/** Everything that is looked at once more right before the order (P9, P16, P17): what stops it gives the intent up unsent. */
export async function checkBeforeOrder(deps: BuyDeps, carrier: Carrier, intent: Intent): Promise<Checked> {
  const found = await readRequest(deps, intent);
  if (hasEnded(found)) return giveUp(deps, intent, ENDED);
  // The next choice finds the hold.
  if (await putOnHold(deps, found)) return giveUp(deps, intent, ON_HOLD);
  const quote = await askPrice(deps, carrier, intent);
  if (quote === 'gone') return giveUp(deps, intent, GONE);
  const request = await readRequest(deps, intent);
  return hasEnded(request) ? giveUp(deps, intent, ENDED) : checkPrice(deps, request, intent, quote);
}

const ENDED: Failure = { code: 'request_ended', detail: 'The request ended before the order left.' };
const ON_HOLD: Failure = { code: 'on_hold', detail: 'The account may not buy at the moment.' };
const GONE: Failure = { code: 'not_available', detail: 'The number was just taken.' };
const UNPRICED: Failure = { code: 'price_unknown', detail: 'The carrier names no price for it.' };

const hasEnded = (request: NumberRequest): boolean => isFinal(request) || isGivenUp(request);

async function giveUp(deps: BuyDeps, intent: Intent, failure: Failure): Promise<Checked> {
  await withdraw(deps, intent, failure);
  return { stop: { outcome: 'refused' } };
}

/**
 * The present price against what was agreed: dearer, in either part or in another currency, is not bought (step 6, P9). A
 * price that cannot be asked leaves the one just seen; without any, nothing is bought blind (S4).
 */
async function checkPrice(
  deps: BuyDeps,
  request: NumberRequest,
  intent: Intent,
  quote: Price | undefined,
): Promise<Checked> {
  const monthly = quote?.monthly ?? intent.monthly;
  const setup = quote?.setup ?? intent.setup;
  if (!monthly) return giveUp(deps, intent, UNPRICED);
  const price = { monthly, setup };
  if (isAgreedPrice(request, intent.number, price, intent)) return { price };
  const detail = `It costs ${monthly.amount} ${monthly.currency} a month now${setup ? `, ${setup.amount} to set up` : ''}.`;
  await withdraw(deps, intent, { code: 'price_changed', detail });
  await offerNewPrice(deps, request, price);
  return { stop: { outcome: 'price_changed' } };
}

/** For Telnyx this is also the search an order needs. */
async function askPrice(deps: BuyDeps, carrier: Carrier, { number, country, type, reference }: Intent) {
  try {
    return await carrier.quote({ number, country, type }, callWithin(READ_MS));
  } catch (error) {
    if (error instanceof NumberUnavailable) return 'gone' as const;
    deps.log.warn('quote_failed', { reference, error: error instanceof Error ? error.name : 'unknown' });
    return undefined;
  }
}
