import type { Hono } from 'hono';
import type * as z from 'zod';
import { defaultRequirements } from '../compliance/store.ts';
import type { ApiDeps } from '../contract/api-deps.ts';
import { bind } from '../contract/bind.ts';
import { policyOf } from '../countries/store.ts';
import type { CarrierId } from '../domain/carrier-id.ts';
import type { CountryCode } from '../domain/country.ts';
import { InvalidInput, NotFound } from '../domain/errors.ts';
import { nationalDigits } from '../domain/number-parsing.ts';
import { findRecord, isGone } from '../numbers/store.ts';
import type { TenantScope } from '../platform/auth.ts';
import { findClaim } from '../requests/intent-store.ts';
import { findTenant } from '../tenants/store.ts';
import { bindRequirements } from './api-requirements.ts';
import { unpaused } from './pause-store.ts';
import type { CarrierOffer, Carriers, Manifest, SearchWish } from './port.ts';
import { getCarrier, listCarriers, searchNumbers } from './routes.ts';

/** What the search and carrier lines need beside the platform. */
export interface CarriersApiDeps extends ApiDeps {
  readonly carriers: Carriers;
  credentialsState(id: CarrierId): Promise<'simulated' | 'present' | 'missing'>;
}
type SearchQuery = z.output<NonNullable<typeof searchNumbers.query>>;
/** A found number is a suggestion for a few minutes; it is checked again when it is bought. */
const OFFER_MINUTES = 5;
/** Waits for the slowest carriers end a little after their own deadline. */
const SEARCH_GRACE_MS = 2000;
/** Time for a cheaper carrier once the page is full. */
const FULL_GRACE_MS = 250;

/** Restricted and unsupported countries are refused before any carrier hears of it (S0-42). */
async function requireSearchable(
  deps: CarriersApiDeps,
  scope: TenantScope,
  code: CountryCode,
  at: Date,
): Promise<void> {
  const country = await policyOf(deps.table, scope, code, at);
  if (country.class === 'standard' || country.class === 'special') return;
  const word = country.class === 'restricted' ? 'needs an approval first' : 'is not in our list';
  throw new InvalidInput({
    code: `${country.class}_country`,
    detail: `${country.name} ${word}: file a request (POST /v1/number-requests), and customer success takes it up.`,
  });
}

function toWish(query: SearchQuery): SearchWish {
  const { country, type, areaCode, region, locality, contains, match, features, limit, quantity } = query;
  return {
    country,
    type,
    features: features ?? [],
    limit: Math.min(100, Math.max(limit, quantity ?? 1)),
    ...(areaCode ? { areaCode } : {}),
    ...(region ? { region } : {}),
    ...(locality ? { locality } : {}),
    ...(contains ? { pattern: { text: contains, match } } : {}),
  };
}

/** Numbers that are ours or claimed are not shown; who holds them is not told (S5). */
async function free(deps: CarriersApiDeps, offers: readonly CarrierOffer[]): Promise<readonly CarrierOffer[]> {
  const taken = await Promise.all(
    offers.map(async ({ number }) => {
      const [claim, record] = await Promise.all([findClaim(deps.table, number), findRecord(deps.table, number)]);
      return claim !== undefined || (record !== undefined && !isGone(record));
    }),
  );
  return offers.filter((_, index) => !taken[index]);
}

async function search(deps: CarriersApiDeps, scope: TenantScope, query: SearchQuery, now: Date) {
  await requireSearchable(deps, scope, query.country, now);
  const currency = (await findTenant(deps.table, scope))?.currency ?? 'USD';
  const eligible = deps.carriers
    .eligible(query.country, query.type)
    .filter((id) => !query.carrier || id === query.carrier);
  const asked = await unpaused(deps.table, eligible);
  const deadlineMs = deps.settings.searchDeadlineMs;
  const cap = query.maxMonthly ? { maxMonthly: { amount: query.maxMonthly, currency } } : {};
  const options = () => ({
    signal: AbortSignal.timeout(deadlineMs + SEARCH_GRACE_MS),
    deadlineMs,
    graceMs: FULL_GRACE_MS,
    ...cap,
  });
  const wish = toWish(query);
  const found = await deps.carriers.search(wish, asked, options());
  const offers = (await free(deps, found.offers)).slice(0, wish.limit);
  const wanted = query.carrier ? [query.carrier] : deps.carriers.ids;
  const others = wanted.filter((id) => !asked.includes(id));
  const skipped = others.map((carrier) => ({
    carrier,
    outcome: 'skipped' as const,
    count: 0,
    latencyMs: 0,
    code: eligible.includes(carrier) ? 'carrier_down' : 'not_offered',
  }));
  const alternatives = offers.length === 0 && query.areaCode ? await nearAreas(deps, wish, asked, options()) : [];
  return { offers, carriers: [...found.answers, ...skipped], alternatives };
}

