import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../functions/platform/clock.ts';
import type { IndexName, Page, Position, Query, Stored } from '../../functions/platform/table.ts';
import { entryRange, sortRange, toPosition } from '../../functions/platform/table-ranges.ts';
import { expiryOf, isExpired, type Row, textOf, toStored } from './table-rows.ts';

/** Work of one page at most, as on DynamoDB. */
const PAGE_BYTES = 1024 * 1024;

interface PagesOptions {
  readonly clock: Clock;
  readonly indexLagMs: number;
  readonly pageLimit: number | undefined;
}

/** Range reads by key order (bytes of UTF-8), page by page. */
export function pages(file: DatabaseSync, { clock, indexLagMs, pageLimit }: PagesOptions) {
  const table = bothWays(file, TABLE_SQL);
  const index = bothWays(file, INDEX_SQL);

  const page = (query: Query, rows: Iterable<Row>, position: (row: Row) => Position): Page => {
    const most = Math.min(query.limit, pageLimit ?? query.limit);
    return cut(rows, { most, now: clock.now(), position, looksAhead: pageLimit === undefined });
  };
  return {
    query(query: Query): Page {
      const { low, high } = sortRange(query);
      const found = table[query.descending ? 'down' : 'up'].iterate(query.pk, low, high);
      return page(query, found, (row) => toPosition([row['sk']]));
    },
    queryIndex(name: IndexName, query: Query): Page {
      const { start, end } = entryRange(query);
      const seen = indexLagMs > 0 ? clock.now().getTime() - indexLagMs : Number.MAX_SAFE_INTEGER;
      const found = index[query.descending ? 'down' : 'up'].iterate(name, query.pk, ...start, end, seen, seen);
      return page(query, found, (row) => toPosition([row['isk'], row['pk'], row['sk']]));
    },
  };
}

const TABLE_SQL = {
  up: 'select pk, sk, data, expires_at from item where pk = ? and sk >= ? and sk < ? order by sk',
  down: 'select pk, sk, data, expires_at from item where pk = ? and sk >= ? and sk < ? order by sk desc',
};
const ENTRIES = `select e.isk, e.pk, e.sk, coalesce(e.data, i.data) as data,
  iif(e.until is null, i.expires_at, e.expires_at) as expires_at
  from entry e left join item i on i.pk = e.pk and i.sk = e.sk where e.name = ? and e.ipk = ?`;
const SEEN = 'e.since <= ? and (e.until is null or e.until > ?)';
const INDEX_SQL = {
  up: `${ENTRIES} and (e.isk, e.pk, e.sk) > (?, ?, ?) and e.isk < ? and ${SEEN} order by e.isk, e.pk, e.sk`,
  down: `${ENTRIES} and (e.isk, e.pk, e.sk) < (?, ?, ?) and e.isk >= ? and ${SEEN} order by e.isk desc, e.pk desc, e.sk desc`,
};

function bothWays(file: DatabaseSync, { up, down }: { readonly up: string; readonly down: string }) {
  return { up: file.prepare(up), down: file.prepare(down) };
}

interface Cut {
  readonly most: number;
  readonly now: Date;
  readonly position: (row: Row) => Position;
  /** Whether one more row is looked at, so that the last page says it is the last. */
  readonly looksAhead: boolean;
}

/** Takes rows until the page is full by count or bytes; expired ones count as work but are not shown. */
function cut(rows: Iterable<Row>, { most, now, position, looksAhead }: Cut): Page {
  const items: Stored[] = [];
  let last: Row | undefined;
  let taken = 0;
  let bytes = 0;
  for (const row of rows) {
    bytes += Buffer.byteLength(textOf(row));
    if (last && (taken >= most || bytes > PAGE_BYTES)) return { items, next: position(last) };
    last = row;
    taken++;
    if (!isExpired(expiryOf(row), now)) items.push(toStored(row));
    if (!looksAhead && taken >= most) return { items, next: position(last) };
  }
  return { items };
}
