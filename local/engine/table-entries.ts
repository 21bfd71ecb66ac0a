import type { DatabaseSync } from 'node:sqlite';
import type { IndexKeys, Key } from '../../functions/platform/table.ts';

/** What the index entries of one item are kept in step with. */
export interface Indexed {
  readonly indexes: IndexKeys;
  readonly text: string;
  readonly expiresAt: number | null;
}
type Bound = readonly [name: string, ipk: string, isk: string, pk: string, sk: string];

/**
 * Keeps the list entries in step with an item, inside its transaction. Without lag they move at once; with lag the former
 * entries stay, with the data they had, until the lag is over, as a secondary index of DynamoDB shows them.
 */
export function entryKeeper(file: DatabaseSync, lagMs: number) {
  const insert = file.prepare('insert or replace into entry values (?, ?, ?, ?, ?, ?, null, null, null)');
  const same = 'name = ? and ipk = ? and isk = ? and pk = ? and sk = ? and until is null';
  const remove = file.prepare(`delete from entry where ${same}`);
  const retire = file.prepare(`update entry set until = ?, data = ?, expires_at = ? where ${same}`);
  const purge = file.prepare('delete from entry where until <= ?');

  const move = (key: Key, before: IndexKeys, after: IndexKeys, now: number): void => {
    for (const old of bounds(key, before)) if (!isIn(after, old)) remove.run(...old);
    for (const fresh of bounds(key, after)) if (!isIn(before, fresh)) insert.run(...fresh, now);
  };
  const moveLater = (key: Key, before: Indexed | undefined, after: IndexKeys, now: number): void => {
    const { indexes = {}, text = null, expiresAt = null } = before ?? {};
    for (const old of bounds(key, indexes)) retire.run(now, text, expiresAt, ...old);
    for (const fresh of bounds(key, after)) insert.run(...fresh, now);
    purge.run(now - lagMs);
  };
  return (key: Key, before: Indexed | undefined, after: IndexKeys, now: number): void =>
    lagMs > 0 ? moveLater(key, before, after, now) : move(key, before?.indexes ?? {}, after, now);
}

function bounds(key: Key, indexes: IndexKeys): Bound[] {
  return Object.entries(indexes).map(([name, { pk, sk }]) => [name, pk, sk, key.pk, key.sk] as const);
}

function isIn(indexes: IndexKeys, [name, ipk, isk]: Bound): boolean {
  const entry = Object.entries(indexes).find(([other]) => other === name)?.[1];
  return entry?.pk === ipk && entry.sk === isk;
}
