import type * as z from 'zod';
import type { Principal, TenantScope } from '../platform/auth.ts';
import type { Position, Write } from '../platform/table.ts';
import type { Roles, Scope, Shape } from './route.ts';

const REPLY: unique symbol = Symbol('reply');

export interface ReplyOptions<Body> {
  /** Default: the route's status. */
  readonly status?: number;
  readonly body?: Body;
  /** Address of what was made or goes on, as `/v1/number-requests/req_…`. */
  readonly location?: string;
  /** Version of the single object in `body`: becomes its strong `ETag`. */
  readonly etag?: number;
  readonly headers?: Readonly<Record<string, string>>;
}
/** An answer with more than a body. */
export interface Reply<Body> extends ReplyOptions<Body> {
  readonly [REPLY]: true;
}
/** What a handler returns: the body alone, or `reply({…})`; nothing at all where the route returns nothing. */
export type Answer<Returns extends z.ZodType> =
  | z.input<Returns>
  | Reply<z.input<Returns>>
  // biome-ignore lint/suspicious/noConfusingVoidType: what an async function without `return` gives
  | ([z.input<Returns>] extends [undefined] ? void : never);

/** An answer with status, headers, ETag or Location of its own. */
export function reply<Body = undefined>(options: ReplyOptions<Body>): Reply<Body> {
  return { ...options, [REPLY]: true };
}

export function isReply(answer: unknown): answer is Reply<unknown> {
  return typeof answer === 'object' && answer !== null && REPLY in answer;
}

/**
 * The call's idempotency key. A handler that creates or decides puts `complete(answer)` into the very transaction of its
 * records: then either both are there or neither, and a crash can never make a repeat create twice (P15, I1). Without a
 * key it gives no writes. A handler that does not use it has its answer stored after it returned; it must be harmless to
 * run again, since a crash in between lets a repeat run it once more after a minute.
 */
interface CallIdempotency<Returns extends z.ZodType> {
  readonly key: string | undefined;
  complete(answer: Answer<Returns>): readonly Write[];
}

export interface PageOf<Item, Meta> {
  readonly data: readonly Item[];
  /** Where the next page begins; absent: this was the last. */
  readonly next?: Position | undefined;
  readonly meta?: Meta;
}
export type ListBody<Item, Meta> = {
  object: 'list';
  data: Item[];
  page: { nextCursor?: string; hasMore: boolean };
} & (Meta extends undefined ? unknown : { meta: Meta });

/** What a handler is given: everything checked, typed by the route's schemas. */
export interface Call<
  Params extends Shape = Shape,
  Query extends Shape = Shape,
  Body extends z.ZodType = z.ZodType,
  Returns extends z.ZodType = z.ZodType,
  InScope extends Scope = Scope,
  For extends Roles = Roles,
> {
  readonly params: z.output<Params>;
  readonly query: z.output<Query>;
  readonly body: z.output<Body>;
  readonly who: For extends 'public' ? undefined : Principal;
  /** On `platform` routes only when a tenant is in play (own, or named by staff). */
  readonly scope: InScope extends 'tenant' ? TenantScope : TenantScope | undefined;
  readonly requestId: string;
  readonly now: Date;
  /** `dryRun=true` was sent: validate and price, store nothing. */
  readonly dryRun: boolean;
  /** Seconds granted of `Prefer: wait=n`, at most 25; only where the route `prefersWait`. */
  readonly waitSeconds: number | undefined;
  /** The version `If-Match` names; −1 when it names none of ours. */
  readonly ifMatch: number | undefined;
  /**
   * Compares `If-Match` with the version as it stands: 412 `stale_version` (with the present version, and the present
   * object when given), 428 when the route requires the header. Called after the checks of state (api-map §13).
   */
  checkVersion(version: number, present?: unknown): void;
  readonly idempotency: CallIdempotency<Returns>;
  /** Position of the opened `cursor`. */
  readonly after: Position | undefined;
  /** A list answer with sealed cursor and `Link: rel="next"`. */
  page<Item, Meta = undefined>(of: PageOf<Item, Meta>): Reply<ListBody<Item, Meta>>;
  readonly request: Request;
  readonly env: unknown;
}
