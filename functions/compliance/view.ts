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
  deps: Pick<Deps, 'table' | 'clock'>,
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
      deps.clock.now(),
    ),
  );
}

/** A paper with the requirement it stands for, if any; a good one is `expired` after its last day. Pure. */
export function viewDocument(document: DocumentRecord, requirement: RequirementOnRequest | undefined, at: Date): View {
  const shown = judgedView(document, requirement);
  const isOver = document.expiresOn !== undefined && document.expiresOn < at.toISOString().slice(0, 10);
  return isOver && (shown.state === 'received' || shown.state === 'accepted') ? { ...shown, state: 'expired' } : shown;
}

function judgedView(document: DocumentRecord, requirement: RequirementOnRequest | undefined): View {
  const { blobKey: _b, version: _v, tenantId: _t, inBundles = [], ...shown } = document;
  const usedBy = [...requestsOf(document), ...inBundles];
  const judged = requirement?.state === 'accepted' || requirement?.state === 'rejected' ? requirement : undefined;
  if (document.state !== 'received' || !judged) return { ...shown, usedBy };
  const { state, remark } = judged;
  return { ...shown, state: state === 'accepted' ? 'accepted' : 'rejected', ...(remark ? { remark } : {}), usedBy };
}
