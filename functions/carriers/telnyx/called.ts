import type { E164 } from '../../domain/e164.ts';

const E164_FORM = /^\+[1-9]\d{6,14}$/;

/**
 * The one key of a called number, however it is written (V10): with or without `+`, with `00`, with blanks and
 * punctuation, percent-encoded, as `sip:` or `tel:` address. The carrier writes E.164, so bare digits are read as such;
 * a national form is not guessed (undefined). No schema library here: inbound must stay small.
 */
export function canonicalCalled(text: string): E164 | undefined {
  if (text.length > 256) return undefined;
  const user = decoded(text)
    .trim()
    .replace(/^<?(?:sips?|tel):(?:\/\/)?/i, '')
    .replace(/[@;>?].*$/s, '');
  const compact = user.replace(/[\s\-.()/\u00a0\u2010-\u2015]/g, '').replace(/^00/, '+');
  const number = /^\d/.test(compact) ? `+${compact}` : compact;
  return E164_FORM.test(number) ? (number as E164) : undefined;
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
