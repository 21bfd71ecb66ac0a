import type { NumberId } from '../domain/ids.ts';
import type { JsonObject, Key, Table } from '../platform/table.ts';
import { callDays } from './call-days-store.ts';

type Counts = Readonly<Record<string, number>>;
/** Calls by day, of all days from the first to the last: one without a call is not named. */
interface Kept {
  readonly first: string;
  readonly last: string;
  readonly days: Counts;
}

const WINDOW_DAYS = 30;
/** A day this far back gets no more calls: they last a day at most, and their events are repeated for another. */
const SETTLED_DAYS = 3;
/** Calls counted at one look, above which settled days are kept: most numbers never have so many. */
const MANY = 500;
const SECONDS = 86_400;
const keyOf = (numberId: NumberId): Key => ({ pk: `USE#${numberId}`, sk: 'CALLS' });

/**
 * Calls of the last 30 calendar days (UTC), today included. A call pays for no counter: whoever looks counts records. What
 * a busy number had on settled days is kept with it, so that it is counted once.
 */
export async function countCalls(table: Table, numberId: NumberId, now: Date): Promise<number> {
  const start = dayBefore(now, WINDOW_DAYS - 1);
  const kept = await readKept(table, numberId, start);
  const counts: Record<string, number> = Object.fromEntries(
    Object.entries(kept?.days ?? {}).filter(([day]) => day >= start),
  );
  let counted = 0;
  for await (const { day, records } of callDays(table, numberId, { from: kept?.last ?? start, atFirst: 100 })) {
    counted += records.length;
    counts[day] = records.length;
  }
  const settled = dayBefore(now, SETTLED_DAYS);
  if (counted > MANY && settled !== kept?.last)
    await keep(table, numberId, now, { first: start, last: settled, days: counts });
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Undefined: nothing is kept that says all of the days from the start on. */
async function readKept(table: Table, numberId: NumberId, start: string): Promise<Kept | undefined> {
  const kept = (await table.get(keyOf(numberId), { eventual: true }))?.data as unknown as Kept | undefined;
  return kept && kept.first <= start && kept.last >= start ? kept : undefined;
}

async function keep(table: Table, numberId: NumberId, now: Date, { first, last, days }: Kept): Promise<void> {
  const settled = Object.fromEntries(Object.entries(days).filter(([day]) => day <= last));
  const data: JsonObject = { first, last, days: settled };
  const expiresAt = Math.floor(now.getTime() / 1000) + WINDOW_DAYS * SECONDS;
  await table.write([{ op: 'put', key: keyOf(numberId), data, expiresAt }]);
}

function dayBefore(now: Date, days: number): string {
  return new Date(now.getTime() - days * SECONDS * 1000).toISOString().slice(0, 10);
}
