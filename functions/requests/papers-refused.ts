import { tenantScope } from '../platform/auth.ts';
import type { BuyDeps } from './buy-deps.ts';
import type { Intent } from './intent-schema.ts';
import { hasOrdered, readIntents } from './intent-store.ts';
import { turnTo } from './papers-turn.ts';
import { saveRequest } from './save.ts';
import { SYSTEM } from './timeline.ts';

/**
 * The carrier refused an order for its papers, though they were thought complete: a person reads its words in the task, no
 * loop (R4). A raised price or a question of the same batch is waited for first; the check of papers comes back to it.
 */
export async function papersRefused(deps: BuyDeps, intent: Intent, remark: string): Promise<void> {
  const at = deps.clock.now();
  const ordered = hasOrdered(await readIntents(deps.table, tenantScope(intent.tenantId), intent.requestId));
  await saveRequest(deps, intent, (before) => {
    const revision = (before.papers?.revision ?? 0) + 1;
    const papers = {
      ...before.papers,
      bundle: undefined,
      carrier: intent.carrier,
      known: false,
      state: 'rejected',
      remark,
      revision,
    } as const;
    const turn = turnTo(before, at, 'documents_review', 'customer_success');
    const fields = { ...turn, papers, ...(ordered ? {} : { orderedAt: undefined }) };
    return {
      move: {
        action: 'papers_refused',
        actor: SYSTEM,
        at,
        fields,
        steps: [['documents', 'waiting', 'The carrier asks for more.']],
      },
    };
  });
}
