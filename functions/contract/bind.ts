import type { Context, Hono } from 'hono';
import type * as z from 'zod';
import { newId } from '../domain/mint.ts';
import { credentialOf, type Principal, type TenantScope } from '../platform/auth.ts';
import { rateLimitHeaders } from '../platform/rate-limit.ts';
import { bearerOf, checkRole, chooseTenant, signIn } from './admit.ts';
import type { ApiDeps } from './api-deps.ts';
import type { Answer, Call } from './call.ts';
import { bindingOf, listReply, openPosition } from './lists.ts';
import { beginOnce, type Once, readKey } from './once.ts';
import { checkIfMatch, readIfMatch, readWait } from './precondition.ts';
import { toProblem } from './problem.ts';
import { readBytes } from './read-body.ts';
import { type Input, type InputSchemas, inputSchemas, receive } from './receive.ts';
import { render, toResponse } from './render.ts';
import type { Roles, Route, Scope, Shape } from './route.ts';
import { enterWait } from './waiting.ts';

declare module 'hono' {
  interface ContextVariableMap {
    requestId: string;
  }
}

type Handler<
  P extends Shape,
  Q extends Shape,
  B extends z.ZodType,
  T extends z.ZodType,
  S extends Scope,
  F extends Roles,
> = (call: Call<P, Q, B, T, S, F>) => Promise<Answer<T>> | Answer<T>;
type AnyHandler = (call: Call) => Promise<unknown> | unknown;

/** One call on its way: what is known so far, for headers, problem document and log. */
interface Exchange {
  readonly c: Context;
  readonly deps: ApiDeps;
  readonly route: Route;
  readonly schemas: InputSchemas;
  readonly requestId: string;
  readonly now: Date;
  readonly startedAt: number;
  readonly headers: Record<string, string>;
  who?: Principal;
  scope?: TenantScope;
}

/**
 * Serves a declared line. In this order: size, credential, quota, role, key scope, tenant, path, query and body (clean,
 * known, of the right type, within the rules), idempotency key, If-Match, cursor; then the handler; its answer is checked
 * against the declaration. The body is parsed only after the credential, so that strangers cost no parsing.
 * A fixed path must be bound before one with a parameter in the same place.
 */
export function bind<
  P extends Shape,
  Q extends Shape,
  B extends z.ZodType,
  T extends z.ZodType,
  S extends Scope,
  F extends Roles,
>(app: Hono, deps: ApiDeps, line: Route<P, Q, B, T, S, F>, handler: Handler<P, Q, B, T, S, F>): void {
  const route: Route = line;
  const schemas = inputSchemas(route);
  const path = route.path.replace(/\{(\w+)\}/g, ':$1');
  app.on(route.method.toUpperCase(), path, (c) => serve(c, deps, route, schemas, handler as unknown as AnyHandler));
}

/** The id of this HTTP request: a bare ULID, since it names no object of ours. */
export function requestIdOf(c: Context, now: Date): string {
  const known: string | undefined = c.get('requestId');
  if (known !== undefined) return known;
  const fresh = newId('evt', now).slice('evt_'.length);
  c.set('requestId', fresh);
  return fresh;
}

async function serve(c: Context, deps: ApiDeps, route: Route, schemas: InputSchemas, handler: AnyHandler) {
  const now = deps.clock.now();
  const requestId = requestIdOf(c, now);
  const headers = { 'Request-Id': requestId };
  const exchange: Exchange = { c, deps, route, schemas, requestId, now, startedAt: performance.now(), headers };
  try {
    const response = await answer(exchange, handler);
    logCall(exchange, response.status);
    return response;
  } catch (error) {
    return problemResponse(exchange, error);
  }
}

