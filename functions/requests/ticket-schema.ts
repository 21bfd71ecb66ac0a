import * as z from 'zod';
import { CommentId, RequestId, TenantId, TicketId, UserId } from '../domain/ids.ts';

const Instant = z.iso.datetime();
/** The support ticket of a request (S0-44), or of a change only support may make (S0-32). */
export const Ticket = z.object({
  id: TicketId,
  object: z.literal('ticket'),
  tenantId: TenantId,
  subject: z.string(),
  kind: z.enum(['number_request', 'routing_change', 'other']),
  state: z.enum(['open', 'waiting', 'closed']),
  purpose: z.string().optional(),
  numberRequestId: RequestId.optional(),
  numberId: z.string().optional(),
  openedBy: UserId,
  createdAt: Instant,
  updatedAt: Instant,
  version: z.int(),
});
export type Ticket = z.infer<typeof Ticket>;
export const TicketView = Ticket.omit({ version: true }).meta({ id: 'Ticket' });
export type TicketView = z.infer<typeof TicketView>;

/** A remark on a request or ticket; `internal` ones are customer success's own. Never changed. */
export const Comment = z.object({
  id: CommentId,
  object: z.literal('comment'),
  tenantId: TenantId,
  /** Request or ticket; a request's own ticket shows the request's comments. */
  subjectId: z.string(),
  text: z.string(),
  internal: z.boolean(),
  author: z.object({ id: z.string(), name: z.string(), kind: z.string() }),
  createdAt: Instant,
});
export type Comment = z.infer<typeof Comment>;
/** As shown: like every kept object it tells when it was changed last, which is when it was made. */
export const CommentView = Comment.extend({ updatedAt: Instant }).meta({ id: 'Comment' });
export type CommentView = z.infer<typeof CommentView>;
export const NewComment = z.strictObject({
  text: z.string().min(1).max(4000),
  internal: z.boolean().optional().describe('Seen by customer success only; customers may not set it.'),
});
export type NewComment = z.infer<typeof NewComment>;
