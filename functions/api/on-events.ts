import type { Hono } from 'hono';
import { toProblem } from '../contract/problem.ts';
import { newId } from '../domain/ids.ts';
import type { Deps } from '../platform/deps.ts';
import { type HttpEvent, type HttpResult, onHttp } from '../platform/on-lambda.ts';

/**
 * Serves an HTTP API's events by an app that may not be ready yet: what it needs is read during init, and again by the next
 * event if that failed, which is answered with a problem document.
 */
export function onEvents(
  ready: () => Promise<Hono>,
  deps: Pick<Deps, 'clock' | 'log'>,
  publicUrl: string,
): (event: HttpEvent) => Promise<HttpResult> {
  return async (event) => {
    try {
      return await onHttp(await ready(), publicUrl)(event);
    } catch (thrown) {
      const requestId = newId('evt', deps.clock.now()).slice('evt_'.length);
      deps.log.error('not_served', thrown, { requestId });
      const { problem, status, headers } = toProblem(thrown, { publicUrl, path: event.rawPath, requestId });
      const own = { 'content-type': 'application/problem+json', 'cache-control': 'no-store', 'request-id': requestId };
      return {
        statusCode: status,
        headers: { ...headers, ...own },
        body: JSON.stringify(problem),
        isBase64Encoded: false,
      };
    }
  };
}
