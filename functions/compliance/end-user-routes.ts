import * as z from 'zod';
import { ListQuery, listOf, route } from '../contract/route.ts';
import { Subject } from '../domain/country.ts';
import { EndUserId } from '../domain/ids.ts';
import { Address } from '../requests/papers-schema.ts';
import { EndUser } from './schema.ts';

const tag = 'Papers';
const roles = ['customer', 'tenant_admin', 'customer_success'] as const;

export const EndUserView = EndUser.omit({ version: true, tenantId: true }).meta({ id: 'EndUser' });
const EndUserFields = {
  name: z.string().min(1).max(200),
  fields: z.record(z.string().max(60), z.string().max(500)),
  addresses: z.array(Address).max(20),
};
export const createEndUser = route({
  method: 'post',
  path: '/v1/end-users',
  operationId: 'createEndUser',
  summary: 'Who really uses a number',
  tag,
  roles,
  scope: 'tenant',
  keyScope: 'documents:write',
  idempotency: 'accepted',
  body: z.strictObject({
    subject: Subject,
    name: EndUserFields.name,
    fields: EndUserFields.fields.optional(),
    addresses: EndUserFields.addresses.optional(),
  }),
  returns: EndUserView,
  status: 201,
  errors: ['InvalidInput'],
});
export const listEndUsers = route({
  method: 'get',
  path: '/v1/end-users',
  operationId: 'listEndUsers',
  summary: 'End users',
  tag,
  roles,
  scope: 'tenant',
  keyScope: 'documents:read',
  query: ListQuery,
  returns: listOf(EndUserView),
  errors: ['Malformed'],
});
const EndUserParams = z.strictObject({ id: EndUserId });
export const getEndUser = route({
  method: 'get',
  path: '/v1/end-users/{id}',
  operationId: 'getEndUser',
  summary: 'One end user',
  tag,
  roles,
  scope: 'tenant',
  keyScope: 'documents:read',
  params: EndUserParams,
  returns: EndUserView,
  errors: ['NotFound'],
});
export const changeEndUser = route({
  method: 'patch',
  path: '/v1/end-users/{id}',
  operationId: 'changeEndUser',
  summary: 'Change an end user',
  tag,
  roles,
  scope: 'tenant',
  keyScope: 'documents:write',
  ifMatch: 'accepted',
  params: EndUserParams,
  body: z.strictObject({
    name: EndUserFields.name.optional(),
    fields: z.record(z.string().max(60), z.string().max(500).nullable()).optional(),
    addresses: EndUserFields.addresses.optional(),
  }),
  returns: EndUserView,
  errors: ['NotFound', 'Stale', 'InvalidInput'],
});
export const endUserRoutes = [createEndUser, listEndUsers, getEndUser, changeEndUser] as const;
