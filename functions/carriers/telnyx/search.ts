import { CarrierRefused, NumberUnavailable } from '../../domain/errors.ts';
import type { Call } from '../outcome.ts';
import type { Carrier, SearchFilter, SearchPage, SearchWish } from '../port.ts';
import type { TelnyxApi } from './sdk.ts';
import { SearchReply, toOffer } from './wire.ts';

/** Rows asked for when the gateway has to filter among them, and when one exact number is looked for. */
const WIDE = 250;
const NEEDLE = 100;

interface Plan {
  readonly digits?: { readonly starts_with?: string; readonly contains?: string; readonly ends_with?: string };
  readonly appliedBy: SearchPage['appliedBy'];
  /** The pattern contradicts the area code: nothing can match. */
  readonly impossible?: true;
}

/**
 * One page: this search is not paged. A place without coverage is answered by a 4xx, which is "no result". Numbers this
 * account holds are among them: what a request of ours holds is claimed, and what was given back is for sale again.
 */
export async function* search(api: TelnyxApi, wish: SearchWish, call: Call): AsyncGenerator<SearchPage> {
  const { digits, appliedBy, impossible } = planSearch(wish);
  if (impossible) return yield { offers: [], appliedBy, dropped: 0 };
  const gatewayFilters = Object.values(appliedBy).includes('gateway');
  const limit = gatewayFilters ? WIDE : wish.limit;
  const rows = await rowsOf(api, call, {
    country_code: wish.country,
    phone_number_type: wish.type,
    ...(wish.areaCode !== undefined && { national_destination_code: wish.areaCode }),
    ...(wish.locality !== undefined && { locality: wish.locality }),
    ...(appliedBy.region === 'carrier' && { administrative_area: wish.region }),
    ...(wish.features.length > 0 && { features: [...wish.features] }),
    ...(digits && { phone_number: digits }),
    limit,
  });
  const offers = rows.map((row) => toOffer(row, wish)).filter((offer) => offer !== undefined);
  yield { offers, appliedBy, dropped: rows.length - offers.length };
}

/**
 * Searches for this one number: its present price, and at the same time what an order needs, because a number not seen in
 * a recent search is refused (85000). Throws `NumberUnavailable` when it is no longer offered (P1).
 */
export async function quote(api: TelnyxApi, offer: Parameters<Carrier['quote']>[0], call: Call) {
  const rows = await rowsOf(api, call, {
    country_code: offer.country,
    phone_number_type: offer.type,
    phone_number: { ends_with: nationalEnd(offer.number) },
    limit: NEEDLE,
  });
  const found = rows.map((row) => toOffer(row, offer)).find((row) => row?.number === offer.number);
  if (!found) throw new NumberUnavailable({ code: 'not_available', detail: 'no longer offered by the carrier' });
  return found.monthly && { monthly: found.monthly, ...(found.setup && { setup: found.setup }) };
}

type Filter = NonNullable<
  NonNullable<Parameters<Parameters<Parameters<TelnyxApi['read']>[3]>[0]['availablePhoneNumbers']['list']>[0]>['filter']
>;

async function rowsOf(api: TelnyxApi, call: Call, filter: Filter): Promise<readonly unknown[]> {
  try {
    const reply = await api.read(call, 'search', SearchReply, (sdk) => sdk.availablePhoneNumbers.list({ filter }));
    return reply.data;
  } catch (error) {
    if (error instanceof CarrierRefused) return [];
    throw error;
  }
}

/** Who applies which filter, and the digits the carrier is asked for. */
export function planSearch(wish: SearchWish): Plan {
  const pattern = wish.pattern && planPattern(wish.pattern, wish.areaCode);
  const byCarrier: Partial<Record<SearchFilter, unknown>> = {
    areaCode: wish.areaCode,
    locality: wish.locality,
    features: wish.features[0],
  };
  const appliedBy: Record<string, 'carrier' | 'gateway'> = { type: 'carrier' };
  for (const [name, value] of Object.entries(byCarrier)) if (value !== undefined) appliedBy[name] = 'carrier';
  // States and provinces are known to this search in the United States and Canada alone.
  if (wish.region !== undefined) appliedBy['region'] = ['US', 'CA'].includes(wish.country) ? 'carrier' : 'gateway';
  if (pattern) appliedBy['pattern'] = pattern === 'gateway' ? 'gateway' : 'carrier';
  if (pattern === 'impossible') return { appliedBy, impossible: true };
  return typeof pattern === 'object' ? { appliedBy, digits: pattern } : { appliedBy };
}

/**
 * The carrier matches digits without country code and, beside an area code, also without that; ours are matched on the whole
 * national number. Where the two differ the gateway matches.
 */
function planPattern(
  { text, match }: NonNullable<SearchWish['pattern']>,
  area = '',
): NonNullable<Plan['digits']> | 'gateway' | 'impossible' {
  if (!/^\d+$/.test(text)) return 'gateway'; // no letters, no wildcards here
  if (match === 'starts') {
    if (area.startsWith(text)) return {};
    return text.startsWith(area) ? { starts_with: text.slice(area.length) } : 'impossible';
  }
  if (overlaps(area, text)) return 'gateway';
  return match === 'ends' ? { ends_with: text } : { contains: text };
}

/** Whether a match of `text` may begin inside the area code. */
function overlaps(area: string, text: string): boolean {
  for (let at = 0; at < area.length; at++) {
    const tail = area.slice(at);
    if (tail.startsWith(text) || text.startsWith(tail)) return true;
  }
  return false;
}

/** The digits certainly after the country code (1 to 3 digits long; +1 and +7 are told by themselves). */
function nationalEnd(number: string): string {
  return /^\+[17]/.test(number) ? number.slice(2) : number.slice(4);
}
