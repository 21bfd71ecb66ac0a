import type { CarrierOffer, SearchWish } from '../carriers/port.ts';
import type { E164 } from '../domain/e164.ts';
import type { Money } from '../domain/money.ts';
import { capOfWish, isForeign } from './agreed-price.ts';
import type { BuyDeps } from './buy-deps.ts';
import { findClaim } from './intent-store.ts';
import type { NumberRequest, Wish } from './schema.ts';
import { isIncomplete, type Sellers } from './sellers.ts';

/** Most offers looked at for one wish: beyond them it counts as sold out. */
const MOST_OFFERS = 500;

export interface Offered {
  readonly offers: readonly CarrierOffer[];
  /** A carrier that may have more gave no answer. */
  readonly incomplete: boolean;
  /** There are offers, but in another currency than the agreed terms. */
  readonly foreign?: CarrierOffer;
}
interface Sought {
  readonly count: number;
  readonly taken: ReadonlySet<E164>;
  /** Round of choosing: once others were faster, equally dear offers are taken in an order of the request's own. */
  readonly round: number;
}

/** Free offers for the request's wishes, in the order of the wishes, at most `count`. */
export async function offersFor(
  deps: BuyDeps,
  request: NumberRequest,
  sellers: Sellers,
  sought: Sought,
): Promise<Offered> {
  const found: CarrierOffer[] = [];
  let incomplete = sellers.away.length > 0;
  const wishes = request.named.length > 0 ? request.alternatives : [request.wish, ...request.alternatives];
  for (const wish of wishes) {
    const count = sought.count - found.length;
    if (count <= 0) break;
    const taken = new Set([...sought.taken, ...found.map((one) => one.number)]);
    const more = await freeOffers(deps, request, wish, sellers, { ...sought, count, taken });
    found.push(...more.offers);
    incomplete ||= more.incomplete;
  }
  const foreign = found.length < sought.count ? await foreignOffer(deps, request, wishes[0], sellers) : undefined;
  return { offers: found, incomplete, ...(foreign ? { foreign } : {}) };
}

/** Searches ever wider while pages come back full but too few of them are free (P6). */
async function freeOffers(
  deps: BuyDeps,
  request: NumberRequest,
  wish: Wish,
  { usable }: Sellers,
  sought: Sought,
): Promise<Offered> {
  const cap = capOfWish(request, wish.maxMonthly);
  for (let limit = sought.count * 2 + sought.taken.size + 5; ; limit *= 2) {
    const asked = toSearchWish(request, wish, Math.min(MOST_OFFERS, limit));
    const { offers, answers } = await deps.carriers.search(asked, usable, searchOptions(deps, cap));
    const fresh = offers.filter((offer) => !sought.taken.has(offer.number));
    const ordered = sought.round > 0 ? spread(fresh, request.id) : fresh;
    const free = await firstFree(deps, ordered, sought.count);
    if (free.length >= sought.count || offers.length < asked.limit || asked.limit >= MOST_OFFERS)
      return { offers: free, incomplete: isIncomplete(answers) };
  }
}

const searchOptions = ({ settings }: BuyDeps, cap: Money | undefined) => ({
  signal: AbortSignal.timeout(40_000),
  deadlineMs: settings.searchDeadlineMs,
  graceMs: settings.searchDeadlineMs,
  ...(cap ? { maxMonthly: cap } : {}),
});

/** An offer that only the currency of the agreed terms keeps away. */
async function foreignOffer(
  deps: BuyDeps,
  request: NumberRequest,
  wish: Wish | undefined,
  { usable }: Sellers,
): Promise<CarrierOffer | undefined> {
  if (!request.agreedTerms || !wish) return undefined;
  const { offers } = await deps.carriers.search(toSearchWish(request, wish, 5), usable, searchOptions(deps, undefined));
  return offers.find((offer) => isForeign(request, offer));
}

/** The offers with equally dear neighbours in an order that differs from request to request; prices stay sorted. Pure. */
function spread(offers: readonly CarrierOffer[], seed: string): readonly CarrierOffer[] {
  const priceOf = ({ monthly }: CarrierOffer) => (monthly ? `${monthly.amount} ${monthly.currency}` : '');
  const groups: CarrierOffer[][] = [];
  for (const offer of offers) {
    const last = groups.at(-1);
    if (last?.[0] && priceOf(last[0]) === priceOf(offer)) last.push(offer);
    else groups.push([offer]);
  }
  const place = (offer: CarrierOffer): number => hashOf(`${seed}${offer.number}`);
  return groups.flatMap((group) => group.toSorted((a, b) => place(a) - place(b)));
}

/** FNV-1a: spreads, and gives a repetition of the same run the same order. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const sign of text) hash = Math.imul(hash ^ (sign.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash;
}

/** The first `count` offers nobody claims, in their order. */
async function firstFree(
  deps: BuyDeps,
  offers: readonly CarrierOffer[],
  count: number,
): Promise<readonly CarrierOffer[]> {
  const free: CarrierOffer[] = [];
  for (const offer of offers) {
    if (free.length >= count) break;
    if (!(await isTaken(deps, offer.number))) free.push(offer);
  }
  return free;
}

function toSearchWish(request: Pick<NumberRequest, 'country' | 'type'>, wish: Wish, limit: number): SearchWish {
  const { areaCode, locality, region, contains, match, features } = wish;
  return {
    country: request.country,
    type: request.type,
    features: features ?? [],
    limit,
    ...(areaCode ? { areaCode } : {}),
    ...(locality ? { locality } : {}),
    ...(region ? { region } : {}),
    ...(contains ? { pattern: { text: contains, match: match ?? 'anywhere' } } : {}),
  };
}

/** Claimed by anybody: not ours to take; who holds it is not told (S5). The claim itself decides in the end (P6). */
export const isTaken = async (deps: BuyDeps, number: E164): Promise<boolean> =>
  (await findClaim(deps.table, number)) !== undefined;
