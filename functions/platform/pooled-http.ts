import { type IncomingMessage, Agent as PlainAgent, request as plainRequest, type RequestOptions } from 'node:http';
import { request as secureRequest, Agent as TlsAgent } from 'node:https';
import { inOurTerms } from './fetch-http.ts';
import { AnswerLost, type Http, type HttpAnswer, type HttpLimits, type HttpRequest, NotSent } from './http.ts';

/** Connections kept for use within one call of a function. */
const MOST_KEPT = 64;

/**
 * `Http` over connections that can be let go: what waits for use when a function is frozen may be dead when it goes on, and fetch
 * would send an order over it, whose end is then unknown (P2). Answers come uncompressed, no redirect is followed.
 */
export function pooledHttp(): { readonly http: Http; letGo(): void } {
  const plain = new PlainAgent({ keepAlive: true });
  const secure = new TlsAgent({ keepAlive: true });
  const both = [plain, secure];
  return {
    async http(request, limits) {
      if (limits.signal?.aborted || limits.timeoutMs <= 0) throw new NotSent('given up before sending');
      for (const agent of both) agent.maxFreeSockets = MOST_KEPT;
      const timeout = AbortSignal.timeout(Math.ceil(limits.timeoutMs));
      const signal = limits.signal ? AbortSignal.any([limits.signal, timeout]) : timeout;
      try {
        const isPlain = new URL(request.url).protocol === 'http:';
        const incoming = await sent(request, isPlain ? plainRequest : secureRequest, {
          agent: isPlain ? plain : secure,
          signal,
        });
        return await answerOf(incoming, limits);
      } catch (error) {
        throw inOurTerms(error, signal);
      }
    },
    /** Between two calls: nothing is kept, nor what is given back only now. Sessions of TLS stay, so that coming back is cheap. */
    letGo() {
      for (const agent of both) {
        agent.maxFreeSockets = 0;
        for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
      }
    },
  };
}

function sent(
  { method, url, headers, body }: HttpRequest,
  open: typeof plainRequest,
  options: RequestOptions,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = open(url, { ...options, method, headers: { accept: '*/*', ...headers } }, resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function answerOf(incoming: IncomingMessage, { maxBytes }: HttpLimits): Promise<HttpAnswer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of incoming as AsyncIterable<Uint8Array>) {
    size += part.byteLength;
    if (size > maxBytes) throw new AnswerLost('too_large'); // leaving the loop ends the connection
    parts.push(part);
  }
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, [value].flat().join(', ')]);
  return { status: incoming.statusCode ?? 0, headers: Object.fromEntries(headers), body: Buffer.concat(parts) };
}
