import { createHash } from 'node:crypto';

/**
 * The whole body of an answer, at most `maxBytes`. Leaving the loop ends the connection. Throws when it is larger, cut, or the
 * signal says that it took too long.
 */
export async function readBody(body: unknown, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  if (!isStream(body)) throw new Error('an answer of S3 without a body');
  const parts: Uint8Array[] = [];
  let size = 0;
  const end = () => void body.destroy();
  signal.addEventListener('abort', end, { once: true });
  try {
    for await (const part of body) {
      size += part.byteLength;
      if (size > maxBytes) throw new Error(`a stored file is over ${maxBytes} bytes`);
      parts.push(part);
    }
  } finally {
    signal.removeEventListener('abort', end);
  }
  return Buffer.concat(parts);
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

interface Body extends AsyncIterable<Uint8Array> {
  destroy(): unknown;
}
function isStream(body: unknown): body is Body {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body && 'destroy' in body;
}
