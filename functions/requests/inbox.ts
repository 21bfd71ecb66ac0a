import { RequestId, type UserId } from '../domain/ids.ts';
import { type TenantScope, tenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { ConditionFailed, type Position, type Write } from '../platform/table.ts';
import { type InboxCounts, InboxTask, type InboxTaskView, TaskKind } from './inbox-schema.ts';
import { changeTask, queryTasks } from './inbox-store.ts';
import { findRequest } from './store.ts';

const PAGE = 200;
/** Open tasks counted at most; an inbox beyond that is an emergency, not a list. */
const COUNTED = 5_000;

export function viewTask(task: InboxTask): InboxTaskView {
  const { version: _v, nextTimerAt: _n, reminded: _r, ...shown } = task;
  return shown;
}

export interface TaskFilter {
  readonly kind?: readonly TaskKind[] | undefined;
  readonly country?: readonly string[] | undefined;
  readonly class?: readonly string[] | undefined;
  readonly tenantId?: string | undefined;
  readonly assignee?: string | undefined;
  readonly overdue?: boolean | undefined;
}
const isOverdue = (task: InboxTask, at: Date): boolean => Date.parse(task.dueAt) < at.getTime();

/** Whether a task fits all filters but the kind. Pure. */
export function fitsFilter(task: InboxTask, filter: TaskFilter, who: UserId, at: Date): boolean {
  const any = (allowed: readonly string[] | undefined, value: string | undefined): boolean =>
    allowed === undefined || (value !== undefined && allowed.includes(value));
  const assignee = filter.assignee === 'me' ? who : filter.assignee;
  return (
    any(filter.country, task.country) &&
    any(filter.class, task.class) &&
    (filter.tenantId === undefined || task.tenantId === filter.tenantId) &&
    (assignee === undefined || (assignee === 'none' ? task.assignee === undefined : task.assignee === assignee)) &&
    (filter.overdue === undefined || isOverdue(task, at) === filter.overdue)
  );
}

async function* openTasks(deps: Pick<Deps, 'table'>): AsyncGenerator<InboxTask> {
  let after: Position | undefined;
  let seen = 0;
  do {
    const page = await queryTasks(deps.table, { limit: PAGE, ...(after ? { after } : {}) });
    yield* page.items.map((item) => InboxTask.parse(item.data));
    after = page.next;
    seen += page.items.length;
  } while (after && seen < COUNTED);
}

/** One bounded page of the inbox; with filters it may be short or empty while more follows (DESIGN §6). */
export async function listInbox(
  deps: Pick<Deps, 'table'>,
  call: { readonly filter: TaskFilter; readonly who: UserId; readonly at: Date },
  page: { readonly limit: number; readonly after?: Position | undefined },
): Promise<{ data: InboxTaskView[]; next?: Position | undefined; meta: { counts: InboxCounts } }> {
  const { filter, who, at } = call;
  const found = await queryTasks(deps.table, { limit: page.limit, ...(page.after ? { after: page.after } : {}) });
  const data = found.items
    .map((item) => InboxTask.parse(item.data))
    .filter((task) => fitsFilter(task, filter, who, at) && (!filter.kind || filter.kind.includes(task.kind)));
  return { data: data.map(viewTask), next: found.next, meta: { counts: await countInbox(deps, call) } };
}

async function countInbox(
  deps: Pick<Deps, 'table'>,
  { filter, who, at }: { readonly filter: TaskFilter; readonly who: UserId; readonly at: Date },
): Promise<InboxCounts> {
  const counts = Object.fromEntries(['open', 'overdue', ...TaskKind.options].map((name) => [name, 0])) as InboxCounts;
  for await (const task of openTasks(deps)) {
    if (!fitsFilter(task, filter, who, at)) continue;
    counts.open += 1;
    counts[task.kind] += 1;
    if (isOverdue(task, at)) counts.overdue += 1;
  }
  return counts;
}

interface NextWish {
  readonly kind?: readonly TaskKind[] | undefined;
  readonly scope: TenantScope | undefined;
  /** Goes into the transaction that takes it. */
  also(task: InboxTask): readonly Write[];
}

/** Gives the caller the earliest task nobody has; one that somebody takes at the same moment is passed over. */
export async function takeNext(
  deps: Pick<Deps, 'table'>,
  who: UserId,
  wish: NextWish,
  at: Date,
): Promise<InboxTask | undefined> {
  const filter: TaskFilter = { assignee: 'none', tenantId: wish.scope?.tenantId };
  for await (const open of openTasks(deps)) {
    if (wish.kind && !wish.kind.includes(open.kind)) continue;
    if (!fitsFilter(open, filter, who, at) || (await isOwn(deps, open, who))) continue;
    const { task, write } = changeTask(open, { assignee: who }, at);
    try {
      await deps.table.write([write, ...wish.also(task)]);
      return task;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
  return undefined;
}

/** Nobody decides their own request (N6), so nobody is handed it either. */
async function isOwn(deps: Pick<Deps, 'table'>, task: InboxTask, who: UserId): Promise<boolean> {
  const id = RequestId.safeParse(task.subject.id);
  if (!task.tenantId || !id.success) return false;
  return (await findRequest(deps.table, tenantScope(task.tenantId), id.data))?.requestedBy === who;
}
