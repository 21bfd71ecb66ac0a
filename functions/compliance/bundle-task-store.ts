import { newId, TaskId } from '../domain/ids.ts';
import type { Write } from '../platform/table.ts';
import { newTaskWrite } from '../requests/inbox-store.ts';
import type { Bundle } from './bundle-schema.ts';

const DAY = 86_400_000;
/** What people are asked to do about a set, and by when (api-map §13, Clocks: a review has 48 hours). */
const ASKED = {
  review: { days: 2, detail: 'Hand these papers to the carrier and enter its verdict.' },
  renewal: { days: 14, detail: 'These papers run out; make a copy, renew what is too old, and submit it.' },
} as const;

/** The inbox task that stands for a set of papers. */
export function bundleTask(
  bundle: Bundle,
  what: keyof typeof ASKED,
  at: Date,
): { readonly id: TaskId; readonly write: Write } {
  const id = TaskId.parse(newId('tsk', at));
  const stamp = at.toISOString();
  const { days, detail } = ASKED[what];
  const write = newTaskWrite({
    id,
    object: 'task',
    kind: 'documents_review',
    subject: { object: 'bundle', id: bundle.id },
    tenantId: bundle.tenantId,
    country: bundle.country,
    detail: bundle.validUntil ? `${detail} Valid until ${bundle.validUntil}.` : detail,
    state: 'open',
    dueAt: new Date(at.getTime() + days * DAY).toISOString(),
    escalated: false,
    reminded: false,
    createdAt: stamp,
    updatedAt: stamp,
    version: 1,
  });
  return { id, write };
}
