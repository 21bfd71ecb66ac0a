import type { RawReply, RawRequest } from '../carriers/inbound-port.ts';
import type { Log } from '../platform/log.ts';
import { bodyOf, type HttpEvent, type HttpResult } from '../platform/on-lambda.ts';
import { fallbackReplies, type Inbound } from './app.ts';
import type { InboundDialects } from './deps.ts';

/** Milliseconds until a call gets the document made beforehand, whatever is still under way (performance §1: 2 s). */
const LONGEST_MS = 1_800;
const VOICE = /^\/inbound\/([a-z-]+)\/voice$/;

interface Parts {
  readonly dialects: InboundDialects;
  readonly log: Log;
  readonly longestMs?: number;
}

/**
 * Serves an HTTP API's events. The last guard (V1, V3): when the room itself cannot be made, throws or takes too long, a call
 * gets the carrier's document of apology, an event a refusal that makes the carrier send it again.
 */
export function onInboundEvents(
  make: () => Inbound,
  { dialects, log, longestMs = LONGEST_MS }: Parts,
): (event: HttpEvent) => Promise<HttpResult> {
  const apologies = fallbackReplies({ dialects });
  let inbound: Inbound | undefined;
  return async (event) => {
    try {
      inbound ??= make();
      return toResult(await inTime(inbound(toRequest(event)), longestMs));
    } catch (error) {
      log.error('inbound_not_served', error);
      const [, carrier = ''] = VOICE.exec(event.rawPath) ?? [];
      return toResult(apologies.get(carrier) ?? { status: 503, headers: {}, body: '' });
    }
  };
}

/** The query exactly as received, since carriers sign it; the path has only characters that no gateway changes. */
function toRequest(event: HttpEvent): RawRequest {
  const query = event.rawQueryString ?? '';
  return {
    method: event.requestContext.http.method,
    path: query === '' ? event.rawPath : `${event.rawPath}?${query}`,
    query,
    headers: (event.headers ?? {}) as Readonly<Record<string, string>>,
    body: bodyOf(event),
  };
}

function toResult({ status, headers, body, isBase64 }: RawReply): HttpResult {
  return { statusCode: status, headers, body, isBase64Encoded: isBase64 === true };
}

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
