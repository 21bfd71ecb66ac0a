import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { importJWK, type JSONWebKeySet, type JWK, SignJWT } from 'jose';
import type { Clock } from '../../functions/platform/clock.ts';
import type { SecretVersions } from '../../functions/platform/secrets.ts';

/** `aud` of the local issuer's access tokens, and the only algorithm they are signed with. */
export const AUDIENCE = 'numbergate';
export const ALGORITHM = 'ES256';
export const TOKEN_SECONDS = 3600;

export interface TokenIssuer {
  /** Public keys of all valid versions. */
  jwks(): Promise<JSONWebKeySet>;
  accessToken(subject: string, clientId: string): Promise<{ readonly token: string; readonly expiresAt: Date }>;
  /** For OIDC clients; never taken as an access token. */
  idToken(subject: string, clientId: string, claims: Readonly<Record<string, string | undefined>>): Promise<string>;
}

/** Generator of the issuer's signing key, for the secrets file: a private JWK as text. */
export function signingKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return JSON.stringify(privateKey.export({ format: 'jwk' }));
}

/** Signs with the newest version of the key; tokens of the former one stay good until they expire (X8). */
export function tokenIssuer(issuer: string, clock: Clock, keys: () => Promise<SecretVersions>): TokenIssuer {
  const signed = async (subject: string, audience: string, claims: Readonly<Record<string, string | undefined>>) => {
    const [newest = ''] = await keys();
    const key = privateJwk(newest);
    const now = Math.floor(clock.now().getTime() / 1000);
    const token = await new SignJWT({ ...claims })
      .setProtectedHeader({ alg: ALGORITHM, kid: keyId(key), typ: claims['token_use'] === 'access' ? 'at+jwt' : 'JWT' })
      .setIssuer(issuer)
      .setSubject(subject)
      .setAudience(audience)
      .setIssuedAt(now)
      .setExpirationTime(now + TOKEN_SECONDS)
      .setJti(randomUUID())
      .sign(await importJWK(key, ALGORITHM));
    return { token, expiresAt: new Date((now + TOKEN_SECONDS) * 1000) };
  };
  return {
    async jwks() {
      return { keys: (await keys()).map((text) => publicJwk(privateJwk(text))) };
    },
    accessToken: (subject, clientId) => signed(subject, AUDIENCE, { token_use: 'access', client_id: clientId }),
    idToken: async (subject, clientId, claims) =>
      (await signed(subject, clientId, { ...claims, token_use: 'id' })).token,
  };
}

function privateJwk(text: string): JWK {
  return JSON.parse(text) as JWK;
}

function publicJwk(key: JWK): JWK {
  const { kty = '', crv = '', x = '', y = '' } = key;
  return { kty, crv, x, y, use: 'sig', alg: ALGORITHM, kid: keyId(key) };
}

/** Thumbprint of the public part (RFC 7638). */
function keyId({ crv, kty, x, y }: JWK): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}
