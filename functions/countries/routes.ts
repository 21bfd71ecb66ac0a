import * as z from 'zod';
import { anyOf, ListQuery, limitParameter, listOf, route } from '../contract/route.ts';
import { CarrierId } from '../domain/carrier-id.ts';
import { CountryClass, CountryCode, NumberType, Region, Subject } from '../domain/country.ts';
import { Country, PolicyOverride } from './schema.ts';

const tag = 'Countries';
const roles = ['customer', 'tenant_admin', 'customer_success', 'operator'] as const;
/** All countries fit one page unless fewer are asked for. */
const PageQuery = z.strictObject({ ...ListQuery.shape, limit: limitParameter(200) });
const Code = z.strictObject({ code: CountryCode });

export const listCountries = route({
  method: 'get',
  path: '/v1/countries',
  operationId: 'listCountries',
  summary: 'Countries and what their policy demands',
  tag,
  roles,
  scope: 'platform',
  keyScope: 'countries:read',
  query: z.strictObject({
    ...PageQuery.shape,
    region: anyOf(Region).optional(),
    class: anyOf(CountryClass).optional(),
    q: z.string().max(80).optional(),
  }),
  returns: listOf(Country),
  errors: ['Malformed'],
});
export const getCountry = route({
  method: 'get',
  path: '/v1/countries/{code}',
  operationId: 'getCountry',
  summary: 'One country',
  description: 'A valid code that is not listed is of class `unsupported`.',
  tag,
  roles,
  scope: 'platform',
  keyScope: 'countries:read',
  params: z.strictObject({ code: z.string().max(10) }),
  returns: Country,
  errors: ['NotFound'],
});

const Requirement = z.object({
  requirementId: z.string(),
  kind: z.enum(['document', 'text', 'address']),
  name: z.string(),
  description: z.string(),
  required: z.boolean(),
  acceptedEvidence: z.array(z.string()),
  maxAgeMonths: z.int().optional(),
  addressScope: z.enum(['world', 'country', 'area', 'city']).optional(),
});
export const listCountryRequirements = route({
  method: 'get',
  path: '/v1/countries/{code}/requirements',
  operationId: 'listCountryRequirements',
  summary: 'Papers a kind of number needs',
  description:
    '`meta.known: false` means unknown, never none. Where `carrier` names one that sells there and has a requirement service, the list is its own (`meta.source: carrier`); else, when it does not answer, and for countries that need an approval before any carrier is asked, it is that of the data file.',
  tag,
  roles,
  scope: 'platform',
  keyScope: 'countries:read',
  params: z.strictObject({ code: z.string().max(10) }),
  query: z.strictObject({
    ...PageQuery.shape,
    type: NumberType.default('local'),
    subject: Subject.default('business'),
    action: z.enum(['ordering', 'porting']).default('ordering'),
    carrier: CarrierId.optional().describe('Whose list is wanted, where the carrier has one of its own.'),
  }),
  returns: listOf(Requirement, { known: z.boolean(), source: z.enum(['carrier', 'data_file']) }),
  errors: ['Malformed', 'NotFound'],
});

export const Area = z.object({
  areaCode: z.string(),
  name: z.string(),
  region: z.string().optional(),
  stock: z
    .enum(['plenty', 'few', 'none', 'unknown'])
    .describe('`unknown` where no carrier was asked: a search by area code tells what there is, or what is near.'),
  timeZone: z.string().optional(),
});
export const listAreas = route({
  method: 'get',
  path: '/v1/countries/{code}/areas',
  operationId: 'listAreas',
  summary: 'Places with their area codes',
  tag,
  roles: ['customer', 'tenant_admin', 'customer_success'],
  scope: 'platform',
  keyScope: 'countries:read',
  params: z.strictObject({ code: z.string().max(10) }),
  query: z.strictObject({
    ...PageQuery.shape,
    type: NumberType.optional(),
    q: z.string().max(80).optional(),
  }),
  returns: listOf(Area),
  errors: ['Malformed', 'NotFound'],
});

export const setCountryPolicy = route({
  method: 'put',
  path: '/v1/countries/{code}/policy',
  operationId: 'setCountryPolicy',
  summary: 'Override a country: operators for the platform, customer success for one tenant',
  tag,
  roles: ['customer_success', 'operator'],
  scope: 'platform',
  ifMatch: 'accepted',
  params: Code,
  body: PolicyOverride,
  returns: Country,
  errors: ['NotFound', 'InvalidInput', 'Malformed', 'Stale'],
  codes: ['tenant_required'],
});
export const removeCountryPolicy = route({
  method: 'delete',
  path: '/v1/countries/{code}/policy',
  operationId: 'removeCountryPolicy',
  summary: 'Take the overrides of a country back',
  tag,
  roles: ['customer_success', 'operator'],
  scope: 'platform',
  params: Code,
  errors: ['NotFound', 'Malformed'],
  codes: ['tenant_required'],
});
