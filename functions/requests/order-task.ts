import { type RequestId, TaskId } from '../domain/ids.ts';
import type { Deps } from '../platform/deps.ts';
import type { Write } from '../platform/table.ts';
import type { InboxTask } from './inbox-schema.ts';
import { changeTask, findTask, newTaskWrite } from './inbox-store.ts';
import type { NumberRequest } from './schema.ts';

/** Hours until somebody must have looked at an order nobody can find, or at a step that cannot run (api-map §13, Clocks). */
const DUE_HOURS = 4;
/** The instant by which somebody must have looked at what is put before them at `at`. */
export const dueOf = ({ dueHours = DUE_HOURS }: Pick<Asked, 'dueHours'>, at: Date): string =>
  new Date(at.getTime() + dueHours * 3_600_000).toISOString();

/** A request has one such task, opened again when needed: its id follows from the request's, so that no repetition adds another. */
const orderTaskId = (requestId: RequestId): TaskId => TaskId.parse(`tsk_${requestId.slice('req_'.length)}`);

export interface Asked {
  readonly detail: string;
  readonly dueHours?: number;
  /** Hours for which a task that somebody has just dealt with is not opened again. */
  readonly quietHours?: number;
}

/** The write that puts a request before a person (step 8, I4); none when it is there already. */
export async function openOrderTask(
  deps: Pick<Deps, 'table'>,
  request: NumberRequest,
  asked: Asked,
  at: Date,
): Promise<readonly Write[]> {
  const { detail, quietHours = 0 } = asked;
  const found = await findTask(deps.table, orderTaskId(request.id));
  if (found?.state === 'open') return [];
  if (found && Date.parse(found.updatedAt) + quietHours * 3_600_000 > at.getTime()) return [];
  const dueAt = dueOf(asked, at);
  const fresh = { state: 'open', detail, dueAt, escalated: false, reminded: false } as const;
  if (found) return [changeTask(found, { ...fresh, resolution: undefined }, at).write];
  const stamp = at.toISOString();
  const task: InboxTask = {
    id: orderTaskId(request.id),
    object: 'task',
    kind: 'unclear_order',
    subject: { object: 'number_request', id: request.id },
    tenantId: request.tenantId,
    country: request.country,
    class: request.class,
    ...fresh,
    createdAt: stamp,
    updatedAt: stamp,
    version: 1,
  };
  return [newTaskWrite(task)];
}

/** When somebody must have looked at it; undefined while no such task is open. */
export async function orderTaskDue(
  deps: Pick<Deps, 'table'>,
  request: Pick<NumberRequest, 'id'>,
): Promise<string | undefined> {
  const found = await findTask(deps.table, orderTaskId(request.id));
  return found?.state === 'open' ? found.dueAt : undefined;
}

/** The write that takes it out of the inbox once the request has ended by itself. */
export async function closeOrderTask(
  deps: Pick<Deps, 'table'>,
  request: NumberRequest,
  at: Date,
): Promise<readonly Write[]> {
  const found = await findTask(deps.table, orderTaskId(request.id));
  return found?.state === 'open' ? [changeTask(found, { state: 'done' }, at).write] : [];
}
