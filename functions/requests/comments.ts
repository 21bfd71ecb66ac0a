import { NotAllowed } from '../domain/errors.ts';
import { CommentId, newId, type UserId } from '../domain/ids.ts';
import { actorOf, type Principal, type TenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { outboxWrite } from '../platform/outbox.ts';
import type { Page, Position, Write } from '../platform/table.ts';
import { findStaff, findUser } from '../tenants/store.ts';
import { textMail } from './mails.ts';
import { Comment, type CommentView, type NewComment } from './ticket-schema.ts';
import { commentWrite, queryComments } from './ticket-store.ts';

/** What is commented on: the thread, and who stands on the customer's side of it. */
export interface Thread {
  /** Request, or a ticket of its own. */
  readonly id: string;
  readonly title: string;
  readonly requester: { readonly name: string; readonly email: string } | UserId;
  readonly numberRequestId?: string;
}
type Writer = Pick<Principal, 'roles' | 'id' | 'keyId' | 'name' | 'kind'>;

export const isStaff = (who: Pick<Principal, 'roles'>): boolean =>
  who.roles.some((role) => role === 'customer_success' || role === 'operator');

/** A comment and the mail it makes, for one transaction. Throws NotAllowed when a customer marks one internal (S0-38). */
export async function newComment(
  deps: Pick<Deps, 'table' | 'settings'>,
  scope: TenantScope,
  thread: Thread,
  who: Writer,
  given: NewComment,
  at: Date,
): Promise<{ readonly comment: CommentView; readonly writes: readonly Write[] }> {
  const internal = given.internal ?? false;
  if (internal && !isStaff(who))
    throw new NotAllowed({ code: 'not_allowed', detail: 'Internal comments are customer success’s own.' });
  const comment: Comment = {
    id: CommentId.parse(newId('cmt', at)),
    object: 'comment',
    tenantId: scope.tenantId,
    subjectId: thread.id,
    text: given.text,
    internal,
    author: actorOf(who),
    createdAt: at.toISOString(),
  };
  const mail = internal ? [] : await otherSide(deps, scope, thread, who, comment, at);
  return { comment: shown(comment), writes: [commentWrite(comment), ...mail] };
}

const shown = (comment: Comment): CommentView => ({ ...comment, updatedAt: comment.createdAt });

/** Mailed to the other side: customer success hears of the customer's words and the requester of theirs. */
async function otherSide(
  deps: Pick<Deps, 'table' | 'settings'>,
  scope: TenantScope,
  thread: Thread,
  who: Writer,
  comment: Comment,
  at: Date,
): Promise<readonly Write[]> {
  const audience = isStaff(who) ? 'requester' : 'customer_success';
  const requester = await requesterOf(deps, scope, thread);
  const to = audience === 'requester' ? requester : { name: undefined, email: deps.settings.csMail };
  if (!to) return [];
  const page = thread.numberRequestId ? `requests/${thread.numberRequestId}` : `tickets/${thread.id}`;
  const mail = textMail({
    to: to.email,
    subject: `${who.name} commented: ${thread.title}`,
    lines: [`Hello${to.name ? ` ${to.name}` : ''},`, `${who.name} writes:`, comment.text],
    link: `${thread.id}: ${deps.settings.publicUrl}/${page}`,
    messageKey: `${thread.id}.comment_${comment.id}.${audience}`,
    numberRequestId: thread.numberRequestId,
  });
  return [outboxWrite({ kind: 'mail', mail }, at)];
}

/** Somebody who is gone gets no mail. */
async function requesterOf(deps: Pick<Deps, 'table'>, scope: TenantScope, { requester }: Thread) {
  if (typeof requester !== 'string') return requester;
  return (await findUser(deps.table, scope, requester)) ?? (await findStaff(deps.table, requester));
}

/** One page of a thread, oldest first; internal ones only for customer success. */
export async function listComments(
  deps: Pick<Deps, 'table'>,
  scope: TenantScope,
  threadId: string,
  who: Writer,
  page: { readonly limit: number; readonly after?: Position | undefined },
): Promise<{ data: CommentView[]; next?: Page['next'] | undefined }> {
  const { limit, after } = page;
  const found = await queryComments(deps.table, scope, threadId, { limit, ...(after ? { after } : {}) });
  const all = found.items.map((item) => Comment.parse(item.data));
  return { data: all.filter((comment) => !comment.internal || isStaff(who)).map(shown), next: found.next };
}
