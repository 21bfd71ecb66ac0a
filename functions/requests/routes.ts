import * as z from 'zod';
import { anyOf, flag, ListQuery, listOf, route } from '../contract/route.ts';
import { CountryClass, CountryCode } from '../domain/country.ts';
import { RequestId } from '../domain/ids.ts';
import { RequestChange } from './change-schema.ts';
import { NewRequest, RequestState, WaitingFor } from './schema.ts';
import { NumberRequestView } from './view-schema.ts';

export const Id = z.strictObject({ id: RequestId });
const tag = 'Number requests';

export const createNumberRequest = route({
  method: 'post',
  path: '/v1/number-requests',
  operationId: 'createNumberRequest',
  summary: 'Ask for numbers: the main job',
  description:
    'Either exact `numbers` with their reviewed prices, or a `quantity` with a wish. Answers 202 with the request, which is the operation to watch; `Prefer: wait=20` holds the answer until it is final or waits for a person.',
  tag,
  roles: ['customer', 'tenant_admin', 'customer_success'],
  scope: 'tenant',
  keyScope: 'requests:write',
  idempotency: 'required',
  prefersWait: true,
  query: z.strictObject({ dryRun: flag().optional() }),
  body: NewRequest,
  returns: NumberRequestView,
  status: 202,
  otherStatuses: [200],
  errors: ['InvalidInput', 'NotAllowed', 'Conflict'],
  codes: [
    'number_limit_reached',
    'payment_method_missing',
    'billing_not_in_good_standing',
    'tenant_suspended',
    'invalid_number',
    'price_required',
    'numbers_or_wish',
    'purchase_cap_reached',
    'unknown_target',
    'unknown_document',
    'unknown_end_user',
    'unknown_bundle',
    'bundle_mismatch',
    'past_time',
  ],
});

export const listNumberRequests = route({
  method: 'get',
  path: '/v1/number-requests',
  operationId: 'listNumberRequests',
  summary: 'Number requests, newest first',
  tag,
  roles: ['customer', 'tenant_admin', 'customer_success'],
  scope: 'tenant',
  keyScope: 'requests:read',
  query: z.strictObject({
    ...ListQuery.shape,
    state: anyOf(RequestState).optional(),
    country: anyOf(CountryCode).optional(),
    class: anyOf(CountryClass).optional(),
    waitingFor: anyOf(WaitingFor).optional(),
    reference: z.string().max(200).optional(),
    createdAfter: z.iso.datetime().optional(),
    sort: z.enum(['createdAt', '-createdAt', 'updatedAt', '-updatedAt', 'dueAt', '-dueAt']).optional(),
  }),
  returns: listOf(NumberRequestView),
  errors: ['Malformed'],
});

export const getNumberRequest = route({
  method: 'get',
  path: '/v1/number-requests/{id}',
  operationId: 'getNumberRequest',
  summary: 'One number request',
  tag,
  roles: ['customer', 'tenant_admin', 'customer_success'],
  scope: 'tenant',
  keyScope: 'requests:read',
  params: Id,
  returns: NumberRequestView,
  errors: ['NotFound'],
});

export const changeNumberRequest = route({
  method: 'patch',
  path: '/v1/number-requests/{id}',
  operationId: 'changeNumberRequest',
  summary: 'Change wish, name, assignment or labels before sourcing',
  tag,
  roles: ['customer', 'tenant_admin', 'customer_success'],
  scope: 'tenant',
  keyScope: 'requests:write',
  ifMatch: 'accepted',
  params: Id,
  body: RequestChange,
  returns: NumberRequestView,
  errors: ['NotFound', 'Conflict', 'Stale', 'InvalidInput'],
  codes: ['wrong_state'],
});

export const cancelNumberRequest = route({
  method: 'post',
  path: '/v1/number-requests/{id}/cancellation',
  operationId: 'cancelNumberRequest',
  summary: 'Cancel while no order has left',
  tag,
  roles: ['customer', 'tenant_admin', 'customer_success'],
  scope: 'tenant',
  keyScope: 'requests:write',
  idempotency: 'accepted',
  ifMatch: 'accepted',
  params: Id,
  body: z.strictObject({ reason: z.string().max(500).optional() }),
  returns: NumberRequestView,
  errors: ['NotFound', 'Conflict'],
  codes: ['too_late'],
});
