import type { CountryCode } from '../../domain/country.ts';
import { callingCodeOf } from '../../domain/number-parsing.ts';
import type { SearchFilter, SearchPage, SearchWish } from '../port.ts';
import { type AvailableRow, type CountryPrices, monthlyPrice, toOffer } from './wire.ts';

/** What a search asks Twilio for, in the SDK's names. */
export interface SearchQuery {
  readonly areaCode?: number;
  readonly contains?: string;
  readonly inRegion?: string;
  readonly inLocality?: string;
  readonly voiceEnabled?: boolean;
  readonly smsEnabled?: boolean;
  readonly mmsEnabled?: boolean;
  readonly faxEnabled?: boolean;
  readonly pageSize: number;
}
interface SearchPlan {
  readonly query: SearchQuery;
  readonly appliedBy: SearchPage['appliedBy'];
}

/** Shortest and longest `Contains`; wildcards and anchors do not count for the first. */
const MIN_CONTAINS = 2;
const MAX_CONTAINS = 16;
/** Rows asked for when the gateway still has to choose among them: results are a sample, not the whole stock. */
const WIDE_PAGE = 200;

/** A wish as one query, and who applies which filter. Undefined: the wish contradicts itself, nothing can match. */
export function searchPlan(wish: SearchWish): SearchPlan | undefined {
  const isAmerican = wish.country === 'US' || wish.country === 'CA';
  const hasAreaCode = isAmerican && /^\d{3}$/.test(wish.areaCode ?? '');
  const digits = containsOf(wish.country, hasAreaCode ? undefined : wish.areaCode, wish.pattern);
  if (digits === 'contradiction') return undefined;

  const appliedBy = defined<SearchFilter, 'carrier' | 'gateway'>({
    type: 'carrier',
    areaCode: wish.areaCode && by(hasAreaCode || digits.coversPlace),
    region: wish.region && by(isAmerican),
    locality: wish.locality && 'carrier',
    pattern: wish.pattern && by(digits.coversPattern),
    features: wish.features.length > 0 ? 'carrier' : undefined,
  });
  const isWide = Object.values(appliedBy).includes('gateway');
  const query = {
    ...(hasAreaCode ? { areaCode: Number(wish.areaCode) } : {}),
    ...defined({
      contains: digits.contains,
      inRegion: isAmerican ? wish.region : undefined,
      inLocality: wish.locality,
    }),
    ...Object.fromEntries(wish.features.map((feature) => [`${feature}Enabled`, true])),
    pageSize: isWide ? Math.max(WIDE_PAGE, wish.limit) : wish.limit,
  };
  return { query, appliedBy };
}

function by(isCarrier: boolean): 'carrier' | 'gateway' {
  return isCarrier ? 'carrier' : 'gateway';
}

/** Without the empty ones. */
function defined<K extends string, V>(fields: Record<K, V | '' | undefined>): Partial<Record<K, V>> {
  const filled = Object.entries(fields).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(filled) as Partial<Record<K, V>>;
}

interface Digits {
  readonly contains?: string;
  readonly coversPlace: boolean;
  readonly coversPattern: boolean;
}

/**
 * One `Contains` for area and pattern. A leading `+` anchors the start, a trailing `$` the end; wildcards between real
 * characters are not allowed, so of two separate demands the area goes to Twilio and the pattern stays with the gateway.
 */
function containsOf(
  country: CountryCode,
  place: string | undefined,
  pattern: SearchWish['pattern'],
): Digits | 'contradiction' {
  const code = callingCodeOf(country);
  if (code === undefined) return unanchored(pattern);
  if (pattern?.match === 'starts') {
    const start = longerStart(place ?? '', pattern.text);
    if (start === undefined) return 'contradiction';
    return { contains: anchored(code, start), coversPlace: true, coversPattern: true };
  }
  if (place === undefined) return unanchored(pattern);
  return { contains: anchored(code, place), coversPlace: true, coversPattern: false };
}

/** Not anchored at the start, Twilio looks at the country code too, which the wish does not mean: only the end is sure. */
function unanchored(pattern: SearchWish['pattern']): Digits {
  if (pattern === undefined || pattern.text.length < MIN_CONTAINS) return { coversPlace: false, coversPattern: false };
  const isShort = pattern.text.length <= 6;
  const contains = pattern.match === 'ends' ? `${pattern.text}$` : pattern.text;
  return { contains, coversPlace: false, coversPattern: pattern.match === 'ends' && isShort };
}

function anchored(code: string, digits: string): string {
  const start = `+${code}${digits}`;
  return start.length < MAX_CONTAINS ? `${start}%` : start.slice(0, MAX_CONTAINS);
}

function longerStart(one: string, other: string): string | undefined {
  if (one.startsWith(other)) return one;
  return other.startsWith(one) ? other : undefined;
}

/** A page of offers. A negative price spoils every row of its type; both kinds of unusable rows are counted (S4). */
export function searchPage(
  wish: SearchWish,
  plan: SearchPlan,
  rows: readonly AvailableRow[],
  prices: CountryPrices | undefined,
): SearchPage {
  const monthly = monthlyPrice(prices, wish.type);
  if (monthly === null) return { offers: [], appliedBy: plan.appliedBy, dropped: rows.length };
  const offers = rows.map((row) => toOffer(row, wish, monthly)).filter((offer) => offer !== undefined);
  return { offers, appliedBy: plan.appliedBy, dropped: rows.length - offers.length };
}
