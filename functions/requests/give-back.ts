import { tenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { ConditionFailed } from '../platform/table.ts';
import { freeSlots } from '../tenants/store.ts';
import { isGivenUp } from './given-up.ts';
import { withdraw } from './hold-numbers.ts';
import type { Intent } from './intent-schema.ts';
import { readIntents } from './intent-store.ts';
import { type Place, saveRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';
import { SYSTEM } from './timeline.ts';

const ORDERING: readonly NumberRequest['state'][] = ['ordering', 'resolving'];

/** A slot stays taken while an order may have left, and with a number that is ours. */
export const keepsSlot = (intent: Intent): boolean => ['sent', 'bought', 'settled'].includes(intent.state);

/**
 * Gives back claims and slots no order has left for, while people are waited for: that may take weeks, and others could
 * use them (compensation before step 6). With nothing ordered at all the customer may cancel again.
 */
export async function giveBack(deps: Deps, place: Place): Promise<void> {
  const scope = tenantScope(place.tenantId);
  const at = deps.clock.now();
  await saveRequest(deps, place, async (before) => {
    if (before.slots === 0 || isGivenUp(before)) return undefined;
    for (const intent of await readIntents(deps.table, scope, place.requestId))
      if (intent.state === 'recorded') await withdrawn(deps, intent);
    const intents = await readIntents(deps.table, scope, place.requestId);
    const kept = intents.filter(keepsSlot).length;
    if (intents.some((one) => one.state === 'recorded') || before.slots <= kept) return undefined;
    const unordered = ORDERING.includes(before.state) ? { state: 'sourcing' as const } : {};
    const fields = { slots: kept, ...(kept === 0 ? { orderedAt: undefined, ...unordered } : {}) };
    return {
      move: { action: 'slots_given_back', actor: SYSTEM, at, fields },
      also: [freeSlots(scope, before.slots - kept)],
    };
  });
}

async function withdrawn(deps: Deps, intent: Intent): Promise<void> {
  try {
    await withdraw(deps, intent, { code: 'given_back', detail: 'Given back while the request waits.' });
  } catch (error) {
    // Another run has ordered it or given it up meanwhile.
    if (!(error instanceof ConditionFailed)) throw error;
  }
}
