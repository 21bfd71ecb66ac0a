import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { RawRequest, Verdict } from '../inbound-port.ts';

/** Seconds a delivery may be old, and may be ahead of our clock (reliability §5). */
const OLDEST = 300;
const AHEAD = 60;
const DIGITS = /^\d{1,12}$/;
/** 64 bytes in padded standard base64, in their one canonical spelling (the last sextet carries two bits). */
const SIGNATURE = /^[A-Za-z0-9+/]{85}[AQgw]==$/;
/** 32 bytes, likewise. */
const PUBLIC_KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');
/** Points of small order, sign bit cleared: under such a key (all zero bytes, say) a signature can be made without a secret. */
const WEAK_POINTS = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/** Turns the account's public key (32 bytes, base64) into a key object; undefined when it is none or a weak one. */
export type KeyParser = (base64: string) => KeyObject | undefined;

/** A parser that remembers the last few keys: parsing costs more than verifying. */
export function keyParser(remembered = 16): KeyParser {
  const parsed = new Map<string, KeyObject | undefined>();
  return (base64) => {
    if (parsed.has(base64)) return parsed.get(base64);
    if (parsed.size >= remembered) parsed.clear();
    const key = parsePublicKey(base64);
    parsed.set(base64, key);
    return key;
  };
}

/**
 * Judges Ed25519 over `timestamp|raw body`. Neither address, method nor headers are signed: what a request is about is
 * read from the body alone. Several keys are valid during a rotation (X8). Without a usable key 503, so that the carrier
 * sends again or takes the fallback document (V7).
 */
export function verifySignature(
  request: RawRequest,
  publicKeys: readonly string[],
  parseKey: KeyParser,
  now: Date,
): Verdict {
  const keys = publicKeys.map((text) => parseKey(text.trim())).filter((key) => key !== undefined);
  if (keys.length === 0) return refused(503, 'no usable public key');
  if (request.method !== 'POST') return refused(403, 'not a POST');
  const timestamp = request.headers['telnyx-timestamp'] ?? '';
  const signature = request.headers['telnyx-signature-ed25519'] ?? '';
  if (!DIGITS.test(timestamp) || !SIGNATURE.test(signature))
    return refused(403, 'signature headers missing or malformed');
  const age = Math.floor(now.getTime() / 1000) - Number(timestamp);
  if (age > OLDEST || age < -AHEAD) return refused(403, 'timestamp outside the window');
  const signed = Buffer.concat([Buffer.from(`${timestamp}|`, 'latin1'), request.body]);
  const bytes = Buffer.from(signature, 'base64');
  return keys.some((key) => verify(null, signed, key, bytes)) ? { ok: true } : refused(403, 'signature does not match');
}

function parsePublicKey(base64: string): KeyObject | undefined {
  if (!PUBLIC_KEY.test(base64)) return undefined;
  const raw = Buffer.from(base64, 'base64');
  const unsigned = Buffer.from(raw);
  unsigned[31] = (unsigned[31] ?? 0) & 0x7f;
  if (WEAK_POINTS.has(unsigned.toString('hex'))) return undefined;
  try {
    return createPublicKey({ key: Buffer.concat([SPKI_ED25519, raw]), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

function refused(status: 403 | 503, reason: string): Verdict {
  return { ok: false, status, reason };
}
