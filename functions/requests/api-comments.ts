import type { Hono } from 'hono';
import type { ApiDeps } from '../contract/api-deps.ts';
import { bind } from '../contract/bind.ts';
import { reply } from '../contract/call.ts';
import { openRequest } from './act.ts';
import { createRequestComment, listRequestComments } from './comment-routes.ts';
import { listComments, newComment, type Thread } from './comments.ts';
import { wantedNumbers } from './mails.ts';
import type { NumberRequest } from './schema.ts';

export const threadOf = (request: NumberRequest): Thread => ({
  id: request.id,
  title: wantedNumbers(request),
  requester: request.requester,
  numberRequestId: request.id,
});

/** Comments on number requests, in both directions. */
export function bindComments(app: Hono, deps: ApiDeps): void {
  bind(app, deps, listRequestComments, async (call) => {
    const { limit } = call.query;
    const request = await openRequest(deps, call);
    return call.page(await listComments(deps, call.scope, request.id, call.who, { limit, after: call.after }));
  });
  bind(app, deps, createRequestComment, async (call) => {
    const { scope, who, body, now, idempotency } = call;
    const request = await openRequest(deps, call);
    const { comment, writes } = await newComment(deps, scope, threadOf(request), who, body, now);
    const answer = reply({ body: comment });
    await deps.table.write([...writes, ...idempotency.complete(answer)]);
    return answer;
  });
}
