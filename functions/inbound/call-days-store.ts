import type { NumberId } from '../domain/ids.ts';
import type { Key, Table } from '../platform/table.ts';
import type { CallRecord } from './schema.ts';

/** Records of a number that lie under one day (UTC), in no order. */
export interface CallDay {
  readonly day: string;
  readonly records: readonly CallRecord[];
}
interface Days {
  /** First and last day wanted, both included. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Records of the first reading. */
  readonly atFirst: number;
}

/** Records of one reading at most; the table gives no more than 1 MB at once. */
const MOST = 4_000;
const partition = (numberId: NumberId): string => `CALL#${numberId}`;
/** Of a number's calls under a day, those named so; a day alone stands before all of them, with `$` behind. */
export const callKey = (numberId: NumberId, day: string, name: string): Key => ({
  pk: partition(numberId),
  sk: `${day}#${name}`,
});

/** A number's calls, one whole day after the other, the latest first; days without a call are left out. */
export async function* callDays(
  table: Table,
  numberId: NumberId,
  { from, to, atFirst }: Days,
): AsyncGenerator<CallDay> {
  const range = { pk: partition(numberId), ...(from && { from }), ...(to && { to: `${to}$` }), descending: true };
  let open: { readonly day: string; readonly records: CallRecord[] } | undefined;
  let limit = Math.min(atFirst, MOST);
  let after: string | undefined;
  do {
    const page = await table.query({ ...range, limit, ...(after !== undefined && { after }) });
    for (const { key, data } of page.items) {
      const day = key.sk.slice(0, 10);
      if (open && open.day !== day) yield open;
      if (open?.day !== day) open = { day, records: [] };
      open.records.push(data as unknown as CallRecord);
    }
    after = page.next;
    limit = Math.min(limit * 8, MOST);
  } while (after !== undefined);
  if (open) yield open;
}
