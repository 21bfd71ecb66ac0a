import { type Money, toMicros } from '../domain/money.ts';
import { tenantScope } from '../platform/auth.ts';
import { ConditionFailed, type Write } from '../platform/table.ts';
import type { Tenant } from '../tenants/schema.ts';
import { commitMoney, dayOf, findTenant, holdSlots, newDay } from '../tenants/store.ts';
import type { BuyDeps } from './buy-deps.ts';
import { countedOn, microsOf } from './committed.ts';
import { endedEarly } from './given-up.ts';
import { isFinal, moveRequest } from './move.ts';
import { readRequest, saveRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';
import { SYSTEM } from './timeline.ts';

/** What a request takes of its tenant's limits, settled places included. */
export interface Wanted {
  readonly slots: number;
  /** What each of its places costs a month, as it is charged; undefined when nobody knows. */
  readonly prices: readonly (Money | undefined)[];
}
type Failure = NonNullable<NumberRequest['failure']>;

const NO_SLOT: Failure = {
  code: 'number_limit_reached',
  detail: 'The last free slot of the limit was taken by another request.',
};
const overCap = (tenant: Tenant | undefined): Failure => ({
  code: 'purchase_cap_reached',
  detail: `More than the daily cap of ${tenant?.dailyPurchaseCap} ${tenant?.currency} leaves today, or not to be measured in it; ask customer success.`,
});

/**
 * Takes slots and commits money up to what is wanted, on condition of the limit and of the day's cap (P7, I8, Fraud): the
 * request as it holds them, or undefined when it ended, or gave up its rest because it had ordered before.
 */
export async function takeSlots(
  deps: BuyDeps,
  request: NumberRequest,
  wanted: Wanted,
): Promise<NumberRequest | undefined> {
  const place = { tenantId: request.tenantId, requestId: request.id };
  for (;;) {
    const before = await readRequest(deps, place);
    if (isFinal(before)) return undefined;
    const tenant = await findTenant(deps.table, tenantScope(request.tenantId));
    const isMeasured = wanted.prices.every((price) => price !== undefined && price.currency === tenant?.currency);
    if (tenant?.dailyPurchaseCap && !isMeasured) return refuse(deps, before, overCap(tenant));
    const micros = microsOf(wanted.prices, tenant);
    if (wanted.slots <= before.slots && micros <= (before.committed?.micros ?? 0)) return before;
    const failed = await take(deps, before, tenant, { slots: wanted.slots, micros });
    if (failed === 'again') continue;
    return 'code' in failed ? refuse(deps, before, failed) : failed;
  }
}

async function take(
  deps: BuyDeps,
  before: NumberRequest,
  tenant: Tenant | undefined,
  wanted: { readonly slots: number; readonly micros: number },
): Promise<NumberRequest | 'again' | Failure> {
  const at = deps.clock.now();
  const scope = tenantScope(before.tenantId);
  const slots = Math.max(0, wanted.slots - before.slots);
  const held: Write[] = slots > 0 ? [holdSlots(scope, slots, tenant?.numberLimit ?? 0)] : [];
  const spent = await spending(deps, before, tenant, wanted.micros);
  const { request, writes } = await moveRequest(deps, before, {
    action: 'slots_held',
    actor: SYSTEM,
    at,
    fields: { slots: before.slots + slots, ...spent.fields },
  });
  try {
    await deps.table.write([...writes, ...held, ...spent.writes]);
    return request;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    // Somebody changed the request, or a twin took the slots already (P4): what the limits said then does not count.
    if (error.failed.some((index) => index < writes.length)) return 'again';
    return error.failed.includes(writes.length) && slots > 0 ? NO_SLOT : overCap(tenant);
  }
}

/** The money beyond what the request has committed before; a cap needs the day's item to be there. */
async function spending(
  deps: BuyDeps,
  before: NumberRequest,
  tenant: Tenant | undefined,
  micros: number,
): Promise<{ writes: readonly Write[]; fields: Partial<NumberRequest> }> {
  const more = micros - (before.committed?.micros ?? 0);
  if (more <= 0) return { writes: [], fields: {} };
  const scope = tenantScope(before.tenantId);
  const day = dayOf(deps.clock.now());
  const cap = tenant?.dailyPurchaseCap === undefined ? undefined : Number(toMicros(tenant.dailyPurchaseCap));
  if (cap !== undefined) await unlessThere(deps, newDay(scope, day));
  const onDay = countedOn(before, day) + more;
  return { writes: [commitMoney(scope, day, more, cap)], fields: { committed: { day, micros, onDay } } };
}

async function unlessThere(deps: BuyDeps, write: Write): Promise<void> {
  try {
    await deps.table.write([write]);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

async function refuse(deps: BuyDeps, request: NumberRequest, failure: Failure): Promise<undefined> {
  const at = deps.clock.now();
  await saveRequest(deps, { tenantId: request.tenantId, requestId: request.id }, (before) => ({
    move: {
      action: 'failed',
      actor: SYSTEM,
      at,
      fields: { ...endedEarly(before, 'failed'), failure },
      steps: [['sourcing', 'failed', failure.detail]],
    },
  }));
  return undefined;
}
