import type { CarrierId } from '../domain/carrier-id.ts';
import { toMicros } from '../domain/money.ts';
import type { CarrierOffer } from './port.ts';

/**
 * Ranks offers: known price before "on request", cheaper before dearer within one currency, then the carriers' preference,
 * then the number itself so that equal ones keep an order. Each number is listed once, at its best offer (S4). Pure.
 * Currencies are never compared: those of the most preferred carrier come first.
 */
export function rankOffers(offers: readonly CarrierOffer[], preference: readonly CarrierId[]): readonly CarrierOffer[] {
  const place = new Map(preference.map((id, index) => [id, index]));
  const placeOf = (offer: CarrierOffer): number => place.get(offer.carrier) ?? preference.length;
  const currencies = new Map<string, number>();
  for (const offer of [...offers].sort((a, b) => placeOf(a) - placeOf(b)))
    if (offer.monthly && !currencies.has(offer.monthly.currency))
      currencies.set(offer.monthly.currency, currencies.size);
  const keyOf = (offer: CarrierOffer) => ({
    currency: offer.monthly ? (currencies.get(offer.monthly.currency) ?? 0) : currencies.size,
    price: offer.monthly ? toMicros(offer.monthly.amount) : 0n,
    setup: offer.setup ? toMicros(offer.setup.amount) : 0n,
    place: placeOf(offer),
  });
  const keyed = offers.map((offer) => ({ offer, key: keyOf(offer) }));
  keyed.sort(
    (a, b) =>
      a.key.currency - b.key.currency ||
      compare(a.key.price, b.key.price) ||
      compare(a.key.setup, b.key.setup) ||
      a.key.place - b.key.place ||
      compare(a.offer.number, b.offer.number),
  );
  const seen = new Set<string>();
  return keyed.map(({ offer }) => offer).filter((offer) => !seen.has(offer.number) && seen.add(offer.number));
}

const compare = <T extends bigint | string>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);
