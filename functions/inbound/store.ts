import type { NumberId } from '../domain/ids.ts';
import type { Table } from '../platform/table.ts';
import type { CallRecord, MessageRecord, NumberStatistics } from './schema.ts';

const DAY_MS = 86_400_000;

export interface History<R> {
  readonly items: readonly R[];
  readonly next?: string;
}
interface PageWanted {
  readonly limit: number;
  readonly after?: string;
}

/** Calls of a number, latest first. */
export async function readCalls(table: Table, numberId: NumberId, page: PageWanted): Promise<History<CallRecord>> {
  return await readHistory<CallRecord>(table, `CALL#${numberId}`, page);
}

/** Messages of a number, latest first. */
export async function readMessages(
  table: Table,
  numberId: NumberId,
  page: PageWanted,
): Promise<History<MessageRecord>> {
  return await readHistory<MessageRecord>(table, `MSG#${numberId}`, page);
}

/** Sort keys of records begin with a year; the counters of days begin with `DAY`. */
async function readHistory<R>(table: Table, pk: string, page: PageWanted): Promise<History<R>> {
  const found = await table.query({ pk, to: 'D', descending: true, ...page });
  const items = found.items.map((stored) => stored.data as unknown as R);
  return found.next === undefined ? { items } : { items, next: found.next };
}

/** How much a number is used: a query over at most 30 counters, and the latest call and message. */
export async function statisticsOf(table: Table, numberId: NumberId, now: Date): Promise<NumberStatistics> {
  const first = new Date(now.getTime() - 29 * DAY_MS).toISOString().slice(0, 10);
  const [days, calls, messages] = await Promise.all([
    table.query({ pk: `CALL#${numberId}`, from: `DAY#${first}`, to: 'DAY$', limit: 40 }),
    readCalls(table, numberId, { limit: 1 }),
    readMessages(table, numberId, { limit: 1 }),
  ]);
  const callsLast30Days = days.items.reduce((sum, day) => sum + Number(day.data['calls'] ?? 0), 0);
  const lastUsedAt = [calls.items[0]?.startedAt, messages.items[0]?.at]
    .filter((at) => at !== undefined)
    .sort()
    .at(-1);
  return lastUsedAt === undefined ? { callsLast30Days } : { callsLast30Days, lastUsedAt };
}
