import { DatabaseSync } from 'node:sqlite';
import { TableUnavailable } from '../../functions/platform/table.ts';

/**
 * Items as they stand, and their list entries. An entry without `until` is the present one and takes its data from the
 * item; one with `until` is what an index that lags still shows, with the data of that time.
 */
const SCHEMA = `
create table if not exists item (
  pk text not null, sk text not null, data text not null, indexes text, expires_at integer,
  primary key (pk, sk)
) strict, without rowid;
create index if not exists item_expiry on item (expires_at) where expires_at is not null;
create table if not exists entry (
  name text not null, ipk text not null, isk text not null, pk text not null, sk text not null,
  since integer not null, until integer, data text, expires_at integer,
  primary key (name, ipk, isk, pk, sk, since)
) strict, without rowid;
create index if not exists entry_until on entry (until) where until is not null;
pragma user_version = 1;`;

const FORMAT = 1;
const PAGE_BYTES = 4096;

/** Result codes of SQLite that mean the storage failed, not the caller; the lowest byte of an extended code. */
const STORAGE_FAULTS: Readonly<Record<number, string>> = {
  3: 'access to the table file is denied',
  5: 'the table file is held by another process',
  6: 'the table file is held by another process',
  8: 'the table file cannot be written (read-only)',
  10: 'reading or writing the table file failed',
  11: 'the table file is damaged',
  13: 'the disk is full',
  14: 'the table file cannot be opened',
  26: 'the table file is damaged or is not a table file',
};

/** Opens (or makes) the file: WAL, every commit on disk before it is acknowledged. Throws `TableUnavailable`. */
export function openFile(path: string, maxBytes: number | undefined): DatabaseSync {
  return guarded(() => {
    const file = new DatabaseSync(path, { timeout: 5000, enableForeignKeyConstraints: false });
    try {
      prepareFile(file, maxBytes);
      return file;
    } catch (cause) {
      file.close();
      throw cause;
    }
  });
}

function prepareFile(file: DatabaseSync, maxBytes: number | undefined): void {
  const format = Number(Object.values(file.prepare('pragma user_version').get() ?? {})[0]);
  if (format > FORMAT) throw new TableUnavailable(`the table file has format ${format}, this program knows ${FORMAT}`);
  file.exec('pragma journal_mode = wal; pragma synchronous = full; pragma journal_size_limit = 67108864');
  if (format < FORMAT) file.exec(SCHEMA);
  if (maxBytes !== undefined) file.exec(`pragma max_page_count = ${Math.ceil(maxBytes / PAGE_BYTES)}`);
}

/** Runs storage work; what the storage refuses becomes `TableUnavailable` with words a person understands (X4). */
export function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const reason = storageFault(cause);
    throw reason ? new TableUnavailable(reason, { cause }) : cause;
  }
}

function storageFault(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !('code' in cause)) return undefined;
  if (cause.code === 'ERR_INVALID_STATE') return 'the table is closed';
  if (cause.code !== 'ERR_SQLITE_ERROR' || !('errcode' in cause)) return undefined;
  return STORAGE_FAULTS[Number(cause.errcode) & 0xff];
}
