import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { House } from './house.ts';

/** Every item of the table file, by its key. */
export function dump(house: Pick<House, 'dataDir'>): ReadonlyMap<string, string> {
  const file = new DatabaseSync(join(house.dataDir, 'numbergate.sqlite'), { readOnly: true });
  try {
    const rows = file.prepare('select pk, sk, data from item').all();
    return new Map(rows.map((row) => [`${row['pk']} ${row['sk']}`, String(row['data'])]));
  } finally {
    file.close();
  }
}

/** Keys of items that came, went or changed. */
export function changes(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].filter((one) => before.get(one) !== after.get(one)).toSorted();
}
