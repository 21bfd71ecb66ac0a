import * as z from 'zod';
import { CarrierId } from '../domain/carrier-id.ts';
import { CountryCode, NumberType, Subject } from '../domain/country.ts';
import { BundleId, EndUserId, TaskId, TenantId, UserId } from '../domain/ids.ts';
import { RequirementOnRequest } from '../requests/papers-schema.ts';

const Instant = z.iso.datetime();
/** Life of a bundle (DESIGN §3, regulatory §4). */
export const BundleState = z.enum([
  'draft',
  'submitted',
  'in_review',
  'approved',
  'provisionally_approved',
  'rejected',
  'expiring',
  'expired',
  'withdrawn',
]);
export type BundleState = z.infer<typeof BundleState>;

/** One thing the country or the carrier asks for, what was handed in for it, and what was said about that. */
export const BundleItem = RequirementOnRequest.omit({ state: true, remark: true }).extend({
  state: z.enum(['missing', 'received', 'accepted', 'rejected']),
  remarks: z.array(z.string()),
});
export type BundleItem = z.infer<typeof BundleItem>;

/** Papers handed in together for one end user, country, kind of number and carrier; reused by later requests. */
export const Bundle = z.object({
  id: BundleId,
  object: z.literal('bundle'),
  tenantId: TenantId,
  country: CountryCode,
  type: NumberType,
  action: z.enum(['ordering', 'porting']),
  subject: Subject,
  endUserId: EndUserId.optional(),
  carrier: CarrierId,
  state: BundleState,
  items: z.array(BundleItem),
  /** Whose list `items` is; nobody's when what is needed is not known. */
  listedBy: z.enum(['carrier', 'data_file', 'nobody']),
  /** What was said about the set as a whole. */
  remark: z.string().optional(),
  /** Until when the carrier takes it. */
  validUntil: Instant.optional(),
  copyOf: BundleId.optional(),
  /** The carrier's own names for it. */
  refs: z
    .object({
      bundleId: z.string().optional(),
      addressId: z.string().optional(),
      endUserId: z.string().optional(),
      documentIds: z.array(z.string()).optional(),
    })
    .optional(),
  createdBy: UserId,
  submittedBy: z.object({ id: UserId, name: z.string(), email: z.string() }).optional(),
  submittedAt: Instant.optional(),
  /** The inbox task that stands for it: a review by hand, or a renewal. */
  taskId: TaskId.optional(),
  createdAt: Instant,
  updatedAt: Instant,
  version: z.int(),
});
export type Bundle = z.infer<typeof Bundle>;

export const USABLE: readonly BundleState[] = ['approved', 'provisionally_approved', 'expiring'];
/** True when numbers may be ordered with it at this moment. Pure. */
export const isUsable = (bundle: Pick<Bundle, 'state' | 'validUntil'>, at: Date): boolean =>
  USABLE.includes(bundle.state) && (bundle.validUntil === undefined || Date.parse(bundle.validUntil) > at.getTime());
