import type { Position, Query } from './table.ts';

/** Sorts after every key: keys may not hold it. */
export const LAST = '\u{10ffff}';

/** Bounds of the sort key: from `low` (included) to `high` (not included), the position taken into account. */
export function sortRange(query: Query): { readonly low: string; readonly high: string } {
  const { low, high } = asked(query);
  if (query.after === undefined) return { low, high };
  const [after = ''] = placeOf(query.after, 1);
  return query.descending ? { low, high: earlier(high, after) } : { low: later(low, `${after}\u0000`), high };
}

/** Where an index query starts (all three not included) and the sort key that ends it. */
export function entryRange(query: Query): { readonly start: readonly [string, string, string]; readonly end: string } {
  const { low, high } = asked(query);
  const [first, end] = query.descending ? [high, low] : [low, high];
  const outermost = { start: [first, '', ''] as const, end };
  if (query.after === undefined) return outermost;
  const [isk = '', pk = '', sk = ''] = placeOf(query.after, 3);
  const inside = query.descending ? isBefore(isk, high) : !isBefore(isk, low);
  return inside ? { start: [isk, pk, sk], end } : outermost;
}

export function toPosition(parts: readonly unknown[]): Position {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** What is asked for, position aside: from `low` (included) to `high` (not included). */
export function asked({ prefix = '', from = '', to = LAST }: Query): { readonly low: string; readonly high: string } {
  return { low: later(prefix, from), high: earlier(`${prefix}${LAST}`, to) };
}

/** The parts a position was made of; throws when they are not that many texts. */
export function placeOf(position: Position, parts: number): readonly string[] {
  const place: unknown = JSON.parse(Buffer.from(position, 'base64url').toString());
  if (Array.isArray(place) && place.length === parts && place.every((part) => typeof part === 'string')) return place;
  throw new TypeError('this position is not of this list');
}

/** JavaScript compares UTF-16 units; the table, like DynamoDB, bytes of UTF-8. */
export function isBefore(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}
function later(a: string, b: string): string {
  return isBefore(a, b) ? b : a;
}
function earlier(a: string, b: string): string {
  return isBefore(b, a) ? b : a;
}