async function answer(exchange: Exchange, handler: AnyHandler): Promise<Response> {
  const { c, deps, route, headers } = exchange;
  const header = (name: string) => c.req.header(name);
  const bytes = route.method === 'get' ? new Uint8Array() : await readBytes(c.req.raw);
  await admit(exchange);
  const { method } = route;
  const from = { method, url: c.req.url, params: c.req.param(), contentType: header('content-type'), bytes };
  const input = receive(exchange.schemas, from);
  const dryRun = input.query['dryRun'] === true;
  const key = readKey(route, header('idempotency-key'), dryRun);
  const prepared = prepare(exchange, input, dryRun);
  const { scope, who } = exchange;
  const caller = who && credentialOf(who);
  const once = await beginOnce({ deps, route, key, tenantId: scope?.tenantId, caller, sent: input.sent });
  if (once.replay) {
    return toResponse(route, { ...once.replay, headers: { 'Idempotency-Replayed': 'true' } }, headers);
  }
  const wait = await enterWait(deps.waiting, headers, route.prefersWait ? readWait(header('prefer')) : undefined);
  try {
    return await act(exchange, handler, { ...prepared, waitSeconds: wait.seconds, idempotency: once }, once);
  } finally {
    await wait.leave();
  }
}

async function act(exchange: Exchange, handler: AnyHandler, call: Call, once: Once): Promise<Response> {
  try {
    const rendered = render(exchange.route, await handler(call));
    await once.settle(rendered);
    return toResponse(exchange.route, rendered, exchange.headers);
  } catch (error) {
    await once.abandon();
    throw error;
  }
}

async function admit(exchange: Exchange): Promise<void> {
  const { c, deps, route, headers } = exchange;
  if (route.roles === 'public') return;
  const address = deps.addressOf?.(c.req.raw, c.env);
  exchange.who = await signIn(deps, bearerOf(c.req.header('authorization')), address, (state) => {
    Object.assign(headers, rateLimitHeaders(state));
  });
  checkRole(route, exchange.who);
  const scope = await chooseTenant(deps, route, exchange.who, c.req.header('gateway-tenant'));
  if (scope) exchange.scope = scope;
}

type Prepared = Omit<Call, 'idempotency' | 'waitSeconds'>;

function prepare(exchange: Exchange, input: Input, dryRun: boolean): Prepared {
  const { c, deps, route, who, scope, now, requestId } = exchange;
  // Accepted on every PATCH and PUT, declared or not (api-map, If-Match).
  const rule = route.ifMatch ?? (route.method === 'patch' || route.method === 'put' ? 'accepted' : undefined);
  const ifMatch = rule && readIfMatch(c.req.header('if-match'));
  const { params, query, body } = input;
  const caller = who && credentialOf(who);
  const where = { tenantId: scope?.tenantId, caller, route: `${route.method} ${route.path}`, params, query };
  const list = { key: deps.cursorKey, now, binding: bindingOf(where), url: c.req.url };
  return {
    dryRun,
    params,
    query,
    body,
    // A public route has no caller and a platform route perhaps no tenant; `Call` types both by the declaration.
    who: who as Principal,
    scope,
    requestId,
    now,
    ifMatch: ifMatch?.versions[0],
    checkVersion: (version, present) => checkIfMatch(ifMatch, rule, version, present && route.returns?.parse(present)),
    after: openPosition(list, query['cursor']),
    page: (of) => listReply(list, of),
    request: c.req.raw,
    env: c.env,
  };
}

function problemResponse(exchange: Exchange, error: unknown): Response {
  const { c, deps, requestId, route } = exchange;
  const path = c.req.path;
  const { status, problem, headers, bug } = toProblem(error, { publicUrl: deps.settings.publicUrl, path, requestId });
  if (bug) deps.log.error('call_failed', bug, { requestId, operation: route.operationId });
  logCall(exchange, status, problem.code);
  return problemAnswer(problem, { ...exchange.headers, ...headers });
}

/** The HTTP answer of a problem document. */
export function problemAnswer(
  problem: { readonly status: number },
  headers: Readonly<Record<string, string>>,
): Response {
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { 'Cache-Control': 'no-store', 'Content-Type': 'application/problem+json', ...headers },
  });
}

function logCall(exchange: Exchange, status: number, code?: string): void {
  const { requestId, route, scope, who } = exchange;
  const durationMs = Math.round(performance.now() - exchange.startedAt);
  exchange.deps.log.info('http', {
    requestId,
    operation: route.operationId,
    status,
    durationMs,
    ...(code === undefined ? {} : { code }),
    ...(scope ? { tenant: scope.tenantId } : {}),
    ...(who ? { credential: credentialOf(who) } : {}),
  });
}
