import type { TenantId } from '../domain/ids.ts';
import { DocumentId } from '../domain/ids.ts';
import { tenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { ConditionFailed } from '../platform/table.ts';
import { type ContentType, contentProblem } from './file-rules.ts';
import type { DocumentRecord } from './schema.ts';
import { documents, findDocument } from './store.ts';

const CHECKER = { kind: 'system', id: 'numbergate', name: 'Upload check' } as const;

/**
 * Looks at an uploaded file itself: is it there, and is it what it claims to be (R3)? Then `received`, else `rejected` with a
 * remark. Running it again changes nothing; a document whose file has not come yet stays as it is.
 * @returns the document as it stands now
 */
export async function checkDocument(
  deps: Pick<Deps, 'table' | 'blobs' | 'clock'>,
  tenantId: TenantId,
  id: string,
): Promise<DocumentRecord | undefined> {
  const document = await findDocument(deps.table, tenantScope(tenantId), DocumentId.parse(id));
  if (document?.state !== 'awaiting_upload' && document?.state !== 'checking') return document;
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
