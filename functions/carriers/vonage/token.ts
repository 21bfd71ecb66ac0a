import { createHmac, timingSafeEqual } from 'node:crypto';

/** Claims of a webhook token whose signature holds; their content is judged by the caller. */
export type Claims = Readonly<Record<string, unknown>>;
export type TokenReader = (token: string, secrets: readonly string[]) => Claims | undefined;

/** HMAC-SHA256 is 32 bytes: 43 letters of base64url. */
const TOKEN = /^([\w-]{1,256})\.([\w-]{1,4096})\.([\w-]{43})$/;
const REMEMBERED_HEADERS = 8;

/**
 * Reads HS256 tokens against the valid versions of the signature secret. The algorithm is fixed: `alg` can only agree with
 * it (the vendor's function takes RS256 too). Signatures are compared as text, so a second spelling of the same bytes is
 * refused. Header segments that stood under a good signature are remembered: they are the same in every genuine token.
 */
export function tokenReader(): TokenReader {
  const headers = new Set<string>();
  return (token, secrets) => {
    const [, header, payload, signature] = TOKEN.exec(token) ?? [];
    if (header === undefined || payload === undefined || signature === undefined) return undefined;
    const isGenuine = secrets.some((secret) => isSignature(signature, `${header}.${payload}`, secret));
    if (!isGenuine || !(headers.has(header) || isHs256(header))) return undefined;
    if (headers.size < REMEMBERED_HEADERS) headers.add(header);
    return readSegment(payload);
  };
}

function isHs256(header: string): boolean {
  const { alg, typ = 'JWT', crit } = readSegment(header) ?? {};
  return alg === 'HS256' && typ === 'JWT' && crit === undefined;
}

function isSignature(given: string, signed: string, secret: string): boolean {
  if (secret === '') return false;
  const due = createHmac('sha256', secret).update(signed).digest('base64url');
  return timingSafeEqual(Buffer.from(given), Buffer.from(due));
}

function readSegment(segment: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
