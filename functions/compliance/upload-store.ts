import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidInput } from '../domain/errors.ts';
import { DocumentId, type TenantId } from '../domain/ids.ts';
import { type Principal, type TenantScope, tenantScope } from '../platform/auth.ts';
import { FilesOutOfSight } from '../platform/blobs.ts';
import type { Deps } from '../platform/deps.ts';
import { ConditionFailed } from '../platform/table.ts';
import { type ContentType, contentProblem } from './file-rules.ts';
import type { DocumentRecord } from './schema.ts';
import { documents, findDocument } from './store.ts';

const CHECKER = { kind: 'system', id: 'numbergate', name: 'Upload check' } as const;

/**
 * Looks at an uploaded file itself: is it there, and is it what it claims to be (R3)? Then `received`, else `rejected` with a
 * remark. Running it again changes nothing; a document whose file has not come yet stays as it is.
 * @param blobKey name of its file, where a file whose document is gone is to be removed: the link outlives the document (R7)
 * @returns the document as it stands now
 */
export async function checkDocument(
  deps: Pick<Deps, 'table' | 'blobs' | 'clock'>,
  tenantId: TenantId,
  id: string,
  blobKey?: string,
): Promise<DocumentRecord | undefined> {
  const document = await findDocument(deps.table, tenantScope(tenantId), DocumentId.parse(id));
  if (!document && blobKey !== undefined) await deps.blobs.remove(blobKey);
  if (!isUnchecked(document)) return document;
  const facts = await deps.blobs.facts(document.blobKey);
  const bytes = facts && (await deps.blobs.read(document.blobKey));
  if (!facts || !bytes) return document;
  const remark = contentProblem(bytes, document.contentType as ContentType);
  const at = deps.clock.now();
  const next = {
    ...document,
    state: remark ? ('rejected' as const) : ('received' as const),
    sha256: facts.sha256,
    updatedAt: at.toISOString(),
    ...(remark ? { remark } : {}),
  };
  try {
    const { record, writes } = documents.replace(document, next, { action: next.state, actor: CHECKER, at });
    await deps.table.write(writes);
    return record;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    return findDocument(deps.table, tenantScope(tenantId), document.id);
  }
}

const isUnchecked = (document: DocumentRecord | undefined): document is DocumentRecord =>
  document?.state === 'awaiting_upload' || document?.state === 'checking';

/** How often a function that may not look at files asks whether the check has been made, and how long between, ms. */
const ASKS = { times: 8, everyMs: 500 };

/**
 * A document as its file makes it. Where files are out of sight the arrival wakes the check elsewhere, within a second or
 * two: that is waited for when the caller needs the outcome, else the record is given as it stands.
 */
export async function seenDocument(
  deps: Pick<Deps, 'table' | 'blobs' | 'clock'>,
  tenantId: TenantId,
  id: DocumentId,
  asks: { readonly times: number; readonly everyMs: number } = { times: 0, everyMs: 0 },
): Promise<DocumentRecord | undefined> {
  try {
    return await checkDocument(deps, tenantId, id);
  } catch (error) {
    if (!(error instanceof FilesOutOfSight)) throw error;
  }
  for (let asked = 0; ; asked++) {
    const document = await findDocument(deps.table, tenantScope(tenantId), id);
    if (!isUnchecked(document) || asked >= asks.times) return document;
    await sleep(asks.everyMs);
  }
}

/**
 * A paper that may be handed in: the upload goes past the API, so the file itself is looked at; somebody else's looks like
 * none where only own ones count (R3, I7). Throws InvalidInput `unknown_document`.
 */
export async function requireDocument(
  deps: Pick<Deps, 'table' | 'blobs' | 'clock'>,
  { scope, who }: { readonly scope: TenantScope; readonly who: Pick<Principal, 'id' | 'roles'> },
  id: DocumentId,
  pointer: string,
): Promise<DocumentRecord> {
  const document = await seenDocument(deps, scope.tenantId, id, ASKS);
  const theirs = who.roles.every((role) => role === 'customer') && document?.uploadedBy !== who.id;
  const today = deps.clock.now().toISOString().slice(0, 10);
  const isOver = document?.expiresOn !== undefined && document.expiresOn < today;
  if (document?.state === 'received' && !theirs && !isOver) return document;
  const state = isOver ? `not valid any more since ${document?.expiresOn}` : document?.state.replaceAll('_', ' ');
  const detail =
    document && !theirs
      ? `The document is ${state}${document.remark ? `: ${document.remark}` : ''}; upload it first.`
      : `There is no document ${id}.`;
  throw new InvalidInput({
    code: 'unknown_document',
    detail,
    errors: [{ pointer, code: 'unknown_document', detail }],
  });
}
