import * as z from 'zod';
import { CarrierId } from '../domain/carrier-id.ts';
import { CountryCode, Feature, NumberType } from '../domain/country.ts';
import { E164 } from '../domain/e164.ts';
import { NumberId, RequestId, TenantId, UserId } from '../domain/ids.ts';
import { Money, MonthlyPrice } from '../domain/money.ts';
import { Target } from '../tenants/schema.ts';

const Instant = z.iso.datetime();

/** Ownership of a number, orthogonal to its lifecycle (S0-8): pre_provisioned → private | shared, shared → private. */
export const Ownership = z.enum(['pre_provisioned', 'private', 'shared']);
export type Ownership = z.infer<typeof Ownership>;

/** Who or what a number rings, and whose it is (api-map §6). */
export const Assignment = z.strictObject({
  ownership: Ownership,
  target: Target.optional(),
  primary: z.boolean().optional(),
  presentableBy: z.strictObject({ users: z.array(UserId).max(200), ouIds: z.array(z.string()).max(50) }).optional(),
});
export type Assignment = z.infer<typeof Assignment>;

export const NumberState = z.enum([
  'reserved',
  'pending',
  'awaiting_documents',
  'active',
  'past_due',
  'suspended',
  'canceling',
  'releasing',
  'quarantined',
  'released',
  'porting_in',
  'porting_out',
  'ported_out',
  'failed',
  'lost',
]);
export type NumberState = z.infer<typeof NumberState>;

/** A number in somebody's inventory (`NUM#<e164>` / `NUMBER`). */
export const NumberRecord = z.object({
  id: NumberId,
  object: z.literal('number'),
  number: E164,
  /** Counts how often this E.164 came to us: a late release of an earlier life changes nothing (B3). */
  generation: z.int(),
  tenantId: TenantId.optional(),
  state: NumberState,
  ownership: Ownership,
  /** Given name; absent: the number itself (S0-26). */
  name: z.string().optional(),
  description: z.string().optional(),
  country: CountryCode,
  type: NumberType,
  areaCode: z.string().optional(),
  locality: z.string().optional(),
  features: z.array(Feature),
  serviceNumber: z.boolean(),
  carrier: CarrierId,
  carrierNumberId: z.string(),
  /** Our reference at the carrier. */
  carrierReference: z.string(),
  monthly: MonthlyPrice.optional(),
  setup: Money.optional(),
  assignment: Assignment,
  /** True once our webhook and fallback addresses stand at the carrier (A4). */
  configured: z.boolean(),
  attention: z.array(z.string()),
  tags: z.array(z.string()),
  metadata: z.record(z.string(), z.string()),
  reference: z.string().optional(),
  numberRequestId: RequestId.optional(),
  startedOn: z.string(),
  createdAt: Instant,
  updatedAt: Instant,
  version: z.int(),
});
export type NumberRecord = z.infer<typeof NumberRecord>;
