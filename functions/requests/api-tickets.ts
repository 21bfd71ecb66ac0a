import type { Hono } from 'hono';
import type * as z from 'zod';
import type { ApiDeps } from '../contract/api-deps.ts';
import { bind } from '../contract/bind.ts';
import { reply } from '../contract/call.ts';
import { InvalidInput, NotFound } from '../domain/errors.ts';
import { newId, TicketId } from '../domain/ids.ts';
import { findRow } from '../numbers/store.ts';
import { actorOf, type Principal, type TenantScope } from '../platform/auth.ts';
import { outboxWrite } from '../platform/outbox.ts';
import type { Write } from '../platform/table.ts';
import { threadOf } from './api-comments.ts';
import { isStaff, listComments, newComment, type Thread } from './comments.ts';
import { textMail } from './mails.ts';
import { findRequest } from './store.ts';
import {
  changeTicket,
  createTicket,
  createTicketComment,
  getTicket,
  listTicketComments,
  listTickets,
} from './ticket-routes.ts';
import type { Ticket, TicketView } from './ticket-schema.ts';
import { findTicket, queryTickets, tickets } from './ticket-store.ts';

function view(ticket: Ticket): TicketView {
  const { version: _v, ...shown } = ticket;
  return shown;
}
const isOnlyCustomer = (who: Principal): boolean => who.roles.every((role) => role === 'customer');

interface TicketCall {
  readonly scope: TenantScope;
  readonly who: Principal;
  readonly params: { readonly id: TicketId };
}
/** A customer sees own tickets only; everything else looks missing (I7). */
async function open(deps: ApiDeps, { scope, who, params }: TicketCall): Promise<Ticket> {
  const ticket = await findTicket(deps.table, scope, params.id);
  if (!ticket || (isOnlyCustomer(who) && ticket.openedBy !== who.id))
    throw new NotFound({ code: 'not_found', detail: `There is no ticket ${params.id}.` });
  return ticket;
}

type NewTicket = z.output<NonNullable<typeof createTicket.body>>;
async function requireSubjects(deps: ApiDeps, scope: TenantScope, who: Principal, body: NewTicket): Promise<void> {
  const refuse = (field: string, code: string): InvalidInput => {
    const detail = `There is no such ${code.replace('unknown_', '')} here.`;
    return new InvalidInput({ code, detail, errors: [{ pointer: `#/${field}`, code, detail }] });
  };
  const request = body.numberRequestId && (await findRequest(deps.table, scope, body.numberRequestId));
  if (body.numberRequestId && (!request || (isOnlyCustomer(who) && request.requestedBy !== who.id)))
    throw refuse('numberRequestId', 'unknown_request');
  if (body.numberId && !(await findRow(deps.table, scope, body.numberId))) throw refuse('numberId', 'unknown_number');
}

function newTicket(scope: TenantScope, who: Principal, body: NewTicket, at: Date): Omit<Ticket, 'version'> {
  const stamp = at.toISOString();
  const { subject, kind = 'other', numberRequestId, numberId } = body;
  return {
    id: TicketId.parse(newId('tkt', at)),
    object: 'ticket',
    tenantId: scope.tenantId,
    subject,
    kind,
    state: 'open',
    ...(numberRequestId ? { numberRequestId } : {}),
    ...(numberId ? { numberId } : {}),
    openedBy: who.id,
    createdAt: stamp,
    updatedAt: stamp,
  };
}

/** Customer success hears of a ticket it did not open itself. */
function opened(deps: ApiDeps, ticket: Ticket, who: Principal, at: Date): readonly Write[] {
  if (isStaff(who)) return [];
  const mail = textMail({
    to: deps.settings.csMail,
    subject: `New ticket: ${ticket.subject}`,
    lines: ['Hello,', `${who.name} (${who.email}) has opened a ticket: ${ticket.subject}`],
    link: `${ticket.id}: ${deps.settings.publicUrl}/tickets/${ticket.id}`,
    messageKey: `${ticket.id}.opened.customer_success`,
    numberRequestId: ticket.numberRequestId,
  });
  return [outboxWrite({ kind: 'mail', mail }, at)];
}

/** The ticket of a number request and the request are one conversation. */
async function threadOfTicket(deps: ApiDeps, scope: TenantScope, ticket: Ticket): Promise<Thread> {
  const id = ticket.kind === 'number_request' ? ticket.numberRequestId : undefined;
  const request = id && (await findRequest(deps.table, scope, id));
  if (request) return threadOf(request);
  const { numberRequestId } = ticket;
  return {
    id: ticket.id,
    title: ticket.subject,
    requester: ticket.openedBy,
    ...(numberRequestId ? { numberRequestId } : {}),
  };
}

/** Tickets: those of number requests, and those people open for what only support may change (S0-32, S0-44). */
export function bindTickets(app: Hono, deps: ApiDeps): void {
  bind(app, deps, listTickets, async ({ scope, who, query, after, page }) => {
    const found = await queryTickets(deps.table, scope, { limit: query.limit, ...(after ? { after } : {}) });
    const data = found.items
      .map((item) => tickets.parse(item))
      .filter((one) => !isOnlyCustomer(who) || one.openedBy === who.id)
      .filter((one) => (query.state ?? [one.state]).includes(one.state))
      .filter((one) => (query.kind ?? [one.kind]).includes(one.kind));
    return page({ data: data.map(view), next: found.next });
  });
  bind(app, deps, createTicket, async ({ scope, who, body, now, idempotency }) => {
    await requireSubjects(deps, scope, who, body);
    const change = { action: 'opened', actor: actorOf(who), at: now };
    const { record, writes } = tickets.create(newTicket(scope, who, body, now), change);
    const answer = reply({ body: view(record), etag: record.version, location: `/v1/tickets/${record.id}` });
    await deps.table.write([...writes, ...opened(deps, record, who, now), ...idempotency.complete(answer)]);
    return answer;
  });
  bind(app, deps, getTicket, async (call) => {
    const ticket = await open(deps, call);
    return reply({ body: view(ticket), etag: ticket.version });
  });
  bindWriting(app, deps);
}

function bindWriting(app: Hono, deps: ApiDeps): void {
  bind(app, deps, changeTicket, async (call) => {
    const { who, body, now } = call;
    const ticket = await open(deps, call);
    call.checkVersion(ticket.version, view(ticket));
    const { subject = ticket.subject, state = ticket.state } = body;
    const next = { ...ticket, subject, state, updatedAt: now.toISOString() };
    const { record, writes } = tickets.replace(ticket, next, { action: 'changed', actor: actorOf(who), at: now });
    await deps.table.write(writes);
    return reply({ body: view(record), etag: record.version });
  });
  bind(app, deps, listTicketComments, async (call) => {
    const ticket = await open(deps, call);
    const thread = await threadOfTicket(deps, call.scope, ticket);
    const { limit } = call.query;
    return call.page(await listComments(deps, call.scope, thread.id, call.who, { limit, after: call.after }));
  });
  bind(app, deps, createTicketComment, async (call) => {
    const { scope, who, body, now, idempotency } = call;
    const thread = await threadOfTicket(deps, scope, await open(deps, call));
    const { comment, writes } = await newComment(deps, scope, thread, who, body, now);
    const answer = reply({ body: comment });
    await deps.table.write([...writes, ...idempotency.complete(answer)]);
    return answer;
  });
}
