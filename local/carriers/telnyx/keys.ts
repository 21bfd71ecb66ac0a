import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';

const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The key pair of a simulated account follows from its API key, so both sides agree without a further setting: give the
 * gateway `simulatedPublicKey(TELNYX_API_KEY)` as TELNYX_PUBLIC_KEY.
 */
function privateKey(apiKey: string): KeyObject {
  const seed = createHash('sha256').update(`telnyx simulator ${apiKey}`).digest();
  return createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
}

/** 32 bytes in base64, as the portal shows it. */
export function simulatedPublicKey(apiKey: string): string {
  const spki = createPublicKey(privateKey(apiKey)).export({ format: 'der', type: 'spki' });
  return spki.subarray(-32).toString('base64');
}

/** The two headers of a genuine delivery of this body, made at this instant. */
export function signatureHeaders(apiKey: string, body: string, at: Date): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = sign(null, Buffer.from(`${timestamp}|${body}`), privateKey(apiKey));
  return { 'telnyx-timestamp': timestamp, 'telnyx-signature-ed25519': signature.toString('base64') };
}
