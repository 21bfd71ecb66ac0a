import type { HttpAnswer, HttpRequest } from '../platform/http.ts';

const BLANK = '[redacted]';
const HEADERS = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'api-key',
  'x-nexmo-authorization',
]);
/** Names of fields in queries, forms and JSON whose value is a secret at some carrier. */
const FIELDS = [
  'api_key',
  'apikey',
  'api_secret',
  'api_password',
  'apiSecret',
  'auth_token',
  'authToken',
  'access_token',
  'client_secret',
  'password',
  'secret',
  'signature_secret',
  'private_key',
  'sip_password',
  'token',
  'pin',
  'pin_passcode',
];
const names = FIELDS.join('|');
const IN_JSON = new RegExp(`("(?:${names})"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`, 'gi');
const IN_FORM = new RegExp(`((?:^|[?&])(?:${names})=)[^&#]*`, 'gi');

/** The request as it may be recorded: credentials blanked in headers, address and body; files only counted. */
export function redactRequest(request: HttpRequest, secrets: readonly string[]): HttpRequest {
  const { body, ...rest } = request;
  return {
    ...rest,
    url: blankText(request.url, secrets),
    headers: blankHeaders(request.headers, secrets),
    ...(body === undefined ? {} : { body: blankBody(body, request.headers, secrets) }),
  };
}

/** The answer as it may be recorded. */
export function redactAnswer(answer: HttpAnswer, secrets: readonly string[]): HttpAnswer {
  const text = new TextDecoder().decode(answer.body);
  return {
    status: answer.status,
    headers: blankHeaders(answer.headers, secrets),
    body: new TextEncoder().encode(blankText(text, secrets)),
  };
}

function blankHeaders(headers: Readonly<Record<string, string>>, secrets: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      HEADERS.has(name.toLowerCase()) ? BLANK : blankText(value, secrets),
    ]),
  );
}

function blankBody(body: string | Uint8Array, headers: HttpRequest['headers'], secrets: readonly string[]): string {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  if (/^(multipart\/|application\/(octet-stream|pdf)|image\/)/i.test(type)) return `[${body.length} bytes]`;
  return blankText(typeof body === 'string' ? body : new TextDecoder().decode(body), secrets);
}

function blankText(text: string, secrets: readonly string[]): string {
  const byName = text.replace(IN_JSON, `$1"${BLANK}"`).replace(IN_FORM, `$1${BLANK}`);
  return secrets
    .filter((secret) => secret.length >= 8)
    .reduce((seen, secret) => seen.replaceAll(secret, BLANK), byName);
}
