import type { Hono } from 'hono';
import type * as z from 'zod';
import { bind } from '../contract/bind.ts';
import { reply } from '../contract/call.ts';
import { BundleId, newId } from '../domain/ids.ts';
import { changeBy, type Principal, type TenantScope } from '../platform/auth.ts';
import type { Write } from '../platform/table.ts';
import { bindBundleActs } from './api-bundle-acts.ts';
import { endUserAtHand, fillRequirements } from './at-hand-store.ts';
import { openBundle, requireBundleState, viewBundle, writeOrConflict } from './bundle-act.ts';
import {
  type BundleDeps,
  classOf,
  documentWrites,
  isOpenClass,
  requireEndUser,
  requirePapersCarrier,
} from './bundle-drafts.ts';
import { handInItems, listItems } from './bundle-items.ts';
import { changeBundle, createBundle, getBundle, listBundles } from './bundle-routes.ts';
import type { Bundle } from './bundle-schema.ts';
import { attendWrite, bundles } from './bundle-store.ts';
import { defaultRequirements } from './store.ts';

type NewBody = z.output<NonNullable<typeof createBundle.body>>;
async function newBundle(
  deps: BundleDeps,
  scope: TenantScope,
  who: Principal,
  body: NewBody,
  at: Date,
): Promise<Omit<Bundle, 'version'>> {
  const { country, carrier, type = 'local', action = 'ordering', endUserId, items = [] } = body;
  requirePapersCarrier(deps.manifests, { country, carrier, type, action });
  const endUser = await requireEndUser(deps, scope, endUserId);
  const subject = endUser?.subject ?? body.subject ?? 'business';
  const listed = defaultRequirements(country, type, subject);
  const asked = listItems([], listed.known ? listed.items : [], [], country);
  const stamp = at.toISOString();
  return {
    id: BundleId.parse(newId('bnd', at)),
    object: 'bundle',
    tenantId: scope.tenantId,
    ...{ country, type, action, subject, carrier },
    ...(endUserId ? { endUserId } : {}),
    state: 'draft',
    items: fillRequirements(handInItems(asked, items, listed.known), endUser ? endUserAtHand(endUser) : [], country),
    listedBy: listed.known ? 'data_file' : 'nobody',
    createdBy: who.id,
    createdAt: stamp,
    updatedAt: stamp,
  };
}

/** Has the carrier's own list looked up, where it may be asked before anybody agreed. */
async function askList(deps: BundleDeps, scope: TenantScope, bundle: Bundle, at: Date): Promise<readonly Write[]> {
  if (bundle.listedBy === 'carrier' || !isOpenClass(await classOf(deps, scope, bundle, at))) return [];
  return [attendWrite(bundle, at)];
}

/** Sets of papers: begun, filled and shown here; what follows is in `api-bundle-acts.ts` (regulatory §4). */
export function bindBundles(app: Hono, deps: BundleDeps): void {
  bind(app, deps, createBundle, async (call) => {
    const { scope, who, body, now, idempotency } = call;
    const plain = await newBundle(deps, scope, who, body, now);
    const used = await documentWrites(deps, call, plain.id, body.items ?? [], changeBy(who, 'put_into_bundle', now));
    const { record, writes } = bundles.create(plain, changeBy(who, 'created', now));
    const ask = await askList(deps, scope, record, now);
    const answer = reply({ body: viewBundle(record), location: `/v1/bundles/${record.id}`, etag: record.version });
    await writeOrConflict(deps, [...writes, ...used, ...ask, ...idempotency.complete(answer)]);
    return answer;
  });
  bind(app, deps, listBundles, async ({ scope, query, after, page }) => {
    const pk = `TEN#${scope.tenantId}#BND`;
    const found = await deps.table.queryIndex('list2', { pk, limit: query.limit, ...(after ? { after } : {}) });
    const data = found.items.map((item) => bundles.parse(item)).filter((one) => fits(one, query));
    return page({ data: data.map(viewBundle), next: found.next });
  });
  bind(app, deps, getBundle, async ({ scope, params }) => {
    const found = await openBundle(deps, scope, params.id);
    return reply({ body: viewBundle(found), etag: found.version });
  });
  bind(app, deps, changeBundle, async (call) => {
    const { scope, who, params, body, now, checkVersion } = call;
    const before = await openBundle(deps, scope, params.id);
    requireBundleState(before, ['draft'], 'a change');
    checkVersion(before.version, viewBundle(before));
    const used = await documentWrites(deps, call, before.id, body.items ?? [], changeBy(who, 'put_into_bundle', now));
    const after = await changed(deps, scope, before, body, now);
    const { record, writes } = bundles.replace(before, after, changeBy(who, 'changed', now));
    await writeOrConflict(deps, [...writes, ...used, ...(await askList(deps, scope, record, now))]);
    return reply({ body: viewBundle(record), etag: record.version });
  });
  bindBundleActs(app, deps);
}

type Filters = z.output<NonNullable<typeof listBundles.query>>;
const fits = (bundle: Bundle, { state, country, carrier, endUserId }: Filters): boolean =>
  (!state || state.includes(bundle.state)) &&
  (!country || country.includes(bundle.country)) &&
  (!carrier || carrier.includes(bundle.carrier)) &&
  (!endUserId || bundle.endUserId === endUserId);

type ChangeBody = z.output<NonNullable<typeof changeBundle.body>>;
async function changed(
  deps: BundleDeps,
  scope: TenantScope,
  before: Bundle,
  body: ChangeBody,
  at: Date,
): Promise<Omit<Bundle, 'version'>> {
  const endUser = await requireEndUser(deps, scope, body.endUserId);
  const items = handInItems(before.items, body.items ?? [], before.listedBy !== 'nobody');
  const { endUserId: former, ...rest } = before;
  const endUserId = body.endUserId === undefined ? former : (body.endUserId ?? undefined);
  const next = { ...rest, ...(endUserId ? { endUserId } : {}), items, updatedAt: at.toISOString() };
  if (!endUser) return next;
  const atHand = endUserAtHand(endUser);
  if (endUser.subject === before.subject) return { ...next, items: fillRequirements(items, atHand, before.country) };
  // A person and a business are asked for other things.
  const listed = defaultRequirements(before.country, before.type, endUser.subject);
  const asked = listItems(items, listed.known ? listed.items : [], atHand, before.country);
  return { ...next, subject: endUser.subject, items: asked, listedBy: listed.known ? 'data_file' : 'nobody' };
}
