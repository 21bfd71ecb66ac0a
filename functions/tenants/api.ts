import type { Hono } from 'hono';
import type { TenantDeps } from './act.ts';
import { bindAccounts } from './api-account.ts';
import { bindExtensions } from './api-extensions.ts';
import { bindFlows } from './api-flows.ts';
import { bindApiKeys } from './api-keys.ts';
import { bindQueues } from './api-queues.ts';
import { bindUsers } from './api-users.ts';

/** Tenants, their people, and what numbers are routed to (api-map §7). */
export function bindTenants(app: Hono, deps: TenantDeps): void {
  bindAccounts(app, deps);
  bindUsers(app, deps);
  bindExtensions(app, deps);
  bindApiKeys(app, deps);
  bindQueues(app, deps);
  bindFlows(app, deps);
}
