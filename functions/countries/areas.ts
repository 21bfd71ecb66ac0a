import type { CountryCode, NumberType } from '../domain/country.ts';
import areas from './data/areas.json' with { type: 'json' };

export interface AreaRow {
  readonly areaCode: string;
  readonly name: string;
  readonly stock: 'plenty' | 'few' | 'none' | 'unknown';
}
const TABLE = areas as unknown as Readonly<Record<string, readonly (readonly [string, string])[] | undefined>>;
const MOST = 200;

/**
 * Places of a country with their area codes, from the numbering plan's geocoding; only geographic numbers have places.
 * @param q part of a place's name, or the beginning of an area code
 */
export function findAreas(
  country: CountryCode,
  type: NumberType | undefined,
  q: string | undefined,
): readonly AreaRow[] {
  if (type && type !== 'local') return [];
  const wanted = q?.trim().toLowerCase().replace(/^0/, '');
  const rows = (TABLE[country] ?? []).filter(
    ([code, name]) => !wanted || code.startsWith(wanted) || name.toLowerCase().includes(wanted),
  );
  return rows.slice(0, MOST).map(([areaCode, name]) => ({ areaCode, name, stock: 'unknown' }));
}

/** Name of the place a national number's prefix belongs to, by its longest known prefix. */
export function placeOf(country: CountryCode, nationalDigits: string): string | undefined {
  let best: readonly [string, string] | undefined;
  for (const row of TABLE[country] ?? [])
    if (nationalDigits.startsWith(row[0]) && row[0].length > (best?.[0].length ?? 0)) best = row;
  return best?.[1];
}
