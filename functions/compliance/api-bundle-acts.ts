import type { Hono } from 'hono';
import type * as z from 'zod';
import { bind } from '../contract/bind.ts';
import { reply } from '../contract/call.ts';
import { Conflict, InvalidInput } from '../domain/errors.ts';
import { BundleId, newId } from '../domain/ids.ts';
import { changeBy, type Principal } from '../platform/auth.ts';
import { outboxWrite } from '../platform/outbox.ts';
import type { Write } from '../platform/table.ts';
import { changeTask, findTask } from '../requests/inbox-store.ts';
import { openBundle, requireBundleState, viewBundle, writeOrConflict } from './bundle-act.ts';
import { type BundleDeps, classOf, isOpenClass, requirePapersCarrier } from './bundle-drafts.ts';
import { copiedItems, isOpenItem } from './bundle-items.ts';
import { judgedMail } from './bundle-mails.ts';
import { copyBundle, judgeBundle, submitBundle, withdrawBundle } from './bundle-routes.ts';
import type { Bundle } from './bundle-schema.ts';
import { nextLook, reviewed } from './bundle-states.ts';
import { attendWrite, bundles, dueWrite } from './bundle-store.ts';
import { bundleTask } from './bundle-task-store.ts';

const invalid = (code: string, detail: string, pointers: readonly string[]): InvalidInput =>
  new InvalidInput({ code, detail, errors: pointers.map((pointer) => ({ pointer, code, detail })) });

/** Throws 422 while something is missing, or where only customer success may agree to ask the carrier (S0-42). */
async function requireSubmittable(deps: BundleDeps, bundle: Bundle, who: Principal, scope: Scope, at: Date) {
  const of = await classOf(deps, scope, bundle, at);
  const isStaff = who.roles.some((role) => role === 'customer_success' || role === 'operator');
  if (!isOpenClass(of) && !isStaff)
    throw invalid(`${of}_country`, 'No carrier is asked here before customer success agrees: it submits the set.', []);
  const open = bundle.items.flatMap((item, index) => (isOpenItem(item) ? [{ item, index }] : []));
  if (open.length === 0) return;
  const names = open.map(({ item }) => item.name).join(', ');
  throw invalid(
    'documents_required',
    `Still to be handed in: ${names}.`,
    open.map(({ index }) => `#/items/${index}`),
  );
}
type Scope = Parameters<typeof openBundle>[1];

/** The task that stands for a set is done with this act. */
async function taskDone(deps: BundleDeps, bundle: Bundle, at: Date): Promise<readonly Write[]> {
  const task = bundle.taskId && (await findTask(deps.table, bundle.taskId));
  return task && task.state === 'open' ? [changeTask(task, { state: 'done' }, at).write] : [];
}

type Verdict = z.output<NonNullable<typeof judgeBundle.body>>;
/** A person's word as a carrier's. Throws 422: an item that is none, a day that is over. */
function toldBy(bundle: Bundle, body: Verdict, at: Date) {
  const { verdict, remark, validUntil, items = [] } = body;
  const stranger = items.findIndex((one) => !bundle.items.some((item) => item.requirementId === one.requirementId));
  if (stranger >= 0)
    throw invalid('unknown_requirement', 'The bundle has no such item.', [`#/items/${stranger}/requirementId`]);
  if (validUntil && Date.parse(validUntil) <= at.getTime())
    throw invalid('past_time', 'Give a time that lies ahead.', ['#/validUntil']);
  const rejections = [...items, ...(remark ? [{ remark }] : [])];
  return { state: verdict, rejections, ...(validUntil ? { validUntil } : {}) };
}

function copyOf(before: Bundle, who: Principal, at: Date): Omit<Bundle, 'version'> {
  const { country, type, action, subject, carrier, endUserId, listedBy, tenantId, items } = before;
  const stamp = at.toISOString();
  return {
    id: BundleId.parse(newId('bnd', at)),
    object: 'bundle',
    ...{ tenantId, country, type, action, subject, carrier, listedBy },
    ...(endUserId ? { endUserId } : {}),
    state: 'draft',
    items: copiedItems(items),
    copyOf: before.id,
    createdBy: who.id,
    createdAt: stamp,
    updatedAt: stamp,
  };
}

