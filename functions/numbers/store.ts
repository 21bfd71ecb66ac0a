import type { E164 } from '../domain/e164.ts';
import type { NumberId, UserId } from '../domain/ids.ts';
import type { TenantScope } from '../platform/auth.ts';
import { type Change, entity } from '../platform/entity.ts';
import type { IndexKeys, JsonObject, Key, Position, Table, Write } from '../platform/table.ts';
import { NumberRecord } from './schema.ts';

export const numberKey = (number: E164): Key => ({ pk: `NUM#${number}`, sk: 'NUMBER' });

/** The full record; users see it through the row of its tenant. */
export const numbers = entity({
  name: 'number',
  schema: NumberRecord,
  key: (record) => numberKey(record.number),
  indexes: (record) => ({
    list2: { pk: `CAR#${record.carrier}#${record.state}#${record.number.slice(-1)}`, sk: record.number },
  }),
  auditId: (record) => record.id,
});

/** What a list shows of a number, with its sort keys; stays with its tenant after release (DESIGN §6). */
export interface NumberRow {
  readonly id: string;
  readonly number: string;
  readonly name: string;
  readonly ownership: string;
  readonly routedTo: string;
  readonly routingObject: string;
  readonly state: string;
  readonly country: string;
  readonly carrier: string;
  readonly tags: readonly string[];
  readonly reference: string;
  readonly userId: string;
  /** Id of the extension, queue, flow or user it is routed to; empty without one. */
  readonly targetId: string;
  readonly serviceNumber: boolean;
  readonly attention: readonly string[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

const rowKey = (tenantId: string, id: string): Key => ({ pk: `TEN#${tenantId}`, sk: `NUMBER#${id}` });
/**
 * Sort keys are folded, so that lists order as people read. `#` separates parts and the last character of Unicode ends
 * ranges: neither may come from a name; a cut in the middle of a character is mended.
 */
const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[#\u{10ffff}]/gu, ' ')
    .slice(0, 120)
    .toWellFormed() || ' ';

/** Put of the tenant's row; goes into every transaction that changes the number. */
export function rowWrite(tenantId: string, row: NumberRow): Write {
  const pk = `TEN#${tenantId}#NUMBER`;
  const by = (index: string, key: string): Key => ({ pk: `${pk}#${index}`, sk: `${fold(key)}#${row.id}` });
  const indexes: IndexKeys = {
    list2: { pk, sk: row.number },
    ...(row.userId === '' ? {} : { list3: { pk: `${pk}#user`, sk: `${row.userId}#${row.number}` } }),
    sort1: by('ownership', row.ownership),
    sort2: by('name', row.name),
    sort3: by('routedTo', row.routedTo),
    sort4: by('routingObject', row.routingObject),
    sort5: by('updatedAt', row.updatedAt),
  };
  return { op: 'put', key: rowKey(tenantId, row.id), data: row as unknown as JsonObject, indexes };
}

export async function findRow(table: Table, scope: TenantScope, id: NumberId): Promise<NumberRow | undefined> {
  const stored = await table.get(rowKey(scope.tenantId, id));
  return stored?.data as NumberRow | undefined;
}

/** Every row of a tenant by primary key, as it stands: for decisions and counts, never for a page of a list. */
export async function* rowsOf(table: Table, scope: TenantScope): AsyncGenerator<NumberRow> {
  let after: string | undefined;
  do {
    const page = await table.query({
      pk: `TEN#${scope.tenantId}`,
      prefix: 'NUMBER#',
      limit: 1000,
      ...(after ? { after } : {}),
    });
    for (const item of page.items) yield item.data as unknown as NumberRow;
    after = page.next;
  } while (after);
}

const SORTS = {
  number: ['list2', ''],
  ownership: ['sort1', '#ownership'],
  name: ['sort2', '#name'],
  routedTo: ['sort3', '#routedTo'],
  routingObject: ['sort4', '#routingObject'],
  updatedAt: ['sort5', '#updatedAt'],
} as const;
export type RowSort = keyof typeof SORTS;

/** One bounded page of a tenant's rows in an order (S0-24). */
export async function listRows(
  table: Table,
  scope: TenantScope,
  by: { readonly sort: RowSort; readonly descending: boolean; readonly limit: number; readonly after?: Position },
): Promise<{ rows: readonly NumberRow[]; next?: Position }> {
  const { sort, ...wanted } = by;
  const [index, suffix] = SORTS[sort];
  const page = await table.queryIndex(index, { pk: `TEN#${scope.tenantId}#NUMBER${suffix}`, ...wanted });
  const rows = page.items.map((item) => item.data as unknown as NumberRow);
  return { rows, ...(page.next === undefined ? {} : { next: page.next }) };
}

/** Rows of the numbers that ring a user, in the order of their numbers; at most 200. */
export async function rowsOfUser(table: Table, scope: TenantScope, userId: UserId): Promise<readonly NumberRow[]> {
  const pk = `TEN#${scope.tenantId}#NUMBER#user`;
  const page = await table.queryIndex('list3', { pk, prefix: `${userId}#`, limit: 200 });
  return page.items.map((item) => item.data as unknown as NumberRow);
}

/** The record of a tenant's number; undefined when it is missing, or somebody else's (same answer, I7). */
export async function findNumber(table: Table, scope: TenantScope, number: E164): Promise<NumberRecord | undefined> {
  const record = await numbers.find(table, numberKey(number));
  return record?.tenantId === scope.tenantId ? record : undefined;
}

/** The record of an E.164, whoever holds it: for claims and for inbound, never for an answer to a tenant. */
export const findRecord = (table: Table, number: E164): Promise<NumberRecord | undefined> =>
  numbers.find(table, numberKey(number));

/** States in which nobody holds the number any more, so that it may be bought again (S2-31). */
export const isGone = (record: NumberRecord): boolean =>
  record.state === 'released' || record.state === 'ported_out' || record.state === 'failed';

/** The writes that take a bought number into the inventory: a new record, or the next life of one that was released (B3). */
export const takeInWrites = (
  earlier: NumberRecord | undefined,
  record: Omit<NumberRecord, 'version'>,
  change: Change,
) => (earlier && isGone(earlier) ? numbers.replace(earlier, record, change) : numbers.create(record, change));

/** The writes that note our addresses as standing at the carrier, in the number and in its row as both were read. */
export function configuredWrites(record: NumberRecord, row: NumberRow | undefined, change: Change): readonly Write[] {
  const attention = record.attention.filter((one) => one !== 'configuration_pending');
  const updatedAt = change.at.toISOString();
  const { writes } = numbers.replace(record, { ...record, configured: true, attention, updatedAt }, change);
  if (!row || !record.tenantId) return writes;
  return [...writes, rowWrite(record.tenantId, { ...row, attention, updatedAt })];
}
