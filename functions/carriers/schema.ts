import * as z from 'zod';
import { CarrierId } from '../domain/carrier-id.ts';
import { CountryCode, Feature, NumberType } from '../domain/country.ts';
import { E164 } from '../domain/e164.ts';
import { Money, MonthlyPrice } from '../domain/money.ts';

/** A number that may be bought now, as search shows it (api-map §3). */
export const AvailableNumber = z
  .object({
    object: z.literal('available_number'),
    number: E164,
    country: CountryCode,
    type: NumberType,
    areaCode: z.string().nullable(),
    locality: z.string().nullable(),
    region: z.string().nullable(),
    features: z.array(Feature),
    monthly: MonthlyPrice.optional(),
    priceOnRequest: z.literal(true).optional(),
    setup: Money.optional(),
    premium: z.boolean(),
    requirements: z.array(
      z.object({ requirementId: z.string(), kind: z.enum(['document', 'text', 'address']), name: z.string() }),
    ),
    carrier: CarrierId,
    holdable: z.boolean(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'AvailableNumber' });

export const CarrierAnswerView = z.object({
  carrier: CarrierId,
  outcome: z.enum(['ok', 'empty', 'timeout', 'error', 'skipped']),
  count: z.int(),
  latencyMs: z.int(),
  code: z.string().optional(),
});
export const Alternative = z.object({ areaCode: z.string(), locality: z.string().optional() });
