import { createHash } from 'node:crypto';
import type { Hono } from 'hono';
import type { NumberType } from '../../../functions/domain/country.ts';
import type { JsonObject } from '../kernel/simulator-port.ts';
import { paged } from './replies.ts';

/** Where an address must lie, by type and country; who is not listed wants no papers (after the regulatory reference data). */
const WANTED: Readonly<Partial<Record<NumberType, Readonly<Record<string, string>>>>> = {
  local: {
    anywhere: 'DK FI IL',
    country: 'BE FR IE LU NL NO SE',
    area: 'AT AU CH CO ES ID IT JP PT SG',
    city: 'BG DE',
  },
  national: { anywhere: 'GE HK IL MT NO TR', country: 'AT DE JP' },
  mobile: { anywhere: 'FI IL', country: 'ID' },
  toll_free: { anywhere: 'AT AU CO DK TR', country: 'BE CH DE ES ID IE JP KR LU NL NO PT SE' },
};
const LIMITS: Readonly<Record<string, string>> = {
  anywhere: 'Any address in the world',
  country: 'Issued by the same country that the phone number belongs to',
  area: 'Within the same area as the phone number',
  city: 'Within the same city as the phone number',
};
/** Countries that take no order without a requirement group; elsewhere the order waits. */
const GROUP_FIRST = ['CH', 'DK', 'IT', 'NO', 'PT', 'SE'];

/** What a country asks for a type of number, in the carrier's words; empty: nothing. */
export function requirementTypes(country: string, type: string): readonly JsonObject[] {
  const scopes = WANTED[type as NumberType] ?? {};
  const scope = Object.keys(scopes).find((name) => scopes[name]?.split(' ').includes(country));
  if (scope === undefined) return [];
  const make = (name: string, kind: string, more: JsonObject) => ({
    record_type: 'requirement_type',
    id: uuidOf(`${country} ${type} ${name}`),
    name,
    type: kind,
    ...more,
    created_at: '2021-04-09T22:25:27.521Z',
    updated_at: '2021-04-09T22:25:27.521Z',
  });
  const proof = make('Proof of Address', 'document', {
    description: 'Proves that the end user has the address given',
    example: 'Utility bill, internet bill, phone bill, or lease',
    acceptance_criteria: { locality_limit: LIMITS[scope] ?? '', time_limit: 'Not older than 3 months' },
  });
  return [
    make('End User Name', 'textual', {
      description: 'Full name of the person or company that uses the number',
      example: 'Example Ltd',
      acceptance_criteria: { min_length: 2, max_length: 120 },
    }),
    make('End User Address', 'address', {
      description: 'Address of the person or company that uses the number',
      example: '1 Example Street',
      acceptance_criteria: { locality_limit: LIMITS[scope] ?? '' },
    }),
    ...(scope === 'area' || scope === 'city' || type === 'national' ? [proof] : []),
  ];
}

export function needsGroupFirst(country: string, type: string): boolean {
  return GROUP_FIRST.includes(country) && requirementTypes(country, type).length > 0;
}

export function requirementRoutes(app: Hono): void {
  app.get('/v2/requirements', (c) => {
    const country = c.req.query('filter[country_code]') ?? '';
    const type = c.req.query('filter[phone_number_type]') ?? '';
    const action = c.req.query('filter[action]') ?? 'ordering';
    const types = requirementTypes(country, type);
    const entry = {
      record_type: 'requirement',
      id: uuidOf(`${country} ${type} ${action}`),
      country_code: country,
      phone_number_type: type,
      action,
      locality: '',
      requirement_types: types,
      created_at: '2021-04-09T22:25:27.521Z',
      updated_at: '2021-04-09T22:25:27.521Z',
    };
    return paged(c, types.length > 0 ? [entry] : []);
  });
}

/** The same id at every start. */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
