import * as z from 'zod';
import { anyOf, flag, ListQuery, listOf, route, wholeNumber } from '../../functions/contract/route.ts';
import { E164 } from '../../functions/domain/e164.ts';
import { Money } from '../../functions/domain/money.ts';

/** A small interface with one of everything the contract layer promises. */
export const Thing = z
  .object({
    id: z.string(),
    object: z.literal('thing'),
    name: z.string(),
    kind: z.enum(['small', 'large']),
    count: z.int(),
  })
  .meta({ id: 'Thing' });
const ThingInput = z.object({
  name: z.string().min(1).max(20),
  kind: z.enum(['small', 'large']).default('small'),
  count: z.int().min(1).max(100).default(1),
  number: E164.optional(),
  price: Money.optional(),
  text: z.string().max(200).optional(),
  target: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('forward'), number: E164 }),
      z.strictObject({ type: z.literal('queue'), id: z.string().max(40) }),
    ])
    .optional(),
  items: z
    .array(z.strictObject({ value: z.string().max(5) }))
    .max(3)
    .optional(),
  metadata: z.record(z.string().max(10), z.string().max(10)).optional(),
});
const inTenant = { tag: 'Things', scope: 'tenant', roles: ['customer', 'customer_success'] } as const;
const byId = { params: z.object({ id: z.string().regex(/^thg_[0-9a-z]{1,30}$/) }) };

export const createThing = route({
  ...inTenant,
  method: 'post',
  path: '/v1/things',
  operationId: 'createThing',
  summary: 'Makes a thing',
  keyScope: 'things:write',
  idempotency: 'required',
  prefersWait: true,
  query: z.object({ dryRun: flag().optional() }),
  body: ThingInput,
  returns: Thing,
  status: 201,
  otherStatuses: [200],
  errors: ['Malformed', 'InvalidInput', 'Conflict'],
  codes: ['number_limit_reached', 'already_exists'],
});
export const listThings = route({
  ...inTenant,
  method: 'get',
  path: '/v1/things',
  operationId: 'listThings',
  summary: 'Lists things',
  keyScope: 'things:read',
  query: ListQuery.extend({
    kind: anyOf(z.enum(['small', 'large'])).optional(),
    number: E164.optional(),
    quantity: wholeNumber(1, 100).optional(),
  }),
  returns: listOf(Thing, { limit: z.int() }),
  errors: ['Malformed'],
});
export const getThing = route({
  ...inTenant,
  ...byId,
  method: 'get',
  path: '/v1/things/{id}',
  operationId: 'getThing',
  summary: 'One thing',
  keyScope: 'things:read',
  returns: Thing,
  errors: ['NotFound'],
});
export const patchThing = route({
  ...inTenant,
  ...byId,
  method: 'patch',
  path: '/v1/things/{id}',
  operationId: 'patchThing',
  summary: 'Changes a thing',
  body: z.object({ name: z.string().min(1).max(20).nullable().optional() }),
  returns: Thing,
  errors: ['NotFound', 'Stale'],
});
export const removeThing = route({
  ...inTenant,
  ...byId,
  method: 'delete',
  path: '/v1/things/{id}',
  operationId: 'removeThing',
  summary: 'Removes a thing',
  errors: ['NotFound'],
});
export const approveThing = route({
  ...byId,
  tag: 'Things',
  scope: 'tenant',
  roles: ['customer_success'],
  decision: true,
  method: 'post',
  path: '/v1/things/{id}/approval',
  operationId: 'approveThing',
  summary: 'Decides on a thing',
  idempotency: 'required',
  ifMatch: 'required',
  body: z.object({ comment: z.string().max(100).optional() }),
  returns: Thing,
  errors: ['NotFound', 'Stale', 'PreconditionRequired', 'NotAllowed'],
  codes: ['own_request', 'already_decided'],
});
export const rename = route({
  ...inTenant,
  ...byId,
  method: 'post',
  path: '/v1/things/{id}/rename',
  operationId: 'renameThing',
  summary: 'Renames a thing, without a key record of its own',
  idempotency: 'accepted',
  body: z.object({ name: z.string().min(1).max(20) }),
  returns: Thing,
  errors: ['NotFound', 'Conflict'],
});
export const listTasks = route({
  tag: 'Tasks',
  scope: 'platform',
  roles: ['customer_success'],
  method: 'get',
  path: '/v1/tasks',
  operationId: 'listTasks',
  summary: 'What people must do',
  returns: z.object({ tenant: z.string() }),
  errors: [],
});
export const breakIt = route({
  tag: 'Tasks',
  scope: 'platform',
  roles: 'any',
  method: 'post',
  path: '/v1/breakages',
  operationId: 'breakIt',
  summary: 'Throws what it is told',
  idempotency: 'accepted',
  body: z.object({ what: z.string() }),
  returns: z.object({ object: z.literal('breakage'), runs: z.int() }),
  errors: ['CarrierBusy', 'NumberUnavailable', 'CarrierUnusable', 'DocumentsRequired', 'CarrierRefused'],
});

export const sampleRoutes = [
  createThing,
  listThings,
  getThing,
  patchThing,
  removeThing,
  approveThing,
  rename,
  listTasks,
  breakIt,
];
