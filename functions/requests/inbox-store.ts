import { duePartition } from '../platform/outbox.ts';
import type { JsonObject, Key, Page, Position, Table, Write } from '../platform/table.ts';
import { InboxTask, type TaskKind } from './inbox-schema.ts';

const taskKey = (id: string): Key => ({ pk: `TASK#${id}`, sk: 'TASK' });
const INBOX = 'INBOX#customer_success';

/** Kinds that stand for themselves are reminded at their due time and escalated four hours later (api-map §13, Clocks). */
const OWN_TIMERS: readonly TaskKind[] = ['unclear_order', 'manual_order', 'port_issue', 'quarantine', 'mail_failed'];
const ESCALATE_AFTER = 4 * 3_600_000;
function timerOf(task: InboxTask): string | undefined {
  // A set of papers has no timers of its own as a request has.
  const standsAlone = OWN_TIMERS.includes(task.kind) || task.subject.object === 'bundle';
  if (task.state !== 'open' || task.escalated || !standsAlone) return undefined;
  return task.reminded ? new Date(Date.parse(task.dueAt) + ESCALATE_AFTER).toISOString() : task.dueAt;
}

const putTask = (plain: InboxTask, when: Extract<Write, { op: 'put' }>['when']): Write => {
  const nextTimerAt = timerOf(plain);
  const task = { ...plain, nextTimerAt };
  const due = nextTimerAt ? { list1: { pk: duePartition('task', task.id), sk: `${nextTimerAt}#${task.id}` } } : {};
  return {
    op: 'put',
    key: taskKey(task.id),
    data: task as unknown as JsonObject,
    ...(task.state === 'open' ? { indexes: { ...due, list2: { pk: INBOX, sk: `${task.dueAt}#${task.id}` } } } : {}),
    ...(when ? { when } : {}),
  };
};
export const newTaskWrite = (task: InboxTask): Write => putTask(task, [{ is: 'absent' }]);
/** The next version of a task; the stored one must still be the one that was read. */
export function changeTask(
  before: InboxTask,
  fields: Partial<InboxTask>,
  at: Date,
): { readonly task: InboxTask; readonly write: Write } {
  const task = { ...before, ...fields, updatedAt: at.toISOString(), version: before.version + 1 };
  return { task, write: putTask(task, [{ is: 'equals', field: 'version', value: before.version }]) };
}
export async function findTask(table: Table, id: string): Promise<InboxTask | undefined> {
  const stored = await table.get(taskKey(id));
  return stored && InboxTask.parse(stored.data);
}
/** One bounded page of the open tasks, by due date. */
export const queryTasks = (table: Table, page: { readonly limit: number; readonly after?: Position }): Promise<Page> =>
  table.queryIndex('list2', { pk: INBOX, ...page });
