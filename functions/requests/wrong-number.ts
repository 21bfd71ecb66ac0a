import type { Bought } from '../carriers/port.ts';
import { NumberId, newId, TaskId } from '../domain/ids.ts';
import type { NumberRecord } from '../numbers/schema.ts';
import { findRecord, isGone, takeInWrites } from '../numbers/store.ts';
import { ConditionFailed, type Write } from '../platform/table.ts';
import type { BuyDeps } from './buy-deps.ts';
import { newTaskWrite } from './inbox-store.ts';
import type { Intent } from './intent-schema.ts';
import { changeIntent, findIntent } from './intent-store.ts';
import type { Purchased } from './purchase-schema.ts';
import { SYSTEM } from './timeline.ts';

const HOURS_TO_ACT = 4;

/**
 * The carrier confirmed another number than the one ordered (P13): it is owned, so it lies in quarantine, nobody's and not
 * to be bought again, until a person has looked (I2). One that is somebody's already is left as it is.
 */
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
    const first = isKnown ? [] : [task, ...(await quarantineWrites(deps, intent, value, at))];
    try {
      await deps.table.write([...looked, ...first]);
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

async function quarantineWrites(deps: BuyDeps, intent: Intent, value: Bought, at: Date): Promise<readonly Write[]> {
  const earlier = await findRecord(deps.table, value.number);
  if (earlier && !isGone(earlier)) return [];
  const stamp = at.toISOString();
  const record: Omit<NumberRecord, 'version'> = {
    id: NumberId.parse(newId('num', at)),
    object: 'number',
    number: value.number,
    generation: (earlier?.generation ?? 0) + 1,
    state: 'quarantined',
    ownership: 'pre_provisioned',
    country: intent.country,
    type: intent.type,
    features: [...value.features],
    serviceNumber: false,
    carrier: intent.carrier,
    carrierNumberId: value.carrierNumberId,
    carrierReference: intent.reference,
    ...(value.monthly ? { monthly: { ...value.monthly, interval: 'month' as const } } : {}),
    assignment: { ownership: 'pre_provisioned' },
    configured: false,
    attention: ['wrong_number'],
    tags: [],
    metadata: {},
    startedOn: stamp.slice(0, 10),
    createdAt: stamp,
    updatedAt: stamp,
  };
  return takeInWrites(earlier, record, { action: 'quarantined', actor: SYSTEM, at }).writes;
}
