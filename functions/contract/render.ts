import type { StoredAnswer } from '../platform/idempotency.ts';
import { isReply, type ReplyOptions } from './call.ts';
import { etagOf } from './precondition.ts';
import type { Route } from './route.ts';

/** An answer ready to be sent. */
export interface Rendered extends StoredAnswer {
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The answer as text. The body is parsed by the route's `returns`, so that nothing undeclared leaves (I7) and a wrong shape
 * is found where it was made.
 */
export function render(route: Route, answer: unknown): Rendered {
  const options: ReplyOptions<unknown> = isReply(answer) ? answer : { body: answer };
  const status = options.status ?? route.status ?? (route.returns ? 200 : 204);
  const body = status === 204 ? undefined : bodyText(route, options.body);
  return {
    status,
    headers: options.headers ?? {},
    ...(body === undefined ? {} : { body }),
    ...(options.location === undefined ? {} : { location: options.location }),
    ...(options.etag === undefined ? {} : { etag: etagOf(options.etag) }),
  };
}

function bodyText(route: Route, body: unknown): string | undefined {
  if (!route.returns) return undefined;
  const declared = route.returns.parse(body);
  return route.produces ? String(declared) : JSON.stringify(declared);
}

/** The HTTP answer; `headers` are those every answer of this call carries. */
export function toResponse(route: Route, rendered: Rendered, headers: Readonly<Record<string, string>>): Response {
  const { status, body, location, etag } = rendered;
  return new Response(body ?? null, {
    status,
    headers: {
      'Cache-Control': 'no-store',
      ...headers,
      ...(body === undefined ? {} : { 'Content-Type': `${route.produces ?? 'application/json'}; charset=utf-8` }),
      ...(location === undefined ? {} : { Location: location }),
      ...(etag === undefined ? {} : { ETag: etag }),
      ...rendered.headers,
    },
  });
}
