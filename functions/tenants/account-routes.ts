import * as z from 'zod';
import { ListQuery, listOf, type Route, route } from '../contract/route.ts';
import { TenantId } from '../domain/ids.ts';
import { BillingInput, NewTenant, TenantChange } from './input-schema.ts';
import { BillingView, TenantView } from './view-schema.ts';

const own = { tag: 'Tenant', scope: 'tenant', roles: ['tenant_admin', 'customer_success'] } as const;
const platform = { tag: 'Tenants', scope: 'platform', roles: ['operator'] } as const;
const Id = z.strictObject({ id: TenantId });
const CHANGE_CODES = ['unknown_target', 'forward_not_allowed'] as const;

export const getTenant = route({
  ...own,
  method: 'get',
  path: '/v1/tenant',
  operationId: 'getTenant',
  summary: 'The tenant and its settings',
  keyScope: 'tenant:read',
  returns: TenantView,
  errors: [],
});
export const changeTenant = route({
  ...own,
  method: 'patch',
  path: '/v1/tenant',
  operationId: 'changeTenant',
  summary: 'Change settings of the tenant',
  description: 'Plan, limit, features and purchase cap are changed by the platform owner alone.',
  keyScope: 'tenant:write',
  ifMatch: 'accepted',
  body: TenantChange,
  returns: TenantView,
  errors: ['NotAllowed', 'Stale', 'InvalidInput'],
  codes: CHANGE_CODES,
});
export const getBilling = route({
  ...own,
  method: 'get',
  path: '/v1/tenant/billing',
  operationId: 'getBilling',
  summary: 'Payment method and standing',
  keyScope: 'tenant:read',
  returns: BillingView,
  errors: [],
});
export const setBilling = route({
  ...own,
  method: 'put',
  path: '/v1/tenant/billing',
  operationId: 'setBilling',
  summary: 'Set payment method; the standing by the platform owner',
  ifMatch: 'accepted',
  body: BillingInput,
  returns: BillingView,
  errors: ['NotAllowed', 'Stale'],
});
export const listTenants = route({
  ...platform,
  method: 'get',
  path: '/v1/tenants',
  operationId: 'listTenants',
  summary: 'All tenants',
  query: ListQuery,
  returns: listOf(TenantView),
  errors: [],
});
export const createTenant = route({
  ...platform,
  method: 'post',
  path: '/v1/tenants',
  operationId: 'createTenant',
  summary: 'Make a tenant',
  idempotency: 'accepted',
  body: NewTenant,
  returns: TenantView,
  status: 201,
  errors: ['InvalidInput'],
});
export const getTenantById = route({
  ...platform,
  method: 'get',
  path: '/v1/tenants/{id}',
  operationId: 'getTenantById',
  summary: 'One tenant',
  params: Id,
  returns: TenantView,
  errors: ['NotFound'],
});
export const changeTenantById = route({
  ...platform,
  method: 'patch',
  path: '/v1/tenants/{id}',
  operationId: 'changeTenantById',
  summary: 'Change a tenant: its limit, plan, features and settings',
  ifMatch: 'accepted',
  params: Id,
  body: TenantChange,
  returns: TenantView,
  errors: ['NotFound', 'Stale', 'InvalidInput'],
  codes: CHANGE_CODES,
});
export const suspendTenant = route({
  ...platform,
  method: 'post',
  path: '/v1/tenants/{id}/suspension',
  operationId: 'suspendTenant',
  summary: 'Suspend a tenant: nothing new is bought',
  idempotency: 'accepted',
  params: Id,
  body: z.strictObject({ reason: z.string().max(500).optional() }),
  returns: TenantView,
  errors: ['NotFound'],
});
export const resumeTenant = route({
  ...platform,
  method: 'delete',
  path: '/v1/tenants/{id}/suspension',
  operationId: 'resumeTenant',
  summary: 'End the suspension of a tenant',
  params: Id,
  errors: ['NotFound'],
});

export const accountRoutes: readonly Route[] = [
  getTenant,
  changeTenant,
  getBilling,
  setBilling,
  listTenants,
  createTenant,
  getTenantById,
  changeTenantById,
  suspendTenant,
  resumeTenant,
];
