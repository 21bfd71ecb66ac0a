import * as z from 'zod';
import { anyOf, limitParameter, listOf, route, wholeNumber } from '../contract/route.ts';
import { CarrierId } from '../domain/carrier-id.ts';
import { CountryCode, Feature, NumberType } from '../domain/country.ts';
import { Alternative, AvailableNumber, CarrierAnswerView } from './schema.ts';

export const searchNumbers = route({
  method: 'get',
  path: '/v1/available-numbers',
  operationId: 'searchNumbers',
  summary: 'Search all carriers for numbers to buy',
  description:
    "Asks every eligible carrier at once and answers when the page is full or the deadline is over. `meta.carriers` names each carrier's outcome: an incomplete page is not an empty market.",
  tag: 'Search',
  roles: ['customer', 'tenant_admin', 'customer_success'],
  scope: 'tenant',
  keyScope: 'numbers:read',
  query: z.strictObject({
    country: CountryCode,
    type: NumberType.default('local'),
    areaCode: z
      .string()
      .regex(/^\d{1,6}$/, 'digits without the national 0')
      .optional(),
    region: z.string().min(1).max(80).optional(),
    locality: z.string().min(1).max(80).optional(),
    contains: z
      .string()
      .regex(/^[0-9A-Za-z]{2,15}$/, '2 to 15 digits or letters')
      .optional(),
    match: z.enum(['starts', 'anywhere', 'ends']).default('anywhere'),
    features: anyOf(Feature).optional().describe('All of them.'),
    maxMonthly: z
      .string()
      .regex(/^\d{1,9}(\.\d{1,6})?$/, 'a decimal like 2.00')
      .optional(),
    quantity: wholeNumber(1, 100).optional(),
    carrier: CarrierId.optional(),
    limit: limitParameter(20, 100),
  }),
  returns: listOf(AvailableNumber, { carriers: z.array(CarrierAnswerView), alternatives: z.array(Alternative) }),
  errors: ['InvalidInput'],
  codes: ['restricted_country', 'unsupported_country'],
});

const Capability = z.object({
  countries: z.union([z.literal('*'), z.array(z.string())]),
  types: z.array(NumberType),
  filters: z.array(z.string()),
  reserve: z.union([z.literal(false), z.object({ ttlSeconds: z.int() })]),
  purchase: z.enum(['sync', 'async']),
  papers: z.boolean(),
  features: z.array(Feature),
});
const CarrierView = z
  .object({
    object: z.literal('carrier'),
    id: CarrierId,
    name: z.string(),
    capabilities: z.array(Capability),
    credentials: z.enum(['simulated', 'present', 'missing']).optional(),
    paused: z.boolean().optional(),
  })
  .meta({ id: 'Carrier' });
export const listCarriers = route({
  method: 'get',
  path: '/v1/carriers',
  operationId: 'listCarriers',
  summary: 'Carriers and what each can do per country and type',
  tag: 'Carriers',
  roles: ['tenant_admin', 'customer_success', 'operator'],
  scope: 'platform',
  keyScope: 'numbers:read',
  returns: listOf(CarrierView),
  errors: [],
});
export const getCarrier = route({
  method: 'get',
  path: '/v1/carriers/{carrier}',
  operationId: 'getCarrier',
  summary: 'One carrier',
  tag: 'Carriers',
  roles: ['tenant_admin', 'customer_success', 'operator'],
  scope: 'platform',
  keyScope: 'numbers:read',
  params: z.strictObject({ carrier: z.string().max(40) }),
  returns: CarrierView,
  errors: ['NotFound'],
});
