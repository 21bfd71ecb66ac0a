import type { ApiDeps } from '../contract/api-deps.ts';
import { actorOf, type Principal, type TenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { outboxWrite } from '../platform/outbox.ts';
import type { Write } from '../platform/table.ts';
import { noticeWrite, openedNotices } from './mails.ts';
import { openTask } from './move.ts';
import { prepareRequest } from './prepare.ts';
import type { NewRequest, NumberRequest } from './schema.ts';
import { requests, whereWrite } from './store.ts';
import { tickets } from './ticket-store.ts';
import { waitKindOf } from './waiting.ts';

/** The writes of a new request: one ticket, one mail to each side, one start, all or nothing (S0-44, I5, I12). */
function opening(
  deps: Deps,
  made: { record: NumberRequest; writes: readonly Write[] },
  task: Write | undefined,
  who: Principal,
  at: Date,
): readonly Write[] {
  const { record } = made;
  const stamp = at.toISOString();
  const ticket = tickets.create(
    {
      id: record.ticketId,
      object: 'ticket',
      tenantId: record.tenantId,
      subject: `${record.quantity} ${record.type.replace('_', '-')} in ${record.country}`,
      kind: 'number_request',
      state: 'open',
      purpose: record.purpose,
      numberRequestId: record.id,
      openedBy: who.id,
      createdAt: stamp,
      updatedAt: stamp,
    },
    { action: 'opened', actor: actorOf(who), at },
  );
  const start = {
    kind: 'start_workflow',
    machine: 'request-number',
    name: record.id,
    input: { tenantId: record.tenantId, requestId: record.id, class: record.class },
  } as const;
  const mails = openedNotices(record).map((notice) => noticeWrite(record, notice, at, deps.settings));
  return [
    ...made.writes,
    ...ticket.writes,
    whereWrite(record),
    outboxWrite(start, at),
    ...mails,
    ...(task ? [task] : []),
  ];
}

/** The inbox task of a request that begins with a person's decision. */
function firstTask(plain: Omit<NumberRequest, 'version'>, at: Date) {
  const kind = waitKindOf(plain);
  return kind === 'approval' || kind === 'quote' || kind === 'terms'
    ? openTask({ ...plain, version: 1 }, kind, at)
    : undefined;
}

/** A prepared request as a record with all its writes: the record, ticket, mails, start and inbox task. */
export function openRequestWrites(deps: Deps, plain: Omit<NumberRequest, 'version'>, who: Principal, at: Date) {
  const task = firstTask(plain, at);
  const fresh = { ...plain, ...(task ? { taskId: task.id } : {}) };
  const made = requests.create(fresh, { action: 'submitted', actor: actorOf(who), at });
  return { record: made.record, writes: opening(deps, made, task?.write, who, at) };
}

/**
 * Files a request together with what it is for (a new user and its extension, which are not stored yet): the target is not
 * looked up. Any other local number will do where the area has none; the fallback shows in the number itself (S0-2).
 */
export async function fileRequestWrites(
  deps: ApiDeps,
  scope: TenantScope,
  who: Principal,
  input: NewRequest,
  at: Date,
): Promise<readonly Write[]> {
  const { assignment, ...rest } = input;
  const plain = await prepareRequest(deps, scope, who, rest, at);
  return openRequestWrites(deps, { ...plain, ...(assignment ? { assignment } : {}) }, who, at).writes;
}
