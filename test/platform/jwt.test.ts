import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { exportJWK, SignJWT } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
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

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A verifier whose keys lie at an address. */
async function remote(body?: string) {
  const issuer = { reads: 0, body: body ?? JSON.stringify(await jwks()) };
  const server = createServer((_, answer) => {
    issuer.reads++;
    answer.setHeader('content-type', 'application/json');
    answer.end(issuer.body);
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const keys = new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/jwks`);
  return { ...(await verifier({ keys })), issuer };
}

describe("the issuer's keys", () => {
  it('are read from its address, kept, and read again with age', async () => {
    const { verify, clock, issuer } = await remote();
    await verify(await token());
    await verify(await token());
    expect(issuer.reads).toBe(1);
    clock.advance(601);
    await verify(await token());
    expect(issuer.reads).toBe(2);
  });
  it('are read again for a new kid, at most twice a minute', async () => {
    const { verify, clock, issuer } = await remote();
    await verify(await token());
    issuer.body = JSON.stringify(await jwks(others.publicKey, 'k2'));
    const rotated = await token({ header: { kid: 'k2' }, key: others.privateKey });
    const strange = await token({ header: { kid: 'k3' } });
    await expect(verify(rotated)).rejects.toMatchObject({ code: 'invalid_token' });
    expect(issuer.reads).toBe(1);
    clock.advance(30);
    await expect(verify(rotated)).resolves.toBeDefined();
    for (let at = 0; at < 5; at++) await expect(verify(strange)).rejects.toMatchObject({ code: 'invalid_token' });
    await expect(verify(await token())).rejects.toMatchObject({ code: 'invalid_token' });
    expect(issuer.reads).toBe(2);
  });
  it('V7: are used for an hour while the issuer is out, and no longer', async () => {
    const { verify, clock, issuer } = await remote();
    const day = { exp: NOW + 86_400 };
    const good = await token({ claims: day });
    await verify(good);
    issuer.body = 'no keys';
    clock.advance(1800);
    for (let at = 0; at < 5; at++) await expect(verify(good)).resolves.toMatchObject({ subject: 'usr_1' });
    expect(issuer.reads).toBe(2);
    await expect(verify(await token({ claims: day, key: others.privateKey }))).rejects.toMatchObject({
      code: 'invalid_token',
    });
    clock.advance(1799);
    await expect(verify(good)).resolves.toBeDefined();
    clock.advance(1);
    await expect(verify(good)).rejects.toThrow(SecretUnavailable);
    issuer.body = JSON.stringify(await jwks());
    await expect(verify(good)).resolves.toBeDefined();
  });
  it('V7: nobody knows a new kid while the issuer is out: neither accepted nor called wrong, and not asked for each time', async () => {
    const { verify, clock, issuer } = await remote();
    await verify(await token());
    issuer.body = 'no keys';
    clock.advance(60);
    const rotated = await token({ header: { kid: 'k2' }, key: others.privateKey });
    for (let at = 0; at < 5; at++) await expect(verify(rotated)).rejects.toThrow(SecretUnavailable);
    expect(issuer.reads).toBe(2);
    clock.advance(30);
    issuer.body = JSON.stringify(await jwks(others.publicKey, 'k2'));
    await expect(verify(rotated)).resolves.toBeDefined();
  });
  it('V7: that were never read are asked for each time', async () => {
    const { verify, issuer } = await remote('no keys');
    await expect(verify(await token())).rejects.toThrow(SecretUnavailable);
    issuer.body = JSON.stringify(await jwks());
    await expect(verify(await token())).resolves.toBeDefined();
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
