import { unpaused } from '../carriers/pause-store.ts';
import type { CarrierOffer, SearchWish } from '../carriers/port.ts';
import type { CarrierId } from '../domain/carrier-id.ts';
import type { E164 } from '../domain/e164.ts';
import { compareMoney, type Money } from '../domain/money.ts';
import { nationalDigits } from '../domain/number-parsing.ts';
import type { BuyDeps } from './buy-deps.ts';
import { findClaim } from './intent-store.ts';
import type { NumberRequest, Wish } from './schema.ts';

/** A number picked for one place of a request. */
export interface Choice {
  readonly item: number;
  readonly offer: CarrierOffer;
}
export interface Chosen {
  readonly choices: readonly Choice[];
  /** Places for which nothing was found. */
  readonly missing: readonly number[];
  /** A named number that is dearer now than its buyer saw (P9). */
  readonly dearer?: { readonly item: number; readonly monthly: Money; readonly setup?: Money };
}

/** Where the request may be bought: the carrier its papers were made for, else all that sell this kind and are not paused. */
async function sellers(deps: BuyDeps, request: NumberRequest): Promise<readonly CarrierId[]> {
  const bound = request.requirements.length > 0 ? request.papers?.carrier : undefined;
  const eligible = bound ? [bound] : deps.carriers.eligible(request.country, request.type);
  return unpaused(deps.table, eligible);
}

/**
 * Picks a number for each of `items`: the named one first, then the wishes in their order.
 * @param tried numbers this request gave up already; never picked again
 */
export async function chooseNumbers(
  deps: BuyDeps,
  request: NumberRequest,
  items: readonly number[],
  tried: ReadonlySet<E164>,
): Promise<Chosen> {
  const ids = await sellers(deps, request);
  const named = await chooseNamed(deps, request, items, tried, ids);
  const open = items.filter(
    (item) => !named.choices.some((choice) => choice.item === item) && item !== named.dearer?.item,
  );
  const taken = new Set([...tried, ...request.named.map((one) => one.number)]);
  const found = await offersFor(deps, request, ids, open.length, taken);
  const byWish = open
    .slice(0, found.length)
    .map((item, index): Choice => ({ item, offer: found[index] as CarrierOffer }));
  const choices = [...named.choices, ...byWish];
  return { choices, missing: open.slice(found.length), ...(named.dearer ? { dearer: named.dearer } : {}) };
}

async function chooseNamed(
  deps: BuyDeps,
  request: NumberRequest,
  items: readonly number[],
  tried: ReadonlySet<E164>,
  ids: readonly CarrierId[],
): Promise<Pick<Chosen, 'choices' | 'dearer'>> {
  const choices: Choice[] = [];
  for (const item of items) {
    const wanted = request.named[item];
    if (!wanted || tried.has(wanted.number) || (await isTaken(deps, wanted.number))) continue;
    const offer = await findNamed(deps, request, wanted, ids);
    if (!offer) continue;
    const cap = request.agreedPrice?.monthly ?? wanted.monthly;
    if (offer.monthly && compareMoney(offer.monthly, cap) !== -1 && compareMoney(offer.monthly, cap) !== 0)
      return { choices, dearer: { item, monthly: offer.monthly, ...(offer.setup ? { setup: offer.setup } : {}) } };
    choices.push({ item, offer });
  }
  return { choices };
}

/** Looks for one exact number at the carrier named, or at all that may sell it. */
async function findNamed(
  deps: BuyDeps,
  request: NumberRequest,
  wanted: NumberRequest['named'][number],
  ids: readonly CarrierId[],
): Promise<CarrierOffer | undefined> {
  const asked = wanted.carrier ? ids.filter((id) => id === wanted.carrier) : ids;
  const pattern = { text: nationalDigits(wanted.number), match: 'starts' } as const;
  const wish: SearchWish = { country: request.country, type: request.type, features: [], pattern, limit: 5 };
  const { offers } = await deps.carriers.search(wish, asked, {
    signal: AbortSignal.timeout(20_000),
    deadlineMs: deps.settings.searchDeadlineMs,
    graceMs: deps.settings.searchDeadlineMs,
  });
  return offers.find((offer) => offer.number === wanted.number);
}

async function offersFor(
  deps: BuyDeps,
  request: NumberRequest,
  ids: readonly CarrierId[],
  count: number,
  taken: ReadonlySet<E164>,
): Promise<readonly CarrierOffer[]> {
  const found: CarrierOffer[] = [];
  const wishes = request.named.length > 0 ? request.alternatives : [request.wish, ...request.alternatives];
  for (const wish of wishes) {
    if (found.length >= count) break;
    const cap = request.agreedPrice?.monthly ?? wish.maxMonthly;
    const limit = Math.min(100, (count - found.length) * 2 + taken.size + 5);
    const options = {
      signal: AbortSignal.timeout(40_000),
      deadlineMs: deps.settings.searchDeadlineMs,
      graceMs: deps.settings.searchDeadlineMs,
      ...(cap ? { maxMonthly: cap } : {}),
    };
    const { offers } = await deps.carriers.search(toSearchWish(request, wish, limit), ids, options);
    const fresh = offers.filter(
      (offer) => !taken.has(offer.number) && !found.some((one) => one.number === offer.number),
    );
    found.push(...(await firstFree(deps, fresh, count - found.length)));
  }
  return found;
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

export function toSearchWish(request: Pick<NumberRequest, 'country' | 'type'>, wish: Wish, limit: number): SearchWish {
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
const isTaken = async (deps: BuyDeps, number: E164): Promise<boolean> =>
  (await findClaim(deps.table, number)) !== undefined;
