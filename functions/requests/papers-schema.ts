import * as z from 'zod';
import { CarrierId } from '../domain/carrier-id.ts';
import { CountryCode } from '../domain/country.ts';
import { BundleId, DocumentId } from '../domain/ids.ts';

export const Address = z.strictObject({
  lines: z.array(z.string().min(1).max(100)).min(1).max(4),
  city: z.string().min(1).max(80),
  region: z.string().max(80).optional(),
  postalCode: z.string().min(1).max(20),
  country: CountryCode,
});
export type Address = z.infer<typeof Address>;

/** One thing that must be handed in, and how far it is. */
export const RequirementOnRequest = z.object({
  requirementId: z.string(),
  kind: z.enum(['document', 'text', 'address']),
  name: z.string(),
  description: z.string(),
  required: z.boolean(),
  acceptedEvidence: z.array(z.string()),
  maxAgeMonths: z.int().optional(),
  addressScope: z.enum(['world', 'country', 'area', 'city']).optional(),
  state: z.enum(['missing', 'received', 'accepted', 'rejected', 'waived']),
  documentId: DocumentId.optional(),
  value: z.string().optional(),
  address: Address.optional(),
  remark: z.string().optional(),
});
export type RequirementOnRequest = z.infer<typeof RequirementOnRequest>;

/** The papers of a request at the carrier they are meant for. */
export const PapersOnRequest = z.object({
  /** Carrier whose list this is; absent while only the data file was asked. */
  carrier: CarrierId.optional(),
  /** False: nobody knows the list ("unknown", never "none"): customer success completes it. */
  known: z.boolean(),
  state: z.enum(['open', 'submitted', 'in_review', 'approved', 'provisionally_approved', 'rejected']),
  refs: z
    .object({
      bundleId: z.string().optional(),
      addressId: z.string().optional(),
      endUserId: z.string().optional(),
      documentIds: z.array(z.string()).optional(),
    })
    .optional(),
  submittedAt: z.iso.datetime().optional(),
  remark: z.string().optional(),
  /** The set of papers they are taken from, while that can be ordered with. */
  bundle: BundleId.optional(),
  revision: z.int(),
});
export type PapersOnRequest = z.infer<typeof PapersOnRequest>;

/** What the workflow does next about papers. */
export const PapersOutcome = z.object({
  outcome: z.enum(['ready', 'missing', 'in_review', 'not_agreed', 'ended', 'hold']),
});
export type PapersOutcome = z.infer<typeof PapersOutcome>;
