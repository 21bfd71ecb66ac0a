import { NumberUnavailable } from '../../domain/errors.ts';
import type { CarrierClient } from '../client.ts';
import type { Call } from '../outcome.ts';
import type { Offer, SearchFilter, SearchPage, SearchWish } from '../port.ts';
import { callingCode } from './calling-codes.ts';
import type { Sdk } from './sdk.ts';
import { LINE_TYPES, NumbersPage, toMsisdn, toOffer } from './wire.ts';

type Filter = Parameters<ReturnType<Sdk['numbers']>['getAvailableNumbers']>[0];
export interface SearchParts {
  readonly api: CarrierClient;
  readonly sdk: () => Promise<Sdk>;
}

/** Rows of one answer at most, and answers one search asks for at most. */
const ROWS = 100;
const PAGES = 10;
const STARTS_WITH = 0;
const CONTAINS = 1;
const ENDS_WITH = 2;
/** Shorter than any national number: such an ending cannot reach into the country code. */
const SHORT = 7;

/** Pages of offers; none for kinds and features Vonage does not sell. Stops by itself when the wish is met or stock ends. */
export async function* search(parts: SearchParts, wish: SearchWish, call: Call): AsyncGenerator<SearchPage> {
  const type = LINE_TYPES[wish.type];
  if (type === undefined || wish.features.includes('fax')) return;
  const { pattern, appliedBy, isImpossible } = planSearch(wish);
  if (isImpossible) return yield { offers: [], appliedBy, dropped: 0 };
  const isFiltered = Object.values(appliedBy).includes('gateway');
  const size = isFiltered ? ROWS : Math.min(Math.max(wish.limit, 1), ROWS);
  const features = wish.features.map((feature) => feature.toUpperCase());
  const wanted = { country: wish.country, type, ...pattern, ...(features.length > 0 && { features }), size };
  let offered = 0;
  for (let index = 1; index <= PAGES; index++) {
    const page = await available(parts, { ...wanted, index } as Filter, 'search', call);
    const found = page.numbers.map((row) => toOffer(row, wish)).filter((offer) => offer !== undefined);
    const offers = appliedBy.areaCode === 'carrier' ? found.map((offer) => withArea(offer, wish.areaCode)) : found;
    yield { offers, appliedBy, dropped: page.numbers.length - offers.length };
    offered += offers.length;
    const isMet = !isFiltered && offered >= wish.limit;
    if (isMet || page.numbers.length === 0 || index * size >= page.count) return;
  }
}

/** The exact number among what is on offer now; `undefined` when it is gone. */
export async function findOffer(
  parts: SearchParts,
  wish: Pick<Offer, 'number' | 'country' | 'type'>,
  call: Call,
): Promise<Offer | undefined> {
  const type = LINE_TYPES[wish.type];
  const exact = { country: wish.country, type, pattern: toMsisdn(wish.number), searchPattern: STARTS_WITH, size: ROWS };
  const page = await available(parts, exact as Filter, 'quote', call);
  return page.numbers.map((row) => toOffer(row, wish)).find((offer) => offer?.number === wish.number);
}

/** Present monthly price. Throws `NumberUnavailable` when the number is no longer offered (P1). */
export async function quote(parts: SearchParts, wish: Pick<Offer, 'number' | 'country' | 'type'>, call: Call) {
  const offer = await findOffer(parts, wish, call);
  if (offer === undefined) {
    throw new NumberUnavailable({ code: 'not_available', detail: 'no longer offered by the carrier' });
  }
  return offer.monthly && { monthly: offer.monthly };
}

async function available({ api, sdk }: SearchParts, filter: Filter, operation: string, call: Call) {
  const { numbers } = await sdk();
  return api.sdkRead(call, operation, async (exchange) =>
    NumbersPage.parse(await numbers(exchange).getAvailableNumbers(filter)),
  );
}

function withArea(offer: Offer, areaCode: string | undefined): Offer {
  return areaCode === undefined ? offer : { ...offer, areaCode };
}

interface Plan {
  readonly pattern?: { readonly pattern: string; readonly searchPattern: number };
  readonly appliedBy: SearchPage['appliedBy'];
  /** The pattern contradicts the area code: nothing can match. */
  readonly isImpossible?: true;
}

/**
 * One pattern on the whole number is all there is, so an area code becomes "starts with country code + area code", and the
 * gateway matches what does not fit into the same pattern. Places are unknown to this search.
 */
export function planSearch(wish: SearchWish): Plan {
  const appliedBy: Partial<Record<SearchFilter, 'carrier' | 'gateway'>> = {
    type: 'carrier',
    ...(wish.features.length > 0 && { features: 'carrier' }),
    ...(wish.region !== undefined && { region: 'gateway' }),
    ...(wish.locality !== undefined && { locality: 'gateway' }),
  };
  const { areaCodeBy, patternBy, ...asked } = digitsOf(wish);
  return {
    ...asked,
    appliedBy: {
      ...appliedBy,
      ...(wish.areaCode !== undefined && { areaCode: areaCodeBy }),
      ...(wish.pattern !== undefined && { pattern: patternBy }),
    },
  };
}

type Digits = Pick<Plan, 'pattern' | 'isImpossible'> & {
  readonly areaCodeBy: 'carrier' | 'gateway';
  readonly patternBy: 'carrier' | 'gateway';
};

function digitsOf({ country, areaCode = '', pattern }: SearchWish): Digits {
  const code = callingCode(country);
  // Letters are not known to this carrier.
  const text = pattern !== undefined && /^\d+$/.test(pattern.text) ? pattern.text : undefined;
  if (code === undefined) return { areaCodeBy: 'gateway', patternBy: 'gateway' };
  const starts = (national: string) => ({ pattern: code + national, searchPattern: STARTS_WITH });
  if (text !== undefined && pattern?.match === 'starts') {
    const longer = text.length > areaCode.length ? text : areaCode;
    if (longer.startsWith(text) && longer.startsWith(areaCode))
      return { pattern: starts(longer), areaCodeBy: 'carrier', patternBy: 'carrier' };
    return { isImpossible: true, areaCodeBy: 'carrier', patternBy: 'carrier' };
  }
  if (areaCode !== '') return { pattern: starts(areaCode), areaCodeBy: 'carrier', patternBy: 'gateway' };
  if (text === undefined) return { areaCodeBy: 'carrier', patternBy: 'gateway' };
  const isEnd = pattern?.match === 'ends';
  // "Contains" also finds digits of the country code: a first sieve, the gateway matches.
  const searchPattern = isEnd ? ENDS_WITH : CONTAINS;
  const patternBy = isEnd && text.length <= SHORT ? 'carrier' : 'gateway';
  return { pattern: { pattern: text, searchPattern }, areaCodeBy: 'carrier', patternBy };
}