/** Area codes nearby that do have stock: the longest common beginning first, then the smallest distance (S2-12). */
async function nearAreas(
  deps: CarriersApiDeps,
  wish: SearchWish,
  asked: readonly CarrierId[],
  options: Parameters<Carriers['search']>[2],
) {
  const { areaCode = '', locality: _l, pattern: _p, ...rest } = wish;
  const { offers } = await deps.carriers.search({ ...rest, limit: 100 }, asked, options);
  const places = new Map<string, string | undefined>();
  for (const offer of offers)
    if (offer.areaCode && offer.areaCode !== areaCode) places.set(offer.areaCode, offer.locality);
  const common = (code: string): number => [...code].findIndex((digit, index) => digit !== areaCode[index]);
  const distance = (code: string): number => Math.abs(Number(code) - Number(areaCode));
  const near = [...places].sort(([a], [b]) => common(b) - common(a) || distance(a) - distance(b));
  return near.slice(0, 5).map(([code, locality]) => ({ areaCode: code, ...(locality ? { locality } : {}) }));
}

function shown(offer: CarrierOffer, requirements: ReturnType<typeof neededFor>, now: Date) {
  return {
    object: 'available_number' as const,
    number: offer.number,
    country: offer.country,
    type: offer.type,
    areaCode: offer.areaCode ?? null,
    locality: offer.locality ?? null,
    region: offer.region ?? null,
    features: [...offer.features],
    ...(offer.monthly
      ? { monthly: { ...offer.monthly, interval: 'month' as const } }
      : { priceOnRequest: true as const }),
    ...(offer.setup ? { setup: offer.setup } : {}),
    premium: offer.premium || /(\d)\1{4,}$/.test(nationalDigits(offer.number)),
    requirements,
    carrier: offer.carrier,
    holdable: offer.holdable,
    expiresAt: new Date(now.getTime() + OFFER_MINUTES * 60_000).toISOString(),
  };
}

function neededFor(query: SearchQuery) {
  const needed = defaultRequirements(query.country, query.type, 'business');
  return needed.known ? needed.items.map(({ requirementId, kind, name }) => ({ requirementId, kind, name })) : [];
}

async function carrierView(deps: CarriersApiDeps, manifest: Manifest, staff: boolean) {
  const view = {
    object: 'carrier' as const,
    id: manifest.id,
    name: manifest.name,
    capabilities: manifest.capabilities.map(plainRow),
  };
  if (!staff) return view;
  const paused = (await unpaused(deps.table, [manifest.id])).length === 0;
  return { ...view, credentials: await deps.credentialsState(manifest.id), paused };
}
const plainRow = (row: Manifest['capabilities'][number]) => ({
  ...row,
  countries: row.countries === '*' ? ('*' as const) : [...row.countries],
  types: [...row.types],
  filters: [...row.filters],
  features: [...row.features],
});

/** Search over all carriers, what papers they want, and the carriers themselves. */
export function bindCarriers(app: Hono, deps: CarriersApiDeps): void {
  bindRequirements(app, deps);
  bind(app, deps, searchNumbers, async ({ query, scope, now, page }) => {
    const { offers, carriers, alternatives } = await search(deps, scope, query, now);
    const requirements = neededFor(query);
    return page({ data: offers.map((offer) => shown(offer, requirements, now)), meta: { carriers, alternatives } });
  });
  const isStaff = (roles: readonly string[]): boolean =>
    roles.includes('customer_success') || roles.includes('operator');
  bind(app, deps, listCarriers, async ({ who, page }) =>
    page({
      data: await Promise.all(
        deps.carriers.ids.map((id) => carrierView(deps, deps.carriers.manifest(id), isStaff(who.roles))),
      ),
    }),
  );
  bind(app, deps, getCarrier, ({ params, who }) => {
    const id = deps.carriers.ids.find((one) => one === params.carrier);
    if (!id) throw new NotFound({ code: 'not_found', detail: `There is no carrier ${params.carrier}.` });
    return carrierView(deps, deps.carriers.manifest(id), isStaff(who.roles));
  });
}
