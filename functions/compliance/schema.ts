import * as z from 'zod';
import { Subject } from '../domain/country.ts';
import { BundleId, DocumentId, EndUserId, RequestId, TenantId, UserId } from '../domain/ids.ts';
import { Address } from '../requests/papers-schema.ts';

const Instant = z.iso.datetime();
export const DocumentState = z.enum(['awaiting_upload', 'checking', 'received', 'accepted', 'rejected', 'expired']);

/** A paper handed in; the file itself lies in blobs under a random name. */
export const DocumentRecord = z.object({
  id: DocumentId,
  object: z.literal('document'),
  tenantId: TenantId,
  kind: z.string(),
  state: DocumentState,
  fileName: z.string(),
  contentType: z.string(),
  size: z.int(),
  sha256: z.string().optional(),
  remark: z.string().optional(),
  issuedOn: z.iso.date().optional(),
  expiresOn: z.iso.date().optional(),
  numberRequestId: RequestId.optional(),
  /** Further requests it was handed in for. */
  usedBy: z.array(RequestId).optional(),
  /** Sets of papers it was put into. */
  inBundles: z.array(BundleId).optional(),
  requirementId: z.string().optional(),
  endUserId: EndUserId.optional(),
  uploadedBy: UserId,
  blobKey: z.string(),
  createdAt: Instant,
  updatedAt: Instant,
  version: z.int(),
});
export type DocumentRecord = z.infer<typeof DocumentRecord>;

/** The person or business that really uses the number, never the reseller (regulatory §1). */
export const EndUser = z.object({
  id: EndUserId,
  object: z.literal('end_user'),
  tenantId: TenantId,
  subject: Subject,
  name: z.string().min(1).max(200),
  fields: z.record(z.string(), z.string()),
  addresses: z.array(Address),
  createdAt: Instant,
  updatedAt: Instant,
  version: z.int(),
});
export type EndUser = z.infer<typeof EndUser>;
