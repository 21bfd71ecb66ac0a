import type * as z from 'zod';
import type { E164 } from '../domain/e164.ts';
import type { TenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import type { Position } from '../platform/table.ts';
import { seesOnlyOwn } from './change.ts';
import { statusOf } from './lifecycle.ts';
import type { NumberQuery } from './list-schema.ts';
import { attentionMatches, rowMatches } from './matching.ts';
import { numberReader, type Reader, readLimit } from './read.ts';
import type { NumberRecord, NumberState } from './schema.ts';
import { findNumber, listRows, type NumberRow, type RowSort, rowsOf } from './store.ts';
import type { NumberSummary, NumberView } from './view-schema.ts';

interface ListCall extends Reader {
  readonly after: Position | undefined;
  readonly query: NumberQuery;
}
/** Index pages read for one page of the list at most: with narrow filters it comes back short (DESIGN §6). */
const PAGES = 20;

/** One bounded page of numbers in the order asked for (S0-24); a plain user's holds only those that ring them. */
export async function listNumbers(
  deps: Pick<Deps, 'table' | 'settings'>,
  call: ListCall,
): Promise<{ data: NumberView[]; next?: Position }> {
  const { query, scope } = call;
  const sort = query.sort ?? 'number';
  const order = { sort: sort.replace('-', '') as RowSort, descending: sort.startsWith('-') };
  const found: NumberRecord[] = [];
  let after = call.after;
  for (let page = 0; page < PAGES && found.length < query.limit; page++) {
    const limit = query.limit - found.length;
    const { rows, next } = await listRows(deps.table, scope, { ...order, limit, ...(after ? { after } : {}) });
    found.push(...(await recordsOf(deps, call, rows)));
    after = next;
    if (after === undefined) break;
  }
  const reader = await numberReader(deps, call);
  const data = await Promise.all(found.map((record) => reader.view(record)));
  return { data, ...(after === undefined ? {} : { next: after }) };
}

/** The records of the rows that match; a row of a former life of a number has none any more. */
async function recordsOf(
  deps: Pick<Deps, 'table'>,
  { scope, who, query }: ListCall,
  rows: readonly NumberRow[],
): Promise<NumberRecord[]> {
  const matching = rows.filter(
    (row) => rowMatches(row, row.state as NumberState, query) && (!seesOnlyOwn(who) || row.userId === who.id),
  );
  const records = await Promise.all(matching.map((row) => recordOf(deps, scope, row)));
  return records.flatMap((record) => (record && attentionMatches(record.attention, query.attention) ? [record] : []));
}

async function recordOf(deps: Pick<Deps, 'table'>, scope: TenantScope, row: NumberRow) {
  const record = await findNumber(deps.table, scope, row.number as E164);
  return record?.id === row.id ? record : undefined;
}

/** Counts over all numbers of a tenant, as they stand. */
export async function summarize(deps: Pick<Deps, 'table'>, scope: TenantScope): Promise<z.infer<typeof NumberSummary>> {
  const counts = { status: {}, ownership: {}, country: {}, carrier: {}, routedTo: {} };
  const count = (of: Record<string, number>, value: string) => {
    of[value] = (of[value] ?? 0) + 1;
  };
  for await (const row of rowsOf(deps.table, scope)) {
    const status = statusOf(row.state as NumberState);
    if (status === undefined) continue;
    count(counts.status, status);
    count(counts.ownership, row.ownership);
    count(counts.country, row.country);
    count(counts.carrier, row.carrier);
    count(counts.routedTo, row.routedTo);
  }
  return { object: 'number_summary', ...counts, limit: await readLimit(deps, scope) };
}
