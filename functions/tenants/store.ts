import type { CallFlowId, ExtensionId, QueueId, TenantId, UserId } from '../domain/ids.ts';
import type { TenantScope } from '../platform/auth.ts';
import { type Change, entity } from '../platform/entity.ts';
import type { Key, Table, Write } from '../platform/table.ts';
import { CallFlow, Extension, NumberCounter, Queue, Tenant, User } from './schema.ts';

const tenantKey = (id: TenantId): Key => ({ pk: `TEN#${id}`, sk: 'TENANT' });
/** Staff belong to no tenant; their records lie in a partition of their own. */
const userPartition = (tenantId: TenantId | undefined): string => (tenantId ? `TEN#${tenantId}` : 'STAFF');
const listOf = (tenantId: string, kind: string, sk: string) => ({ list2: { pk: `TEN#${tenantId}#${kind}`, sk } });

export const tenants = entity({
  name: 'tenant',
  schema: Tenant,
  key: (tenant) => tenantKey(tenant.id),
  indexes: (tenant) => ({ list2: { pk: 'TENANTS', sk: tenant.id } }),
  auditId: (tenant) => tenant.id,
});
export const users = entity({
  name: 'user',
  schema: User,
  key: (user) => ({ pk: userPartition(user.tenantId), sk: `USER#${user.id}` }),
  indexes: (user) => ({
    ...listOf(user.tenantId ?? 'STAFF', 'USER', user.id),
    list3: { pk: 'PEOPLE', sk: user.email.toLowerCase() },
  }),
  auditId: (user) => user.id,
});
export const extensions = entity({
  name: 'extension',
  schema: Extension,
  key: (extension) => ({ pk: `TEN#${extension.tenantId}`, sk: `EXT#${extension.id}` }),
  indexes: (extension) => listOf(extension.tenantId, 'EXT', extension.extension),
  auditId: (extension) => extension.id,
});
export const queues = entity({
  name: 'queue',
  schema: Queue,
  key: (queue) => ({ pk: `TEN#${queue.tenantId}`, sk: `QUEUE#${queue.id}` }),
  indexes: (queue) => listOf(queue.tenantId, 'QUEUE', queue.id),
  auditId: (queue) => queue.id,
});
export const callFlows = entity({
  name: 'call_flow',
  schema: CallFlow,
  key: (flow) => ({ pk: `TEN#${flow.tenantId}`, sk: `FLOW#${flow.id}` }),
  indexes: (flow) => listOf(flow.tenantId, 'FLOW', flow.id),
  auditId: (flow) => flow.id,
});

/** Where a thing of a tenant that numbers can be routed to lies. */
export const targetKey = (scope: TenantScope, kind: 'USER' | 'EXT' | 'QUEUE' | 'FLOW', id: string): Key => ({
  pk: `TEN#${scope.tenantId}`,
  sk: `${kind}#${id}`,
});

export const findTenant = (table: Table, scope: TenantScope): Promise<Tenant | undefined> =>
  tenants.find(table, tenantKey(scope.tenantId));
export const findUser = (table: Table, scope: TenantScope, id: UserId): Promise<User | undefined> =>
  users.find(table, targetKey(scope, 'USER', id));
export const findStaff = (table: Table, id: UserId): Promise<User | undefined> =>
  users.find(table, { pk: 'STAFF', sk: `USER#${id}` });
export const findExtension = (table: Table, scope: TenantScope, id: ExtensionId): Promise<Extension | undefined> =>
  extensions.find(table, targetKey(scope, 'EXT', id));
export const findQueue = (table: Table, scope: TenantScope, id: QueueId): Promise<Queue | undefined> =>
  queues.find(table, targetKey(scope, 'QUEUE', id));
export const findCallFlow = (table: Table, scope: TenantScope, id: CallFlowId): Promise<CallFlow | undefined> =>
  callFlows.find(table, targetKey(scope, 'FLOW', id));

