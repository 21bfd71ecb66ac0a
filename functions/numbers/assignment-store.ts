import type { E164 } from '../domain/e164.ts';
import { UserId } from '../domain/ids.ts';
import type { TenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import type { Change } from '../platform/entity.ts';
import type { Write } from '../platform/table.ts';
import type { RouteEntry } from '../routing/schema.ts';
import { routeWrite } from '../routing/store.ts';
import { findTenant } from '../tenants/store.ts';
import { type Resolved, resolveAssignment, resolveTarget } from '../tenants/target-store.ts';
import { primaryWrite, readUses, targetChecks, usedWrite } from '../tenants/uses-store.ts';
import { wrong } from './assignment-schema.ts';
import { routeStateOf } from './lifecycle.ts';
import { rowOf, targetIdOf } from './row-store.ts';
import type { Assignment, NumberRecord } from './schema.ts';
import { findNumber, numbers, rowsOfUser, rowWrite } from './store.ts';

type Sources = Pick<Deps, 'table' | 'settings'>;
interface Placed {
  readonly record: NumberRecord;
  readonly writes: readonly Write[];
}

/** What inbound reads of a number (DESIGN §6). */
export const routeOf = (record: NumberRecord, scope: TenantScope, resolved: Resolved): RouteEntry => ({
  number: record.number,
  carrier: record.carrier,
  tenantId: scope.tenantId,
  numberId: record.id,
  state: routeStateOf(record.state),
  ownership: record.ownership,
  ...(resolved.target ? { target: resolved.target } : {}),
  ...(resolved.flow ? { flow: [...resolved.flow] } : {}),
  fallback: resolved.fallback,
  ...(resolved.afterFallback ? { afterFallback: [...resolved.afterFallback] } : {}),
  version: record.version,
});

/** A change of a number with its row: what every transaction on a number holds. */
export function changeWrites(
  scope: TenantScope,
  before: NumberRecord,
  after: Omit<NumberRecord, 'version'>,
  label: Parameters<typeof rowOf>[1],
  change: Change,
): Placed {
  const made = numbers.replace(before, after, change);
  return { record: made.record, writes: [...made.writes, rowWrite(scope.tenantId, rowOf(made.record, label))] };
}

/**
 * The one transaction that routes a number anew: number with audit, row, routing entry, and what keeps them true: the
 * target as it was read, its count of assignments, the user's former primary number (S2-17, S2-20, I11; at most 12 items).
 * Throws InvalidInput `unknown_target`.
 */
export async function assignmentWrites(
  deps: Sources,
  scope: TenantScope,
  before: NumberRecord,
  assignment: Assignment,
  change: Change,
): Promise<Placed> {
  const checks = await targetChecks(deps.table, scope, assignment.target);
  const tenant = await findTenant(deps.table, scope);
  const resolved = await resolveAssignment(deps, scope, tenant, assignment);
  if (resolved.problem) throw wrong('#/target', 'unknown_target', 'There is no such target.', 'unknown_target');
  const after = {
    ...before,
    assignment,
    ownership: assignment.ownership,
    attention: before.attention.filter((one) => one !== 'assignment_failed'),
    updatedAt: change.at.toISOString(),
  };
  const placed = changeWrites(scope, before, after, resolved, change);
  const targetId = targetIdOf(assignment.target);
  const userId = resolved.userId === undefined ? undefined : UserId.parse(resolved.userId);
  return {
    record: placed.record,
    writes: [
      ...placed.writes,
      routeWrite(routeOf(placed.record, scope, resolved)),
      ...checks,
      ...(targetId === '' ? [] : [usedWrite(scope, targetId)]),
      ...(assignment.primary && userId ? await primaryWrites(deps, scope, placed.record, userId, change) : []),
    ],
  };
}

/** Makes the number its user's primary one and takes that from the one before (S2-20). */
export async function primaryWrites(
  deps: Sources,
  scope: TenantScope,
  record: Pick<NumberRecord, 'number'>,
  userId: UserId,
  change: Change,
): Promise<readonly Write[]> {
  const uses = await readUses(deps.table, scope, userId);
  const rows = await rowsOfUser(deps.table, scope, userId);
  const others = new Set([...rows.map((row) => row.number), ...(uses.primary ? [uses.primary] : [])]);
  others.delete(record.number);
  const demoted: Write[] = [];
  for (const other of others) {
    const found = await findNumber(deps.table, scope, other as E164);
    if (!found?.assignment.primary || !found.assignment.target) continue;
    const rung = await resolveTarget(deps, scope, found.assignment.target);
    if (rung?.label.userId !== userId) continue;
    const assignment = { ...found.assignment, primary: false };
    const after = { ...found, assignment, updatedAt: change.at.toISOString() };
    demoted.push(...changeWrites(scope, found, after, rung.label, { ...change, action: 'primary_moved' }).writes);
  }
  return [...demoted, primaryWrite(scope, userId, uses, record.number)];
}
