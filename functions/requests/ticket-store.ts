import type { TicketId } from '../domain/ids.ts';
import type { TenantScope } from '../platform/auth.ts';
import { entity } from '../platform/entity.ts';
import type { Page, Position, Table, Write } from '../platform/table.ts';
import { type Comment, Ticket } from './ticket-schema.ts';

export const tickets = entity({
  name: 'ticket',
  schema: Ticket,
  key: (ticket) => ({ pk: `TEN#${ticket.tenantId}`, sk: `TKT#${ticket.id}` }),
  indexes: (ticket) => ({ list2: { pk: `TEN#${ticket.tenantId}#TKT`, sk: `${ticket.createdAt}#${ticket.id}` } }),
  auditId: (ticket) => ticket.id,
});
export const findTicket = (table: Table, scope: TenantScope, id: TicketId): Promise<Ticket | undefined> =>
  tickets.find(table, { pk: `TEN#${scope.tenantId}`, sk: `TKT#${id}` });
/** Newest first. */
export const queryTickets = (
  table: Table,
  scope: TenantScope,
  page: { readonly limit: number; readonly after?: Position },
): Promise<Page> => table.queryIndex('list2', { pk: `TEN#${scope.tenantId}#TKT`, descending: true, ...page });

export const commentWrite = (comment: Comment): Write => ({
  op: 'put',
  key: { pk: `TEN#${comment.tenantId}`, sk: `CMT#${comment.subjectId}#${comment.id}` },
  data: { ...comment },
  when: [{ is: 'absent' }],
});
/** Oldest first. */
export const queryComments = (
  table: Table,
  scope: TenantScope,
  subjectId: string,
  page: { readonly limit: number; readonly after?: Position },
): Promise<Page> => table.query({ pk: `TEN#${scope.tenantId}`, prefix: `CMT#${subjectId}#`, ...page });