/** Keeps an extension's digits unique in its tenant (S0-5). */
export const extensionNumberWrite = (extension: Extension): Write => ({
  op: 'put',
  key: { pk: `TEN#${extension.tenantId}`, sk: `EXTNUM#${extension.extension}` },
  data: { extensionId: extension.id },
  when: [{ is: 'absent' }],
});
export const extensionNumberFreed = (extension: Extension): Write => ({
  op: 'delete',
  key: { pk: `TEN#${extension.tenantId}`, sk: `EXTNUM#${extension.extension}` },
  when: [{ is: 'equals', field: 'extensionId', value: extension.id }],
});

/** From a verified credential to our user: one keyed read (`SUB#<issuer>#<sub>` / `USER`). */
export const subjectKey = (issuer: string, sub: string): Key => ({
  pk: `SUB#${Buffer.from(issuer).toString('base64url')}#${sub}`,
  sk: 'USER',
});
export const subjectWrite = (issuer: string, sub: string, user: User): Write => ({
  op: 'put',
  key: subjectKey(issuer, sub),
  data: { userId: user.id, ...(user.tenantId ? { tenantId: user.tenantId } : {}) },
});

export const subjectFreed = (issuer: string, sub: string): Write => ({ op: 'delete', key: subjectKey(issuer, sub) });

const counterKey = (scope: TenantScope): Key => ({ pk: `TEN#${scope.tenantId}`, sk: 'COUNTER#numbers' });
/** Numbers used and held by a tenant; zero before the first. */
export async function readCounter(table: Table, scope: TenantScope): Promise<NumberCounter> {
  const stored = await table.get(counterKey(scope));
  return NumberCounter.parse({ used: 0, held: 0, taken: 0, ...stored?.data });
}
/** Takes `count` slots on condition that the limit is kept at that moment (I8, P7). */
export const holdSlots = (scope: TenantScope, count: number, limit: number): Write => ({
  op: 'add',
  key: counterKey(scope),
  add: { held: count, taken: count },
  when: [{ is: 'at_most', field: 'taken', value: limit - count }],
});
export const freeSlots = (scope: TenantScope, count: number): Write => ({
  op: 'add',
  key: counterKey(scope),
  add: { held: -count, taken: -count },
});
/** A held slot becomes a used one: the number is ours. */
export const useSlot = (scope: TenantScope): Write => ({
  op: 'add',
  key: counterKey(scope),
  add: { held: -1, used: 1 },
});
/** The UTC day purchases are counted under. */
export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
const committedKey = (scope: TenantScope, day: string): Key => ({ pk: `TEN#${scope.tenantId}`, sk: `SPENT#${day}` });
/** Monthly money committed by a tenant on a day, whole micro-units of its currency (Fraud, reliability §6). */
export async function readCommitted(table: Table, scope: TenantScope, at: Date): Promise<bigint> {
  const stored = await table.get(committedKey(scope, dayOf(at)));
  return BigInt(Number(stored?.data['micros'] ?? 0));
}
/** Commits money on condition that the day's cap is kept at that moment; without a cap it is only counted. */
export const commitMoney = (scope: TenantScope, day: string, micros: number, cap: number | undefined): Write => ({
  op: 'add',
  key: committedKey(scope, day),
  add: { micros },
  ...(cap === undefined ? {} : { when: [{ is: 'at_most', field: 'micros', value: cap - micros }] }),
});
/** What was counted on a day but not bought in the end. */
export const uncommitMoney = (scope: TenantScope, day: string, micros: number): Write => ({
  op: 'add',
  key: committedKey(scope, day),
  add: { micros: -micros },
});
/** The first of a day: `at_most` needs the item to be there. */
export const newDay = (scope: TenantScope, day: string): Write => ({
  op: 'put',
  key: committedKey(scope, day),
  data: { micros: 0 },
  when: [{ is: 'absent' }],
});
/** The counter item of a new tenant: `at_most` needs it to be there. */
export const newCounter = (scope: TenantScope): Write => ({
  op: 'put',
  key: counterKey(scope),
  data: { used: 0, held: 0, taken: 0 },
  when: [{ is: 'absent' }],
});

/** The writes of a user whose number came, or will not come (S0-2, S0-3). */
export const provisionedWrites = (user: User, fields: Partial<User>, change: Change): readonly Write[] =>
  users.replace(user, { ...user, ...fields, updatedAt: change.at.toISOString() }, change).writes;
