import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { newId } from '../domain/mint.ts';

export type KeyMode = 'live' | 'test';
/** A key as its holder sends it, taken apart. */
export interface PresentedKey {
  readonly mode: KeyMode;
  /** `key_…` */
  readonly keyId: string;
  readonly secret: string;
}

const FORM = /^gw_(live|test)_([0-9a-hjkmnp-tv-z]{26})_([A-Za-z0-9_-]{43})$/;

/** Reads `gw_live_<26 characters of the key id>_<secret>`; undefined when the text has another form. */
export function readApiKey(text: string): PresentedKey | undefined {
  const [, mode, id, secret] = FORM.exec(text) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  return { mode: mode === 'live' ? 'live' : 'test', keyId: `key_${id}`, secret };
}

/** A fresh key: `text` is shown once and never stored, `secretHash` is (random 256 bit: no slow hash, DESIGN §6). */
export function mintApiKey(mode: KeyMode, at: Date): { keyId: string; text: string; secretHash: string } {
  const keyId = newId('key', at);
  const secret = randomBytes(32).toString('base64url');
  return { keyId, text: `gw_${mode}_${keyId.slice('key_'.length)}_${secret}`, secretHash: hashSecret(secret) };
}

/** Whether the secret is the one behind the stored hash; the comparison takes the same time either way. */
export function isSecretOf(secret: string, storedHash: string): boolean {
  const stored = Buffer.from(storedHash, 'hex');
  const given = Buffer.from(hashSecret(secret), 'hex');
  return stored.length === given.length && timingSafeEqual(stored, given);
}

const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');
