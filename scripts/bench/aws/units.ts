import type { Attribute, Item } from '../../../functions/platform/aws/table-item.ts';
import { TABLE } from '../../../functions/platform/aws/table-shape.ts';
import { INDEXES } from '../../../functions/platform/table.ts';

/** Read and write units of DynamoDB, on demand. */
export interface Units {
  readonly reads: number;
  readonly writes: number;
}
const KIB = 1024;
const bytes = (text: string): number => Buffer.byteLength(text, 'utf8');

/** Bytes of an item as DynamoDB counts them: names and values. */
export function itemBytes(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + bytes(name) + valueBytes(value), 0);
}

function valueBytes(value: Attribute): number {
  if ('S' in value) return bytes(value.S);
  if ('N' in value) return numberBytes(value.N);
  if ('L' in value) return value.L.reduce((sum, one) => sum + 1 + valueBytes(one), 3);
  if ('M' in value) return itemBytes(value.M) + Object.keys(value.M).length + 3;
  return 1;
}

/** A byte for two significant digits, one more, and one for a sign. */
function numberBytes(text: string): number {
  const digits = text
    .replace(/e.*$/i, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '');
  return Math.min(21, Math.ceil(digits.length / 2) + 1 + (text.startsWith('-') ? 1 : 0));
}

/** One read: 4 KB a unit, half a unit if it need not be consistent; what is not there costs the least. */
export function readUnits(size: number, isConsistent: boolean): number {
  return Math.max(1, Math.ceil(size / (4 * KIB))) * (isConsistent ? 1 : 0.5);
}

/** What a write changes: the item before and after, absent where there was or is none. */
export interface Changed {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

/** One write: 1 KB a unit of the larger of both, twice in a transaction; each index that shows the item is written as well. */
export function writeUnits(changed: Changed, inTransaction: boolean): number {
  const own = Math.max(1, larger(changed)) * (inTransaction ? 2 : 1);
  return INDEXES.reduce((sum, index) => sum + indexUnits(changed, TABLE.indexes[index]), own);
}

/** An entry that moves is taken away and written anew; one that stays the same costs nothing. */
function indexUnits({ before, after }: Changed, names: { readonly pk: string; readonly sk: string }): number {
  const [was, is] = [before, after].map((item) => (item?.[names.pk] && item[names.sk] ? item : undefined));
  if (!was || !is) return larger({ before: was, after: is });
  const place = (item: Item) => JSON.stringify([item[names.pk], item[names.sk]]);
  if (place(was) !== place(is))
    return larger({ before: was, after: undefined }) + larger({ before: undefined, after: is });
  return JSON.stringify(was) === JSON.stringify(is) ? 0 : larger({ before: was, after: is });
}

function larger({ before, after }: Changed): number {
  const size = Math.max(before ? itemBytes(before) : 0, after ? itemBytes(after) : 0);
  return Math.ceil(size / KIB);
}
