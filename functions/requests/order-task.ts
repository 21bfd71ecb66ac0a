import { type RequestId, TaskId } from '../domain/ids.ts';
import type { Deps } from '../platform/deps.ts';
import type { Write } from '../platform/table.ts';
import type { InboxTask } from './inbox-schema.ts';
import { changeTask, findTask, newTaskWrite } from './inbox-store.ts';
import type { NumberRequest } from './schema.ts';
import { ORDER_DUE_HOURS } from './waiting.ts';

/** A request has one such task, opened again when needed: its id follows from the request's, so that no repetition adds another. */
export const orderTaskId = (requestId: RequestId): TaskId => TaskId.parse(`tsk_${requestId.slice('req_'.length)}`);

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
  const { detail, dueHours = ORDER_DUE_HOURS, quietHours = 0 } = asked;
  const found = await findTask(deps.table, orderTaskId(request.id));
  if (found?.state === 'open') return [];
  if (found && Date.parse(found.updatedAt) + quietHours * 3_600_000 > at.getTime()) return [];
  const dueAt = new Date(at.getTime() + dueHours * 3_600_000).toISOString();
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

export const isOrderTaskOpen = async (deps: Pick<Deps, 'table'>, request: NumberRequest): Promise<boolean> =>
  (await findTask(deps.table, orderTaskId(request.id)))?.state === 'open';

/** The write that takes it out of the inbox once the request has ended by itself. */
export async function closeOrderTask(
  deps: Pick<Deps, 'table'>,
  request: NumberRequest,
  at: Date,
): Promise<readonly Write[]> {
  const found = await findTask(deps.table, orderTaskId(request.id));
  return found?.state === 'open' ? [changeTask(found, { state: 'done' }, at).write] : [];
}
