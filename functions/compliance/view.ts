import type * as z from 'zod';
import type { TenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import type { RequirementOnRequest } from '../requests/papers-schema.ts';
import { findRequest } from '../requests/store.ts';
import type { DocumentView } from './routes.ts';
import type { DocumentRecord } from './schema.ts';
import { requestsOf } from './store.ts';

type View = z.output<typeof DocumentView>;

/** Papers as their readers see them: a received one carries the verdict of the request it was handed in for. */
export async function viewDocuments(
  deps: Pick<Deps, 'table'>,
  scope: TenantScope,
  documents: readonly DocumentRecord[],
): Promise<View[]> {
  const ids = new Set(documents.flatMap(requestsOf));
  const requests = await Promise.all([...ids].map((id) => findRequest(deps.table, scope, id)));
  const requirements = requests.flatMap((request) => request?.requirements ?? []);
  return documents.map((document) =>
    viewDocument(
      document,
      requirements.find((one) => one.documentId === document.id),
    ),
  );
}

/** A paper with the requirement it stands for, if any. Pure. */
export function viewDocument(document: DocumentRecord, requirement: RequirementOnRequest | undefined): View {
  const { blobKey: _b, version: _v, tenantId: _t, inBundles = [], ...shown } = document;
  const usedBy = [...requestsOf(document), ...inBundles];
  const judged = requirement?.state === 'accepted' || requirement?.state === 'rejected' ? requirement : undefined;
  if (document.state !== 'received' || !judged) return { ...shown, usedBy };
  const { state, remark } = judged;
  return { ...shown, state: state === 'accepted' ? 'accepted' : 'rejected', ...(remark ? { remark } : {}), usedBy };
}
