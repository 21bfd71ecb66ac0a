import type { Hono } from 'hono';
import type { ApiDeps } from '../contract/api-deps.ts';
import { bindRequests } from './api.ts';
import { bindComments } from './api-comments.ts';
import { bindDecisions } from './api-decisions.ts';
import { bindInbox } from './api-inbox.ts';
import { bindPapers } from './api-papers.ts';
import { bindTickets } from './api-tickets.ts';

/** Every line of this room on one app. */
export function bindRequestRoom(app: Hono, deps: ApiDeps): void {
  for (const room of [bindRequests, bindDecisions, bindPapers, bindComments, bindInbox, bindTickets]) room(app, deps);
}
