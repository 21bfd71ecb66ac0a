import { tenantScope } from '../platform/auth.ts';
import type { BuyDeps } from './buy-deps.ts';
import type { Intent } from './intent-schema.ts';
import { hasOrdered, readIntents } from './intent-store.ts';
import { saveRequest } from './save.ts';
import { SYSTEM } from './timeline.ts';

/** The carrier refused an order for its papers, though they were thought complete: a person reads its words; no loop (R4). */
export async function papersRefused(deps: BuyDeps, intent: Intent, remark: string): Promise<void> {
  const at = deps.clock.now();
  const ordered = hasOrdered(await readIntents(deps.table, tenantScope(intent.tenantId), intent.requestId));
  await saveRequest(deps, intent, (before) => {
    const revision = (before.papers?.revision ?? 0) + 1;
    const papers = {
      ...before.papers,
      carrier: intent.carrier,
      known: false,
      state: 'rejected',
      remark,
      revision,
    } as const;
    const fields = {
      state: 'documents_review',
      waitingFor: 'customer_success',
      papers,
      ...(ordered ? {} : { orderedAt: undefined }),
    } as const;
    return {
      move: { action: 'papers_refused', actor: SYSTEM, at, fields, steps: [['documents', 'waiting', remark]] },
    };
  });
}
