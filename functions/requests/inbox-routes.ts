import * as z from 'zod';
import { anyOf, flag, ListQuery, listOf, route } from '../contract/route.ts';
import { CountryClass, CountryCode } from '../domain/country.ts';
import { E164 } from '../domain/e164.ts';
import { TaskId, TenantId, UserId } from '../domain/ids.ts';
import { InboxCounts, InboxTaskView, TaskKind } from './inbox-schema.ts';

const inbox = { tag: 'Inbox', scope: 'platform', roles: ['customer_success', 'operator'] } as const;
const Id = z.strictObject({ id: TaskId });

export const listTasks = route({
  ...inbox,
  method: 'get',
  path: '/v1/tasks',
  operationId: 'listTasks',
  summary: 'What people have to do, by due date',
  description: '`meta.counts` counts what fits the other filters: in all, overdue, and of each kind.',
  query: z.strictObject({
    ...ListQuery.shape,
    kind: anyOf(TaskKind).optional(),
    country: anyOf(CountryCode).optional(),
    class: anyOf(CountryClass).optional(),
    tenantId: TenantId.optional(),
    assignee: z
      .union([UserId, z.enum(['me', 'none'])])
      .optional()
      .describe('A user, `me`, or `none` for what nobody has taken.'),
    overdue: flag().optional(),
  }),
  returns: listOf(InboxTaskView, { counts: InboxCounts }),
  errors: ['Malformed'],
});

export const changeTask = route({
  ...inbox,
  method: 'patch',
  path: '/v1/tasks/{id}',
  operationId: 'changeTask',
  summary: 'Assign a task, or move its due date',
  ifMatch: 'accepted',
  params: Id,
  body: z.strictObject({
    assignee: UserId.nullable().optional().describe('Somebody of customer success; null gives it back.'),
    dueAt: z.iso.datetime().optional(),
  }),
  returns: InboxTaskView,
  errors: ['NotFound', 'Conflict', 'Stale', 'InvalidInput'],
  codes: ['wrong_state'],
});

export const takeNextTask = route({
  ...inbox,
  method: 'post',
  path: '/v1/tasks/next',
  operationId: 'takeNextTask',
  summary: 'Take the task that is due first of those nobody has taken',
  description: 'Leaves out requests the caller made: somebody else decides those. 404 when nothing is left.',
  idempotency: 'accepted',
  body: z.strictObject({ kind: z.array(TaskKind).min(1).max(TaskKind.options.length).optional() }),
  returns: InboxTaskView,
  errors: ['NotFound'],
});

export const resolveTask = route({
  ...inbox,
  method: 'post',
  path: '/v1/tasks/{id}/resolution',
  operationId: 'resolveTask',
  summary: 'Say how it ended: an unclear order, a quarantined number, a step that could not run',
  description:
    'For an unclear order the verdict says whether the carrier has sold the number: `not_bought` frees it, `bought` makes us look for it again. `number` names one of several. An order the carrier has accepted takes no verdict (409): it ends by the carrier’s word, and without a verdict the task is put off for a day. Approvals, terms and papers are decided on their request.',
  idempotency: 'required',
  ifMatch: 'accepted',
  params: Id,
  body: z.strictObject({
    verdict: z.enum(['bought', 'not_bought']).optional(),
    number: E164.optional(),
    comment: z.string().min(1).max(2000).optional(),
  }),
  returns: InboxTaskView,
  errors: ['NotFound', 'Conflict', 'Stale', 'InvalidInput'],
  codes: ['already_decided', 'wrong_state', 'verdict_required', 'unknown_number'],
});
