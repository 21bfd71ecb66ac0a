import type { Bought } from '../carriers/port.ts';
import { newId, TaskId } from '../domain/ids.ts';
import { ConditionFailed } from '../platform/table.ts';
import type { BuyDeps } from './buy-deps.ts';
import { newTaskWrite } from './inbox-store.ts';
import type { Intent } from './intent-schema.ts';
import { changeIntent } from './intent-store.ts';
import type { Purchased } from './purchase-schema.ts';

const HOURS_TO_ACT = 4;

/** The carrier confirmed another number than the one ordered: nobody's until a person has looked (P13). */
export async function wrongNumber(deps: BuyDeps, intent: Intent, value: Bought): Promise<Purchased> {
  const at = deps.clock.now();
  const stamp = at.toISOString();
  const task = newTaskWrite({
    id: TaskId.parse(newId('tsk', at)),
    object: 'task',
    kind: 'quarantine',
    subject: { object: 'number_request', id: intent.requestId },
    tenantId: intent.tenantId,
    country: intent.country,
    detail: `${intent.carrier} confirmed ${value.number} for an order of ${intent.number} (reference ${intent.reference}).`,
    state: 'open',
    dueAt: new Date(at.getTime() + HOURS_TO_ACT * 3_600_000).toISOString(),
    escalated: false,
    reminded: false,
    createdAt: stamp,
    updatedAt: stamp,
    version: 1,
  });
  const failure = { code: 'wrong_number', detail: 'The carrier confirmed another number; it is being checked.' };
  try {
    const known = intent.failure?.code === 'wrong_number';
    const looked = changeIntent(intent, { lastOutcome: 'unclear', verdict: undefined, failure }, at).write;
    await deps.table.write(known ? [looked] : [looked, task]);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
  return { outcome: 'unclear', pollAfter: HOURS_TO_ACT * 3600 };
}
