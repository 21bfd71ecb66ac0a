import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { NumberType } from '../../../functions/domain/country.ts';

/** Digits after the country code, place, region, and the digits in all where they differ from the kind's usual count. */
const AreaRow = z.union([
  z.tuple([z.string(), z.string(), z.string()]),
  z.tuple([z.string(), z.string(), z.string(), z.int()]),
]);
const AreaTable = z.record(
  z.string(),
  z.partialRecord(NumberType, z.strictObject({ length: z.int(), areas: z.array(AreaRow).min(3) })),
);

export interface Area {
  readonly country: string;
  readonly type: NumberType;
  readonly areaCode: string;
  readonly locality: string;
  readonly region: string;
  /** Digits after the country code. */
  readonly length: number;
}

/** Places the simulated carriers sell numbers of: every country of the regulatory data with its kinds of number. */
export function readAreas(): readonly Area[] {
  const table = AreaTable.parse(JSON.parse(readFileSync(new URL('./areas.json', import.meta.url), 'utf8')));
  return Object.entries(table).flatMap(([country, kinds]) =>
    NumberType.options.flatMap((type) => {
      const kind = kinds[type];
      return (kind?.areas ?? []).map(([areaCode, locality, region, length]) => ({
        country,
        type,
        areaCode,
        locality,
        region,
        length: length ?? kind?.length ?? 0,
      }));
    }),
  );
}
