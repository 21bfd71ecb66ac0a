import type { Bought } from '../carriers/port.ts';
import { newId, TaskId } from '../domain/ids.ts';
import { ConditionFailed, type Write } from '../platform/table.ts';
import type { BuyDeps } from './buy-deps.ts';
import { newTaskWrite } from './inbox-store.ts';
import type { Intent } from './intent-schema.ts';
import { changeIntent, findIntent } from './intent-store.ts';
import type { Purchased } from './purchase-schema.ts';

const HOURS_TO_ACT = 4;

/** The carrier confirmed another number than the one ordered: nobody's until a person has looked (P13). */
export async function wrongNumber(deps: BuyDeps, intent: Intent, value: Bought): Promise<Purchased> {
  const at = deps.clock.now();
  const failure = { code: 'wrong_number', detail: 'The carrier confirmed another number; it is being checked.' };
  const task = quarantineTask(intent, value, at);
  // A twin that asked meanwhile found nothing, and nobody will find this number again: its version must not stop the word.
  for (let seen: Intent | undefined = intent; seen; seen = await findIntent(deps.table, intent)) {
    const isKnown = seen.failure?.code === 'wrong_number';
    const looked =
      seen.state === 'sent'
        ? [changeIntent(seen, { lastOutcome: 'unclear', verdict: undefined, failure }, at).write]
        : [];
    try {
      await deps.table.write([...looked, ...(isKnown ? [] : [task])]);
      break;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
  return { outcome: 'unclear', pollAfter: HOURS_TO_ACT * 3600 };
}

function quarantineTask(intent: Intent, value: Bought, at: Date): Write {
  const stamp = at.toISOString();
  return newTaskWrite({
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
}
