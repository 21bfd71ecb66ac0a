import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import { exportJWK, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { type AccessTokenRules, verifyAccessToken } from '../../functions/platform/jwt.ts';
import { SecretUnavailable } from '../../functions/platform/secrets.ts';
import { testClock } from '../../local/engine/clock.ts';

const ISSUER = 'https://issuer.example';
const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ours = pair();
const others = pair();
const jwks = async (key: KeyObject = ours.publicKey, kid = 'k1') => ({
  keys: [{ ...(await exportJWK(key)), kid, alg: 'ES256', use: 'sig' }],
});
const NOW = 1_768_467_600;

async function verifier(rules: Partial<AccessTokenRules> = {}) {
  const clock = testClock();
  const keys = await jwks();
  return {
    clock,
    verify: verifyAccessToken({ issuer: ISSUER, algorithm: 'ES256', keys, audience: 'numbergate', clock, ...rules }),
  };
}
interface Forged {
  readonly claims?: object;
  readonly header?: object;
  readonly key?: KeyObject;
}
function token({ claims = {}, header = {}, key = ours.privateKey }: Forged = {}): Promise<string> {
  const payload = {
    iss: ISSUER,
    sub: 'usr_1',
    aud: 'numbergate',
    client_id: 'console',
    token_use: 'access',
    iat: NOW,
    exp: NOW + 3600,
    ...claims,
  };
  // The library signs a critical header only for who says that it is understood.
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header })
    .sign(key, { crit: { x: true } });
}
const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

