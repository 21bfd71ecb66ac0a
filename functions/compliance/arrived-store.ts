import { TenantId } from '../domain/ids.ts';
import type { Deps } from '../platform/deps.ts';
import type { Key, Write } from '../platform/table.ts';
import type { DocumentRecord } from './schema.ts';
import { checkDocument } from './upload-store.ts';

/** Seconds within which an arrival is told at the latest; the upload link is good for minutes. */
const TOLD_SECONDS = 2 * 86_400;
const fileKey = (blobKey: string): Key => ({ pk: `BLOB#${blobKey}`, sk: 'DOC' });

/** Finds a paper by the name of its file, for a file store that tells only the name. Goes by itself. */
export const fileWrite = (document: Pick<DocumentRecord, 'id' | 'tenantId' | 'blobKey'>, at: Date): Write => ({
  op: 'put',
  key: fileKey(document.blobKey),
  data: { tenantId: document.tenantId, documentId: document.id },
  expiresAt: Math.floor(at.getTime() / 1000) + TOLD_SECONDS,
  when: [{ is: 'absent' }],
});

/** Checks the paper whose file arrived (R3), removes the file if the paper was deleted (R7); nothing for a file of nobody. */
export async function checkArrived(deps: Pick<Deps, 'table' | 'blobs' | 'clock'>, blobKey: string): Promise<void> {
  const found = await deps.table.get(fileKey(blobKey));
  if (!found) return;
  await checkDocument(deps, TenantId.parse(found.data['tenantId']), String(found.data['documentId']), blobKey);
}
