import * as z from 'zod';
import { CountryClass, CountryCode, NumberType, Region } from '../domain/country.ts';

/** A country as the policy sees it at one moment (S0-36, S0-37). */
export const Country = z
  .object({
    object: z.literal('country'),
    code: CountryCode,
    name: z.string(),
    dialCode: z.string().describe('With plus sign, +44.'),
    region: Region.optional(),
    class: CountryClass,
    numberTypes: z.array(NumberType).describe('Kinds that are sold here; empty for unsupported countries.'),
    notes: z.string().optional(),
  })
  .meta({ id: 'Country' });
export type Country = z.infer<typeof Country>;

/** A dated override of a country's policy, for the platform or for one tenant. */
export const PolicyOverride = z.strictObject({
  class: CountryClass,
  region: Region.optional(),
  notes: z.string().max(500).optional(),
  validFrom: z.iso.date().optional().describe('Default: today.'),
});
export type PolicyOverride = z.infer<typeof PolicyOverride>;
