import { randomBytes } from 'node:crypto';
import type { Hono } from 'hono';
import type * as z from 'zod';
import type { ApiDeps } from '../contract/api-deps.ts';
import { bind } from '../contract/bind.ts';
import { reply } from '../contract/call.ts';
import { mergePatch } from '../contract/merge-patch.ts';
import { Conflict, InvalidInput, NotFound } from '../domain/errors.ts';
import { DocumentId, newId } from '../domain/ids.ts';
import { changeBy, type Principal, type TenantScope } from '../platform/auth.ts';
import { outboxWrite } from '../platform/outbox.ts';
import { findRequest } from '../requests/store.ts';
import { bindEndUsers } from './api-end-users.ts';
import { fileWrite } from './arrived-store.ts';
import { findBundle } from './bundle-store.ts';
import { declaredProblem } from './file-rules.ts';
import {
  changeDocument,
  createDocument,
  deleteDocument,
  downloadDocument,
  getDocument,
  listDocuments,
} from './routes.ts';
import type { DocumentRecord } from './schema.ts';
import { documents, requestsOf } from './store.ts';
import { seenDocument } from './upload-store.ts';
import { viewDocument, viewDocuments } from './view.ts';

/** Seconds after which a paper whose bytes were announced is looked at, in case nobody asks for it. */
const LOOK_AFTER = [10, 60, 330];
/** Seconds after a deletion by which an upload begun in the last second of its link has ended. */
const REMOVE_AFTER = 3_600;

const view = (document: DocumentRecord, at: Date) => viewDocument(document, undefined, at);
/** A customer sees own papers only; everything else looks missing. */
async function open(deps: ApiDeps, scope: TenantScope, who: Principal, id: DocumentId): Promise<DocumentRecord> {
  // The upload goes past the API: whoever looks gets the state the file itself gives it.
  const document = await seenDocument(deps, scope.tenantId, id);
  const hidden = document && isOnlyCustomer(who) && document.uploadedBy !== who.id;
  if (!document || hidden) throw new NotFound({ code: 'not_found', detail: `There is no document ${id}.` });
  return document;
}
const isOnlyCustomer = (who: Principal): boolean => who.roles.every((role) => role === 'customer');

type CreateBody = z.output<NonNullable<typeof createDocument.body>>;
async function newDocument(
  deps: ApiDeps,
  scope: TenantScope,
  who: Principal,
  body: CreateBody,
  at: Date,
): Promise<Omit<DocumentRecord, 'version'>> {
  const problem = declaredProblem(body);
  if (problem) throw new InvalidInput({ code: problem.code, detail: problem.detail, errors: [problem] });
  const request = body.numberRequestId && (await findRequest(deps.table, scope, body.numberRequestId));
  if (body.numberRequestId && (!request || (isOnlyCustomer(who) && request.requestedBy !== who.id)))
    throw new InvalidInput({
      code: 'unknown_request',
      detail: `There is no number request ${body.numberRequestId}.`,
      errors: [{ pointer: '#/numberRequestId', code: 'unknown_request', detail: 'No such request.' }],
    });
  const stamp = at.toISOString();
  return {
    ...body,
    id: DocumentId.parse(newId('doc', at)),
    object: 'document',
    tenantId: scope.tenantId,
    state: 'awaiting_upload',
    uploadedBy: who.id,
    blobKey: `papers/${randomBytes(24).toString('base64url')}`,
    createdAt: stamp,
    updatedAt: stamp,
  };
}

