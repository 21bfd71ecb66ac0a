import { Buffer } from 'node:buffer';

/** What an HTTP API hands over (payload format 2.0), as far as it is read. The path comes decoded, the query as received. */
export interface HttpEvent {
  readonly rawPath: string;
  readonly rawQueryString?: string;
  /** Names in lower case, repeated ones joined by commas; cookies are kept apart and not used here. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: { readonly http: { readonly method: string; readonly sourceIp?: string } };
}
export interface HttpResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}
/** What the app's `env` carries of an event. */
export interface LambdaEnv {
  readonly sourceIp: string | undefined;
}
interface FetchApp {
  fetch(request: Request, env: LambdaEnv): Response | Promise<Response>;
}

const TEXT = /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml)\b)/;

export function isHttpEvent(event: unknown): event is HttpEvent {
  return typeof event === 'object' && event !== null && 'rawPath' in event && 'requestContext' in event;
}

/**
 * Serves the events of an HTTP API by an app that takes requests: the same app as on one machine.
 * @param publicUrl origin the app sees, whatever host the gateway was called by
 */
export function onHttp(app: FetchApp, publicUrl: string): (event: HttpEvent) => Promise<HttpResult> {
  return async (event) => {
    const env = { sourceIp: event.requestContext.http.sourceIp };
    return toResult(await app.fetch(toRequest(event, publicUrl), env));
  };
}

/** The caller's address as the gateway in front saw it. */
export const sourceAddress = (_request: Request, env: unknown): string | undefined => (env as LambdaEnv).sourceIp;

/** The body as it was sent. */
export function bodyOf({ body, isBase64Encoded }: HttpEvent): Buffer {
  return Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
}

function toRequest(event: HttpEvent, publicUrl: string): Request {
  const { method } = event.requestContext.http;
  const url = new URL(publicUrl);
  // Decoded by the gateway: what would begin a query or a fragment is part of the path.
  url.pathname = event.rawPath
    .replace(/%(?![0-9a-f]{2})/gi, '%25')
    .replaceAll('?', '%3F')
    .replaceAll('#', '%23');
  url.search = event.rawQueryString ?? '';
  const headers = new Headers();
  for (const [name, value] of Object.entries(event.headers ?? {}))
    if (value !== undefined) headers.set(name, headerText(value));
  const bytes = method === 'GET' || method === 'HEAD' ? undefined : bodyOf(event);
  return new Request(url, { method, headers, ...(bytes?.byteLength ? { body: new Uint8Array(bytes) } : {}) });
}

/** Header values are bytes to `Headers`; the event has them as text. */
const headerText = (value: string): string => Buffer.from(value, 'utf8').toString('latin1');

async function toResult(response: Response): Promise<HttpResult> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const isText = bytes.byteLength === 0 || TEXT.test(response.headers.get('content-type') ?? '');
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: bytes.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  };
}
