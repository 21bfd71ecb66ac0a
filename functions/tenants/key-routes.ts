import * as z from 'zod';
import { ListQuery, listOf, type Route, route } from '../contract/route.ts';
import { ApiKeyId } from '../domain/ids.ts';
import { ApiKey, NewApiKey } from './key-schema.ts';

const keys = { tag: 'API keys', scope: 'tenant', roles: ['tenant_admin'] } as const;
const Params = z.strictObject({ id: ApiKeyId });

const ApiKeyView = ApiKey.omit({ version: true, secretHash: true, createdBy: true })
  .extend({
    createdBy: z.object({ id: z.string(), name: z.string() }),
    lastUsedAt: z.iso.datetime().optional().describe('To the hour; absent while it was never used.'),
    key: z
      .string()
      .optional()
      .describe(
        'The key itself, `gw_live_…`: only in the first answer of its making, never again, not even for a repeat.',
      ),
  })
  .meta({ id: 'ApiKey' });

export const listApiKeys = route({
  ...keys,
  method: 'get',
  path: '/v1/api-keys',
  operationId: 'listApiKeys',
  summary: 'API keys of the tenant',
  query: ListQuery,
  returns: listOf(ApiKeyView),
  errors: [],
});
export const createApiKey = route({
  ...keys,
  method: 'post',
  path: '/v1/api-keys',
  operationId: 'createApiKey',
  summary: 'Make an API key for your own software',
  description:
    'The key is shown once; only a hash of it is kept. It acts for the tenant within its scopes: requests it files are those of whoever made it. Keys make no keys.',
  idempotency: 'accepted',
  body: NewApiKey,
  returns: ApiKeyView,
  status: 201,
  errors: ['InvalidInput'],
  codes: ['past_time'],
});
export const removeApiKey = route({
  ...keys,
  method: 'delete',
  path: '/v1/api-keys/{id}',
  operationId: 'removeApiKey',
  summary: 'Withdraw an API key; it is refused within a minute',
  params: Params,
  errors: ['NotFound'],
});

export const keyRoutes: readonly Route[] = [listApiKeys, createApiKey, removeApiKey];
