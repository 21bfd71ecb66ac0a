import * as z from 'zod';
import { ListQuery, listOf, type Route, route } from '../contract/route.ts';
import { CallFlowId, QueueId } from '../domain/ids.ts';
import { CallFlowChange, NewCallFlow, NewQueue, QueueChange } from './input-schema.ts';
import { CallFlowView, QueueView } from './view-schema.ts';

const admins = ['tenant_admin', 'customer_success'] as const;
const queues = { tag: 'Queues', scope: 'tenant' } as const;
const flows = { tag: 'Call flows', scope: 'tenant' } as const;
const Queue = z.strictObject({ id: QueueId });
const Flow = z.strictObject({ id: CallFlowId });
const WAITING =
  'A caller nobody takes within `timeoutSeconds` goes on to `overflow`, then to the tenant’s fallback. Vonage has no such limit: there a caller hears music until somebody takes the call or the caller hangs up, and `overflow` is never reached.';
const TARGET_CODES = ['unknown_target', 'forward_not_allowed'] as const;

export const listQueues = route({
  ...queues,
  method: 'get',
  path: '/v1/queues',
  operationId: 'listQueues',
  summary: 'Queues callers wait in',
  roles: admins,
  keyScope: 'routing:read',
  query: ListQuery,
  returns: listOf(QueueView),
  errors: [],
});
export const createQueue = route({
  ...queues,
  method: 'post',
  path: '/v1/queues',
  operationId: 'createQueue',
  summary: 'Make a queue',
  description: WAITING,
  roles: ['customer_success'],
  idempotency: 'accepted',
  body: NewQueue,
  returns: QueueView,
  status: 201,
  errors: ['InvalidInput'],
  codes: TARGET_CODES,
});
export const getQueue = route({
  ...queues,
  method: 'get',
  path: '/v1/queues/{id}',
  operationId: 'getQueue',
  summary: 'One queue',
  roles: admins,
  keyScope: 'routing:read',
  params: Queue,
  returns: QueueView,
  errors: ['NotFound'],
});
export const changeQueue = route({
  ...queues,
  method: 'patch',
  path: '/v1/queues/{id}',
  operationId: 'changeQueue',
  summary: 'Change a queue; numbers follow at once',
  description: WAITING,
  roles: ['customer_success'],
  ifMatch: 'accepted',
  params: Queue,
  body: QueueChange,
  returns: QueueView,
  errors: ['NotFound', 'Conflict', 'Stale', 'InvalidInput'],
  codes: TARGET_CODES,
});
export const removeQueue = route({
  ...queues,
  method: 'delete',
  path: '/v1/queues/{id}',
  operationId: 'removeQueue',
  summary: 'Remove a queue nothing is routed to',
  roles: ['customer_success'],
  params: Queue,
  errors: ['NotFound', 'Conflict'],
  codes: ['in_use'],
});
export const listCallFlows = route({
  ...flows,
  method: 'get',
  path: '/v1/call-flows',
  operationId: 'listCallFlows',
  summary: 'Call flows of the tenant',
  roles: admins,
  keyScope: 'routing:read',
  query: ListQuery,
  returns: listOf(CallFlowView),
  errors: [],
});
export const createCallFlow = route({
  ...flows,
  method: 'post',
  path: '/v1/call-flows',
  operationId: 'createCallFlow',
  summary: 'Make a simple call flow',
  description: 'Steps are run in their order: `next` and `otherwise` name the step that follows, or are left out.',
  roles: admins,
  keyScope: 'routing:write',
  idempotency: 'accepted',
  body: NewCallFlow,
  returns: CallFlowView,
  status: 201,
  errors: ['InvalidInput'],
  codes: TARGET_CODES,
});
export const getCallFlow = route({
  ...flows,
  method: 'get',
  path: '/v1/call-flows/{id}',
  operationId: 'getCallFlow',
  summary: 'One call flow',
  roles: admins,
  keyScope: 'routing:read',
  params: Flow,
  returns: CallFlowView,
  errors: ['NotFound'],
});
export const changeCallFlow = route({
  ...flows,
  method: 'patch',
  path: '/v1/call-flows/{id}',
  operationId: 'changeCallFlow',
  summary: 'Change a call flow; numbers follow at once',
  roles: admins,
  keyScope: 'routing:write',
  ifMatch: 'accepted',
  params: Flow,
  body: CallFlowChange,
  returns: CallFlowView,
  errors: ['NotAllowed', 'NotFound', 'Conflict', 'Stale', 'InvalidInput'],
  codes: ['flow_locked', ...TARGET_CODES],
});
export const removeCallFlow = route({
  ...flows,
  method: 'delete',
  path: '/v1/call-flows/{id}',
  operationId: 'removeCallFlow',
  summary: 'Remove a call flow nothing is routed to',
  roles: admins,
  keyScope: 'routing:write',
  params: Flow,
  errors: ['NotAllowed', 'NotFound', 'Conflict'],
  codes: ['flow_locked', 'in_use'],
});
export const lockCallFlow = route({
  ...flows,
  method: 'put',
  path: '/v1/call-flows/{id}/lock',
  operationId: 'lockCallFlow',
  summary: 'Lock a call flow: the tenant neither changes nor reassigns it',
  roles: ['operator'],
  ifMatch: 'accepted',
  params: Flow,
  returns: CallFlowView,
  errors: ['NotFound', 'Conflict', 'Stale'],
});
export const unlockCallFlow = route({
  ...flows,
  method: 'delete',
  path: '/v1/call-flows/{id}/lock',
  operationId: 'unlockCallFlow',
  summary: 'Unlock a call flow',
  roles: ['operator'],
  params: Flow,
  errors: ['NotFound', 'Conflict'],
});

export const routingRoutes: readonly Route[] = [
  listQueues,
  createQueue,
  getQueue,
  changeQueue,
  removeQueue,
  listCallFlows,
  createCallFlow,
  getCallFlow,
  changeCallFlow,
  removeCallFlow,
  lockCallFlow,
  unlockCallFlow,
];
