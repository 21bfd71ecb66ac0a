import * as z from 'zod';
import { ApiKeyId, TenantId, UserId } from '../domain/ids.ts';

const Instant = z.iso.datetime();

/** What an API key can be allowed: `resource:action` (api-conventions, Credentials). Each line of the interface names its own. */
export const API_KEY_SCOPES = [
  'countries:read',
  'documents:read',
  'documents:write',
  'numbers:read',
  'numbers:write',
  'requests:approve',
  'requests:read',
  'requests:write',
  'routing:read',
  'routing:write',
  'tenant:read',
  'tenant:write',
  'users:read',
  'users:write',
] as const;

/** A key of a tenant's own software; only SHA-256 of its secret is kept (DESIGN §6). */
export const ApiKey = z.object({
  id: ApiKeyId,
  object: z.literal('api_key'),
  tenantId: TenantId,
  name: z.string().min(1).max(100),
  scopes: z.array(z.enum(API_KEY_SCOPES)).min(1),
  secretHash: z.string().length(64),
  /** Absent: does not run out. */
  expiresAt: Instant.optional(),
  createdBy: z.object({ id: UserId, name: z.string(), email: z.email() }),
  createdAt: Instant,
  updatedAt: Instant,
  version: z.int(),
});
export type ApiKey = z.infer<typeof ApiKey>;

export const NewApiKey = z.strictObject({
  name: z.string().trim().min(1).max(100).describe('What the key is for.'),
  scopes: z
    .array(z.enum(API_KEY_SCOPES))
    .min(1)
    .max(API_KEY_SCOPES.length)
    .describe('What it may do; every operation of this document names the scope it takes.'),
  expiresAt: Instant.optional().describe('UTC. Absent: it does not run out.'),
});
