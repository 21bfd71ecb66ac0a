export type Form = ReadonlyMap<string, string>;

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;
/** All that a form holds unescaped. */
const PRINTABLE = /^[\x21-\x7e]*$/;
const MAX_FIELDS = 300;

/**
 * Reads a form body strictly: UTF-8, each part a name and a value, names of the expected letters, none twice.
 * Twilio signs names and values joined without separators, so every second reading of the same bytes is a bypass.
 * Undefined when it is anything else. New names pass: they appear without notice.
 */
export function readForm(body: Uint8Array): Form | undefined {
  const fields = new Map<string, string>();
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  if (text === '') return fields;
  if (!PRINTABLE.test(text)) return undefined;
  const parts = text.split('&');
  if (parts.length > MAX_FIELDS) return undefined;
  for (const part of parts) {
    const at = part.indexOf('=');
    const name = part.slice(0, at);
    const value = at < 1 ? undefined : decode(part.slice(at + 1));
    if (value === undefined || !NAME.test(name) || fields.has(name)) return undefined;
    fields.set(name, value);
  }
  return fields;
}

/** Percent-decodes one value; undefined for a broken escape or bytes that are no UTF-8. */
function decode(raw: string): string | undefined {
  const spaced = raw.includes('+') ? raw.replaceAll('+', ' ') : raw;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return undefined;
  }
}
