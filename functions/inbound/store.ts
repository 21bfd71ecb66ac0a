import type { NumberId } from '../domain/ids.ts';
import type { Table } from '../platform/table.ts';
import { placeOf, toPosition } from '../platform/table-ranges.ts';
import { countCalls } from './call-counts-store.ts';
import { callDays } from './call-days-store.ts';
import type { CallRecord, MessageRecord, NumberStatistics } from './schema.ts';

export interface History<R> {
  readonly items: readonly R[];
  readonly next?: string;
}
interface PageWanted {
  readonly limit: number;
  readonly after?: string;
}
/** Where a call stands in the list: its day, and its place inside the day. */
interface Place {
  readonly day: string;
  readonly inside: string;
}

/** Calls of a number, latest first. They lie unsorted inside a day: whole days are read, however few are wanted of them. */
export async function readCalls(table: Table, numberId: NumberId, page: PageWanted): Promise<History<CallRecord>> {
  const { limit, after } = page;
  const start = after === undefined ? undefined : startOf(after);
  const found: (Place & { readonly record: CallRecord })[] = [];
  for await (const { day, records } of callDays(table, numberId, { to: start?.day, atFirst: 2 * limit })) {
    const placed = records.map((record) => ({ day, inside: `${record.startedAt}#${record.id}`, record }));
    const wanted = start?.day === day ? placed.filter(({ inside }) => inside < start.inside) : placed;
    found.push(...wanted.toSorted((a, b) => (a.inside < b.inside ? 1 : -1)));
    if (found.length > limit) break;
  }
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const items = shown.map(({ record }) => record);
  return last && found.length > limit ? { items, next: toPosition([last.day, last.inside]) } : { items };
}

function startOf(position: string): Place {
  const [day = '', inside = ''] = placeOf(position, 2);
  return { day, inside };
}

/** Messages of a number, latest first. */
export async function readMessages(
  table: Table,
  numberId: NumberId,
  page: PageWanted,
): Promise<History<MessageRecord>> {
  const found = await table.query({ pk: `MSG#${numberId}`, descending: true, ...page });
  const items = found.items.map((stored) => stored.data as unknown as MessageRecord);
  return found.next === undefined ? { items } : { items, next: found.next };
}

/** How much a number is used: its calls of 30 days, and when the latest call or message was. */
export async function statisticsOf(table: Table, numberId: NumberId, now: Date): Promise<NumberStatistics> {
  const [callsLast30Days, calls, messages] = await Promise.all([
    countCalls(table, numberId, now),
    readCalls(table, numberId, { limit: 1 }),
    readMessages(table, numberId, { limit: 1 }),
  ]);
  const [call] = calls.items;
  const lastUsedAt = [call?.endedAt ?? call?.startedAt, messages.items[0]?.at]
    .filter((at) => at !== undefined)
    .sort()
    .at(-1);
  return lastUsedAt === undefined ? { callsLast30Days } : { callsLast30Days, lastUsedAt };
}
