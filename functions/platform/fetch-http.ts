import { AnswerLost, type Http, type HttpAnswer, type HttpLimits, NotSent } from './http.ts';

/**
 * Codes of errors that occur before a byte of the request is written. The connection is tried for ten seconds at most
 * (undici's own limit, `UND_ERR_CONNECT_TIMEOUT`); a shorter total ends it earlier, and then counts as an answer lost.
 */
const BEFORE_SENDING = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_INVALID_URL',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

/** `Http` on Node's own fetch: no redirect followed, size counted while streaming, one time limit for everything. */
export function fetchHttp(): Http {
  return async (request, limits) => {
    if (limits.signal?.aborted || limits.timeoutMs <= 0) throw new NotSent('given up before sending');
    const timeout = AbortSignal.timeout(Math.ceil(limits.timeoutMs));
    const signal = limits.signal ? AbortSignal.any([limits.signal, timeout]) : timeout;
    try {
      const { method, url, headers, body } = request;
      const init: RequestInit = { method, headers: { ...headers }, redirect: 'manual', signal };
      const response = await fetch(url, body === undefined ? init : { ...init, body: body as BodyInit });
      return await answerOf(response, limits);
    } catch (error) {
      throw inOurTerms(error, signal);
    }
  };
}

async function answerOf(response: Response, limits: HttpLimits): Promise<HttpAnswer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.byteLength;
    if (size > limits.maxBytes) throw new AnswerLost('too_large'); // leaving the loop cancels the stream
    parts.push(part);
  }
  return { status: response.status, headers: Object.fromEntries(response.headers), body: Buffer.concat(parts) };
}

/** What a transport threw: certainly not sent, or perhaps executed. */
export function inOurTerms(error: unknown, signal: AbortSignal): NotSent | AnswerLost {
  if (error instanceof AnswerLost) return error;
  if (signal.aborted) return new AnswerLost('timeout', error);
  const code = codeOf(error);
  if (code !== undefined && BEFORE_SENDING.has(code)) return new NotSent(`not sent: ${code}`, { cause: error });
  return new AnswerLost('connection_lost', error);
}

/** The system's error code, however deep fetch has wrapped it. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause);
}
