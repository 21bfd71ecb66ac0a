import type { Order } from '../carriers/port.ts';
import type { E164 } from '../domain/e164.ts';
import type { NumberRecord } from '../numbers/schema.ts';
import { findRecord, isGone, numberKey } from '../numbers/store.ts';
import { ConditionFailed, type Write } from '../platform/table.ts';
import { type BuyDeps, callWithin, WRITE_MS } from './buy-deps.ts';
import type { Choice } from './choose-numbers.ts';
import type { Intent } from './intent-schema.ts';
import { changeIntent, claimWrite, freeClaim, newIntentWrite, referenceOf } from './intent-store.ts';
import type { NumberRequest } from './schema.ts';
import { stillStands } from './store.ts';

/** The order an intent stands for, in the carrier interface's words. */
export function orderOf(deps: BuyDeps, intent: Intent): Order {
  const { bundleId, addressId, endUserId } = intent.papers ?? {};
  const { orderId, numberId, reservationId } = intent.refs;
  return {
    number: intent.number,
    country: intent.country,
    type: intent.type,
    reference: intent.reference,
    webhooks: deps.carriers.webhooks(intent.carrier),
    ...(bundleId || addressId
      ? {
          papers: {
            ...(bundleId ? { bundleId } : {}),
            ...(addressId ? { addressId } : {}),
            ...(endUserId ? { endUserId } : {}),
          },
        }
      : {}),
    refs: {
      ...(orderId ? { orderId } : {}),
      ...(numberId ? { numberId } : {}),
      ...(reservationId ? { reservationId } : {}),
    },
  };
}

function intentOf(request: NumberRequest, choice: Choice, attempt: number, at: Date): Intent {
  const { offer, item } = choice;
  const papers = request.papers?.refs;
  return {
    tenantId: request.tenantId,
    requestId: request.id,
    item,
    attempt,
    state: 'recorded',
    number: offer.number,
    carrier: offer.carrier,
    country: offer.country,
    type: offer.type,
    ...(offer.areaCode ? { areaCode: offer.areaCode } : {}),
    ...(offer.locality ? { locality: offer.locality } : {}),
    features: [...offer.features],
    wantedFeatures: request.wish.features ?? [],
    ...(offer.monthly ? { monthly: offer.monthly } : {}),
    ...(offer.setup ? { setup: offer.setup } : {}),
    reference: referenceOf(request.id, item, attempt),
    refs: {},
    ...(papers
      ? { papers: { bundleId: papers.bundleId, addressId: papers.addressId, endUserId: papers.endUserId } }
      : {}),
    sends: 0,
    probes: 0,
    createdAt: at.toISOString(),
    updatedAt: at.toISOString(),
    version: 1,
  };
}

/**
 * Claims the number of a choice and records the intent in one transaction, on condition that nobody claims it, no live
 * number record exists and the request stands where it was read (steps 4 and 5). Undefined when somebody else was faster.
 */
export async function holdNumber(
  deps: BuyDeps,
  request: NumberRequest,
  choice: Choice,
  attempt: number,
): Promise<Intent | 'moved_on' | undefined> {
  const at = deps.clock.now();
  const intent = intentOf(request, choice, attempt, at);
  const known = await findRecord(deps.table, intent.number);
  if (known && !isGone(known)) return undefined;
  const claim = {
    tenantId: request.tenantId,
    requestId: request.id,
    reference: intent.reference,
    at: at.toISOString(),
  };
  try {
    const held = [claimWrite(intent.number, claim), unchanged(intent.number, known), newIntentWrite(intent)];
    await deps.table.write([stillStands(request), ...held]);
  } catch (error) {
    if (error instanceof ConditionFailed) return error.failed.includes(0) ? 'moved_on' : undefined;
    throw error;
  }
  return reserve(deps, intent);
}

/** S5, S2-31: a number of ours may be bought again only after its end with us, and nobody else took it in meanwhile. */
const unchanged = (number: E164, known: NumberRecord | undefined): Write => ({
  op: 'check',
  key: numberKey(number),
  when: [known ? { is: 'equals', field: 'version', value: known.version } : { is: 'absent' }],
});

/** Holds the number at a carrier that can; a carrier that says it is gone frees the claim. */
async function reserve(deps: BuyDeps, intent: Intent): Promise<Intent | undefined> {
  const carrier = await deps.carriers.get(intent.carrier);
  if (!carrier.reserve) return intent;
  const outcome = await carrier.reserve(orderOf(deps, intent), callWithin(WRITE_MS)).catch(() => undefined);
  if (outcome?.kind === 'refused' && outcome.refusal.class === 'NumberUnavailable') {
    await withdraw(deps, intent, {
      code: outcome.refusal.code,
      detail: 'The number was taken before it could be held.',
    });
    return undefined;
  }
  if (outcome?.kind !== 'done') return intent;
  const reserved = changeIntent(intent, { refs: { ...intent.refs, ...outcome.refs } }, deps.clock.now());
  await deps.table.write([reserved.write]);
  return reserved.intent;
}

/** Gives up an intent of which nothing left: intent and claim in one transaction (compensation before step 6). */
export async function withdraw(
  deps: Pick<BuyDeps, 'table' | 'clock'>,
  intent: Intent,
  failure: { code: string; detail: string },
): Promise<void> {
  const { write } = changeIntent(intent, { state: 'withdrawn', failure }, deps.clock.now());
  await deps.table.write([write, freeClaim(intent)]);
}
