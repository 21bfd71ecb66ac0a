import * as z from 'zod';
import { CarrierId } from '../domain/carrier-id.ts';
import { CountryCode, Feature, NumberType } from '../domain/country.ts';
import { E164 } from '../domain/e164.ts';
import { NumberId, RequestId, TenantId } from '../domain/ids.ts';
import { Money } from '../domain/money.ts';

const Refs = z.object({
  orderId: z.string().optional(),
  numberId: z.string().optional(),
  reservationId: z.string().optional(),
});

/** `Refusal` of the carriers' port, as it is kept. */
const KnownRefusal = z.object({
  class: z.enum(['CarrierBusy', 'NumberUnavailable', 'CarrierUnusable', 'DocumentsRequired', 'CarrierRefused']),
  code: z.enum([
    ...['rate_limited', 'carrier_down', 'timeout', 'not_available', 'owned_by_other', 'reservation_expired'],
    ...['auth', 'insufficient_funds', 'malformed_reply', 'documents_required', 'document_rejected', 'address_invalid'],
    ...['bad_number', 'restricted_country', 'not_portable', 'not_owned', 'other'],
  ] as const),
  carrierCode: z.string().optional(),
  carrierText: z.string().optional(),
  retryAfterSeconds: z.number().optional(),
  notProcessed: z.boolean().optional(),
});
export type KnownRefusal = z.infer<typeof KnownRefusal>;

/**
 * The intent to buy one named number (reliability §2 step 5). `recorded`: nothing left; `sent`: an order may have;
 * `bought`: the carrier has it for us; `settled`: it is in the inventory; `refused`: confirmed; `withdrawn`: given up unsent.
 */
export const Intent = z.object({
  tenantId: TenantId,
  requestId: RequestId,
  item: z.int(),
  attempt: z.int(),
  state: z.enum(['recorded', 'sent', 'bought', 'settled', 'refused', 'withdrawn']),
  number: E164,
  carrier: CarrierId,
  country: CountryCode,
  type: NumberType,
  areaCode: z.string().optional(),
  locality: z.string().optional(),
  features: z.array(Feature),
  /** What was asked for; a bought number without it is told (P18). */
  wantedFeatures: z.array(Feature),
  monthly: Money.optional(),
  setup: Money.optional(),
  /** Sent to the carrier: `<request>.<item>.<attempt>`. */
  reference: z.string(),
  refs: Refs,
  papers: z
    .object({ bundleId: z.string().optional(), addressId: z.string().optional(), endUserId: z.string().optional() })
    .optional(),
  /** How often the order itself left: more than once only after answers documented as not processed. */
  sends: z.int(),
  probes: z.int(),
  /** How the last look ended while `sent`. */
  lastOutcome: z.enum(['accepted', 'unclear', 'later']).optional(),
  reviewing: z.boolean().optional(),
  /** A person's word on an unclear order. */
  verdict: z.enum(['bought', 'not_bought']).optional(),
  carrierNumberId: z.string().optional(),
  boughtFeatures: z.array(Feature).optional(),
  failure: z.object({ code: z.string(), detail: z.string() }).optional(),
  /** A refusal that no probe has confirmed yet, since none got an answer (step 7). */
  refusal: KnownRefusal.optional(),
  /** Class of the refusal: what to do next. */
  refusalClass: z.string().optional(),
  numberId: NumberId.optional(),
  /** What a person should know though the number is bought: `feature_missing`, `assignment_failed`, `configuration_pending`. */
  issue: z.string().optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  version: z.int(),
});
export type Intent = z.infer<typeof Intent>;

/** Holds a number for one intent, across all tenants (step 4). */
export const Claim = z.object({
  tenantId: TenantId,
  requestId: RequestId,
  reference: z.string(),
  at: z.iso.datetime(),
});
export type Claim = z.infer<typeof Claim>;
