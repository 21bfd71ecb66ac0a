import type { ExtensionId, UserId } from '../domain/ids.ts';
import type { TenantScope } from '../platform/auth.ts';
import type { Entity } from '../platform/entity.ts';
import type { Key, Position, Table, Write } from '../platform/table.ts';
import type { CallFlow, Extension, Queue, Tenant, User } from './schema.ts';
import { callFlows, extensions, queues, tenants, users } from './store.ts';

export interface PageWanted {
  readonly limit: number;
  readonly after?: Position;
}
export interface PageFound<T> {
  readonly items: readonly T[];
  readonly next?: Position;
}

/** Tenants by id. */
export const listTenantRecords = (table: Table, page: PageWanted): Promise<PageFound<Tenant>> =>
  listed(table, tenants, 'TENANTS', page);
export const listUserRecords = (table: Table, scope: TenantScope, page: PageWanted): Promise<PageFound<User>> =>
  listed(table, users, `TEN#${scope.tenantId}#USER`, page);
/** Extensions in the order of their digits. */
export const listExtensionRecords = (
  table: Table,
  scope: TenantScope,
  page: PageWanted,
): Promise<PageFound<Extension>> => listed(table, extensions, `TEN#${scope.tenantId}#EXT`, page);
export const listQueueRecords = (table: Table, scope: TenantScope, page: PageWanted): Promise<PageFound<Queue>> =>
  listed(table, queues, `TEN#${scope.tenantId}#QUEUE`, page);
export const listFlowRecords = (table: Table, scope: TenantScope, page: PageWanted): Promise<PageFound<CallFlow>> =>
  listed(table, callFlows, `TEN#${scope.tenantId}#FLOW`, page);

/** A page of one list of a tenant. */
export async function listed<T extends { readonly version: number }>(
  table: Table,
  kind: Entity<T>,
  pk: string,
  page: PageWanted,
): Promise<PageFound<T>> {
  const found = await table.queryIndex('list2', { pk, ...page });
  const items = found.items.map((item) => kind.parse(item));
  return found.next === undefined ? { items } : { items, next: found.next };
}

/** All flows, queues and extensions of a tenant by primary key, as they stand: for decisions. */
export const allFlows = (table: Table, scope: TenantScope): Promise<CallFlow[]> =>
  all(table, scope, 'FLOW#', callFlows);
export const allQueues = (table: Table, scope: TenantScope): Promise<Queue[]> => all(table, scope, 'QUEUE#', queues);
export async function extensionsOf(table: Table, scope: TenantScope, userId: UserId): Promise<Extension[]> {
  return (await all(table, scope, 'EXT#', extensions)).filter((one) => one.userId === userId);
}

async function all<T extends { readonly version: number }>(
  table: Table,
  scope: TenantScope,
  prefix: string,
  kind: Entity<T>,
): Promise<T[]> {
  const found: T[] = [];
  for await (const item of itemsOf(table, scope, prefix)) found.push(kind.parse(item));
  return found;
}

async function* itemsOf(table: Table, scope: TenantScope, prefix: string) {
  let after: Position | undefined;
  do {
    const page = await table.query({ pk: `TEN#${scope.tenantId}`, prefix, limit: 500, ...(after ? { after } : {}) });
    yield* page.items;
    after = page.next;
  } while (after);
}

/** Digits of extensions in use. */
export async function takenDigits(table: Table, scope: TenantScope): Promise<ReadonlySet<string>> {
  const taken = new Set<string>();
  for await (const item of itemsOf(table, scope, 'EXTNUM#')) taken.add(item.key.sk.slice('EXTNUM#'.length));
  return taken;
}

/** Which extension has these digits. */
export async function holderOfDigits(
  table: Table,
  scope: TenantScope,
  digits: string,
): Promise<ExtensionId | undefined> {
  const stored = await table.get({ pk: `TEN#${scope.tenantId}`, sk: `EXTNUM#${digits}` });
  return stored?.data['extensionId'] as ExtensionId | undefined;
}

const emailKey = (email: string): Key => ({ pk: `EMAIL#${email.toLowerCase()}`, sk: 'USER' });
/** Keeps an e-mail address to one person, since people sign in by it. */
export const emailWrite = (user: Pick<User, 'id' | 'email'>): Write => ({
  op: 'put',
  key: emailKey(user.email),
  data: { userId: user.id },
  when: [{ is: 'absent' }],
});
export const emailFreed = (user: Pick<User, 'email'>): Write => ({ op: 'delete', key: emailKey(user.email) });

/** Whoever has this address, of whatever tenant or staff, as far as the list knows by now. */
export async function findByEmail(table: Table, email: string): Promise<User | undefined> {
  const sk = email.toLowerCase();
  const found = await table.queryIndex('list3', { pk: 'PEOPLE', from: sk, to: `${sk}\u0000`, limit: 1 });
  return found.items.map((item) => users.parse(item)).find((user) => user.email.toLowerCase() === sk);
}

/** Whether somebody else, of whatever tenant or staff, signs in by this address. */
export async function isEmailTaken(table: Table, email: string, by?: UserId): Promise<boolean> {
  const sk = email.toLowerCase();
  const held = await table.get(emailKey(email));
  if (held && held.data['userId'] !== by) return true;
  const found = await table.queryIndex('list3', { pk: 'PEOPLE', prefix: sk, limit: 50 });
  return found.items.some((item) => String(item.data['email']).toLowerCase() === sk && item.data['id'] !== by);
}
