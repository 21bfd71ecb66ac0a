import type { Route } from '../contract/route.ts';
import { accountRoutes } from './account-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { peopleRoutes } from './people-routes.ts';
import { routingRoutes } from './routing-routes.ts';

/** All lines of this room. */
export const tenantRoutes: readonly Route[] = [...accountRoutes, ...peopleRoutes, ...keyRoutes, ...routingRoutes];
