import { type BundleId, newId, type TenantId } from '../domain/ids.ts';
import type { TenantScope } from '../platform/auth.ts';
import { entity } from '../platform/entity.ts';
import { duePartition, outboxWrite } from '../platform/outbox.ts';
import type { Key, Table, Write } from '../platform/table.ts';
import type { RequirementOnRequest } from '../requests/papers-schema.ts';
import { Bundle } from './bundle-schema.ts';

export const bundles = entity({
  name: 'bundle',
  schema: Bundle,
  key: (bundle) => ({ pk: `TEN#${bundle.tenantId}`, sk: `BND#${bundle.id}` }),
  indexes: (bundle) => ({ list2: { pk: `TEN#${bundle.tenantId}#BND`, sk: bundle.id } }),
  auditId: (bundle) => bundle.id,
});
export const findBundle = (table: Table, scope: TenantScope, id: BundleId): Promise<Bundle | undefined> =>
  bundles.find(table, { pk: `TEN#${scope.tenantId}`, sk: `BND#${id}` });

/** When a bundle is looked at again by itself: an item of its own, so that a poll that finds nothing is no new version. */
const dueKey = (bundle: Pick<Bundle, 'tenantId' | 'id'>): Key => ({
  pk: `TEN#${bundle.tenantId}`,
  sk: `BNDDUE#${bundle.id}`,
});
export function dueWrite(bundle: Pick<Bundle, 'tenantId' | 'id'>, at: string | undefined): Write {
  return at === undefined ? { op: 'delete', key: dueKey(bundle) } : putDue(bundle, at, 0);
}
const putDue = (bundle: Pick<Bundle, 'tenantId' | 'id'>, at: string, heldUntil: number) => {
  const list1 = { pk: duePartition('bundle', bundle.id), sk: `${at}#${bundle.tenantId}#${bundle.id}` };
  return { op: 'put', key: dueKey(bundle), data: { at, heldUntil }, indexes: { list1 } } as const;
};
/** Longer than a hand-in may take, milliseconds. */
const HELD_MS = 90_000;
/** Held by one run alone, which hands in: carriers find a set by its reference, but not one that is just being made. */
export const heldWrite = (bundle: Pick<Bundle, 'tenantId' | 'id'>, dueAt: string, at: Date): Write => ({
  ...putDue(bundle, dueAt, at.getTime() + HELD_MS),
  when: [{ is: 'at_most', field: 'heldUntil', value: at.getTime() }],
});

/**
 * The line that has a bundle looked at where carriers may be called: a small workflow runs the task AttendBundle, so neither
 * the API nor the jobs call a carrier. Each line is a look of its own.
 */
export function attendWrite({ tenantId, id }: Pick<Bundle, 'tenantId' | 'id'>, at: Date): Write {
  const name = `${id}-${newId('evt', at).slice('evt_'.length)}`;
  return outboxWrite({ kind: 'start_workflow', machine: 'attend-bundle', name, input: { tenantId, bundleId: id } }, at);
}
const LOOK_SECONDS = 15 * 60;
/** A look that is due: begun, and the next one set; how the look ends moves that to where it belongs. */
export const dueAgainWrites = (bundle: Pick<Bundle, 'tenantId' | 'id'>, at: Date): readonly Write[] => [
  dueWrite(bundle, new Date(at.getTime() + LOOK_SECONDS * 1000).toISOString()),
  attendWrite(bundle, at),
];

/** Finds a bundle by the carrier's own id of it, for webhooks. */
const carrierKey = (carrier: string, id: string): Key => ({ pk: `CREF#${carrier}#${id}`, sk: 'BUNDLE' });
export const bundleRefWrite = (bundle: Pick<Bundle, 'tenantId' | 'id' | 'carrier'>, carrierId: string): Write => ({
  op: 'put',
  key: carrierKey(bundle.carrier, carrierId),
  data: { tenantId: bundle.tenantId, bundleId: bundle.id },
});
export async function findBundleByCarrierRef(
  table: Table,
  carrier: string,
  carrierId: string,
): Promise<Pick<Bundle, 'tenantId' | 'id'> | undefined> {
  const stored = await table.get(carrierKey(carrier, carrierId));
  return stored && { tenantId: stored.data['tenantId'] as TenantId, id: stored.data['bundleId'] as BundleId };
}

/** An approved set as the papers of a request: nothing is reviewed again while it can be ordered with (regulatory §4). Pure. */
export const papersOfBundle = (bundle: Bundle) =>
  ({
    carrier: bundle.carrier,
    known: true,
    state: bundle.state === 'provisionally_approved' ? 'provisionally_approved' : 'approved',
    ...(bundle.refs ? { refs: bundle.refs } : {}),
    revision: 1,
    bundle: bundle.id,
  }) as const;
export const requirementsOfBundle = (bundle: Bundle): RequirementOnRequest[] =>
  bundle.items
    .filter((item) => item.state === 'accepted')
    .map(({ remarks: _remarks, ...item }) => ({ ...item, state: 'accepted' }));

/** Why a request cannot be filed with this bundle; undefined when it can. Pure. */
export function mismatchOf(
  bundle: Bundle,
  wanted: Pick<Bundle, 'country' | 'type'> & { readonly carriers: readonly string[] },
): string | undefined {
  if (bundle.action !== 'ordering') return `It was made for ${bundle.action}.`;
  if (bundle.country !== wanted.country) return `It was made for ${bundle.country}.`;
  if (bundle.type !== wanted.type) return `It was made for ${bundle.type.replace('_', '-')} numbers.`;
  const other = wanted.carriers.find((carrier) => carrier !== bundle.carrier);
  if (other) return `It was made for ${bundle.carrier}, and a number of ${other} is named.`;
  return bundle.state === 'withdrawn' ? 'It was withdrawn.' : undefined;
}