/** Submission, withdrawal, copies and the verdict of carriers without an interface. */
export function bindBundleActs(app: Hono, deps: BundleDeps): void {
  bind(app, deps, submitBundle, async ({ scope, who, params, now, checkVersion, idempotency }) => {
    const before = await openBundle(deps, scope, params.id);
    requireBundleState(before, ['draft'], 'a submission');
    checkVersion(before.version, viewBundle(before));
    const { manual } = requirePapersCarrier(deps.manifests, before);
    await requireSubmittable(deps, before, who, scope, now);
    const task = manual ? bundleTask(before, 'review', now) : undefined;
    const { remark: _remark, ...rest } = before;
    const stamp = now.toISOString();
    const submittedBy = { id: who.id, name: who.name, email: who.email };
    const after = { ...rest, submittedBy, submittedAt: stamp, updatedAt: stamp, ...(task ? { taskId: task.id } : {}) };
    const { record, writes } = bundles.replace(
      before,
      { ...after, state: 'submitted' },
      changeBy(who, 'submitted', now),
    );
    const answer = reply({ body: viewBundle(record), etag: record.version, location: `/v1/bundles/${record.id}` });
    const follows = task ? [task.write] : [attendWrite(record, now), dueWrite(record, nextLook(record, now))];
    await writeOrConflict(deps, [...writes, ...follows, ...idempotency.complete(answer)]);
    return answer;
  });
  bind(app, deps, withdrawBundle, async ({ scope, who, params, now, checkVersion, idempotency }) => {
    const before = await openBundle(deps, scope, params.id);
    requireBundleState(before, ['draft', 'rejected', 'expired'], 'a withdrawal');
    checkVersion(before.version, viewBundle(before));
    const after = { ...before, state: 'withdrawn' as const, updatedAt: now.toISOString() };
    const { record, writes } = bundles.replace(before, after, changeBy(who, 'withdrawn', now));
    const answer = reply({ body: viewBundle(record), etag: record.version });
    await writeOrConflict(deps, [...writes, ...(await taskDone(deps, before, now)), ...idempotency.complete(answer)]);
    return answer;
  });
  bind(app, deps, copyBundle, async ({ scope, who, params, now, idempotency }) => {
    const before = await openBundle(deps, scope, params.id);
    const { record, writes } = bundles.create(copyOf(before, who, now), changeBy(who, 'copied', now));
    const answer = reply({ body: viewBundle(record), location: `/v1/bundles/${record.id}`, etag: record.version });
    await writeOrConflict(deps, [...writes, ...idempotency.complete(answer)]);
    return answer;
  });
  bindVerdict(app, deps);
}

function bindVerdict(app: Hono, deps: BundleDeps): void {
  bind(app, deps, judgeBundle, async ({ scope, who, params, body, now, checkVersion, idempotency }) => {
    const before = await openBundle(deps, scope, params.id);
    const manifest = deps.manifests.find((one) => one.id === before.carrier);
    if (!manifest?.manual)
      throw new Conflict({ code: 'carrier_decides', detail: `${before.carrier} reviews its papers itself.` });
    requireBundleState(before, ['submitted', 'in_review'], 'a verdict');
    checkVersion(before.version, viewBundle(before));
    const after = reviewed(before, toldBy(before, body, now), now) ?? before;
    const { record, writes } = bundles.replace(before, after, changeBy(who, after.state, now));
    const answer = reply({ body: viewBundle(record), etag: record.version });
    const told = judgedMail(record, deps.settings);
    const follows = [
      dueWrite(record, nextLook(record, now)),
      ...(await taskDone(deps, before, now)),
      ...(told ? [outboxWrite({ kind: 'mail', mail: told }, now)] : []),
    ];
    await writeOrConflict(deps, [...writes, ...follows, ...idempotency.complete(answer)]);
    return answer;
  });
}
