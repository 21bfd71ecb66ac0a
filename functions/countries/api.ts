import type { Hono } from 'hono';
import { defaultRequirements } from '../compliance/store.ts';
import type { ApiDeps } from '../contract/api-deps.ts';
import { bind } from '../contract/bind.ts';
import { reply } from '../contract/call.ts';
import type { CountryCode } from '../domain/country.ts';
import { Malformed, NotFound } from '../domain/errors.ts';
import type { Principal, TenantScope } from '../platform/auth.ts';
import { loadAreas } from './area-store.ts';
import {
  getCountry,
  listAreas,
  listCountries,
  listCountryRequirements,
  removeCountryPolicy,
  setCountryPolicy,
} from './routes.ts';
import type { Country } from './schema.ts';
import { isCountry, LISTED_CODES, policyOf, policyRemovals, policyWrite, versionOf } from './store.ts';

function knownCode(code: string): CountryCode {
  if (!isCountry(code)) throw new NotFound({ code: 'not_found', detail: `${code} is not a country code.` });
  return code as CountryCode;
}

const versioned = (country: Country) => reply({ body: country, etag: versionOf(country) });

/** An operator overrides for the platform; customer success for the tenant it acts for. */
function policyScope(who: Principal, scope: TenantScope | undefined): TenantScope | undefined {
  if (who.roles.includes('operator') && !scope) return undefined;
  if (!scope) throw new Malformed({ code: 'tenant_required', detail: 'Name the tenant in Gateway-Tenant.' });
  return scope;
}

/** One page of a list that is at hand as a whole; the position is the place in it. */
function part<Item>(all: readonly Item[], limit: number, after: string | undefined) {
  const from = after === undefined ? 0 : Number(after);
  const end = from + limit;
  return { data: all.slice(from, end), ...(end < all.length ? { next: String(end) } : {}) };
}

/** Countries, their policy, papers and areas (S0-36..S0-42). */
export function bindCountries(app: Hono, deps: ApiDeps): void {
  bind(app, deps, listCountries, async ({ query, scope, now, after, page }) => {
    const all = await Promise.all(LISTED_CODES.map((code) => policyOf(deps.table, scope, code, now)));
    const q = query.q?.toLowerCase();
    const data = all.filter(
      (one) =>
        (!query.region || (one.region && query.region.includes(one.region))) &&
        (!query.class || query.class.includes(one.class)) &&
        (!q || one.name.toLowerCase().includes(q) || one.code.toLowerCase() === q || one.dialCode.includes(q)),
    );
    const sorted = data.sort((a, b) => a.name.localeCompare(b.name, 'en'));
    return page(part(sorted, query.limit, after));
  });
  bind(app, deps, getCountry, async ({ params, scope, now }) =>
    versioned(await policyOf(deps.table, scope, knownCode(params.code), now)),
  );
  bind(app, deps, listCountryRequirements, ({ params, query, after, page }) => {
    const found = defaultRequirements(knownCode(params.code), query.type, query.subject);
    const known = found.known && query.action === 'ordering';
    const data = known ? found.items.map((item) => ({ ...item, acceptedEvidence: [...item.acceptedEvidence] })) : [];
    return page({ ...part(data, query.limit, after), meta: { known, source: 'data_file' as const } });
  });
  bind(app, deps, listAreas, async ({ params, query, after, page }) => {
    const code = knownCode(params.code);
    return page(part((await loadAreas()).find(code, query.type, query.q), query.limit, after));
  });
  bind(app, deps, setCountryPolicy, async ({ params, body, who, scope, now, checkVersion }) => {
    const code = knownCode(params.code);
    const before = await policyOf(deps.table, scope, code, now);
    checkVersion(versionOf(before), before);
    const { validFrom = now.toISOString().slice(0, 10), ...override } = body;
    await deps.table.write([policyWrite(policyScope(who, scope), code, { ...override, validFrom })]);
    return versioned(await policyOf(deps.table, scope, code, now));
  });
  bind(app, deps, removeCountryPolicy, async ({ params, who, scope }) => {
    const removals = await policyRemovals(deps.table, policyScope(who, scope), knownCode(params.code));
    if (removals.length > 0) await deps.table.write(removals);
    return undefined;
  });
}
