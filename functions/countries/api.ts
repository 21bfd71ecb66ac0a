import type { Hono } from 'hono';
import type { ApiDeps } from '../contract/api-deps.ts';
import { bind } from '../contract/bind.ts';
import { reply } from '../contract/call.ts';
import { partOf } from '../contract/lists.ts';
import { Malformed } from '../domain/errors.ts';
import type { Principal, TenantScope } from '../platform/auth.ts';
import { loadAreas } from './area-store.ts';
import { getCountry, listAreas, listCountries, removeCountryPolicy, setCountryPolicy } from './routes.ts';
import type { Country } from './schema.ts';
import { knownCode, LISTED_CODES, policyOf, policyRemovals, policyWrite, versionOf } from './store.ts';

const versioned = (country: Country) => reply({ body: country, etag: versionOf(country) });

/** An operator overrides for the platform; customer success for the tenant it acts for. */
function policyScope(who: Principal, scope: TenantScope | undefined): TenantScope | undefined {
  if (who.roles.includes('operator') && !scope) return undefined;
  if (!scope) throw new Malformed({ code: 'tenant_required', detail: 'Name the tenant in Gateway-Tenant.' });
  return scope;
}

/** Countries, their policy and areas (S0-36..S0-42); what papers they need is told where carriers may be asked. */
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
    return page(partOf(sorted, query.limit, after));
  });
  bind(app, deps, getCountry, async ({ params, scope, now }) =>
    versioned(await policyOf(deps.table, scope, knownCode(params.code), now)),
  );
  bind(app, deps, listAreas, async ({ params, query, after, page }) => {
    const code = knownCode(params.code);
    return page(partOf((await loadAreas()).find(code, query.type, query.q), query.limit, after));
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
