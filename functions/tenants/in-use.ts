import { Conflict } from '../domain/errors.ts';
import { numbersRoutedTo, refreshNumbers, type Touched } from '../numbers/refresh-store.ts';
import type { TenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import type { Change } from '../platform/entity.ts';
import type { Table, Write } from '../platform/table.ts';
import { allFlows, allQueues } from './list-store.ts';
import { idsInSteps, idsInTarget } from './references.ts';
import { findTenant } from './store.ts';
import { readUses, unusedCheck } from './uses-store.ts';

type Ids = ReadonlySet<string>;
interface Dependency {
  readonly object: 'number' | 'call_flow' | 'queue' | 'tenant';
  readonly id: string;
}
/** Dependencies a refusal names at most. */
const NAMED = 20;

/**
 * Refuses to delete what something still leads to, and gives the checks under which that stays true until the deletion is
 * written (A1). Throws Conflict `in_use` naming the dependencies.
 */
export async function requireUnused(table: Table, scope: TenantScope, ids: Ids): Promise<readonly Write[]> {
  const checks = await Promise.all(
    [...ids].map(async (id) => unusedCheck(scope, id, await readUses(table, scope, id))),
  );
  const dependencies = await dependenciesOf(table, scope, ids);
  if (dependencies.length === 0) return checks;
  const kinds = [...new Set(dependencies.map((one) => one.object.replace('_', ' ')))].join(', ');
  throw new Conflict({
    code: 'in_use',
    detail: `Still in use by ${dependencies.length}: ${kinds}.`,
    extra: { dependencies: dependencies.slice(0, NAMED) },
  });
}

async function dependenciesOf(table: Table, scope: TenantScope, ids: Ids): Promise<readonly Dependency[]> {
  const names = (some: readonly string[]) => some.some((id) => ids.has(id));
  const [rows, flows, queues, tenant] = await Promise.all([
    numbersRoutedTo(table, scope, ids),
    allFlows(table, scope),
    allQueues(table, scope),
    findTenant(table, scope),
  ]);
  const using = [
    ...flows.filter((flow) => names(idsInSteps(flow.steps))),
    ...queues.filter((queue) => names([...queue.members, ...idsInTarget(queue.overflow)]) && !ids.has(queue.id)),
    ...(tenant && names(idsInTarget(tenant.fallback)) ? [tenant] : []),
  ];
  return [
    ...rows.map((row) => ({ object: 'number' as const, id: row.id })),
    ...using.map(({ object, id }) => ({ object, id })),
  ];
}

/** These targets and the queues that lead on to them, through further queues as well. */
async function withQueues(table: Table, scope: TenantScope, ids: Ids): Promise<Ids> {
  const queues = await allQueues(table, scope);
  const reached = new Set(ids);
  for (let before = 0; before !== reached.size; ) {
    before = reached.size;
    for (const { id, overflow } of queues) if (idsInTarget(overflow).some((one) => reached.has(one))) reached.add(id);
  }
  return reached;
}

/**
 * Lets numbers follow a change of these targets, directly or through queues, flows and the tenant's fallback that name them.
 * Returns how many numbers are concerned.
 */
export async function followChange(
  deps: Pick<Deps, 'table' | 'settings'>,
  scope: TenantScope,
  ids: Ids,
  change: Omit<Change, 'action'>,
): Promise<number> {
  const reached = await withQueues(deps.table, scope, ids);
  const flows = await allFlows(deps.table, scope);
  const through = flows.filter((flow) => idsInSteps(flow.steps).some((id) => reached.has(id))).map((flow) => flow.id);
  const tenant = await findTenant(deps.table, scope);
  const isFallback = idsInTarget(tenant?.fallback).some((id) => reached.has(id));
  const touched: Touched = isFallback ? 'all' : new Set([...reached, ...through]);
  return refreshNumbers(deps, scope, touched, { ...change, action: 'target_changed' });
}
