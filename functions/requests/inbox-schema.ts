import * as z from 'zod';
import { CountryClass, CountryCode } from '../domain/country.ts';
import { TaskId, TenantId, UserId } from '../domain/ids.ts';

const Instant = z.iso.datetime();
export const TaskKind = z.enum([
  'approval',
  'quote',
  'terms',
  'documents_review',
  'unclear_order',
  'manual_order',
  'port_issue',
  'quarantine',
  'payment',
  'mail_failed',
]);
export type TaskKind = z.infer<typeof TaskKind>;

/** Something a person must do (I4); listed by due date while open. */
export const InboxTask = z.object({
  id: TaskId,
  object: z.literal('task'),
  kind: TaskKind,
  subject: z.object({ object: z.string(), id: z.string() }),
  tenantId: TenantId.optional(),
  country: CountryCode.optional(),
  class: CountryClass.optional(),
  detail: z.string(),
  state: z.enum(['open', 'done']),
  dueAt: Instant,
  assignee: UserId.optional(),
  escalated: z.boolean(),
  reminded: z.boolean(),
  /** Next reminder or escalation by itself; absent where the subject's own timers do it. */
  nextTimerAt: Instant.optional(),
  resolution: z.object({ verdict: z.string(), by: z.string(), at: Instant, detail: z.string().optional() }).optional(),
  createdAt: Instant,
  updatedAt: Instant,
  version: z.int(),
});
export type InboxTask = z.infer<typeof InboxTask>;

/** A task as its readers see it. */
export const InboxTaskView = InboxTask.omit({ version: true, nextTimerAt: true, reminded: true }).meta({ id: 'Task' });
export type InboxTaskView = z.infer<typeof InboxTaskView>;

/** How many open tasks fit the other filters: in all, overdue, and of each kind. */
export const InboxCounts = z.record(z.enum(['open', 'overdue', ...TaskKind.options]), z.int());
export type InboxCounts = z.infer<typeof InboxCounts>;
