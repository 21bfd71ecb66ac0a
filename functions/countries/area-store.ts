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

/** Prefix → place of a country, made once on first use: a search looks up every number it found. */
const prefixes = new Map<string, ReadonlyMap<string, string>>();
function prefixesOf(country: CountryCode): ReadonlyMap<string, string> {
  const known = prefixes.get(country) ?? new Map(TABLE[country] ?? []);
  prefixes.set(country, known);
  return known;
}
const LONGEST_PREFIX = 6;

/** Area code and place of a geographic number by its longest known prefix; undefined when the plan's data has none. */
export function placeOf(
  country: CountryCode,
  nationalDigits: string,
): { readonly areaCode: string; readonly name: string } | undefined {
  const known = prefixesOf(country);
  for (let length = LONGEST_PREFIX; length > 0; length--) {
    const areaCode = nationalDigits.slice(0, length);
    const name = known.get(areaCode);
    if (name !== undefined) return { areaCode, name };
  }
  return undefined;
}
