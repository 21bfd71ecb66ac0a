import { compareMoney, type Money, type MonthlyPrice } from '../domain/money.ts';
import type { NumberRequest } from './schema.ts';

/** A price as a carrier names it, or as somebody agreed to it. */
export interface Price {
  readonly monthly?: Money | undefined;
  readonly setup?: Money | undefined;
}

/** The dearer of two; of two currencies, of which nothing can be said, the first. */
export function dearerOf<M extends Money>(a: M | undefined, b: M | undefined): M | undefined {
  if (!a || !b) return a ?? b;
  return compareMoney(b, a) === 1 ? b : a;
}

/** What was agreed for a number: reviewed by its buyer, accepted since (P9), or terms of its own in their place (S0-40). */
function agreedFor(request: NumberRequest, number: string, shown: Price): readonly Price[] {
  const named = request.named.find((one) => one.number === number);
  const reviewed = request.agreedTerms ? undefined : (named ?? shown);
  return [request.agreedPrice, reviewed].filter((price): price is NonNullable<typeof price> => price !== undefined);
}

/**
 * True when a number may be bought at this price: each part is at most one of those agreed for it; another currency is not
 * (nothing may be concluded). For a number nobody named, the offer it was chosen by was `shown`; so it was for a part that
 * nobody agreed to. Pure.
 */
export function isAgreedPrice(request: NumberRequest, number: string, price: Price, shown: Price = {}): boolean {
  const agreed = agreedFor(request, number, shown);
  const fits = (part: 'monthly' | 'setup'): boolean => {
    const caps = agreed.flatMap((one) => one[part] ?? []);
    const shownPart = shown[part] ? [shown[part]] : [];
    const known = caps.length > 0 ? caps : shownPart;
    return known.length === 0 || known.some((cap) => atMost(price[part], cap));
  };
  return fits('monthly') && fits('setup') && !isForeign(request, price);
}

/** The most a number may come to a month, as it is charged; undefined when nobody knows. Pure. */
export function mostMonthly(request: NumberRequest, one: Price & { readonly number: string }): Money | undefined {
  if (request.agreedTerms) return chargedPrice(request, one).monthly;
  return agreedFor(request, one.number, one).reduce((most, { monthly }) => dearerOf(most, monthly), one.monthly);
}

/** What an offer for a wish may cost at most; undefined when nobody set a limit. Pure. */
export const capOfWish = (request: NumberRequest, limit: Money | undefined): Money | undefined =>
  dearerOf<Money>(request.agreedPrice?.monthly, request.agreedTerms ? undefined : limit);

/** True when both parts are at most as dear; another currency is not. Pure. */
export const isWithin = (price: Price, cap: Price): boolean =>
  atMost(price.monthly, cap.monthly) && atMost(price.setup, cap.setup);
const atMost = (a: Money | undefined, b: Money | undefined): boolean =>
  !a || !b || [-1, 0].includes(compareMoney(a, b) ?? 1);

/** True when agreed terms are in another currency than the carrier's price: only a person can agree on it anew. Pure. */
export const isForeign = (request: NumberRequest, { monthly }: Price): boolean => {
  const terms = request.agreedTerms?.monthly;
  return terms !== undefined && monthly !== undefined && monthly.currency !== terms.currency;
};

/**
 * What the customer pays for a number that costs `cost` at the carrier: the agreed terms where there are any (S0-40, B7), a
 * raise above them once it was accepted, else the cost. Pure.
 */
export function chargedPrice(request: Pick<NumberRequest, 'agreedTerms'>, cost: Price): Price {
  const terms = request.agreedTerms;
  if (!terms) return cost;
  const monthly: MonthlyPrice | undefined = dearerOf<Money>(terms.monthly, cost.monthly);
  return { monthly, setup: terms.setup && dearerOf(terms.setup, cost.setup) };
}
