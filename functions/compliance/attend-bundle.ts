import type { Call } from '../carriers/outcome.ts';
import type { PapersRefs, PapersService, RequirementItem } from '../carriers/papers-port.ts';
import type { Carriers } from '../carriers/port.ts';
import { tenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import type { Actor } from '../platform/entity.ts';
import { outboxWrite } from '../platform/outbox.ts';
import { ConditionFailed, type Write } from '../platform/table.ts';
import { endUserAtHand } from './at-hand-store.ts';
import { handInBundle } from './bundle-hand-in.ts';
import { isOpenItem, listItems } from './bundle-items.ts';
import { judgedMail } from './bundle-mails.ts';
import type { Bundle } from './bundle-schema.ts';
import { nextLook, reviewed } from './bundle-states.ts';
import { bundleRefWrite, bundles, dueWrite, heldWrite } from './bundle-store.ts';
import { bundleTask } from './bundle-task-store.ts';
import { findEndUser } from './store.ts';

/** What attending a set needs: it runs where carriers may be called. */
export interface PapersDeps extends Deps {
  readonly carriers: Carriers;
}
const READ_MS = 10_000;
const WRITE_MS = 30_000;
const within = (timeoutMs: number): Call => ({ signal: AbortSignal.timeout(timeoutMs), timeoutMs });
const SYSTEM: Actor = { kind: 'system', id: 'numbergate', name: 'Numbergate' };
const carrierOf = ({ carrier }: Bundle): Actor => ({ kind: 'carrier', id: carrier, name: carrier });

/** Does what is next for a set as it was read. Throws ConditionFailed when somebody else changed it meanwhile. */
export async function attend(deps: PapersDeps, bundle: Bundle): Promise<Bundle> {
  const service = await serviceOf(deps, bundle);
  switch (bundle.state) {
    case 'draft':
      return service && bundle.listedBy !== 'carrier' ? list(deps, service, bundle) : bundle;
    case 'submitted':
      return service ? handIn(deps, service, bundle) : bundle;
    case 'in_review':
    case 'provisionally_approved':
    case 'approved':
    case 'expiring':
      return look(deps, service, bundle);
    case 'rejected':
    case 'expired':
    case 'withdrawn':
      await deps.table.write([dueWrite(bundle, undefined)]);
      return bundle;
  }
}

/** Undefined where a person stands for the carrier. */
async function serviceOf(deps: PapersDeps, { carrier }: Bundle): Promise<PapersService | undefined> {
  if (deps.carriers.manifest(carrier).manual) return undefined;
  return (await deps.carriers.get(carrier)).papers;
}

/** Put off before the carrier is asked: a run that dies is followed by the next look, and no look by another at once. */
const askAgain = (deps: PapersDeps, bundle: Bundle): Promise<void> =>
  deps.table.write([dueWrite(bundle, nextLook(bundle, deps.clock.now()))]);

async function save(
  deps: PapersDeps,
  before: Bundle,
  after: Omit<Bundle, 'version'>,
  by: { readonly action: string; readonly actor: Actor },
  also: readonly Write[] = [],
): Promise<Bundle> {
  const at = deps.clock.now();
  const turned = after.state !== before.state;
  const task = turned && after.state === 'expiring' ? bundleTask({ ...after, version: 0 }, 'renewal', at) : undefined;
  const next = { ...after, updatedAt: at.toISOString(), ...(task ? { taskId: task.id } : {}) };
  const { record, writes } = bundles.replace(before, next, { ...by, at });
  const mail = turned ? judgedMail(record, deps.settings) : undefined;
  const follows = [
    ...(task ? [task.write] : []),
    ...(mail ? [outboxWrite({ kind: 'mail', mail }, at)] : []),
    dueWrite(record, nextLook(record, at)),
  ];
  await deps.table.write([...writes, ...follows, ...also]);
  return record;
}

const requirementsAt = (service: PapersService, { country, type, subject, action }: Bundle) =>
  service.requirements({ country, type, subject, action }, within(READ_MS));

/** The items by the carrier's own list, met as far as they can be. */
async function itemsBy(deps: PapersDeps, bundle: Bundle, listed: readonly RequirementItem[]) {
  const { endUserId, tenantId, country } = bundle;
  const endUser = endUserId && (await findEndUser(deps.table, tenantScope(tenantId), endUserId));
  return listItems(bundle.items, listed, endUser ? endUserAtHand(endUser) : [], country);
}

async function list(deps: PapersDeps, service: PapersService, bundle: Bundle): Promise<Bundle> {
  const listed = await requirementsAt(service, bundle);
  if (!listed) return bundle;
  const items = await itemsBy(deps, bundle, listed);
  return save(deps, bundle, { ...bundle, items, listedBy: 'carrier' }, { action: 'listed', actor: carrierOf(bundle) });
}

const NEW_REMARK = 'Asked for since these papers were put together.';
/** By one run at a time; a run that fails lets the next one try at once. */
async function handIn(deps: PapersDeps, service: PapersService, bundle: Bundle): Promise<Bundle> {
  const at = deps.clock.now();
  const next = nextLook(bundle, at);
  try {
    if (next) await deps.table.write([heldWrite(bundle, next, at)]);
  } catch (error) {
    if (error instanceof ConditionFailed) return bundle;
    throw error;
  }
  try {
    return await handInAlone(deps, service, bundle);
  } catch (error) {
    await askAgain(deps, bundle);
    throw error;
  }
}

/** Looked up once more before anything leaves: what is newly asked for goes back to whoever fills the set (R2). */
async function handInAlone(deps: PapersDeps, service: PapersService, bundle: Bundle): Promise<Bundle> {
  const listed = await requirementsAt(service, bundle);
  const items = listed ? await itemsBy(deps, bundle, listed) : bundle.items;
  if (items.some(isOpenItem)) {
    const shown = items.map((item) => (isOpenItem(item) ? { ...item, remarks: [...item.remarks, NEW_REMARK] } : item));
    const draft = { ...bundle, state: 'draft', items: shown, listedBy: 'carrier' } as const;
    return save(deps, bundle, draft, { action: 'incomplete', actor: carrierOf(bundle) });
  }
  const asked = { ...bundle, items, ...(listed ? { listedBy: 'carrier' as const } : {}) };
  const end = await handInBundle(deps, service, asked, listed, within(WRITE_MS));
  const { refs } = end.after;
  const also = refs?.bundleId ? [bundleRefWrite(bundle, refs.bundleId)] : [];
  const handed = await save(deps, bundle, end.after, { action: end.action, actor: SYSTEM }, also);
  return handed.state === 'in_review' ? look(deps, service, handed) : handed;
}

function refsOf({ refs = {} }: Bundle): PapersRefs {
  const { bundleId, addressId, endUserId, documentIds } = refs;
  return {
    ...(bundleId ? { bundleId } : {}),
    ...(addressId ? { addressId } : {}),
    ...(endUserId ? { endUserId } : {}),
    ...(documentIds ? { documentIds } : {}),
  };
}

/** Reads the review again: a webhook is only a hint. Without a service only time goes on. */
async function look(deps: PapersDeps, service: PapersService | undefined, bundle: Bundle): Promise<Bundle> {
  await askAgain(deps, bundle);
  const own = bundle.state === 'provisionally_approved' ? bundle.state : 'approved';
  if (!service && bundle.state === 'in_review') return bundle;
  const told = service
    ? await service.state(refsOf(bundle), within(READ_MS))
    : ({ state: own, rejections: [] } as const);
  const after = reviewed(bundle, told, deps.clock.now());
  return after ? save(deps, bundle, after, { action: after.state, actor: carrierOf(bundle) }) : bundle;
}
