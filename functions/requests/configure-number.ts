import * as z from 'zod';
import { CarrierBusy } from '../domain/errors.ts';
import { configuredWrites, findNumber, findRow } from '../numbers/store.ts';
import { tenantScope } from '../platform/auth.ts';
import { ConditionFailed } from '../platform/table.ts';
import { task } from '../platform/task.ts';
import { type BuyDeps, callWithin, WRITE_MS } from './buy-deps.ts';
import { getIntent } from './purchase-number.ts';
import { ItemPlace } from './purchase-schema.ts';
import { SYSTEM } from './timeline.ts';

const Configured = z.object({ outcome: z.enum(['configured', 'pending']) });

/**
 * Puts our webhook and fallback addresses on the number (V4). Throws CarrierBusy when the end is unclear, to be repeated:
 * configuring is the complete wanted state, so a repetition is harmless (A4).
 */
export const configureNumber = task({
  name: 'ConfigureNumber',
  input: ItemPlace,
  output: Configured,
  async run(place, deps: BuyDeps): Promise<z.infer<typeof Configured>> {
    const intent = await getIntent(deps, place);
    const record = await findNumber(deps.table, tenantScope(place.tenantId), intent.number);
    if (!record || record.configured) return { outcome: 'configured' };
    const carrier = await deps.carriers.get(record.carrier);
    const { number, country, carrierNumberId } = record;
    const outcome = await carrier.configure(
      { number, country, carrierNumberId },
      deps.carriers.webhooks(record.carrier),
      callWithin(WRITE_MS),
    );
    if (outcome.kind === 'unknown' || outcome.kind === 'refused')
      throw new CarrierBusy({
        code: 'carrier_down',
        detail: `${record.carrier} did not take the configuration of ${intent.reference}.`,
      });
    return { outcome: await markConfigured(deps, place, intent.number) };
  },
});

async function markConfigured(
  deps: BuyDeps,
  place: ItemPlace,
  number: Parameters<typeof findNumber>[2],
): Promise<'configured' | 'pending'> {
  const scope = tenantScope(place.tenantId);
  for (let round = 0; round < 5; round++) {
    const record = await findNumber(deps.table, scope, number);
    if (!record) return 'pending';
    const row = await findRow(deps.table, scope, record.id);
    const at = deps.clock.now();
    try {
      await deps.table.write(configuredWrites(record, row, { action: 'configured', actor: SYSTEM, at }));
      return 'configured';
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
  return 'pending';
}
