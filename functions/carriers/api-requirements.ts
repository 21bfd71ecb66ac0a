import type { Hono } from 'hono';
import type * as z from 'zod';
import { defaultRequirements } from '../compliance/store.ts';
import type { ApiDeps } from '../contract/api-deps.ts';
import { bind } from '../contract/bind.ts';
import { partOf } from '../contract/lists.ts';
import { listCountryRequirements } from '../countries/routes.ts';
import type { Country } from '../countries/schema.ts';
import { knownCode, policyOf } from '../countries/store.ts';
import type { CarrierId } from '../domain/carrier-id.ts';
import type { CountryCode } from '../domain/country.ts';
import { CarrierError } from '../domain/errors.ts';
import type { RequirementItem } from './papers-port.ts';
import { unpaused } from './pause-store.ts';
import type { Carriers } from './port.ts';

type Asking = ApiDeps & { readonly carriers: Carriers };
type Query = z.output<typeof listCountryRequirements.query & object>;

/** Papers a kind of number needs: the named carrier's own list over the data file (regulatory §2). */
export function bindRequirements(app: Hono, deps: Asking): void {
  bind(app, deps, listCountryRequirements, async ({ params, query, scope, now, after, page }) => {
    const country = await policyOf(deps.table, scope, knownCode(params.code), now);
    const own =
      query.carrier && mayBeAsked(country) ? await ownList(deps, country.code, query, query.carrier) : undefined;
    if (own) return page({ ...partOf(own.map(shown), query.limit, after), meta: { known: true, source: 'carrier' } });
    const found = defaultRequirements(country.code, query.type, query.subject);
    const known = found.known && query.action === 'ordering';
    const data = known ? found.items.map(shown) : [];
    return page({ ...partOf(data, query.limit, after), meta: { known, source: 'data_file' } });
  });
}

/** No carrier hears of a restricted country before somebody approved (S0-42). */
const mayBeAsked = (country: Country): boolean => country.class === 'standard' || country.class === 'special';
const shown = (item: RequirementItem) => ({ ...item, acceptedEvidence: [...item.acceptedEvidence] });

/** `undefined`: the carrier does not sell there, has no such service, does not know, or does not answer now. */
async function ownList(
  deps: Asking,
  country: CountryCode,
  { type, subject, action }: Query,
  id: CarrierId,
): Promise<readonly RequirementItem[] | undefined> {
  const eligible = deps.carriers.eligible(country, type).filter((one) => one === id);
  const [asked] = await unpaused(deps.table, eligible);
  if (!asked) return undefined;
  const timeoutMs = deps.settings.searchDeadlineMs;
  try {
    const { papers } = await deps.carriers.get(asked);
    return await papers?.requirements(
      { country, type, subject, action },
      { signal: AbortSignal.timeout(timeoutMs), timeoutMs },
    );
  } catch (error) {
    if (!(error instanceof CarrierError)) throw error;
    deps.log.warn('requirements_failed', { carrier: id, error: error.name });
    return undefined;
  }
}
