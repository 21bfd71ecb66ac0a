import * as z from 'zod';
import { anyOf, ListQuery, listOf, route } from '../contract/route.ts';
import { NumberId, RequestId, TicketId } from '../domain/ids.ts';
import { CommentView, NewComment, Ticket, TicketView } from './ticket-schema.ts';

const own = { tag: 'Tickets', scope: 'tenant', roles: ['customer', 'tenant_admin', 'customer_success'] } as const;
const reading = { ...own, keyScope: 'requests:read' } as const;
const writing = { ...own, keyScope: 'requests:write' } as const;
const Id = z.strictObject({ id: TicketId });
const Subject = z.string().min(1).max(200);

export const listTickets = route({
  ...reading,
  method: 'get',
  path: '/v1/tickets',
  operationId: 'listTickets',
  summary: 'Tickets, newest first',
  query: z.strictObject({
    ...ListQuery.shape,
    state: anyOf(Ticket.shape.state).optional(),
    kind: anyOf(Ticket.shape.kind).optional(),
  }),
  returns: listOf(TicketView),
  errors: ['Malformed'],
});

export const createTicket = route({
  ...writing,
  method: 'post',
  path: '/v1/tickets',
  operationId: 'createTicket',
  summary: 'Ask customer success for something, such as a change only it may make',
  description: 'A number request opens its own ticket by itself.',
  idempotency: 'accepted',
  body: z.strictObject({
    subject: Subject,
    kind: z.enum(['routing_change', 'other']).optional(),
    numberRequestId: RequestId.optional(),
    numberId: NumberId.optional(),
  }),
  returns: TicketView,
  status: 201,
  errors: ['InvalidInput'],
  codes: ['unknown_request', 'unknown_number'],
});

export const getTicket = route({
  ...reading,
  method: 'get',
  path: '/v1/tickets/{id}',
  operationId: 'getTicket',
  summary: 'One ticket',
  params: Id,
  returns: TicketView,
  errors: ['NotFound'],
});

export const changeTicket = route({
  ...writing,
  method: 'patch',
  path: '/v1/tickets/{id}',
  operationId: 'changeTicket',
  summary: 'Rename, close or reopen a ticket',
  ifMatch: 'accepted',
  params: Id,
  body: z.strictObject({ subject: Subject.optional(), state: Ticket.shape.state.optional() }),
  returns: TicketView,
  errors: ['NotFound', 'Conflict', 'Stale', 'InvalidInput'],
});

export const listTicketComments = route({
  ...reading,
  method: 'get',
  path: '/v1/tickets/{id}/comments',
  operationId: 'listTicketComments',
  summary: 'Comments on a ticket, oldest first',
  description: "The ticket of a number request shows the request's comments.",
  params: Id,
  query: ListQuery,
  returns: listOf(CommentView),
  errors: ['NotFound', 'Malformed'],
});

export const createTicketComment = route({
  ...writing,
  method: 'post',
  path: '/v1/tickets/{id}/comments',
  operationId: 'createTicketComment',
  summary: 'Comment on a ticket; mailed to the other side',
  idempotency: 'accepted',
  params: Id,
  body: NewComment,
  returns: CommentView,
  status: 201,
  errors: ['NotFound', 'NotAllowed', 'InvalidInput'],
});