describe('access tokens', () => {
  it.each(['at+jwt', 'application/at+jwt', 'AT+JWT'])(
    'of other issuers say so by their type %s (RFC 9068)',
    async (typ) => {
      const { verify } = await verifier();
      const other = await token({ claims: { token_use: undefined }, header: { typ } });
      expect(await verify(other)).toMatchObject({ issuer: ISSUER, subject: 'usr_1' });
    },
  );

  it('prove issuer and subject', async () => {
    const { verify } = await verifier();
    expect(await verify(await token())).toEqual({
      issuer: ISSUER,
      subject: 'usr_1',
      clientId: 'console',
      expiresAt: new Date((NOW + 3600) * 1000),
    });
  });
  it('are good for a minute beyond their end, not longer', async () => {
    const { verify, clock } = await verifier();
    const ours = await token();
    clock.advance(3659);
    await expect(verify(ours)).resolves.toBeDefined();
    clock.advance(1);
    await expect(verify(ours)).rejects.toMatchObject({ name: 'NotSignedIn', code: 'token_expired' });
  });
  it.each<[string, Forged]>([
    ['another issuer', { claims: { iss: 'https://evil.example' } }],
    ['another audience', { claims: { aud: 'someone-else' } }],
    ['no audience', { claims: { aud: undefined } }],
    ['an id token', { claims: { token_use: 'id' } }],
    ['no use', { claims: { token_use: undefined } }],
    ['no use and the type of an id token', { claims: { token_use: undefined }, header: { typ: 'JWT' } }],
    ['the use of an id token, whatever its type', { claims: { token_use: 'id' }, header: { typ: 'at+jwt' } }],
    ['no end', { claims: { exp: undefined } }],
    ['no subject', { claims: { sub: undefined } }],
    ['an empty subject', { claims: { sub: '' } }],
    ['not valid before tomorrow', { claims: { nbf: NOW + 86_400 } }],
    ['another key', { key: others.privateKey }],
    ['an unknown kid', { header: { kid: 'k2' } }],
    ['no kid', { header: { kid: undefined } }],
    ['a critical header we do not know', { header: { crit: ['x'], x: 1 } }],
  ])('are refused with %s', async (_, forged) => {
    const { verify } = await verifier();
    const made = await token(forged);
    await expect(verify(made)).rejects.toMatchObject({ name: 'NotSignedIn', code: 'invalid_token' });
  });
  it('never bring their own key', async () => {
    const { verify } = await verifier();
    const jwk = await exportJWK(others.publicKey);
    for (const header of [{ jwk }, { jku: 'https://evil.example/jwks' }, { x5u: 'https://evil.example/x5' }]) {
      const forged = await token({ header, key: others.privateKey });
      await expect(verify(forged)).rejects.toMatchObject({ code: 'invalid_token' });
    }
  });
  it('are refused in another algorithm, though a key of the set signed them', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const keys = { keys: [...(await jwks()).keys, { ...(await exportJWK(rsa.publicKey)), kid: 'rsa' }] };
    const signed = (alg: string) => token({ header: { alg, kid: 'rsa' }, key: rsa.privateKey });
    const { verify } = await verifier({ keys });
    for (const alg of ['RS256', 'PS256', 'RS512'])
      await expect(verify(await signed(alg))).rejects.toMatchObject({ code: 'invalid_token' });
    const { verify: ofRsa } = await verifier({ keys, algorithm: 'RS256' });
    await expect(ofRsa(await signed('RS256'))).resolves.toBeDefined();
    await expect(ofRsa(await signed('PS256'))).rejects.toMatchObject({ code: 'invalid_token' });
  });
  it('are refused without signature, or signed with the public key as a shared secret', async () => {
    const { verify } = await verifier();
    const [, payload = ''] = (await token()).split('.');
    const unsigned = `${encoded({ alg: 'none', kid: 'k1' })}.${payload}.`;
    const head = `${encoded({ alg: 'HS256', kid: 'k1' })}.${payload}`;
    const pem = ours.publicKey.export({ type: 'spki', format: 'pem' });
    const confused = `${head}.${createHmac('sha256', pem).update(head).digest('base64url')}`;
    for (const forged of [unsigned, confused])
      await expect(verify(forged)).rejects.toMatchObject({ code: 'invalid_token' });
  });
  it.each(['', 'a', 'a.b.c', '..', `${'x'.repeat(9000)}.b.c`, 'gw_live_abc', 'é.é.é'])(
    'are refused when they are none: %s',
    async (text) => {
      const { verify } = await verifier();
      await expect(verify(text)).rejects.toMatchObject({ name: 'NotSignedIn', code: 'invalid_token' });
    },
  );
  it('without audience are told apart by client id (Cognito)', async () => {
    const { audience: _, ...rules } = {
      issuer: ISSUER,
      algorithm: 'ES256',
      keys: await jwks(),
      audience: '',
      clock: testClock(),
    } as const;
    const verify = verifyAccessToken({ ...rules, clientIds: ['console'] });
    await expect(verify(await token({ claims: { aud: undefined } }))).resolves.toMatchObject({ clientId: 'console' });
    await expect(verify(await token({ claims: { client_id: 'other' } }))).rejects.toMatchObject({
      code: 'invalid_token',
    });
    expect(() => verifyAccessToken(rules)).toThrow();
  });
});

describe("the issuer's keys", () => {
  it('are read from its address, kept, and read again for a new kid', async () => {
    let reads = 0;
    let body = JSON.stringify(await jwks());
    const server = createServer((_, answer) => {
      reads++;
      answer.setHeader('content-type', 'application/json');
      answer.end(body);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const keys = new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/jwks`);
    const { verify } = await verifier({ keys });
    await verify(await token());
    await verify(await token());
    expect(reads).toBe(1);
    body = 'no keys';
    const { verify: fresh } = await verifier({ keys });
    await expect(fresh(await token())).rejects.toThrow(SecretUnavailable);
    await new Promise((done) => server.close(done));
    await expect(fresh(await token())).rejects.toThrow(SecretUnavailable);
  });
  it('V7: that cannot be read are not a bad token', async () => {
    const { verify } = await verifier({
      keys: async () => {
        throw new Error('store down');
      },
    });
    await expect(verify(await token())).rejects.toThrow(SecretUnavailable);
    await expect(verify('nonsense')).rejects.toMatchObject({ code: 'invalid_token' });
  });
});
