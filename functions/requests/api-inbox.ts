import type { Hono } from 'hono';
import type * as z from 'zod';
import type { ApiDeps } from '../contract/api-deps.ts';
import { bind } from '../contract/bind.ts';
import { type Answer, type Call, reply } from '../contract/call.ts';
import { Conflict, InvalidInput, NotFound } from '../domain/errors.ts';
import { RequestId, type TaskId, type UserId } from '../domain/ids.ts';
import { type Principal, tenantScope } from '../platform/auth.ts';
import { ConditionFailed, type Write } from '../platform/table.ts';
import { findStaff } from '../tenants/store.ts';
import { actorOf } from './act.ts';
import { listInbox, takeNext, viewTask } from './inbox.ts';
import { changeTask as changeTaskLine, listTasks, resolveTask, takeNextTask } from './inbox-routes.ts';
import type { InboxTask, InboxTaskView } from './inbox-schema.ts';
import { changeTask, findTask } from './inbox-store.ts';
import { moveRequest } from './move.ts';
import { orderTaskId } from './order-task.ts';
import { planResolution, type Resolution, requireResolvable } from './resolve-task.ts';
import type { NumberRequest } from './schema.ts';
import { findRequest } from './store.ts';

async function open(deps: ApiDeps, id: TaskId): Promise<InboxTask> {
  const task = await findTask(deps.table, id);
  if (!task) throw new NotFound({ code: 'not_found', detail: `There is no task ${id}.` });
  return task;
}

async function requireStaff(deps: ApiDeps, id: UserId): Promise<void> {
  const found = await findStaff(deps.table, id);
  if (found?.roles.some((role) => role === 'customer_success' || role === 'operator')) return;
  const detail = `${id} is nobody of customer success.`;
  throw new InvalidInput({
    code: 'unknown_user',
    detail,
    errors: [{ pointer: '#/assignee', code: 'unknown_user', detail }],
  });
}

function requireAhead(dueAt: string, at: Date): void {
  if (Date.parse(dueAt) > at.getTime()) return;
  const detail = 'Give a time that lies ahead.';
  throw new InvalidInput({ code: 'past_time', detail, errors: [{ pointer: '#/dueAt', code: 'past_time', detail }] });
}

/** The due date of a wait is the request's: its reminders and escalation move with it. */
async function requestWrites(deps: ApiDeps, task: InboxTask, dueAt: string, who: Principal, at: Date) {
  const id = RequestId.safeParse(task.subject.id);
  const scope = task.tenantId && tenantScope(task.tenantId);
  const request = scope && id.success ? await findRequest(deps.table, scope, id.data) : undefined;
  if (!request || !(request.taskId === task.id || isJudgedBy(request, task))) return [];
  const move = { action: 'due_date_moved', actor: actorOf(who), at, fields: { dueAt, reminded: 0, escalated: false } };
  return (await moveRequest(deps, request, move)).writes;
}

/** The task for the order a request waits for: it hangs on no wait of the request's own. */
const isJudgedBy = (request: NumberRequest, task: InboxTask): boolean =>
  task.id === orderTaskId(request.id) && request.state === 'resolving' && request.waitingFor === 'customer_success';

interface ChangeBody {
  readonly assignee?: UserId | null | undefined;
  readonly dueAt?: string | undefined;
}
async function change(deps: ApiDeps, task: InboxTask, body: ChangeBody, who: Principal, at: Date): Promise<InboxTask> {
  if (task.state === 'done') throw new Conflict({ code: 'wrong_state', detail: 'This task is done.' });
  const { assignee, dueAt } = body;
  if (assignee) await requireStaff(deps, assignee);
  if (dueAt) requireAhead(dueAt, at);
  const moved = dueAt && { dueAt, reminded: false, escalated: false };
  const given = assignee === undefined ? {} : { assignee: assignee ?? undefined };
  const changed = changeTask(task, { ...given, ...moved }, at);
  const also = dueAt ? await requestWrites(deps, task, dueAt, who, at) : [];
  await writeOrConflict(deps, [changed.write, ...also]);
  return changed.task;
}

async function writeOrConflict(deps: ApiDeps, writes: readonly Write[]): Promise<void> {
  try {
    await deps.table.write(writes);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    throw new Conflict({ code: 'conflict', detail: 'Somebody changed this at the same moment; read it again.' });
  }
}

type ResolveCall = Pick<
  Call<z.ZodObject, z.ZodObject, z.ZodType, typeof InboxTaskView>,
  'idempotency' | 'checkVersion' | 'now'
> & { readonly params: { readonly id: TaskId }; readonly body: Resolution; readonly who: Principal };

/** Polls change intents all the time: a word that met one is planned anew, on what the first try has left. */
async function resolve(deps: ApiDeps, call: ResolveCall, rounds = 5): Promise<Answer<typeof InboxTaskView>> {
  const before = await open(deps, call.params.id);
  requireResolvable(before);
  call.checkVersion(before.version, viewTask(before));
  const { task, batches } = await planResolution(deps, before, call.body, call.who, call.now);
  const answer = reply({ body: viewTask(task), etag: task.version });
  const [last = [], ...early] = [...batches].reverse();
  try {
    for (const batch of early) await writeOrConflict(deps, batch);
    await writeOrConflict(deps, [...last, ...call.idempotency.complete(answer)]);
    return answer;
  } catch (error) {
    if (!(error instanceof Conflict) || rounds <= 1) throw error;
    return resolve(deps, call, rounds - 1);
  }
}

/** The inbox of customer success: what people must do, by due date (S0-42, I4). */
export function bindInbox(app: Hono, deps: ApiDeps): void {
  bind(app, deps, listTasks, async ({ query, scope, who, now, after, page }) => {
    const { limit, cursor: _cursor, ...given } = query;
    const filter = { ...given, tenantId: given.tenantId ?? scope?.tenantId };
    return page(await listInbox(deps, { filter, who: who.id, at: now }, { limit, after }));
  });
  bind(app, deps, takeNextTask, async ({ body, who, scope, now, idempotency }) => {
    const answer = (task: InboxTask) => reply({ body: viewTask(task), etag: task.version });
    const wish = { kind: body.kind, scope, also: (task: InboxTask) => idempotency.complete(answer(task)) };
    const task = await takeNext(deps, who.id, wish, now);
    if (!task) throw new NotFound({ code: 'not_found', detail: 'Nothing is left to take.' });
    return answer(task);
  });
  bind(app, deps, changeTaskLine, async ({ params, body, who, now, checkVersion }) => {
    const task = await open(deps, params.id);
    checkVersion(task.version, viewTask(task));
    const changed = await change(deps, task, body, who, now);
    return reply({ body: viewTask(changed), etag: changed.version });
  });
  bind(app, deps, resolveTask, (call) => resolve(deps, call));
}
