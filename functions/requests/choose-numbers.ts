import type { CarrierOffer, SearchWish } from '../carriers/port.ts';
import type { E164 } from '../domain/e164.ts';
import type { Money } from '../domain/money.ts';
import { nationalDigits } from '../domain/number-parsing.ts';
import { isAgreedPrice } from './agreed-price.ts';
import type { BuyDeps } from './buy-deps.ts';
import type { Intent } from './intent-schema.ts';
import { hasOrdered } from './intent-store.ts';
import type { NumberRequest } from './schema.ts';
import { busy, isIncomplete, type Sellers, sellersOf } from './sellers.ts';
import { isTaken, type Offered, offersFor } from './wish-offers.ts';

/** A number picked for one place of a request. */
export interface Choice {
  readonly item: number;
  readonly offer: CarrierOffer;
}
export interface Chosen {
  readonly choices: readonly Choice[];
  /** Places for which nothing was found. */
  readonly missing: readonly number[];
  /** A number that is dearer now than its buyer saw (P9), or priced in another currency than the agreed terms. */
  readonly dearer?: { readonly item: number; readonly monthly: Money; readonly setup?: Money };
}
/** What was done for the request before. */
export interface Past {
  readonly intents: readonly Intent[];
  /** Numbers this request gave up already; never picked again. */
  readonly tried: ReadonlySet<E164>;
  /** Round of choosing within this run. */
  readonly round: number;
}

/** Named numbers that are looked up at the same time. */
const AT_ONCE = 10;
/** Offers looked at for a number when another one came that begins with its digits. */
const MOST_LONGER = 20;

/**
 * Picks a number for each of `items`: the named one first, then the wishes in their order. Throws CarrierBusy when too few
 * are found while a carrier that may have more gives no answer (S1, P8).
 */
export async function chooseNumbers(
  deps: BuyDeps,
  request: NumberRequest,
  items: readonly number[],
  past: Past,
): Promise<Chosen> {
  const sellers = await sellersOf(deps, request, past.intents);
  const named = await chooseNamed(deps, request, items, past, sellers);
  const open = items.filter(
    (item) => !named.choices.some((choice) => choice.item === item) && item !== named.dearer?.item,
  );
  const taken = new Set([...past.tried, ...request.named.map((one) => one.number)]);
  const found = await offersFor(deps, request, sellers, { count: open.length, taken, round: past.round });
  const byWish = open
    .slice(0, found.offers.length)
    .map((item, index): Choice => ({ item, offer: found.offers[index] as CarrierOffer }));
  const choices = [...named.choices, ...byWish];
  const missing = open.slice(found.offers.length);
  const dearer = named.dearer ?? dearerOfWish(request, missing, found);
  // The best that could be done is what those that answer have, unless that is nothing.
  const hasSome = choices.length > 0 || hasOrdered(past.intents);
  const isShort = missing.length > 0 && (request.policy !== 'best_effort' || !hasSome);
  if (!dearer && isShort && (named.incomplete || found.incomplete))
    throw busy('Too few numbers were found, but not every carrier that sells them answers.');
  return { choices, missing, ...(dearer ? { dearer } : {}) };
}

/** What is missing could be had in another currency than the agreed terms: a person's to settle, not a shortage. */
function dearerOfWish(request: NumberRequest, missing: readonly number[], { foreign }: Offered): Chosen['dearer'] {
  const [item] = missing;
  if (item === undefined || !foreign?.monthly) return undefined;
  return request.policy === 'best_effort' && missing.length < request.quantity
    ? undefined
    : { item, monthly: foreign.monthly };
}

interface NamedFound extends Pick<Chosen, 'choices' | 'dearer'> {
  /** A named number was not found, but not every carrier answered. */
  readonly incomplete: boolean;
}
async function chooseNamed(
  deps: BuyDeps,
  request: NumberRequest,
  items: readonly number[],
  { tried }: Past,
  sellers: Sellers,
): Promise<NamedFound> {
  const choices: Choice[] = [];
  const wanted = items.flatMap((item) => {
    const one = request.named[item];
    return one && !tried.has(one.number) ? [{ item, one }] : [];
  });
  let incomplete = false;
  for (let from = 0; from < wanted.length; from += AT_ONCE) {
    const some = wanted.slice(from, from + AT_ONCE);
    const found = await Promise.all(some.map(({ one }) => findNamed(deps, request, one, sellers)));
    incomplete ||= found.some(({ isUnknown }) => isUnknown);
    for (const [index, { item }] of some.entries()) {
      const offer = found[index]?.offer;
      const dearer = offer && dearerThanAgreed(request, item, offer);
      if (dearer) return { choices, dearer, incomplete };
      if (offer) choices.push({ item, offer });
    }
  }
  return { choices, incomplete };
}

function dearerThanAgreed(request: NumberRequest, item: number, offer: CarrierOffer): Chosen['dearer'] {
  const { monthly, setup } = offer;
  if (!monthly || isAgreedPrice(request, offer.number, offer)) return undefined;
  return { item, monthly, ...(setup ? { setup } : {}) };
}

interface Found {
  readonly offer?: CarrierOffer | undefined;
  /** Not found, but it cannot be said that it is gone. */
  readonly isUnknown: boolean;
}
/** Looks for one exact number at the carrier named, or at all that may sell it. */
async function findNamed(
  deps: BuyDeps,
  request: NumberRequest,
  wanted: NumberRequest['named'][number],
  { usable, away }: Sellers,
): Promise<Found> {
  if (await isTaken(deps, wanted.number)) return { isUnknown: false };
  const meant = (id: string): boolean => wanted.carrier === undefined || id === wanted.carrier;
  const pattern = { text: nationalDigits(wanted.number), match: 'starts' } as const;
  const search = (limit: number) => {
    const wish: SearchWish = { country: request.country, type: request.type, features: [], pattern, limit };
    return deps.carriers.search(wish, usable.filter(meant), {
      signal: AbortSignal.timeout(20_000),
      deadlineMs: deps.settings.searchDeadlineMs,
    });
  };
  const isWanted = (one: CarrierOffer): boolean => one.number === wanted.number;
  const first = await search(1);
  // Where numbers differ in length a longer one may begin with the same digits.
  const isOther = first.offers.length > 0 && !first.offers.some(isWanted);
  const { offers, answers } = isOther ? await search(MOST_LONGER) : first;
  const offer = offers.find(isWanted);
  return { offer, isUnknown: !offer && (isIncomplete(answers) || away.some(meant)) };
}
