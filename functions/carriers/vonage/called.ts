import type { E164 } from '../../domain/e164.ts';

const E164_FORM = /^\+[1-9]\d{6,14}$/;
const HIDDEN = new Set(['', 'unknown', 'anonymous', 'restricted', 'private', 'unavailable', 'withheld']);

/**
 * The one key of a number, however it is written (V10). Vonage writes E.164 without the plus, so bare digits are read as
 * such; a national form is not guessed (undefined). Same rule as the E164 schema, whose library inbound must not load.
 */
export function canonicalNumber(text: unknown): E164 | undefined {
  if (typeof text !== 'string' || text.length > 256) return undefined;
  const user = decoded(text)
    .trim()
    .replace(/^(?:sips?|tel):/i, '')
    .replace(/[@;?].*$/s, '');
  const compact = user.replace(/[\s().\-\u00a0\u2010-\u2015]/g, '').replace(/^00/, '+');
  const number = /^\d/.test(compact) ? `+${compact}` : compact;
  return E164_FORM.test(number) ? (number as E164) : undefined;
}

/** Who calls or writes: a number in E.164, a sender's name or SIP user as it came, or `anonymous` when it is withheld. */
export function callerOf(value: unknown): string {
  const text = typeof value === 'string' ? value.trim().slice(0, 128) : '';
  if (HIDDEN.has(text.toLowerCase())) return 'anonymous';
  return canonicalNumber(text) ?? text;
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
