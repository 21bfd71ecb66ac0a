import type { DatabaseSync } from 'node:sqlite';
import { entryKeeper } from './table-entries.ts';
import { expiryOf, indexesOf, textOf } from './table-rows.ts';

/** Removes expired items and their list entries; nobody sees a difference, since reads check expiry themselves. */
export function expiryRemover(file: DatabaseSync, indexLagMs: number) {
  const expired = file.prepare(
    'select pk, sk, data, indexes, expires_at from item where expires_at <= ? order by expires_at limit ?',
  );
  const remove = file.prepare('delete from item where pk = ? and sk = ?');
  const keepEntries = entryKeeper(file, indexLagMs);

  return (now: Date, limit: number): number => {
    file.exec('begin immediate');
    try {
      const rows = expired.all(Math.floor(now.getTime() / 1000), limit);
      for (const row of rows) {
        const key = { pk: String(row['pk']), sk: String(row['sk']) };
        remove.run(key.pk, key.sk);
        const before = { indexes: indexesOf(row), text: textOf(row), expiresAt: expiryOf(row) };
        keepEntries(key, before, {}, now.getTime());
      }
      file.exec('commit');
      return rows.length;
    } catch (cause) {
      if (file.isTransaction) file.exec('rollback');
      throw cause;
    }
  };
}
