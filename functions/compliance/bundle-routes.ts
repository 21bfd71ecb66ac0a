import * as z from 'zod';
import { anyOf, ListQuery, listOf, route } from '../contract/route.ts';
import { CarrierId } from '../domain/carrier-id.ts';
import { CountryCode, NumberType, Subject } from '../domain/country.ts';
import { BundleId, DocumentId, EndUserId } from '../domain/ids.ts';
import { Address } from '../requests/papers-schema.ts';
import { Bundle, BundleState } from './bundle-schema.ts';

const bundle = {
  tag: 'Papers',
  roles: ['tenant_admin', 'customer_success'],
  scope: 'tenant',
} as const;
const reads = { ...bundle, keyScope: 'documents:read' } as const;
const writes = { ...bundle, keyScope: 'documents:write' } as const;
const Id = z.strictObject({ id: BundleId });

export const BundleView = Bundle.omit({
  tenantId: true,
  refs: true,
  createdBy: true,
  submittedBy: true,
  taskId: true,
  version: true,
}).meta({ id: 'Bundle' });
const Handed = {
  documentId: DocumentId,
  value: z.string().min(1).max(500),
  address: Address,
};
const RequirementName = z.string().min(1).max(80);
const NewItem = z.strictObject({
  requirementId: RequirementName,
  documentId: Handed.documentId.optional(),
  value: Handed.value.optional(),
  address: Handed.address.optional(),
});
const ChangedItem = z.strictObject({
  requirementId: RequirementName,
  documentId: Handed.documentId.nullable().optional(),
  value: Handed.value.nullable().optional(),
  address: Handed.address.nullable().optional(),
});
const MOST_ITEMS = 20;
const FROM_CARRIER =
  'What is needed is the data file’s list at first; in standard and special countries the carrier’s own list takes its place a moment later, and keeps what was handed in.';

export const createBundle = route({
  ...writes,
  method: 'post',
  path: '/v1/bundles',
  operationId: 'createBundle',
  summary: 'Begin a set of papers for an end user, a country and a carrier',
  description: FROM_CARRIER,
  idempotency: 'accepted',
  body: z.strictObject({
    country: CountryCode,
    carrier: CarrierId,
    type: NumberType.optional(),
    action: z.enum(['ordering', 'porting']).optional(),
    subject: Subject.optional().describe('Who the end user is; `endUserId` overrides it.'),
    endUserId: EndUserId.optional(),
    items: z.array(NewItem).max(MOST_ITEMS).optional(),
  }),
  returns: BundleView,
  status: 201,
  errors: ['InvalidInput'],
  codes: [
    'papers_not_supported',
    'unknown_carrier',
    'unknown_end_user',
    'unknown_document',
    'unknown_requirement',
    'wrong_kind',
  ],
});
export const listBundles = route({
  ...reads,
  method: 'get',
  path: '/v1/bundles',
  operationId: 'listBundles',
  summary: 'Sets of papers',
  query: z.strictObject({
    ...ListQuery.shape,
    state: anyOf(BundleState).optional(),
    country: anyOf(CountryCode).optional(),
    carrier: anyOf(CarrierId).optional(),
    endUserId: EndUserId.optional(),
  }),
  returns: listOf(BundleView),
  errors: ['Malformed'],
});
export const getBundle = route({
  ...reads,
  method: 'get',
  path: '/v1/bundles/{id}',
  operationId: 'getBundle',
  summary: 'One set of papers: what is asked for, and how far it is',
  params: Id,
  returns: BundleView,
  errors: ['NotFound'],
});
export const changeBundle = route({
  ...writes,
  method: 'patch',
  path: '/v1/bundles/{id}',
  operationId: 'changeBundle',
  summary: 'Hand in items of a draft, or name its end user',
  description:
    'Items are found by `requirementId`; those not named stay as they are, `null` takes back what was handed in.',
  ifMatch: 'accepted',
  params: Id,
  body: z.strictObject({
    endUserId: EndUserId.nullable().optional(),
    items: z.array(ChangedItem).max(MOST_ITEMS).optional(),
  }),
  returns: BundleView,
  errors: ['NotFound', 'Conflict', 'Stale', 'InvalidInput'],
  codes: ['wrong_state', 'unknown_end_user', 'unknown_document', 'unknown_requirement', 'wrong_kind'],
});
export const submitBundle = route({
  ...writes,
  method: 'post',
  path: '/v1/bundles/{id}/submission',
  operationId: 'submitBundle',
  summary: 'Give a draft to its carrier for review',
  description:
    'Answers 202; the carrier is asked after that. Its requirements are looked up once more: what is newly asked for takes the bundle back to `draft` with those items missing.',
  idempotency: 'required',
  ifMatch: 'accepted',
  params: Id,
  returns: BundleView,
  status: 202,
  errors: ['NotFound', 'Conflict', 'Stale', 'InvalidInput'],
  codes: ['wrong_state', 'papers_not_supported', 'documents_required', 'restricted_country', 'unsupported_country'],
});
export const withdrawBundle = route({
  ...writes,
  method: 'post',
  path: '/v1/bundles/{id}/withdrawal',
  operationId: 'withdrawBundle',
  summary: 'Give up a draft, or a set that was rejected or has expired',
  idempotency: 'accepted',
  ifMatch: 'accepted',
  params: Id,
  returns: BundleView,
  status: 200,
  errors: ['NotFound', 'Conflict', 'Stale'],
  codes: ['wrong_state'],
});
export const copyBundle = route({
  ...writes,
  method: 'post',
  path: '/v1/bundles/{id}/copies',
  operationId: 'copyBundle',
  summary: 'A new draft with what was handed in: to correct or to renew a set',
  idempotency: 'accepted',
  params: Id,
  returns: BundleView,
  status: 201,
  errors: ['NotFound'],
});
export const judgeBundle = route({
  ...bundle,
  roles: ['customer_success'],
  method: 'post',
  path: '/v1/bundles/{id}/verdict',
  operationId: 'judgeBundle',
  summary: 'Enter the verdict of a carrier without an interface',
  idempotency: 'accepted',
  ifMatch: 'accepted',
  params: Id,
  body: z.strictObject({
    verdict: z.enum(['approved', 'rejected']),
    remark: z.string().min(1).max(500).optional(),
    validUntil: z.iso.datetime().optional(),
    items: z
      .array(z.strictObject({ requirementId: RequirementName, remark: z.string().min(1).max(500) }))
      .max(50)
      .optional()
      .describe('Why single items were turned down.'),
  }),
  returns: BundleView,
  status: 200,
  errors: ['NotFound', 'Conflict', 'Stale', 'InvalidInput'],
  codes: ['wrong_state', 'carrier_decides', 'unknown_requirement', 'past_time'],
});
export const bundleRoutes = [
  createBundle,
  listBundles,
  getBundle,
  changeBundle,
  submitBundle,
  withdrawBundle,
  copyBundle,
  judgeBundle,
] as const;
