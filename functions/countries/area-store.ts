import type { CountryCode, NumberType } from '../domain/country.ts';
import { onceReady } from '../platform/once-ready.ts';

export interface AreaRow {
  readonly areaCode: string;
  readonly name: string;
  /**
   * Always unknown so far: carriers alone know it, and this room may not ask them. What a search found is a page of it, kept
   * for seconds by another function; a search by area code says what there is (S2-12).
   */
  readonly stock: 'plenty' | 'few' | 'none' | 'unknown';
}
/** Places by the numbering plan's geocoding; only geographic numbers have places. */
export interface Areas {
  /**
   * Places of a country with their area codes.
   * @param q part of a place's name, or the beginning of an area code
   */
  find(country: CountryCode, type: NumberType | undefined, q: string | undefined): readonly AreaRow[];
  /** Area code and place of a geographic number by its longest known prefix; undefined when the data has none. */
  placeOf(
    country: CountryCode,
    nationalDigits: string,
  ): { readonly areaCode: string; readonly name: string } | undefined;
}
type Rows = Readonly<Record<string, readonly (readonly [string, string])[] | undefined>>;

const LONGEST_PREFIX = 6;

/** The data is read on first use: a third of a megabyte that most calls do without (performance §3). */
export const loadAreas: () => Promise<Areas> = onceReady(async () => {
  const { default: rows } = await import('./data/areas.json', { with: { type: 'json' } });
  return areasOf(rows as unknown as Rows);
});

function areasOf(rows: Rows): Areas {
  /** Prefix → place of a country, made once on first use: a search looks up every number it found. */
  const prefixes = new Map<string, ReadonlyMap<string, string>>();
  const prefixesOf = (country: CountryCode): ReadonlyMap<string, string> => {
    const known = prefixes.get(country) ?? new Map(rows[country] ?? []);
    prefixes.set(country, known);
    return known;
  };
  return {
    find(country, type, q) {
      if (type && type !== 'local') return [];
      const wanted = q?.trim().toLowerCase().replace(/^0/, '');
      const found = (rows[country] ?? []).filter(
        ([code, name]) => !wanted || code.startsWith(wanted) || name.toLowerCase().includes(wanted),
      );
      return found.map(([areaCode, name]) => ({ areaCode, name, stock: 'unknown' }));
    },
    placeOf(country, nationalDigits) {
      const known = prefixesOf(country);
      for (let length = LONGEST_PREFIX; length > 0; length--) {
        const areaCode = nationalDigits.slice(0, length);
        const name = known.get(areaCode);
        if (name !== undefined) return { areaCode, name };
      }
      return undefined;
    },
  };
}
