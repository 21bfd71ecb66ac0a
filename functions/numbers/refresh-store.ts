import type { E164 } from '../domain/e164.ts';
import type { TenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import type { Change } from '../platform/entity.ts';
import { fingerprintOf } from '../platform/idempotency.ts';
import { ConditionFailed, type Table } from '../platform/table.ts';
import { readRoute, routeWrite } from '../routing/store.ts';
import { findTenant } from '../tenants/store.ts';
import { resolveAssignment } from '../tenants/target-store.ts';
import { assignmentWrites, changeWrites, routeOf } from './assignment-store.ts';
import { rowOf } from './row-store.ts';
import type { Assignment, NumberRecord } from './schema.ts';
import { findNumber, findRow, type NumberRow, rowsOf } from './store.ts';

type Sources = Pick<Deps, 'table' | 'settings'>;
/** Ids of targets, or `all` when the tenant's fallback is concerned. */
export type Touched = ReadonlySet<string> | 'all';
const ROUNDS = 8;

/** Numbers routed to one of these targets, by primary key as they stand: what a deletion asks. */
export async function numbersRoutedTo(table: Table, scope: TenantScope, touched: Touched): Promise<NumberRow[]> {
  const found: NumberRow[] = [];
  for await (const row of rowsOf(table, scope)) if (touched === 'all' || touched.has(row.targetId)) found.push(row);
  return found;
}

/**
 * Brings rows and routing entries in line with a target that was renamed or changed, so that lists order by the present
 * name and the next call rings what is meant now (S0-28, S2-17). Number by number, each whole or not at all (A7); what is
 * right already is left alone, so a repeat after a crash goes on where it stopped. Returns how many are routed there.
 */
export async function refreshNumbers(
  deps: Sources,
  scope: TenantScope,
  touched: Touched,
  change: Change,
): Promise<number> {
  const rows = await numbersRoutedTo(deps.table, scope, touched);
  for (const row of rows) await refresh(deps, scope, row, change);
  return rows.length;
}

const refresh = (deps: Sources, scope: TenantScope, row: NumberRow, change: Change): Promise<void> =>
  untilWritten(deps, scope, row, async (record) => {
    const tenant = await findTenant(deps.table, scope);
    const resolved = await resolveAssignment(deps, scope, tenant, record.assignment);
    // A target that is gone keeps its place in the record: the number shows it as lost, the fallback answers.
    const { assignment: _lost, ...label } = resolved;
    const stored = await findRow(deps.table, scope, record.id);
    const route = await readRoute(deps.table, record.number, record.carrier);
    const wanted = routeOf(record, scope, resolved);
    const isRight =
      fingerprintOf({ ...route, version: 0 }) === fingerprintOf({ ...wanted, version: 0 }) &&
      fingerprintOf(stored) === fingerprintOf(rowOf(record, label));
    if (isRight) return undefined;
    const placed = changeWrites(scope, record, record, label, change);
    return [...placed.writes, routeWrite(routeOf(placed.record, scope, resolved))];
  });

/** Routes all numbers of these targets to another, as they are: for a successor. Returns how many. */
export async function moveNumbers(
  deps: Sources,
  scope: TenantScope,
  touched: Touched,
  to: (assignment: Assignment) => Assignment,
  change: Change,
): Promise<number> {
  const rows = await numbersRoutedTo(deps.table, scope, touched);
  const moved = async (record: NumberRecord) =>
    (await assignmentWrites(deps, scope, record, to(record.assignment), change)).writes;
  for (const row of rows) await untilWritten(deps, scope, row, moved);
  return rows.length;
}

async function untilWritten(
  deps: Sources,
  scope: TenantScope,
  row: NumberRow,
  plan: (record: NumberRecord) => Promise<Parameters<Table['write']>[0] | undefined>,
): Promise<void> {
  for (let round = 1; ; round++) {
    const record = await findNumber(deps.table, scope, row.number as E164);
    const writes = record?.id === row.id ? await plan(record) : undefined;
    if (!writes) return;
    try {
      await deps.table.write(writes);
      return;
    } catch (error) {
      if (!(error instanceof ConditionFailed) || round >= ROUNDS) throw error;
    }
  }
}
