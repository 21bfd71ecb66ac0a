import type { E164 } from '../../domain/e164.ts';

/** Calling codes of countries that Twilio names in `ToCountry` and whose national form carries a leading 0. */
const TRUNK_ZERO: Readonly<Record<string, string>> = {
  AE: '971',
  AT: '43',
  AU: '61',
  BE: '32',
  BG: '359',
  CH: '41',
  DE: '49',
  FI: '358',
  FR: '33',
  GB: '44',
  ID: '62',
  IE: '353',
  IL: '972',
  JP: '81',
  KR: '82',
  MY: '60',
  NL: '31',
  NZ: '64',
  SE: '46',
  TH: '66',
  TR: '90',
  ZA: '27',
};

const STRICT = /^\+[1-9]\d{6,14}$/;

/**
 * One canonical key for a called number, however it is written: without plus, with spaces, as `sip:` or `tel:`,
 * URL-encoded, or national beside its country (V10). Undefined when it is no telephone number.
 * The numbering metadata is too large for inbound, so only the national forms above are understood.
 */
export function canonicalNumber(text: string, country?: string): E164 | undefined {
  if (STRICT.test(text)) return text as E164; // the same rule as the E164 schema, whose library inbound must not load
  const plain = withoutScheme(unescaped(text)).replace(/[\s().-]/g, '');
  const digits = plain.startsWith('+') ? plain.slice(1) : plain;
  if (!/^\d+$/.test(digits)) return undefined;
  const found = plain.startsWith('+') ? plain : international(digits, country);
  return found !== undefined && STRICT.test(found) ? (found as E164) : undefined;
}

function unescaped(text: string): string {
  try {
    return text.includes('%') ? decodeURIComponent(text) : text;
  } catch {
    return '';
  }
}

function withoutScheme(text: string): string {
  const user = /^\s*(?:sips?|tel):([^@;?]*)/i.exec(text);
  return user?.[1] ?? text;
}

function international(digits: string, country: string | undefined): string | undefined {
  if (digits.startsWith('00')) return `+${digits.slice(2)}`;
  if (digits.startsWith('0')) {
    const code = TRUNK_ZERO[country ?? ''];
    return code === undefined ? undefined : `+${code}${digits.slice(1)}`;
  }
  // Ten digits without a plus beside a country of the North American plan are national there, not "+4 …" of elsewhere.
  if ((country === 'US' || country === 'CA') && digits.length === 10) return `+1${digits}`;
  return `+${digits}`;
}
