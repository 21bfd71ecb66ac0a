import * as z from 'zod';
import { ListQuery, listOf, type Route, route } from '../contract/route.ts';
import { E164 } from '../domain/e164.ts';
import { NumberId } from '../domain/ids.ts';
import { NumberChange } from './change-schema.ts';
import { NumberQuery } from './list-schema.ts';
import { Assignment } from './schema.ts';
import { AuditView, CallView, LimitView, MessageView, NumberSummary, NumberView } from './view-schema.ts';

const Id = z.strictObject({
  id: z.union([NumberId, E164]).describe('`num_…`, or the number in E.164 with its plus sign URL-encoded.'),
});
const line = { tag: 'Numbers', scope: 'tenant' } as const;
const admins = ['tenant_admin', 'customer_success'] as const;
const everybody = ['customer', 'tenant_admin', 'customer_success'] as const;
const reads = { ...line, method: 'get', keyScope: 'numbers:read' } as const;

export const listNumbersRoute = route({
  ...reads,
  path: '/v1/numbers',
  operationId: 'listNumbers',
  summary: 'Numbers of the tenant; a customer sees those that ring them',
  roles: everybody,
  query: NumberQuery,
  returns: listOf(NumberView, { limit: LimitView }),
  errors: ['Malformed', 'InvalidInput'],
});
export const getNumberSummary = route({
  ...reads,
  path: '/v1/numbers/summary',
  operationId: 'getNumberSummary',
  summary: 'How many numbers there are, by status, ownership, country, carrier and routing',
  roles: admins,
  returns: NumberSummary,
  errors: [],
});
export const getNumberRoute = route({
  ...reads,
  path: '/v1/numbers/{id}',
  operationId: 'getNumber',
  summary: 'One number',
  roles: everybody,
  params: Id,
  returns: NumberView,
  errors: ['NotFound'],
});
export const changeNumberRoute = route({
  ...line,
  method: 'patch',
  path: '/v1/numbers/{id}',
  operationId: 'changeNumber',
  summary: 'Change name, description, tags, metadata or reference',
  description: 'JSON merge patch: `"name": null` restores the number itself as the name.',
  roles: admins,
  keyScope: 'numbers:write',
  ifMatch: 'accepted',
  params: Id,
  body: NumberChange,
  returns: NumberView,
  errors: ['NotFound', 'Conflict', 'Stale', 'InvalidInput'],
  codes: ['conflict', 'stale_version'],
});
export const assignNumber = route({
  ...line,
  method: 'put',
  path: '/v1/numbers/{id}/assignment',
  operationId: 'assignNumber',
  summary: 'Say whose a number is and what it rings',
  description: 'Effective at once: the next call uses it.',
  roles: admins,
  keyScope: 'numbers:write',
  ifMatch: 'accepted',
  params: Id,
  body: Assignment,
  returns: NumberView,
  errors: ['NotAllowed', 'NotFound', 'Conflict', 'Stale', 'InvalidInput'],
  codes: [
    'workflow_bound',
    'flow_locked',
    'number_not_active',
    'ownership_not_convertible',
    'unknown_target',
    'forward_not_allowed',
    'conflict',
  ],
});
export const unassignNumber = route({
  ...line,
  method: 'delete',
  path: '/v1/numbers/{id}/assignment',
  operationId: 'unassignNumber',
  summary: "Route a number to nobody: the tenant's fallback answers",
  roles: admins,
  keyScope: 'numbers:write',
  params: Id,
  errors: ['NotAllowed', 'NotFound', 'Conflict'],
  codes: ['workflow_bound', 'flow_locked', 'number_not_active', 'conflict'],
});
export const listNumberCalls = route({
  ...reads,
  path: '/v1/numbers/{id}/calls',
  operationId: 'listNumberCalls',
  summary: 'Calls of a number, latest first',
  roles: admins,
  params: Id,
  query: ListQuery,
  returns: listOf(CallView),
  errors: ['NotFound'],
});
export const listNumberMessages = route({
  ...reads,
  path: '/v1/numbers/{id}/messages',
  operationId: 'listNumberMessages',
  summary: 'Messages of a number, latest first',
  roles: admins,
  params: Id,
  query: ListQuery,
  returns: listOf(MessageView),
  errors: ['NotFound'],
});
export const listNumberAudit = route({
  ...reads,
  path: '/v1/numbers/{id}/audit',
  operationId: 'listNumberAudit',
  summary: 'Who changed what of a number, latest first',
  roles: admins,
  params: Id,
  query: ListQuery,
  returns: listOf(AuditView),
  errors: ['NotFound'],
});

/** All lines of this room. */
export const numberRoutes: readonly Route[] = [
  listNumbersRoute,
  getNumberSummary,
  getNumberRoute,
  changeNumberRoute,
  assignNumber,
  unassignNumber,
  listNumberCalls,
  listNumberMessages,
  listNumberAudit,
];
