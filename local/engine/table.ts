import { existsSync } from 'node:fs';
import { backup } from 'node:sqlite';
import type { Clock } from '../../functions/platform/clock.ts';
import type { Key, Stored, Table, Write } from '../../functions/platform/table.ts';
import { isKey } from '../../functions/platform/table-checks.ts';
import { expiryRemover } from './table-expiry.ts';
import { guarded, openFile } from './table-file.ts';
import { pages } from './table-pages.ts';
import { expiryOf, isExpired, toStored } from './table-rows.ts';
import { writer } from './table-writes.ts';

export interface TableOptions {
  /** File, or `:memory:`. */
  readonly path: string;
  readonly clock: Clock;
  /** Called with what was written, after it is durable; must not throw. */
  readonly onWrite?: (writes: readonly Write[]) => void;
  /** How long an index shows the state before a write, by the clock; default 0. */
  readonly indexLagMs?: number;
  /** Items a page at most, whatever is asked; such pages carry `next` even when nothing follows, as on DynamoDB. */
  readonly pageLimit?: number;
  /** Size of the file at most; writes beyond it are refused as on a full disk. */
  readonly maxBytes?: number;
  /** Called with `table:before-commit` and `table:after-commit` of each durable commit, and what it writes. */
  readonly boundary?: (name: string, writes: readonly Write[]) => void;
}

/** The table in one SQLite file, with what only the owner of the file may do. */
export interface LocalTable extends Table {
  close(): void;
  /** Copies the file, as of one moment, while writes go on; refuses to overwrite a file. */
  backup(path: string): Promise<void>;
  /** Removes what has expired, at most `limit` items (default 1000); how many it were. */
  removeExpired(limit?: number): Promise<number>;
  /** Every item in key order, expired ones too. For tests and checks of invariants. */
  scan(): readonly Stored[];
}

/** Opens the table; makes the file if need be. Throws `TableUnavailable` when it cannot be read or written (X4). */
export function openTable(options: TableOptions): LocalTable {
  const { path, clock, onWrite, indexLagMs = 0, pageLimit, maxBytes, boundary = () => undefined } = options;
  const file = openFile(path, maxBytes);
  const select = file.prepare('select pk, sk, data, expires_at from item where pk = ? and sk = ?');
  const everything = file.prepare('select pk, sk, data, expires_at from item order by pk, sk');
  const removeExpired = expiryRemover(file, indexLagMs);
  const write = writer(file, { clock, indexLagMs, boundary });
  const read = pages(file, { clock, indexLagMs, pageLimit });

  const find = (key: Key): Stored | undefined => {
    const found = isKey(key) ? select.get(key.pk, key.sk) : undefined;
    return found && !isExpired(expiryOf(found), clock.now()) ? toStored(found) : undefined;
  };
  return {
    get: async (key) => guarded(() => find(key)),
    async write(writes) {
      guarded(() => write(writes));
      // In a turn of its own: what is committed must be acknowledged whatever the listener does.
      if (onWrite && writes.length > 0) queueMicrotask(() => onWrite(writes));
    },
    query: async (query) => guarded(() => read.query(query)),
    queryIndex: async (name, query) => guarded(() => read.queryIndex(name, query)),
    close: () => file.close(),
    async backup(target) {
      if (existsSync(target)) throw new Error(`${target} exists`);
      await backup(file, target);
    },
    removeExpired: async (limit = 1000) => guarded(() => removeExpired(clock.now(), limit)),
    scan: () => guarded(() => everything.all().map(toStored)),
  };
}

/** Every item of the table in key order of bytes. For tests only: no room may read the table like this. */
export function dumpTable(table: LocalTable): readonly Stored[] {
  return table.scan();
}
