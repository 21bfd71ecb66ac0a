import { type Context, Hono } from 'hono';
import type { ApiDeps } from '../contract/api-deps.ts';
import { problemAnswer, requestIdOf } from '../contract/bind.ts';
import { MethodNotAllowed, toProblem } from '../contract/problem.ts';
import { NotFound } from '../domain/errors.ts';

export type Binding = (app: Hono, deps: ApiDeps) => void;

/**
 * The given rooms on one app, with what holds for every answer: request id, security headers, problem documents. Serves
 * Lambda events, a local server and tests alike through `app.fetch`.
 */
export function roomsApp(deps: ApiDeps, bindings: readonly Binding[]): Hono {
  const app = new Hono();
  app.use('*', async (c, next) => {
    requestIdOf(c, deps.clock.now());
    await next();
    const headers = { ...securityHeaders(deps.settings.publicUrl), 'Request-Id': requestIdOf(c, deps.clock.now()) };
    for (const [name, value] of Object.entries(headers)) if (!c.res.headers.has(name)) c.res.headers.set(name, value);
  });
  for (const bindRoom of bindings) bindRoom(app, deps);
  answerTheRest(app, deps);
  return app;
}

function securityHeaders(publicUrl: string): Readonly<Record<string, string>> {
  return {
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...(publicUrl.startsWith('https:') ? { 'Strict-Transport-Security': 'max-age=31536000' } : {}),
  };
}

/** 404 and 405 as problem documents, and whatever slips past a route's own guard. */
function answerTheRest(app: Hono, deps: ApiDeps): void {
  const refuse = (c: Context, error: unknown, more: Readonly<Record<string, string>>): Response => {
    const requestId = requestIdOf(c, deps.clock.now());
    const where = { publicUrl: deps.settings.publicUrl, path: c.req.path, requestId };
    const { problem, headers, bug } = toProblem(error, where);
    if (bug) deps.log.error('call_failed', bug, { requestId });
    return problemAnswer(problem, { ...headers, ...more, 'Request-Id': requestId });
  };
  app.notFound((c) => {
    const allowed = methodsAt(app, c.req.path).join(', ');
    if (allowed !== '') return refuse(c, new MethodNotAllowed(allowed), { Allow: allowed });
    return refuse(c, new NotFound({ code: 'not_found', detail: 'There is nothing at this address.' }), {});
  });
  app.onError((error, c) => refuse(c, error, {}));
}

function methodsAt(app: Hono, path: string): string[] {
  const bound = app.routes.filter((line) => line.method !== 'ALL' && isAt(line.path, path));
  const methods = new Set(bound.map((line) => line.method));
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].toSorted();
}

function isAt(pattern: string, path: string): boolean {
  const parts = pattern.split('/');
  const given = path.split('/');
  // An empty id is none: no route takes it.
  const fits = (part: string, at: number) => (part.startsWith(':') ? given[at] !== '' : part === given[at]);
  return parts.length === given.length && parts.every(fits);
}
