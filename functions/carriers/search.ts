import { type Areas, loadAreas } from '../countries/area-store.ts';
import type { CarrierId } from '../domain/carrier-id.ts';
import { GatewayError } from '../domain/errors.ts';
import { compareMoney, type Money } from '../domain/money.ts';
import { nationalDigits } from '../domain/number-parsing.ts';
import type { Carrier, CarrierAnswer, CarrierOffer, Offer, SearchFilter, SearchPage, SearchWish } from './port.ts';

export interface AskOptions {
  readonly signal: AbortSignal;
  /** Milliseconds each carrier may take. */
  readonly deadlineMs: number;
  readonly maxMonthly?: Money;
  /** Milliseconds the others still get once the page is full, so that a cheaper offer is not missed; default 0. */
  readonly graceMs?: number;
}
export interface Found {
  readonly offers: readonly CarrierOffer[];
  readonly answers: readonly CarrierAnswer[];
}
interface Asked {
  readonly id: CarrierId;
  readonly offers: CarrierOffer[];
  answer?: CarrierAnswer;
}

/**
 * Asks all carriers at once, each with its own deadline, and stops when the page is full (performance §4). No failure of a
 * carrier is thrown: each is named with its outcome, so that an incomplete page is never taken for an empty market (S1).
 */
export async function askCarriers(
  wish: SearchWish,
  ids: readonly CarrierId[],
  load: (id: CarrierId) => Promise<Carrier>,
  options: AskOptions,
): Promise<Found> {
  const full = new AbortController();
  const all = AbortSignal.any([options.signal, full.signal]);
  const asked = ids.map((id): Asked => ({ id, offers: [] }));
  const { graceMs = 0 } = options;
  let grace: ReturnType<typeof setTimeout> | undefined;
  const enough = () => {
    if (grace !== undefined || distinct(asked) < wish.limit) return;
    if (graceMs === 0) full.abort();
    else grace = setTimeout(() => full.abort(), graceMs);
  };
  await Promise.all(asked.map((one) => askOne(one, wish, load, { ...options, signal: all }, enough, full.signal)));
  clearTimeout(grace);
  return { offers: asked.flatMap((one) => one.offers), answers: asked.flatMap((one) => one.answer ?? []) };
}

const distinct = (asked: readonly Asked[]): number =>
  new Set(asked.flatMap((one) => one.offers.map((offer) => offer.number))).size;

async function askOne(
  one: Asked,
  wish: SearchWish,
  load: (id: CarrierId) => Promise<Carrier>,
  options: AskOptions,
  enough: () => void,
  full: AbortSignal,
): Promise<void> {
  const began = performance.now();
  const deadline = AbortSignal.timeout(options.deadlineMs);
  const signal = AbortSignal.any([options.signal, deadline]);
  const answer = (outcome: CarrierAnswer['outcome'], code?: string): CarrierAnswer => ({
    carrier: one.id,
    outcome,
    count: one.offers.length,
    latencyMs: Math.round(performance.now() - began),
    ...(code ? { code } : {}),
  });
  try {
    const reading = readPages(one, wish, load, { signal, timeoutMs: options.deadlineMs }, options.maxMonthly, enough);
    await Promise.race([reading, aborted(signal)]);
    one.answer = answer(one.offers.length > 0 ? 'ok' : 'empty');
  } catch (error) {
    if (full.aborted) one.answer = one.offers.length > 0 ? answer('ok') : answer('skipped', 'page_full');
    else if (deadline.aborted || (error instanceof GatewayError && error.code === 'timeout'))
      one.answer = answer('timeout', 'timeout');
    else one.answer = answer('error', error instanceof GatewayError ? error.code : 'internal_error');
  }
}

async function readPages(
  one: Asked,
  wish: SearchWish,
  load: (id: CarrierId) => Promise<Carrier>,
  call: { signal: AbortSignal; timeoutMs: number },
  cap: Money | undefined,
  enough: () => void,
): Promise<void> {
  const [carrier, areas] = await Promise.all([load(one.id), loadAreas()]);
  for await (const page of carrier.search(wish, call)) {
    if (call.signal.aborted) return;
    const fitting = page.offers
      .map((offer) => withPlace(offer, areas))
      .filter((offer) => fits(offer, wish, page.appliedBy) && affordable(offer, cap));
    one.offers.push(
      ...fitting.slice(0, wish.limit - one.offers.length).map((offer) => ({ ...offer, carrier: one.id })),
    );
    if (one.offers.length >= wish.limit) break;
    enough();
  }
  enough();
}

/** The North American plan names the state of an area code, not the city. */
const STATE_BY_AREA: readonly string[] = ['US', 'CA'];

/** Fills in area code and place where the carrier gives none, from the numbering plan's own data. Pure. */
export function withPlace(offer: Offer, areas: Areas): Offer {
  if (offer.type !== 'local' || (offer.areaCode && offer.locality)) return offer;
  const place = areas.placeOf(offer.country, nationalDigits(offer.number));
  if (!place) return offer;
  const where = STATE_BY_AREA.includes(offer.country)
    ? { region: offer.region ?? place.name }
    : { locality: offer.locality ?? place.name };
  return { ...offer, ...where, areaCode: offer.areaCode ?? place.areaCode };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(new DOMException('the search was ended', 'AbortError'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/** Applies what the carrier did not (its page says which filters those are). Pure. */
export function fits(
  offer: SearchPage['offers'][number],
  wish: SearchWish,
  appliedBy: SearchPage['appliedBy'],
): boolean {
  const left = (filter: SearchFilter): boolean => appliedBy[filter] !== 'carrier';
  const same = (a: string | undefined, b: string): boolean => a?.localeCompare(b, 'en', { sensitivity: 'base' }) === 0;
  if (left('type') && offer.type !== wish.type) return false;
  if (left('areaCode') && wish.areaCode && !nationalDigits(offer.number).startsWith(wish.areaCode)) return false;
  if (left('locality') && wish.locality && !same(offer.locality, wish.locality)) return false;
  if (left('region') && wish.region && !same(offer.region, wish.region)) return false;
  if (left('features') && !wish.features.every((feature) => offer.features.includes(feature))) return false;
  return !(left('pattern') && wish.pattern) || matchesPattern(nationalDigits(offer.number), wish.pattern);
}

/** Letters on the keypad: a pattern of letters means their digits where a carrier has no letters of its own. */
const KEYPAD = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '22233344455566677778889999';
const asDigits = (text: string): string =>
  text.toLowerCase().replace(/[a-z]/g, (letter) => DIGITS[KEYPAD.indexOf(letter)] ?? letter);

function matchesPattern(digits: string, pattern: NonNullable<SearchWish['pattern']>): boolean {
  const text = asDigits(pattern.text);
  if (pattern.match === 'starts') return digits.startsWith(text);
  return pattern.match === 'ends' ? digits.endsWith(text) : digits.includes(text);
}

/** With a cap, a number without a known price, or in another currency, is not affordable: nothing may be concluded. */
const affordable = (offer: { readonly monthly?: Money }, cap: Money | undefined): boolean =>
  cap === undefined || (offer.monthly !== undefined && [-1, 0].includes(compareMoney(offer.monthly, cap) ?? 1));
