import * as z from 'zod';
import { anyOf, flag, ListQuery } from '../contract/route.ts';
import { CarrierId } from '../domain/carrier-id.ts';
import { CountryCode } from '../domain/country.ts';
import { Ownership } from './schema.ts';
import { NumberStatus, RoutedTo } from './view-schema.ts';

const SORTS = ['number', 'ownership', 'name', 'routedTo', 'routingObject', 'updatedAt'] as const;
const DESCENDING = SORTS.map((name) => `-${name}` as const);

/** Filters and orders of the number list (api-map §6, S0-24). */
export const NumberQuery = z.strictObject({
  ...ListQuery.shape,
  country: anyOf(CountryCode).optional(),
  status: anyOf(NumberStatus).optional(),
  ownership: anyOf(Ownership).optional(),
  routedTo: anyOf(RoutedTo).optional(),
  carrier: anyOf(CarrierId).optional(),
  tag: anyOf(z.string().min(1).max(100)).optional(),
  reference: z.string().max(200).optional(),
  ouId: z.string().min(1).max(40).optional().describe('Numbers of this release belong to no organisation unit.'),
  assigned: flag().optional().describe('`false`: routed to nobody, available for assignment.'),
  serviceNumber: flag().optional(),
  attention: anyOf(z.string().min(1).max(60))
    .optional()
    .describe('Kinds of attention, or `true` / `false` for any / none.'),
  q: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('A run of digits in any notation, part of a name or of a reference.'),
  createdAfter: z.iso.datetime().optional(),
  createdBefore: z.iso.datetime().optional(),
  sort: z
    .enum([...SORTS, ...DESCENDING])
    .optional()
    .describe('`number` unless given.'),
});
export type NumberQuery = z.infer<typeof NumberQuery>;
