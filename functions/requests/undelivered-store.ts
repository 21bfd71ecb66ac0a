import { RequestId, TaskId, type TenantId } from '../domain/ids.ts';
import { type TenantScope, tenantScope } from '../platform/auth.ts';
import type { OutboxLine, StoredLine } from '../platform/outbox.ts';
import type { Table, Write } from '../platform/table.ts';
import { newTaskWrite } from './inbox-store.ts';
import { openOrderTask } from './order-task.ts';
import { findRequest, findScopeOf } from './store.ts';

const DAY = 24 * 3_600_000;

/**
 * Puts what could not be delivered for a day before a person (N1, I4): the writes for the transaction that marks the line.
 * A mail about a task lies in the inbox with it; a carrier's event and an upload are looked at again by
 * themselves, a bad end goes on being tried.
 */
export async function undeliveredWrites(table: Table, stored: StoredLine, at: Date): Promise<readonly Write[]> {
  const { line } = stored;
  switch (line.kind) {
    case 'mail':
      return line.mail.messageKey.startsWith('tsk_') ? [] : [await mailTask(table, stored.id, line.mail, at)];
    case 'start_workflow':
      return stuckRequest(table, line.input['tenantId'], line.input['requestId'], 'It could not be started', at);
    case 'signal':
      return stuckRequest(table, line.tenantId, line.numberRequestId, 'It could not be told of a change', at);
    case 'carrier_event':
    case 'check_document':
    case 'bad_end':
      return [];
  }
}

type Mail = Extract<OutboxLine, { kind: 'mail' }>['mail'];
async function mailTask(table: Table, lineId: string, mail: Mail, at: Date): Promise<Write> {
  const { numberRequestId: id } = mail;
  const scope = id === undefined ? undefined : await findScopeOf(table, id);
  const stamp = at.toISOString();
  return newTaskWrite({
    id: TaskId.parse(`tsk_${lineId.slice('out_'.length)}`),
    object: 'task',
    kind: 'mail_failed',
    subject: id === undefined ? { object: 'mail', id: mail.messageKey } : { object: 'number_request', id },
    ...(scope ? { tenantId: scope.tenantId } : {}),
    detail: `This mail could not be delivered for a day: "${mail.subject}" to ${mail.to.join(', ')}.`,
    state: 'open',
    dueAt: new Date(at.getTime() + DAY).toISOString(),
    escalated: false,
    reminded: false,
    createdAt: stamp,
    updatedAt: stamp,
    version: 1,
  });
}

async function stuckRequest(
  table: Table,
  tenantId: unknown,
  requestId: unknown,
  what: string,
  at: Date,
): Promise<readonly Write[]> {
  const id = RequestId.safeParse(requestId);
  if (!id.success || typeof tenantId !== 'string') return [];
  const scope: TenantScope = tenantScope(tenantId as TenantId);
  const request = await findRequest(table, scope, id.data);
  if (!request) return [];
  const detail = `${what} for a day; resolve to make it look again.`;
  return openOrderTask({ table }, request, { detail, quietHours: 24 }, at);
}
