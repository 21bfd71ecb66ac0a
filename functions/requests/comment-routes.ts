import { ListQuery, listOf, route } from '../contract/route.ts';
import { Id } from './routes.ts';
import { CommentView, NewComment } from './ticket-schema.ts';

const own = {
  tag: 'Number requests',
  scope: 'tenant',
  roles: ['customer', 'tenant_admin', 'customer_success'],
  path: '/v1/number-requests/{id}/comments',
  params: Id,
} as const;

export const listRequestComments = route({
  ...own,
  method: 'get',
  operationId: 'listRequestComments',
  summary: 'Comments on a request, oldest first',
  keyScope: 'requests:read',
  query: ListQuery,
  returns: listOf(CommentView),
  errors: ['NotFound', 'Malformed'],
});

export const createRequestComment = route({
  ...own,
  method: 'post',
  operationId: 'createRequestComment',
  summary: 'Comment on a request; mailed to the other side',
  keyScope: 'requests:write',
  idempotency: 'accepted',
  body: NewComment,
  returns: CommentView,
  status: 201,
  errors: ['NotFound', 'NotAllowed', 'InvalidInput'],
});
