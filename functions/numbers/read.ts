import { statisticsOf } from '../inbound/store.ts';
import type { Principal, TenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import type { Target } from '../tenants/schema.ts';
import { findTenant, readCounter } from '../tenants/store.ts';
import { DEFAULT_FALLBACK, resolveTarget } from '../tenants/target-store.ts';
import type { TargetLabel } from './row-store.ts';
import type { NumberRecord } from './schema.ts';
import { viewNumber } from './view.ts';
import type { LimitView, NumberView } from './view-schema.ts';

export interface Reader {
  readonly scope: TenantScope;
  readonly who: Principal;
  readonly now: Date;
}
export interface NumberReader {
  label(target: Target | undefined): Promise<TargetLabel | undefined>;
  view(record: NumberRecord): Promise<NumberView>;
}

/** Reads numbers for one call: each target is looked up once, however many numbers ring it. */
export async function numberReader(deps: Pick<Deps, 'table' | 'settings'>, of: Reader): Promise<NumberReader> {
  const tenant = await findTenant(deps.table, of.scope);
  const fallback = tenant?.fallback ?? { type: 'announce', text: DEFAULT_FALLBACK };
  const known = new Map<string, Promise<TargetLabel | undefined>>();
  const label = (target: Target | undefined): Promise<TargetLabel | undefined> => {
    if (!target) return Promise.resolve(undefined);
    const key = JSON.stringify(target);
    const found = known.get(key) ?? resolveTarget(deps, of.scope, target).then((choice) => choice?.label);
    known.set(key, found);
    return found;
  };
  return {
    label,
    async view(record) {
      const [named, statistics] = await Promise.all([
        label(record.assignment.target),
        statisticsOf(deps.table, record.id, of.now),
      ]);
      return viewNumber(record, { label: named, fallback, statistics, who: of.who, now: of.now });
    },
  };
}

/** The tenant's limit beside what it has and holds (S2-5); never less than nothing remains. */
export async function readLimit(deps: Pick<Deps, 'table'>, scope: TenantScope): Promise<LimitView> {
  const { numberLimit: limit = 0 } = (await findTenant(deps.table, scope)) ?? {};
  const { used, held, taken } = await readCounter(deps.table, scope);
  return { limit, used, held, remaining: Math.max(0, limit - taken) };
}
