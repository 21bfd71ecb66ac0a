import type { Hono } from 'hono';
import { bind } from '../contract/bind.ts';
import { reply } from '../contract/call.ts';
import { requireCountry } from '../countries/store.ts';
import { InvalidInput, NotAllowed } from '../domain/errors.ts';
import { newId, TenantId } from '../domain/ids.ts';
import { refreshNumbers } from '../numbers/refresh-store.ts';
import { findRow } from '../numbers/store.ts';
import { type TenantScope, tenantScope } from '../platform/auth.ts';
import {
  changeTenant,
  changeTenantById,
  createTenant,
  getBilling,
  getTenant,
  getTenantById,
  listTenants,
  resumeTenant,
  setBilling,
  suspendTenant,
} from './account-routes.ts';
import { type Acting, changeBy, pageOf, patched, present, type TenantDeps } from './act.ts';
import { requireFallback } from './check-targets.ts';
import { PLATFORM_FIELD_NAMES, type TenantChange } from './input-schema.ts';
import { listTenantRecords } from './list-store.ts';
import { newTenant } from './new-tenant.ts';
import { standingProblem, type Tenant } from './schema.ts';
import { findTenant, newCounter, tenants } from './store.ts';
import { DEFAULT_FALLBACK } from './target-store.ts';
import { wakeHeld } from './wake-held.ts';

type Changing = Acting & { checkVersion(version: number): void };

/** The tenant's own settings and bill, and the platform owner's side of it (api-map §7). */
export function bindAccounts(app: Hono, deps: TenantDeps): void {
  const find = async (scope: TenantScope) => present(await findTenant(deps.table, scope), 'tenant');
  const shown = (tenant: Tenant) => reply({ body: tenant, etag: tenant.version });
  const bill = (tenant: Tenant) => reply({ body: { ...tenant, object: 'billing' as const }, etag: tenant.version });

  bind(app, deps, getTenant, async (call) => shown(await find(call.scope)));
  bind(app, deps, changeTenant, async (call) => shown(await change(deps, call, call.body)));
  bind(app, deps, getBilling, async (call) => bill(await find(call.scope)));
  bind(app, deps, setBilling, async (call) => {
    const before = await find(call.scope);
    const { paymentMethod, standing = before.standing } = call.body;
    if (standing !== before.standing && !isOwner(call)) throw ownersOnly('the standing');
    call.checkVersion(before.version);
    return bill(await save(deps, call, before, { paymentMethod, standing }, 'billing_changed'));
  });
  bindPlatform(app, deps);
}

function bindPlatform(app: Hono, deps: TenantDeps): void {
  const of = (call: Omit<Acting, 'scope'> & { readonly params: { readonly id: TenantId } }) => ({
    ...call,
    scope: tenantScope(call.params.id),
  });
  const find = async (id: TenantId) => present(await findTenant(deps.table, tenantScope(id)), 'tenant');
  const shown = (tenant: Tenant) => reply({ body: tenant, etag: tenant.version });

  bind(app, deps, listTenants, async (call) => {
    const { items, next } = await listTenantRecords(deps.table, pageOf(call));
    return call.page({ data: items, next });
  });
  bind(app, deps, createTenant, async (call) => {
    requireCountry(call.body.country);
    const id = TenantId.parse(newId('ten', call.now));
    const made = tenants.create(newTenant(id, call.body, call.now), changeBy(call, 'created'));
    const answer = reply({ body: made.record, etag: 1, location: `/v1/tenants/${id}` });
    await deps.table.write([...made.writes, newCounter(tenantScope(id)), ...call.idempotency.complete(answer)]);
    return answer;
  });
  bind(app, deps, getTenantById, async (call) => shown(await find(call.params.id)));
  bind(app, deps, changeTenantById, async (call) => {
    const checkVersion: Changing['checkVersion'] = (version) => call.checkVersion(version);
    return shown(await change(deps, { ...of(call), checkVersion }, call.body));
  });
  bind(app, deps, suspendTenant, async (call) =>
    shown(await save(deps, of(call), await find(call.params.id), { state: 'suspended' }, 'suspended')),
  );
  bind(app, deps, resumeTenant, async (call) => {
    await save(deps, of(call), await find(call.params.id), { state: 'active' }, 'resumed');
  });
}

async function change(deps: TenantDeps, call: Changing, wanted: TenantChange): Promise<Tenant> {
  const before = present(await findTenant(deps.table, call.scope), 'tenant');
  const reserved = PLATFORM_FIELD_NAMES.filter((name) => wanted[name] !== undefined);
  if (reserved.length > 0 && !isOwner(call)) throw ownersOnly(reserved.join(', '));
  call.checkVersion(before.version);
  const { fallback, features, ...plain } = wanted;
  requireCountry(plain.country);
  if (plain.defaultNumberId && !(await findRow(deps.table, call.scope, plain.defaultNumberId))) throw unknownNumber();
  await requireFallback(deps, call.scope, fallback ?? undefined, '#/fallback');
  const fields = {
    ...plain,
    ...(fallback === undefined ? {} : { fallback: fallback ?? { type: 'announce' as const, text: DEFAULT_FALLBACK } }),
    ...(features ? { features: patched(before.features, features) } : {}),
  };
  const after = await save(deps, call, before, fields, 'changed');
  // The routing entry of each number holds the fallback.
  if (fallback !== undefined) await refreshNumbers(deps, call.scope, 'all', changeBy(call, 'fallback_changed'));
  return after;
}

/** Writes what is different; nothing when nothing is. An account that may buy again goes on with what was held. */
async function save(
  deps: TenantDeps,
  call: Acting,
  before: Tenant,
  fields: Parameters<typeof patched<Tenant>>[1],
  action: string,
): Promise<Tenant> {
  const after = patched(before, fields);
  if (JSON.stringify(after) === JSON.stringify(before)) return before;
  const made = tenants.replace(before, { ...after, updatedAt: call.now.toISOString() }, changeBy(call, action));
  await deps.table.write(made.writes);
  if (standingProblem(before) && !standingProblem(made.record)) await wakeHeld(deps.table, call.scope, call.now);
  return made.record;
}

const isOwner = (call: Pick<Acting, 'who'>): boolean => call.who.roles.includes('operator');
const ownersOnly = (what: string): NotAllowed =>
  new NotAllowed({ code: 'not_allowed', detail: `The platform owner changes ${what}.` });

function unknownNumber(): InvalidInput {
  const detail = 'is no number of the tenant';
  const errors = [{ pointer: '#/defaultNumberId', code: 'unknown_number', detail }];
  return new InvalidInput({ code: 'invalid_input', detail: `#/defaultNumberId: ${detail}.`, errors });
}
