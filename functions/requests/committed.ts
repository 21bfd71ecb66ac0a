import { type Money, toMicros } from '../domain/money.ts';
import { tenantScope } from '../platform/auth.ts';
import type { Write } from '../platform/table.ts';
import type { Tenant } from '../tenants/schema.ts';
import { dayOf, uncommitMoney } from '../tenants/store.ts';
import { chargedPrice, mostMonthly, type Price } from './agreed-price.ts';
import type { Intent } from './intent-schema.ts';
import type { NumberRequest } from './schema.ts';

/** What a number commits its tenant to a month: once it is ours what is charged, before that the most it may come to. Pure. */
export const monthlyOf = (
  request: NumberRequest,
  one: Price & { readonly number: string; readonly state?: Intent['state'] },
): Money | undefined => (one.state === 'settled' ? chargedPrice(request, one).monthly : mostMonthly(request, one));

/** Whole micro-units of the prices that are in the tenant's currency: others cannot be measured by its cap. Pure. */
export const microsOf = (prices: readonly (Money | undefined)[], tenant: Tenant | undefined): number =>
  Number(
    prices.reduce(
      (sum, price) => sum + (price && price.currency === tenant?.currency ? toMicros(price.amount) : 0n),
      0n,
    ),
  );

/** What a request has counted on a day so far, whole micro-units. Pure. */
export const countedOn = ({ committed }: Pick<NumberRequest, 'committed'>, day: string): number =>
  committed?.day === day ? (committed.onDay ?? committed.micros) : 0;

/** Money counted today for what was not bought in the end, when a request closes; nothing of earlier days comes back. Pure. */
export function moneyBack(
  request: NumberRequest,
  kept: number,
  at: Date,
): { readonly writes: readonly Write[]; readonly fields: Partial<NumberRequest> } {
  const { committed } = request;
  const day = dayOf(at);
  const today = countedOn(request, day);
  const back = Math.min((committed?.micros ?? 0) - kept, today);
  if (!committed || back <= 0) return { writes: [], fields: {} };
  return {
    writes: [uncommitMoney(tenantScope(request.tenantId), day, back)],
    fields: { committed: { day, micros: committed.micros - back, onDay: today - back } },
  };
}
