import type { Hono } from 'hono';
import type { ApiDeps } from '../contract/api-deps.ts';
import type { Route } from '../contract/route.ts';
import { type Binding, roomsApp } from './base-app.ts';
import { allRoutes } from './routes.ts';
import { bindDocumentation, bindHealth } from './system-api.ts';

/**
 * Rooms on one app together with health, the document and the pages made of it.
 * `routes` are the lines the document is made of.
 */
export function gatewayApp(deps: ApiDeps, bindings: readonly Binding[], routes: readonly Route[] = allRoutes): Hono {
  return roomsApp(deps, [bindHealth, (app) => bindDocumentation(app, deps, routes), ...bindings]);
}
