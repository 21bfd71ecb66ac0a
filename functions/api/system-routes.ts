import * as z from 'zod';
import { route } from '../contract/route.ts';

const CheckResult = z.enum(['ok', 'failing']);

export const getHealth = route({
  method: 'get',
  path: '/health',
  operationId: 'getHealth',
  summary: 'Whether the process answers; touches nothing',
  tag: 'Health',
  roles: 'public',
  scope: 'platform',
  returns: z.object({
    status: z.literal('ok'),
    engine: z.enum(['local', 'aws']),
    version: z.string(),
    time: z.iso.datetime(),
  }),
  errors: [],
});

export const getReadiness = route({
  method: 'get',
  path: '/health/ready',
  operationId: 'getReadiness',
  summary: 'Whether everything behind the gateway answers',
  description: '200 when all checks are `ok`, 503 with the same body when one is not.',
  tag: 'Health',
  roles: 'public',
  scope: 'platform',
  otherStatuses: [503],
  returns: z.object({
    status: z.enum(['ok', 'degraded']),
    checks: z.object({
      table: CheckResult,
      workflows: CheckResult,
      outbox: CheckResult,
      blobs: CheckResult,
      secrets: CheckResult,
    }),
  }),
  errors: [],
});

export const getMe = route({
  method: 'get',
  path: '/v1/me',
  operationId: 'getMe',
  summary: 'The signed-in user or API key',
  tag: 'Access',
  roles: 'any',
  scope: 'platform',
  returns: z
    .object({
      id: z.string(),
      object: z.enum(['user', 'api_key']),
      name: z.string(),
      email: z.string(),
      roles: z.array(z.enum(['customer', 'tenant_admin', 'customer_success', 'operator'])),
      tenantId: z.string().optional(),
      permissions: z.array(z.string()),
      scopes: z.array(z.string()).optional().describe('Only for API keys.'),
    })
    .meta({ id: 'Me' }),
  errors: [],
});

export const getOpenApi = route({
  method: 'get',
  path: '/openapi.json',
  operationId: 'getOpenApi',
  summary: 'This document',
  tag: 'Documentation',
  roles: 'public',
  scope: 'platform',
  returns: z.looseObject({ openapi: z.string() }),
  errors: [],
});

export const getReference = route({
  method: 'get',
  path: '/reference',
  operationId: 'getReference',
  summary: 'This document as a page',
  tag: 'Documentation',
  roles: 'public',
  scope: 'platform',
  produces: 'text/html',
  returns: z.string(),
  errors: [],
});

export const getProblemPage = route({
  method: 'get',
  path: '/problems/{code}',
  operationId: 'getProblemPage',
  summary: 'A page on an error code: cause, remedy, whether to retry',
  tag: 'Documentation',
  roles: 'public',
  scope: 'platform',
  params: z.object({ code: z.string().regex(/^[a-z0-9_]{1,60}$/) }),
  produces: 'text/html',
  returns: z.string(),
  errors: ['NotFound'],
});

export const systemRoutes = [getHealth, getReadiness, getMe, getOpenApi, getReference, getProblemPage];
