import { Malformed, TooLarge } from '../domain/errors.ts';
import { cleanJson } from './hygiene.ts';

/** Bytes of a body at most (reliability §6). */
const BODY_LIMIT = 64 * 1024;

/** Reads at most `BODY_LIMIT` bytes; stops reading beyond. Throws TooLarge. */
export async function readBytes(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > BODY_LIMIT) throw tooLarge();
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > BODY_LIMIT) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge();
    }
    parts.push(value);
  }
  return Buffer.concat(parts, size);
}

const tooLarge = () =>
  new TooLarge({ code: 'body_too_large', detail: `A body may have ${BODY_LIMIT} bytes; files go by upload link.` });

/** Clean JSON (see `cleanJson`) of the bytes; nothing at all counts as `{}`, since a body of optional fields may be left out. */
export function parseJson(bytes: Uint8Array, contentType: string | undefined): unknown {
  if (bytes.byteLength === 0) return {};
  if (contentType && !/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(contentType.trim())) {
    throw malformed(`The content type is ${contentType.slice(0, 80)}, not application/json.`);
  }
  return cleanJson(parse(bytes));
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw malformed('The body is not JSON text in UTF-8.', cause);
  }
}

const malformed = (detail: string, cause?: unknown) => new Malformed({ code: 'malformed_json', detail, cause });

/** The value without `null` members: absent and null mean the same, except in a merge patch. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const present = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(present.map(([key, item]) => [key, withoutNulls(item)]));
}
