import type * as z from 'zod';
import type { ErrorName } from '../domain/errors.ts';
import type { Role } from '../platform/auth.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Shape = z.ZodObject;

/** One line of the HTTP interface as data: server, OpenAPI document, client and console are made of it. */
export interface Route<
  Params extends Shape = Shape,
  Query extends Shape = Shape,
  Body extends z.ZodType = z.ZodType,
  Returns extends z.ZodType = z.ZodType,
> {
  readonly method: Method;
  /** As in `/v1/number-requests/{id}`. */
  readonly path: string;
  /** camelCase, unique: the client's function name. */
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  /** `public`: no credential; `any`: any signed-in caller. */
  readonly roles: readonly Role[] | 'any' | 'public';
  /** `tenant`: staff must send Gateway-Tenant. `platform` (†): no tenant needed. */
  readonly scope: 'tenant' | 'platform';
  /** Scope an API key needs, as `numbers:read`; absent: keys may not. */
  readonly keyScope?: string;
  /** `Idempotency-Key` on POST. */
  readonly idempotency?: 'required' | 'accepted';
  /** `If-Match` on PATCH, PUT and decisions. */
  readonly ifMatch?: 'required' | 'accepted';
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly returns?: Returns;
  /** Status of success (default 200). */
  readonly status?: 200 | 201 | 202 | 204 | 207;
  readonly errors: readonly ErrorName[];
  /** Codes of problem documents this operation may answer with, beside the general ones; for the document. */
  readonly codes?: readonly string[];
}

/** Declares a line; only gives the types their names. */
export function route<
  Params extends Shape = z.ZodObject<Record<never, never>>,
  Query extends Shape = z.ZodObject<Record<never, never>>,
  Body extends z.ZodType = z.ZodUndefined,
  Returns extends z.ZodType = z.ZodUndefined,
>(declared: Route<Params, Query, Body, Returns>): Route<Params, Query, Body, Returns> {
  return declared;
}
