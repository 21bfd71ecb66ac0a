import * as z from 'zod';

/** ISO 3166-1 alpha-2 code, upper case. Whether the country is known or offered is the policy's matter. */
export const CountryCode = z
  .string()
  .regex(/^[A-Z]{2}$/, 'an ISO 3166-1 alpha-2 code, like GB')
  .brand<'CountryCode'>();
export type CountryCode = z.infer<typeof CountryCode>;

/** What a country's policy demands before anything is bought (S0-36..S0-42). */
export const CountryClass = z.enum(['standard', 'special', 'restricted', 'unsupported']);
export type CountryClass = z.infer<typeof CountryClass>;

/** Groups of countries (S0-37). */
export const Region = z.enum(['US', 'UK', 'APAC', 'EEA', 'LATAM', 'MEA', 'NA']);
export type Region = z.infer<typeof Region>;

/** Kinds of number (S2-2, S3-2). */
export const NumberType = z.enum(['local', 'national', 'mobile', 'toll_free', 'shared_cost']);
export type NumberType = z.infer<typeof NumberType>;

export const Feature = z.enum(['voice', 'sms', 'mms', 'fax']);
export type Feature = z.infer<typeof Feature>;

/** Who the end user of the number is; papers differ between the two. */
export const Subject = z.enum(['business', 'individual']);
export type Subject = z.infer<typeof Subject>;
