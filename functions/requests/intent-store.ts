import type { E164 } from '../domain/e164.ts';
import type { RequestId, TenantId } from '../domain/ids.ts';
import { type TenantScope, tenantScope } from '../platform/auth.ts';
import type { JsonObject, Key, Table, Write } from '../platform/table.ts';
import { Claim, Intent } from './intent-schema.ts';

const pad = (n: number): string => String(n).padStart(3, '0');
const intentKey = (tenantId: TenantId, requestId: RequestId, item: number, attempt: number): Key => ({
  pk: `TEN#${tenantId}`,
  sk: `INTENT#${requestId}#${pad(item)}#${pad(attempt)}`,
});
const keyOf = (intent: Intent): Key => intentKey(intent.tenantId, intent.requestId, intent.item, intent.attempt);

/** Our reference at the carrier: derived, so that a repetition names the same thing (reliability 4.1). */
export const referenceOf = (requestId: RequestId, item: number, attempt: number): string =>
  `${requestId}.${item}.${attempt}`;
/** The request a reference belongs to; undefined when it is none of ours. */
export const requestOfReference = (reference: string): string | undefined =>
  /^(req_[0-9a-hjkmnp-tv-z]{26})(?:\.|$)/.exec(reference)?.[1];

export async function findIntent(
  table: Table,
  place: { tenantId: TenantId; requestId: RequestId; item: number; attempt: number },
): Promise<Intent | undefined> {
  const stored = await table.get(intentKey(place.tenantId, place.requestId, place.item, place.attempt));
  return stored && Intent.parse(stored.data);
}

/** All intents of a request, by item and attempt. */
export async function readIntents(table: Table, scope: TenantScope, requestId: RequestId): Promise<readonly Intent[]> {
  const found: Intent[] = [];
  let after: string | undefined;
  do {
    const page = await table.query({
      pk: `TEN#${scope.tenantId}`,
      prefix: `INTENT#${requestId}#`,
      limit: 200,
      ...(after ? { after } : {}),
    });
    found.push(...page.items.map((stored) => Intent.parse(stored.data)));
    after = page.next;
  } while (after);
  return found;
}

/** The latest attempt of each item. */
export function latestIntents(intents: readonly Intent[]): readonly Intent[] {
  const latest = new Map<number, Intent>();
  for (const intent of intents)
    if (intent.attempt >= (latest.get(intent.item)?.attempt ?? 0)) latest.set(intent.item, intent);
  return [...latest.values()].sort((a, b) => a.item - b.item);
}

/** Intents of a request that an order may have left for, or whose number is not recorded yet. */
export async function openOrders(
  table: Table,
  place: { readonly tenantId: TenantId; readonly requestId: RequestId },
): Promise<readonly Intent[]> {
  const intents = await readIntents(table, tenantScope(place.tenantId), place.requestId);
  return intents.filter((intent) => intent.state === 'sent' || intent.state === 'bought');
}

/** True once an order may have left, or may still leave, that was not confirmed as refused: no way back for the customer (P16). */
export const hasOrdered = (intents: readonly Intent[]): boolean =>
  intents.some((intent) => intent.state !== 'refused' && intent.state !== 'withdrawn');

export const newIntentWrite = (intent: Intent): Write => ({
  op: 'put',
  key: keyOf(intent),
  data: intent as unknown as JsonObject,
  when: [{ is: 'absent' }],
});
/** The next version of an intent; the stored one must still be the one that was read. */
export function changeIntent(
  before: Intent,
  fields: Partial<Intent>,
  at: Date,
): { readonly intent: Intent; readonly write: Write } {
  const intent: Intent = { ...before, ...fields, updatedAt: at.toISOString(), version: before.version + 1 };
  const when = [{ is: 'equals', field: 'version', value: before.version }] as const;
  return { intent, write: { op: 'put', key: keyOf(before), data: intent as unknown as JsonObject, when } };
}

const claimKey = (number: E164): Key => ({ pk: `NUM#${number}`, sk: 'CLAIM' });
/** Create-if-absent across all tenants; dissolved only by record, confirmed refusal or a stop before the order (P6). */
export const claimWrite = (number: E164, claim: Claim): Write => ({
  op: 'put',
  key: claimKey(number),
  data: claim as unknown as JsonObject,
  when: [{ is: 'absent' }],
});
export const freeClaim = (intent: Intent): Write => ({
  op: 'delete',
  key: claimKey(intent.number),
  when: [{ is: 'equals', field: 'reference', value: intent.reference }],
});
export async function findClaim(table: Table, number: E164): Promise<Claim | undefined> {
  const stored = await table.get(claimKey(number));
  return stored && Claim.parse(stored.data);
}
