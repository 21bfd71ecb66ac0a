import * as z from 'zod';
import { NumberId, newId, UserId } from '../domain/ids.ts';
import { primaryWrites } from '../numbers/assignment-store.ts';
import { rowOf, targetIdOf } from '../numbers/row-store.ts';
import type { NumberRecord } from '../numbers/schema.ts';
import { findRecord, rowWrite, takeInWrites } from '../numbers/store.ts';
import { type TenantScope, tenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import type { Change } from '../platform/entity.ts';
import { ConditionFailed, type Write } from '../platform/table.ts';
import { task } from '../platform/task.ts';
import { routeWrite } from '../routing/store.ts';
import { findTenant, useSlot } from '../tenants/store.ts';
import { type Resolved, resolveAssignment } from '../tenants/target-store.ts';
import { targetChecks, usedWrite } from '../tenants/uses-store.ts';
import { chargedPrice } from './agreed-price.ts';
import type { Intent } from './intent-schema.ts';
import { changeIntent, findIntent, freeClaim } from './intent-store.ts';
import { ItemPlace } from './purchase-schema.ts';
import { readRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';
import { SYSTEM } from './timeline.ts';

const Recorded = z.object({ outcome: z.enum(['recorded']) });

/** Of a batch of primary numbers five are recorded at a time, and each takes it from the one before. */
const MOST_ROUNDS = 12;

/**
 * Takes a bought number into the inventory with ownership, assignment, routing entry and slot in one transaction; repeating
 * it changes nothing (step 9). A target that is gone meanwhile leaves the number pre-provisioned (step 10).
 */
export const recordNumber = task({
  name: 'RecordNumber',
  input: ItemPlace,
  output: Recorded,
  async run(place, deps: Deps): Promise<z.infer<typeof Recorded>> {
    for (let round = 1; ; round++) {
      const intent = await findIntent(deps.table, place);
      if (intent?.state !== 'bought') return { outcome: 'recorded' };
      try {
        await deps.table.write(await recordWrites(deps, intent));
        return { outcome: 'recorded' };
      } catch (error) {
        if (!(error instanceof ConditionFailed) || round >= MOST_ROUNDS) throw error;
      }
    }
  },
});

async function recordWrites(deps: Deps, intent: Intent): Promise<readonly Write[]> {
  const request = await readRequest(deps, intent);
  const scope = tenantScope(intent.tenantId);
  const at = deps.clock.now();
  const tenant = await findTenant(deps.table, scope);
  // Read before the target is resolved: one that is changed or deleted in between makes the transaction fail (A1, I11).
  const checks = await targetChecks(deps.table, scope, request.assignment?.target);
  const resolved = await resolveAssignment(deps, scope, tenant, request.assignment);
  const earlier = await findRecord(deps.table, intent.number);
  const record = numberOf(request, intent, resolved, earlier, at);
  const change: Change = { action: 'purchased', actor: SYSTEM, at };
  const made = takeInWrites(earlier, record, change);
  const issue = resolved.problem ? 'assignment_failed' : intent.issue;
  const settled = changeIntent(intent, { state: 'settled', numberId: record.id, ...(issue ? { issue } : {}) }, at);
  return [
    ...made.writes,
    rowWrite(intent.tenantId, rowOf(made.record, resolved)),
    routeWrite({
      number: intent.number,
      carrier: intent.carrier,
      tenantId: intent.tenantId,
      numberId: record.id,
      state: 'active',
      ownership: record.ownership,
      ...(resolved.target ? { target: resolved.target } : {}),
      ...(resolved.flow ? { flow: [...resolved.flow] } : {}),
      fallback: resolved.fallback,
      ...(resolved.afterFallback ? { afterFallback: [...resolved.afterFallback] } : {}),
      version: made.record.version,
    }),
    settled.write,
    freeClaim(intent),
    useSlot(scope),
    ...targetWrites(scope, resolved, checks),
    ...(await primaryOf(deps, scope, made.record, resolved, change)),
  ];
}

/** What keeps a target from being deleted under the number: as it was read, and counted as used; none without a target. */
function targetWrites(scope: TenantScope, { assignment }: Resolved, checks: readonly Write[]): readonly Write[] {
  const id = targetIdOf(assignment.target);
  return id === '' ? [] : [...checks, usedWrite(scope, id)];
}

/** A further number asked for as primary takes that from the one before, at the same moment (S2-20). */
async function primaryOf(
  deps: Deps,
  scope: TenantScope,
  record: NumberRecord,
  { assignment, userId }: Resolved,
  change: Change,
): Promise<readonly Write[]> {
  if (!assignment.primary || userId === undefined) return [];
  return primaryWrites(deps, scope, record, UserId.parse(userId), change);
}

function numberOf(
  request: NumberRequest,
  intent: Intent,
  resolved: Resolved,
  earlier: NumberRecord | undefined,
  at: Date,
): Omit<NumberRecord, 'version'> {
  const stamp = at.toISOString();
  const price = chargedPrice(request, intent);
  const name = request.name && request.quantity > 1 ? `${request.name} ${intent.item + 1}` : request.name;
  return {
    id: NumberId.parse(newId('num', at)),
    object: 'number',
    number: intent.number,
    generation: (earlier?.generation ?? 0) + 1,
    tenantId: intent.tenantId,
    state: 'active',
    ownership: resolved.assignment.ownership,
    ...(name ? { name } : {}),
    country: intent.country,
    type: intent.type,
    ...(intent.areaCode ? { areaCode: intent.areaCode } : {}),
    ...(intent.locality ? { locality: intent.locality } : {}),
    features: intent.boughtFeatures ?? intent.features,
    serviceNumber: false,
    carrier: intent.carrier,
    carrierNumberId: intent.carrierNumberId ?? intent.number,
    carrierReference: intent.reference,
    ...(price.monthly ? { monthly: { ...price.monthly, interval: 'month' as const } } : {}),
    ...(price.setup ? { setup: price.setup } : {}),
    assignment: resolved.assignment,
    configured: false,
    attention: [
      ...(intent.issue ? [intent.issue] : []),
      ...(resolved.problem ? ['assignment_failed'] : []),
      'configuration_pending',
    ],
    tags: request.tags,
    metadata: request.metadata,
    ...(request.reference ? { reference: request.reference } : {}),
    numberRequestId: request.id,
    startedOn: stamp.slice(0, 10),
    createdAt: stamp,
    updatedAt: stamp,
  };
}
