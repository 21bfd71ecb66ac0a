import type { TenantId } from '../domain/ids.ts';
import { DocumentId } from '../domain/ids.ts';
import { tenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { ConditionFailed } from '../platform/table.ts';
import { type ContentType, contentProblem } from './file-rules.ts';
import { documents, findDocument } from './store.ts';

const CHECKER = { kind: 'system', id: 'numbergate', name: 'Upload check' } as const;

/**
 * Looks at an uploaded file itself: is it there, and is it what it claims to be (R3)? Then `received`, else `rejected` with a
 * remark. Running it again changes nothing; a document whose file has not come yet stays as it is.
 */
export async function checkDocument(
  deps: Pick<Deps, 'table' | 'blobs' | 'clock'>,
  tenantId: TenantId,
  id: string,
): Promise<void> {
  const document = await findDocument(deps.table, tenantScope(tenantId), DocumentId.parse(id));
  if (document?.state !== 'awaiting_upload' && document?.state !== 'checking') return;
  const facts = await deps.blobs.facts(document.blobKey);
  const bytes = facts && (await deps.blobs.read(document.blobKey));
  if (!facts || !bytes) return;
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
    await deps.table.write(documents.replace(document, next, { action: next.state, actor: CHECKER, at }).writes);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}
