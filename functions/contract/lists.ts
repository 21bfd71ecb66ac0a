import { type CursorBinding, openCursor, sealCursor } from '../platform/cursor.ts';
import type { Position } from '../platform/table.ts';
import { type ListBody, type PageOf, type Reply, reply } from './call.ts';

/** The list a call asks for: what its cursors are bound to, and where its next page lies. */
export interface ListInHand {
  readonly key: Uint8Array;
  readonly now: Date;
  readonly binding: CursorBinding;
  /** Address of this page, for the `Link` header. */
  readonly url: string;
}

/** Binds to tenant, caller, route, filters and sort; `limit` may change between pages. */
export function bindingOf(of: {
  readonly tenantId: string | undefined;
  readonly caller: string | undefined;
  readonly route: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
}): CursorBinding {
  const { cursor: _cursor, limit: _limit, ...filters } = of.query;
  return { tenantId: of.tenantId, route: of.route, query: { ...filters, params: of.params, caller: of.caller } };
}

/** Throws Malformed `bad_cursor`, `cursor_mismatch`. */
export function openPosition(list: ListInHand, cursor: unknown): Position | undefined {
  if (typeof cursor !== 'string') return undefined;
  return openCursor({ cursor, binding: list.binding, key: list.key, now: list.now });
}

/** The list answer with its sealed cursor and `Link: rel="next"`. */
export function listReply<Item, Meta>(list: ListInHand, of: PageOf<Item, Meta>): Reply<ListBody<Item, Meta>> {
  const { key, now, binding } = list;
  const nextCursor = of.next === undefined ? undefined : sealCursor({ position: of.next, binding, key, now });
  const body = {
    object: 'list',
    data: [...of.data],
    page: { ...(nextCursor === undefined ? {} : { nextCursor }), hasMore: nextCursor !== undefined },
    ...(of.meta === undefined ? {} : { meta: of.meta }),
  } as ListBody<Item, Meta>;
  return reply({ body, ...(nextCursor === undefined ? {} : { headers: { Link: nextLink(list.url, nextCursor) } }) });
}

function nextLink(url: string, cursor: string): string {
  const next = new URL(url);
  next.searchParams.set('cursor', cursor);
  return `<${next.pathname}${next.search}>; rel="next"`;
}

/** One page of a list that is at hand as a whole; the position is the place in it. */
export function partOf<Item>(all: readonly Item[], limit: number, after: string | undefined) {
  const from = after === undefined ? 0 : Number(after);
  const end = from + limit;
  return { data: all.slice(from, end), ...(end < all.length ? { next: String(end) } : {}) };
}