/** Papers: announced here, uploaded by signed link, checked by content (R3, R7). */
export function bindCompliance(app: Hono, deps: ApiDeps): void {
  bind(app, deps, createDocument, async ({ scope, who, body, now, idempotency }) => {
    const made = documents.create(await newDocument(deps, scope, who, body, now), changeBy(who, 'announced', now));
    const { record } = made;
    const upload = await deps.blobs.uploadLink(record.blobKey, { size: record.size, contentType: record.contentType });
    const looks = LOOK_AFTER.map((seconds) =>
      outboxWrite(
        { kind: 'check_document', tenantId: record.tenantId, documentId: record.id },
        now,
        new Date(now.getTime() + seconds * 1000),
      ),
    );
    const answer = reply({
      body: { ...view(record, now), upload: { ...upload, headers: { ...upload.headers } } },
      location: `/v1/documents/${record.id}`,
      etag: record.version,
    });
    await deps.table.write([...made.writes, fileWrite(record, now), ...looks, ...idempotency.complete(answer)]);
    return answer;
  });
  bind(app, deps, listDocuments, async ({ scope, who, query, after, page }) => {
    const pk = query.numberRequestId
      ? `TEN#${scope.tenantId}#DOC#${query.numberRequestId}`
      : `TEN#${scope.tenantId}#DOC`;
    const found = await deps.table.queryIndex(query.numberRequestId ? 'list3' : 'list2', {
      pk,
      limit: query.limit,
      ...(after ? { after } : {}),
    });
    const all = found.items.map((item) => documents.parse(item));
    const own = all.filter((one) => !isOnlyCustomer(who) || one.uploadedBy === who.id);
    const shown = await viewDocuments(deps, scope, own);
    const data = shown.filter((one) => !query.state || query.state.includes(one.state));
    return page({ data: data, next: found.next });
  });
  bind(app, deps, getDocument, async ({ scope, who, params }) => {
    const document = await open(deps, scope, who, params.id);
    return reply({ body: await seen(deps, scope, document), etag: document.version });
  });
  bindChanges(app, deps);
  bindEndUsers(app, deps);
}

async function seen(deps: ApiDeps, scope: TenantScope, document: DocumentRecord) {
  const [body = view(document, deps.clock.now())] = await viewDocuments(deps, scope, [document]);
  return body;
}

/** Throws 409 while a request or a set of papers holds it. */
async function requireUnused(deps: ApiDeps, scope: TenantScope, document: DocumentRecord): Promise<void> {
  const holds = (one: { readonly documentId?: DocumentId | undefined }): boolean => one.documentId === document.id;
  for (const id of requestsOf(document)) {
    const request = await findRequest(deps.table, scope, id);
    if (request?.requirements.some(holds) || request?.documents?.includes(document.id))
      throw new Conflict({ code: 'in_use', detail: `The request ${request.id} depends on it.` });
  }
  for (const id of document.inBundles ?? []) {
    const bundle = await findBundle(deps.table, scope, id);
    if (bundle && bundle.state !== 'withdrawn' && bundle.items.some(holds))
      throw new Conflict({ code: 'in_use', detail: `The bundle ${bundle.id} depends on it.` });
  }
}

function bindChanges(app: Hono, deps: ApiDeps): void {
  bind(app, deps, changeDocument, async ({ scope, who, params, body, now, checkVersion }) => {
    const document = await open(deps, scope, who, params.id);
    checkVersion(document.version, await seen(deps, scope, document));
    const { record, writes } = documents.replace(
      document,
      { ...mergePatch(document, body), updatedAt: now.toISOString() },
      changeBy(who, 'changed', now),
    );
    await deps.table.write(writes);
    return reply({ body: await seen(deps, scope, record), etag: record.version });
  });
  bind(app, deps, deleteDocument, async ({ scope, who, params, now }) => {
    const document = await open(deps, scope, who, params.id);
    await requireUnused(deps, scope, document);
    const { id: documentId, tenantId, blobKey } = document;
    const late = new Date(now.getTime() + REMOVE_AFTER * 1000);
    const again = outboxWrite({ kind: 'check_document', tenantId, documentId, blobKey }, now, late);
    await deps.table.write([...documents.remove(document, changeBy(who, 'deleted', now)), again]);
    // The deletion stands; the line above removes what is left.
    await deps.blobs
      .remove(blobKey)
      .catch((error: unknown) => deps.log.error('paper_file_not_removed', error, { documentId }));
    return undefined;
  });
  bind(app, deps, downloadDocument, async ({ scope, who, params, body, now }) => {
    const document = await open(deps, scope, who, params.id);
    const reason = body.reason?.trim();
    if (who.tenantId === undefined && !reason)
      throw new InvalidInput({
        code: 'reason_required',
        detail: 'Say why you read this paper; the tenant can see it.',
        errors: [{ pointer: '#/reason', code: 'reason_required', detail: 'Needed of staff.' }],
      });
    if (!document.sha256) throw new Conflict({ code: 'wrong_state', detail: 'The file has not arrived yet.' });
    const { writes } = documents.replace(
      document,
      { ...document },
      changeBy(who, reason ? `read: ${reason}` : 'read', now),
    );
    await deps.table.write(writes);
    const link = await deps.blobs.downloadLink(document.blobKey, document.fileName);
    return { url: link.url, expiresAt: link.expiresAt };
  });
}
