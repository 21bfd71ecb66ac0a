import * as z from 'zod';
import { ListQuery, listOf, type Route, route } from '../contract/route.ts';
import { ExtensionId, UserId } from '../domain/ids.ts';
import { ExtensionChange, NewExtension, NewUser, UserChange } from './input-schema.ts';
import { ExtensionView, UserView } from './view-schema.ts';

const line = { scope: 'tenant', roles: ['tenant_admin', 'customer_success'] } as const;
const users = { ...line, tag: 'Users' } as const;
const extensions = { ...line, tag: 'Extensions' } as const;
const User = z.strictObject({ id: UserId });
const Extension = z.strictObject({ id: ExtensionId });

export const listUsers = route({
  ...users,
  method: 'get',
  path: '/v1/users',
  operationId: 'listUsers',
  summary: 'People and AI employees of the tenant',
  keyScope: 'users:read',
  query: ListQuery,
  returns: listOf(UserView),
  errors: [],
});
export const createUser = route({
  ...users,
  method: 'post',
  path: '/v1/users',
  operationId: 'createUser',
  summary: 'Make a user with an extension',
  description:
    'With `preferredAreaCode` a request for one number is filed and the user is `provisioning` until it is there; without it the user is `preference_needed` and nothing is bought.',
  keyScope: 'users:write',
  idempotency: 'accepted',
  body: NewUser,
  returns: UserView,
  status: 201,
  errors: ['Conflict', 'InvalidInput', 'NotAllowed'],
  codes: [
    'extension_in_use',
    'already_exists',
    'number_limit_reached',
    'payment_method_missing',
    'billing_not_in_good_standing',
    'tenant_suspended',
    'purchase_cap_reached',
  ],
});
export const getUser = route({
  ...users,
  method: 'get',
  path: '/v1/users/{id}',
  operationId: 'getUser',
  summary: 'One user',
  keyScope: 'users:read',
  params: User,
  returns: UserView,
  errors: ['NotFound'],
});
export const changeUser = route({
  ...users,
  method: 'patch',
  path: '/v1/users/{id}',
  operationId: 'changeUser',
  summary: 'Change a user; numbers follow a new name at once',
  description: 'Naming the area code a user was asked for files the request for a number.',
  keyScope: 'users:write',
  ifMatch: 'accepted',
  params: User,
  body: UserChange,
  returns: UserView,
  errors: ['NotFound', 'Conflict', 'Stale', 'InvalidInput', 'NotAllowed'],
  codes: [
    'already_exists',
    'number_limit_reached',
    'payment_method_missing',
    'billing_not_in_good_standing',
    'tenant_suspended',
    'purchase_cap_reached',
  ],
});
export const removeUser = route({
  ...users,
  method: 'delete',
  path: '/v1/users/{id}',
  operationId: 'removeUser',
  summary: 'Remove a user and their extension',
  keyScope: 'users:write',
  params: User,
  query: z.strictObject({
    moveTo: UserId.optional().describe('The user who takes over numbers, queues and steps of call flows.'),
  }),
  errors: ['NotFound', 'Conflict', 'InvalidInput'],
  codes: ['in_use', 'unknown_target'],
});
export const listExtensions = route({
  ...extensions,
  method: 'get',
  path: '/v1/extensions',
  operationId: 'listExtensions',
  summary: 'Extensions in the order of their digits',
  keyScope: 'users:read',
  query: ListQuery,
  returns: listOf(ExtensionView),
  errors: [],
});
export const createExtension = route({
  ...extensions,
  method: 'post',
  path: '/v1/extensions',
  operationId: 'createExtension',
  summary: 'Give a user a further extension',
  keyScope: 'users:write',
  idempotency: 'accepted',
  body: NewExtension,
  returns: ExtensionView,
  status: 201,
  errors: ['Conflict', 'InvalidInput'],
  codes: ['extension_in_use', 'unknown_target'],
});
export const getExtension = route({
  ...extensions,
  method: 'get',
  path: '/v1/extensions/{id}',
  operationId: 'getExtension',
  summary: 'One extension',
  keyScope: 'users:read',
  params: Extension,
  returns: ExtensionView,
  errors: ['NotFound'],
});
export const changeExtension = route({
  ...extensions,
  method: 'patch',
  path: '/v1/extensions/{id}',
  operationId: 'changeExtension',
  summary: 'Change digits, user or SIP address of an extension',
  keyScope: 'users:write',
  ifMatch: 'accepted',
  params: Extension,
  body: ExtensionChange,
  returns: ExtensionView,
  errors: ['NotFound', 'Conflict', 'Stale', 'InvalidInput'],
  codes: ['extension_in_use', 'unknown_target'],
});
export const removeExtension = route({
  ...extensions,
  method: 'delete',
  path: '/v1/extensions/{id}',
  operationId: 'removeExtension',
  summary: 'Remove an extension nothing is routed to',
  keyScope: 'users:write',
  params: Extension,
  errors: ['NotFound', 'Conflict'],
  codes: ['in_use'],
});

export const peopleRoutes: readonly Route[] = [
  listUsers,
  createUser,
  getUser,
  changeUser,
  removeUser,
  listExtensions,
  createExtension,
  getExtension,
  changeExtension,
  removeExtension,
];
