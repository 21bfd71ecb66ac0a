import type { CarrierId } from '../domain/carrier-id.ts';
import type { CountryCode, NumberType } from '../domain/country.ts';
import { CarrierUnusable } from '../domain/errors.ts';
import type { Http } from '../platform/http.ts';
import { rankOffers } from './choose.ts';
import type { Capability, Carrier, CarrierAnswer, Carriers, Credentials, Manifest, NumberWebhooks } from './port.ts';
import { type AdapterDeps, loadAdapter, MANIFESTS } from './registry.ts';
import { type AskOptions, askCarriers, type Found } from './search.ts';
import { searchCache } from './search-cache.ts';

export interface CarriersOptions extends AdapterDeps {
  /** Credentials of a carrier; undefined when none are configured. */
  credentials(manifest: Manifest): Promise<Credentials | undefined>;
  /** Root of the carrier's simulator, where that is used instead of the carrier itself. */
  baseUrl(id: CarrierId): string | undefined;
  /** Puts something between a carrier and its adapter: what several processes must share of a line. */
  lineTo?(id: CarrierId, http: Http): Http;
  /** This installation's address, for the webhooks. */
  readonly publicUrl: string;
}
const KEEP_SEARCH_MS = 45_000;
const MOST_SEARCHES = 200;

/** The addresses a carrier is given: only characters that no gateway rewrites (reliability §5). */
export function webhooksOf(publicUrl: string, id: CarrierId): NumberWebhooks {
  const at = (kind: string): string => `${publicUrl}/inbound/${id}/${kind}`;
  const fallback = id === 'vonage' ? 'vonage.json' : `${id}.xml`;
  return {
    voiceUrl: at('voice'),
    statusUrl: at('status'),
    smsUrl: at('sms'),
    ordersUrl: at('orders'),
    voiceFallbackUrl: `${publicUrl}/fallback/${fallback}`,
  };
}

/** The row of a manifest that holds for a country and type: a row that names the country beats the general one. */
export function capabilityOf(manifest: Manifest, country: CountryCode, type: NumberType): Capability | undefined {
  const named = manifest.capabilities.find((row) => row.countries !== '*' && row.countries.includes(country));
  const row = named ?? manifest.capabilities.find((one) => one.countries === '*');
  return row?.types.includes(type) ? row : undefined;
}

/** All carriers of this installation behind one door; adapters are loaded on first use and kept. */
export function allCarriers(options: CarriersOptions): Carriers {
  const made = new Map<CarrierId, { readonly withThese: string; readonly carrier: Promise<Carrier> }>();
  const manifest = (id: CarrierId): Manifest => {
    const found = MANIFESTS.find((one) => one.id === id);
    if (!found) throw new CarrierUnusable({ code: 'auth', detail: `${id} is not built in.` });
    return found;
  };
  const get = async (id: CarrierId): Promise<Carrier> => {
    const credentials = await options.credentials(manifest(id));
    const withThese = JSON.stringify(credentials);
    const before = made.get(id);
    // Credentials that were rotated make the adapter anew (X8).
    if (before?.withThese === withThese) return before.carrier;
    const carrier = make(manifest(id), credentials, options);
    made.set(id, { withThese, carrier });
    carrier.catch(() => made.delete(id));
    return carrier;
  };
  const ids = MANIFESTS.map((one) => one.id);
  const keep = (found: Found): boolean =>
    found.answers.every(
      (answer) => answer.outcome === 'ok' || answer.outcome === 'empty' || answer.code === 'page_full',
    );
  const cached = searchCache<Found>(options.clock, { keepMs: KEEP_SEARCH_MS, most: MOST_SEARCHES, keep });
  return {
    ids,
    manifest,
    get,
    webhooks: (id) => webhooksOf(options.publicUrl, id),
    eligible: (country, type) => MANIFESTS.filter((one) => capabilityOf(one, country, type)).map((one) => one.id),
    async search(wish, asked, how) {
      const key = JSON.stringify([wish, asked, how.maxMonthly ?? null, how.graceMs ?? 0]);
      const ask = (): Promise<Found> => askCarriers(wish, asked, get, askOptions(how));
      const found = await cached(key, ask);
      return { offers: rankOffers(found.offers, asked), answers: withSkipped(found.answers, asked) };
    },
  };
}

/** A joined search must not end because the caller that began it went away: only the deadlines end it. */
const askOptions = (how: AskOptions): AskOptions => ({
  signal: AbortSignal.timeout(how.deadlineMs + 1000),
  deadlineMs: how.deadlineMs,
  ...(how.maxMonthly ? { maxMonthly: how.maxMonthly } : {}),
  ...(how.graceMs === undefined ? {} : { graceMs: how.graceMs }),
});

function withSkipped(answers: readonly CarrierAnswer[], asked: readonly CarrierId[]): readonly CarrierAnswer[] {
  const missing = asked.filter((id) => !answers.some((answer) => answer.carrier === id));
  return [
    ...answers,
    ...missing.map((carrier): CarrierAnswer => ({ carrier, outcome: 'skipped', count: 0, latencyMs: 0 })),
  ];
}

async function make(
  manifest: Manifest,
  credentials: Credentials | undefined,
  options: CarriersOptions,
): Promise<Carrier> {
  const adapter = loadAdapter(manifest.id);
  if (!credentials || !adapter)
    throw new CarrierUnusable({
      code: 'auth',
      detail: `${manifest.name} has no credentials here.`,
      carrier: { carrier: manifest.id },
    });
  const baseUrl = options.baseUrl(manifest.id);
  const { clock, observe } = options;
  const http = options.lineTo?.(manifest.id, options.http) ?? options.http;
  return (await adapter)(
    { credentials, ...(baseUrl ? { baseUrl } : {}) },
    { http, clock, ...(observe ? { observe } : {}) },
  );
}
