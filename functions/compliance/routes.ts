import * as z from 'zod';
import { anyOf, ListQuery, listOf, route } from '../contract/route.ts';
import { DocumentId, EndUserId, RequestId } from '../domain/ids.ts';
import { bundleRoutes } from './bundle-routes.ts';
import { endUserRoutes } from './end-user-routes.ts';
import { DocumentRecord, DocumentState } from './schema.ts';

const tag = 'Papers';
const roles = ['customer', 'tenant_admin', 'customer_success'] as const;
const Upload = z.object({
  method: z.literal('PUT'),
  url: z.url(),
  headers: z.record(z.string(), z.string()),
  expiresAt: z.iso.datetime(),
});

export const DocumentView = DocumentRecord.omit({ blobKey: true, version: true, tenantId: true, inBundles: true })
  .extend({ usedBy: z.array(z.string()), upload: Upload.optional() })
  .meta({ id: 'Document' });
const Id = z.strictObject({ id: DocumentId });

export const createDocument = route({
  method: 'post',
  path: '/v1/documents',
  operationId: 'createDocument',
  summary: 'Announce a paper and get the link its bytes go to',
  tag,
  roles,
  scope: 'tenant',
  keyScope: 'documents:write',
  idempotency: 'accepted',
  body: z.strictObject({
    kind: z.string().min(1).max(60),
    fileName: z.string().min(1).max(200),
    contentType: z.string().min(1).max(100),
    size: z.int().min(1),
    numberRequestId: RequestId.optional(),
    requirementId: z.string().min(1).max(80).optional(),
    endUserId: EndUserId.optional(),
    issuedOn: z.iso.date().optional(),
    expiresOn: z.iso.date().optional(),
  }),
  returns: DocumentView,
  status: 201,
  errors: ['InvalidInput'],
  codes: ['file_too_large', 'file_type_not_allowed', 'unknown_request'],
});
export const listDocuments = route({
  method: 'get',
  path: '/v1/documents',
  operationId: 'listDocuments',
  summary: 'Papers',
  tag,
  roles,
  scope: 'tenant',
  keyScope: 'documents:read',
  query: z.strictObject({
    ...ListQuery.shape,
    numberRequestId: RequestId.optional(),
    state: anyOf(DocumentState).optional(),
  }),
  returns: listOf(DocumentView),
  errors: ['Malformed'],
});
export const getDocument = route({
  method: 'get',
  path: '/v1/documents/{id}',
  operationId: 'getDocument',
  summary: 'One paper: state and facts, never its content',
  tag,
  roles,
  scope: 'tenant',
  keyScope: 'documents:read',
  params: Id,
  returns: DocumentView,
  errors: ['NotFound'],
});
export const changeDocument = route({
  method: 'patch',
  path: '/v1/documents/{id}',
  operationId: 'changeDocument',
  summary: 'Dates and requirement of a paper',
  tag,
  roles,
  scope: 'tenant',
  keyScope: 'documents:write',
  ifMatch: 'accepted',
  params: Id,
  body: z.strictObject({
    issuedOn: z.iso.date().nullable().optional(),
    expiresOn: z.iso.date().nullable().optional(),
    requirementId: z.string().min(1).max(80).nullable().optional(),
  }),
  returns: DocumentView,
  errors: ['NotFound', 'Stale', 'InvalidInput'],
});
export const deleteDocument = route({
  method: 'delete',
  path: '/v1/documents/{id}',
  operationId: 'deleteDocument',
  summary: 'Delete a paper nothing depends on',
  tag,
  roles,
  scope: 'tenant',
  keyScope: 'documents:write',
  params: Id,
  errors: ['NotFound', 'Conflict'],
  codes: ['in_use'],
});
export const downloadDocument = route({
  method: 'post',
  path: '/v1/documents/{id}/download',
  operationId: 'downloadDocument',
  summary: 'A link to read a paper, for five minutes; every read is audited',
  tag,
  roles,
  scope: 'tenant',
  keyScope: 'documents:read',
  idempotency: 'accepted',
  params: Id,
  body: z.strictObject({ reason: z.string().min(1).max(500).optional() }),
  returns: z.object({ url: z.url(), expiresAt: z.iso.datetime() }),
  status: 201,
  errors: ['NotFound', 'Conflict', 'InvalidInput'],
  codes: ['reason_required', 'wrong_state'],
});

export const complianceRoutes = [
  createDocument,
  listDocuments,
  getDocument,
  changeDocument,
  deleteDocument,
  downloadDocument,
  ...endUserRoutes,
  ...bundleRoutes,
] as const;
