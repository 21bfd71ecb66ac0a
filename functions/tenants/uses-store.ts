import type { UserId } from '../domain/ids.ts';
import type { TenantScope } from '../platform/auth.ts';
import type { Condition, Key, Table, Write } from '../platform/table.ts';
import type { Target } from './schema.ts';
import { targetKey } from './store.ts';

/**
 * One item counts the assignments made to a target, and one the choices of a user's primary number. A deletion and the choice of a primary number hold only while the
 * count stands still, so nothing is assigned to what is being deleted, and no user gets two primary numbers (A1, S2-20).
 */
const usesKey = (scope: TenantScope, targetId: string): Key => ({
  pk: `TEN#${scope.tenantId}`,
  sk: `USES#${targetId}`,
});

export interface Uses {
  /** Assignments ever made; undefined: none. */
  readonly changes: number | undefined;
  /** The number its user shows first. */
  readonly primary: string | undefined;
}

export async function readUses(table: Table, scope: TenantScope, targetId: string): Promise<Uses> {
  const data = (await table.get(usesKey(scope, targetId)))?.data;
  const primary = data?.['primary'];
  return {
    changes: data === undefined ? undefined : Number(data['changes'] ?? 0),
    primary: typeof primary === 'string' ? primary : undefined,
  };
}

const still = (uses: Uses): readonly Condition[] =>
  uses.changes === undefined ? [{ is: 'absent' }] : [{ is: 'equals', field: 'changes', value: uses.changes }];

/** One more assignment, for its transaction. */
export const usedWrite = (scope: TenantScope, targetId: string): Write => ({
  op: 'add',
  key: usesKey(scope, targetId),
  add: { changes: 1 },
});
/** Makes a number the primary one of a user; only while `uses` is as it was read. */
export const primaryWrite = (scope: TenantScope, userId: UserId, uses: Uses, numberId: string): Write => ({
  op: 'put',
  key: usesKey(scope, userId),
  data: { changes: (uses.changes ?? 0) + 1, primary: numberId },
  when: still(uses),
});
/** Holds while nothing was assigned since `uses` was read: for the transaction that deletes the target. */
export const unusedCheck = (scope: TenantScope, targetId: string, uses: Uses): Write => ({
  op: 'check',
  key: usesKey(scope, targetId),
  when: still(uses),
});

/**
 * Checks that a target is still what it is now, to be read before it is resolved: a rename or deletion in between makes
 * the transaction fail, and it is made anew.
 */
export async function targetChecks(table: Table, scope: TenantScope, target: Target | undefined): Promise<Write[]> {
  if (!target || target.type === 'forward' || target.id === undefined) return [];
  const first = await versionCheck(table, targetKey(scope, KINDS[target.type], target.id));
  const userId = first?.data['userId'];
  const user = typeof userId === 'string' ? await versionCheck(table, targetKey(scope, 'USER', userId)) : undefined;
  return [first, user].flatMap((found) => (found ? [found.check] : []));
}

const KINDS = { extension: 'EXT', queue: 'QUEUE', call_flow: 'FLOW', voicemail: 'USER' } as const;

async function versionCheck(table: Table, key: Key) {
  const stored = await table.get(key);
  const version = Number(stored?.data['version']);
  if (!stored || !Number.isInteger(version)) return undefined;
  const check: Write = { op: 'check', key, when: [{ is: 'equals', field: 'version', value: version }] };
  return { check, data: stored.data };
}
