import * as z from 'zod';
import type { ErrorName } from '../domain/errors.ts';
import type { Role } from '../platform/auth.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Status = 200 | 201 | 202 | 204 | 207;
export type Shape = z.ZodObject;
export type Roles = readonly Role[] | 'any' | 'public';
export type Scope = 'tenant' | 'platform';

/** One line of the HTTP interface as data: server, OpenAPI document, client and console are made of it. */
export interface Route<
  Params extends Shape = Shape,
  Query extends Shape = Shape,
  Body extends z.ZodType = z.ZodType,
  Returns extends z.ZodType = z.ZodType,
  InScope extends Scope = Scope,
  For extends Roles = Roles,
> {
  readonly method: Method;
  /** As in `/v1/number-requests/{id}`. */
  readonly path: string;
  /** camelCase, unique: the client's function name. */
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  /**
   * `public`: no credential; `any`: any signed-in caller, keys included. A tenant_admin may do what a customer may, an
   * operator what customer_success may (api-map §13), unless `decision` is set.
   */
  readonly roles: For;
  /** `tenant`: staff must send Gateway-Tenant. `platform` (†): no tenant needed. */
  readonly scope: InScope;
  /** A decision on a request (approval, rejection, terms, documents review): operators do not stand in for others. */
  readonly decision?: true;
  /** Scope an API key needs, as `numbers:read`; absent: keys may not. */
  readonly keyScope?: string;
  /** `Idempotency-Key` on POST; not asked for when `dryRun=true`. */
  readonly idempotency?: 'required' | 'accepted';
  /** `If-Match` on PATCH, PUT and decisions; the handler calls `checkVersion` where its order of checks wants it. */
  readonly ifMatch?: 'required' | 'accepted';
  /** Honours `Prefer: wait=n`: the handler gets `waitSeconds`. */
  readonly prefersWait?: true;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly returns?: Returns;
  /** What `returns` is sent as (default JSON); any other is text made by the handler. */
  readonly produces?: 'text/html' | 'text/csv';
  /** Status of success (default 200, 204 without `returns`). */
  readonly status?: Status;
  /** Further statuses that carry the same body (dry run 200, not ready 503); for the document. */
  readonly otherStatuses?: readonly (Status | 503)[];
  readonly errors: readonly ErrorName[];
  /** Codes of problem documents this operation may answer with, beside the general ones; for the document. */
  readonly codes?: readonly string[];
}

/** Declares a line; only gives the types their names. */
export function route<
  InScope extends Scope,
  const For extends Roles,
  Params extends Shape = z.ZodObject<Record<never, never>>,
  Query extends Shape = z.ZodObject<Record<never, never>>,
  Body extends z.ZodType = z.ZodUndefined,
  Returns extends z.ZodType = z.ZodUndefined,
>(declared: Route<Params, Query, Body, Returns, InScope, For>): Route<Params, Query, Body, Returns, InScope, For> {
  return declared;
}

export const Page = z
  .strictObject({
    nextCursor: z
      .string()
      .optional()
      .describe('Opaque; send it back as `cursor` with the same filters, within 24 hours.'),
    hasMore: z.boolean().describe('A page may be short, even empty, while this is true.'),
  })
  .meta({ id: 'Page' });

/** The shape of a list answer; `meta` adds facts about the whole list (`meta.carriers`, `meta.limit`). */
export function listOf<Item extends z.ZodType>(
  item: Item,
): z.ZodObject<{ object: z.ZodLiteral<'list'>; data: z.ZodArray<Item>; page: typeof Page }>;
export function listOf<Item extends z.ZodType, Meta extends z.ZodRawShape>(
  item: Item,
  meta: Meta,
): z.ZodObject<{ object: z.ZodLiteral<'list'>; data: z.ZodArray<Item>; page: typeof Page; meta: z.ZodObject<Meta> }>;
export function listOf(item: z.ZodType, meta?: z.ZodRawShape): z.ZodObject {
  const list = { object: z.literal('list'), data: z.array(item), page: Page };
  return z.object(meta ? { ...list, meta: z.object(meta) } : list);
}

/** Text that must read as a whole number; refused with 400 like any other wrong type. */
const digits = () =>
  z
    .string()
    .refine((text) => /^-?\d{1,9}$/.test(text), {
      error: 'a whole number',
      params: { status: 400, code: 'wrong_type' },
    })
    .transform(Number);

/** `limit` of a list: a larger value is reduced to `max`, less than 1 is refused with 400 (api-map §13). */
export function limitParameter(standard = 50, max = 200) {
  return digits()
    .refine((limit) => limit >= 1, { error: 'at least 1', params: { status: 400, code: 'value_not_allowed' } })
    .transform((limit) => Math.min(limit, max))
    .pipe(z.int().min(1))
    .default(standard)
    .describe(`Items at most; ${standard} unless given, more than ${max} counts as ${max}.`);
}

/** The query every paged list takes; extend it with filters. The opened cursor reaches the handler as `after`. */
export const ListQuery = z.strictObject({
  limit: limitParameter(),
  cursor: z.string().optional().describe('`page.nextCursor` of the page before.'),
});

/** A filter that takes several values, `country=GB,IE`, meaning any of them. */
export function anyOf<Item extends z.ZodType<unknown, string>>(item: Item) {
  return z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(item).min(1).max(50))
    .describe('One or several values, separated by commas: any of them.');
}

/** A switch in the query: `true` or `false`. */
export function flag() {
  return z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .pipe(z.boolean())
    .describe('`true` or `false`.');
}

/** A whole number in the query, between `min` and `max`. */
export function wholeNumber(min: number, max: number) {
  return digits().pipe(z.int().min(min).max(max)).describe(`A whole number from ${min} to ${max}.`);
}
