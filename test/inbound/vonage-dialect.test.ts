import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { verifySignature } from '@vonage/jwt';
import { describe, expect, it } from 'vitest';
import type { InboundSecrets, RawRequest } from '../../functions/carriers/inbound-port.ts';
import { vonageDialect } from '../../functions/carriers/vonage/dialect.ts';
import {
  ANSWER,
  APPLICATION,
  claimsFor,
  genuine,
  get,
  hash,
  NOW,
  post,
  SECRET,
  SECRETS,
  segment,
  tokenOf,
} from './vonage-token.ts';

const dialect = vonageDialect();
const verify = (request: RawRequest, secrets: InboundSecrets = SECRETS, now = NOW) =>
  dialect.verify('voice', request, secrets, { now, publicUrl: 'https://gateway.example' });
const seconds = NOW.getTime() / 1000;
const body = JSON.stringify(ANSWER);
const signed = (claims: object, header?: object | string, secret?: string) =>
  post(body, `Bearer ${tokenOf(claims, header, secret)}`);

describe('vonage signature', () => {
  it('accepts a genuine request and names its delivery', () => {
    const verdict = verify(genuine(ANSWER, { jti: 'c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5' }));

    expect(verdict).toEqual({ ok: true, deliveryId: 'c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5' });
  });

  it('agrees with the vendor on what a signature is', () => {
    const good = tokenOf(claimsFor(body));
    const bad = tokenOf(claimsFor(body), undefined, 'other secret');

    expect(verifySignature(good, SECRET)).toBe(true);
    expect(verify(post(body, `Bearer ${good}`)).ok).toBe(true);
    expect(verifySignature(bad, SECRET)).toBe(false);
    expect(verify(post(body, `Bearer ${bad}`))).toMatchObject({ ok: false, status: 401 });
  });

  it('V6: answers 503 to a request without a token, so that it is sent again', () => {
    expect(verify(post(body))).toMatchObject({ ok: false, status: 503 });
    expect(verify(post(body, ''))).toMatchObject({ ok: false, status: 503 });
  });

  it.each<[string, object]>([
    ['no payload_hash', { payload_hash: undefined }],
    ['a hash of another body', { payload_hash: hash('{}') }],
    ['a hash that is no text', { payload_hash: 7 }],
    ['a year old', { iat: seconds - 31_536_000 }],
    ['301 s old', { iat: seconds - 301 }],
    ['301 s ahead', { iat: seconds + 301 }],
    ['no iat', { iat: undefined }],
    ['iat as text', { iat: String(seconds) }],
    ['expired', { exp: seconds - 1 }],
    ['exp as text', { exp: 'never' }],
    ['not yet valid', { nbf: seconds + 3600 }],
    ['another issuer', { iss: 'vonage' }],
    ['no issuer', { iss: undefined }],
    ['another api key', { api_key: 'ffff0000' }],
    ['no api key', { api_key: undefined }],
    ['api key in a list', { api_key: ['abcd1234'] }],
    ['another application', { application_id: randomUUID() }],
    ['an empty application', { application_id: '' }],
    ['application null', { application_id: null }],
    ['no jti', { jti: undefined }],
    ['an empty jti', { jti: '' }],
    ['a jti too long', { jti: 'j'.repeat(129) }],
  ])('V6: refuses %s, which the vendor’s own function lets through', (name, more) => {
    const token = tokenOf(claimsFor(body, more));

    expect(verify(post(body, `Bearer ${token}`))).toMatchObject({ ok: false, status: 401 });
    if (!/year|expired|exp |not yet|iat as text/.test(name)) expect(verifySignature(token, SECRET)).toBe(true);
  });

  it.each<[string, Record<string, unknown>]>([
    ['300 s old', { iat: seconds - 300 }],
    ['300 s ahead', { iat: seconds + 300 }],
    ['hash in upper case', { payload_hash: hash(body).toUpperCase() }],
    ['no application', { application_id: undefined }],
    ['an expiry to come', { exp: seconds + 60 }],
    ['a claim nobody knows', { region: 'eu' }],
  ])('accepts %s', (_, more) => {
    expect(verify(signed(claimsFor(body, more))).ok).toBe(true);
  });

  it('V6: refuses a captured token under another body', () => {
    const { headers } = genuine();

    expect(verify({ ...post(body.replace('447700900000', '447700900009')), headers }).ok).toBe(false);
    expect(verify({ ...post(`${body} `), headers }).ok).toBe(false);
    expect(verify({ ...post(''), headers }).ok).toBe(false);
  });

  it.each<[string, object | string]>([
    ['none', { alg: 'none' }],
    ['HS512', { alg: 'HS512', typ: 'JWT' }],
    ['RS256', { alg: 'RS256', typ: 'JWT' }],
    ['hs256', { alg: 'hs256' }],
    ['nothing', {}],
    ['another type', { alg: 'HS256', typ: 'JWE' }],
    ['a critical extension', { alg: 'HS256', crit: ['b64'], b64: false }],
    ['no JSON', 'HS256'],
    ['a list', '["HS256"]'],
  ])('refuses alg %s even under our own HMAC', (_, header) => {
    expect(verify(signed(claimsFor(body), header)).ok).toBe(false);
  });

  it('refuses RS256 with a key pair of its own, which the vendor accepts as an algorithm', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = String(publicKey.export({ format: 'pem', type: 'spki' }));

    expect(verify(signed(claimsFor(body), { alg: 'HS256', typ: 'JWT' }, pem)).ok).toBe(false);
  });

  it.each([
    ['unsigned', (token: string) => `Bearer ${token.split('.').slice(0, 2).join('.')}.`],
    ['two segments', (token: string) => `Bearer ${token.split('.').slice(0, 2).join('.')}`],
    ['a fourth segment', (token: string) => `Bearer ${token}.x`],
    ['padding', (token: string) => `Bearer ${token}=`],
    ['two blanks', (token: string) => `Bearer  ${token}`],
    ['another scheme', (token: string) => `Basic ${token}`],
    ['no scheme', (token: string) => token],
    ['trailing text', (token: string) => `Bearer ${token} x`],
    ['a second spelling of the signature', (token: string) => `Bearer ${otherSpelling(token)}`],
    ['a huge token', (token: string) => `Bearer ${'a'.repeat(100_000)}.${token}`],
  ])('refuses %s', (_, change) => {
    const token = tokenOf(claimsFor(body));

    expect(verify(post(body, change(token)))).toMatchObject({ ok: false, status: 401 });
  });

  it('X8: accepts both versions while the secret, the key or the application is changed', () => {
    const rotating: InboundSecrets = {
      VONAGE_SIGNATURE_SECRET: ['the-new-secret', SECRET],
      VONAGE_API_KEY: ['ffff0000', 'abcd1234'],
      VONAGE_APPLICATION_ID: [randomUUID(), APPLICATION],
    };

    expect(verify(genuine(), rotating).ok).toBe(true);
    expect(verify(signed(claimsFor(body, { api_key: 'ffff0000' }), undefined, 'the-new-secret'), rotating).ok).toBe(
      true,
    );
    expect(verify(signed(claimsFor(body), undefined, 'the-old-secret'), rotating).ok).toBe(false);
  });

  it.each(Object.keys(SECRETS))('V7: fails closed with 503 when %s is missing or empty', (name) => {
    for (const versions of [undefined, [], ['']]) {
      const { [name]: _, ...rest } = SECRETS;
      const secrets = versions === undefined ? rest : { ...rest, [name]: versions };
      expect(verify(genuine(), secrets)).toMatchObject({ ok: false, status: 503 });
    }
  });

  it('V6: an empty secret among the versions signs nothing', () => {
    const withEmpty = { ...SECRETS, VONAGE_SIGNATURE_SECRET: ['', SECRET] };

    expect(verify(signed(claimsFor(body), undefined, ''), withEmpty).ok).toBe(false);
    expect(verify(genuine(), withEmpty).ok).toBe(true);
  });
});

describe('vonage signature of a GET', () => {
  const query = 'to=447700900000&from=447700900001&uuid=u-1&1=a+b&text=%C3%A9';
  const asJson = '{"to":"447700900000","from":"447700900001","uuid":"u-1","1":"a b","text":"é"}';

  it('covers the query as JSON, in the order received', () => {
    const token = `Bearer ${tokenOf(claimsFor(asJson))}`;
    const swapped = 'from=447700900001&to=447700900000&uuid=u-1&1=a+b&text=%C3%A9';

    expect(verify(get(query, token)).ok).toBe(true);
    expect(verify(get(swapped, token)).ok).toBe(false);
    expect(verify(get(`${query}&to=447700900009`, token)).ok).toBe(false);
    expect(verify(get(query.replace('900000', '900009'), token)).ok).toBe(false);
    expect(verify({ ...get(query, token), body: new TextEncoder().encode('{}') }).ok).toBe(false);
  });

  it('needs the hash as a POST does, and no other method is taken', () => {
    expect(verify(get(query, `Bearer ${tokenOf(claimsFor('', { payload_hash: undefined }))}`)).ok).toBe(false);
    expect(verify({ ...genuine(), method: 'PUT' }).ok).toBe(false);
  });
});

describe('vonage signature under attack', () => {
  it('1,000 genuine requests: 0 refused', () => {
    const refused = Array.from({ length: 1000 }, (_, n) =>
      genuine({ ...ANSWER, uuid: `u-${n}`, text: `ü${n}` }),
    ).filter((request) => !verify(request).ok);

    expect(refused).toEqual([]);
  });

  it('10,000 mutations of token and body: 0 accepted', () => {
    const next = random(20_261_121);
    let accepted = 0;
    for (let n = 0; n < 10_000; n++) {
      const request = genuine({ ...ANSWER, n });
      if (verify(n % 2 ? mutatedBody(request, next) : mutatedToken(request, next)).ok) accepted++;
    }

    expect(accepted).toBe(0);
  });

  it('never throws, whatever the bytes', () => {
    const next = random(7);
    for (let n = 0; n < 2000; n++) {
      const junk = Array.from({ length: next(60) }, () => String.fromCharCode(next(300))).join('');
      const authorization = next(2) ? `Bearer ${junk}` : `Bearer ${segment(junk)}.${segment(junk)}.${segment(junk)}`;
      expect(verify({ ...post(junk, authorization), query: junk, method: next(2) ? 'GET' : 'POST' }).ok).toBe(false);
      expect(() =>
        dialect.parse('voice', { ...post(junk), query: junk, method: next(2) ? 'GET' : 'POST' }),
      ).not.toThrow();
    }
  });
});

/** A small generator with a seed; `next(n)` is a whole number below n. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return Math.floor((state / 4_294_967_296) * below);
  };
}

function mutatedBody(request: RawRequest, next: (below: number) => number): RawRequest {
  const bytes = [...request.body];
  const at = next(bytes.length);
  const way = next(3);
  if (way === 0) bytes[at] = ((bytes[at] ?? 0) + 1 + next(255)) % 256;
  if (way === 1) bytes.splice(at, 1);
  if (way === 2) bytes.splice(at, 0, next(256));
  return { ...request, body: Uint8Array.from(bytes) };
}

/** Another letter, one less, one more, anywhere behind the scheme. */
function mutatedToken(request: RawRequest, next: (below: number) => number): RawRequest {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ';
  const text = request.headers['authorization'] ?? '';
  const at = 7 + next(text.length - 7);
  const letter = letters[next(letters.length)] ?? 'A';
  const way = next(3);
  const changed = text.slice(0, at) + (way === 0 ? '' : letter) + text.slice(way === 2 ? at : at + 1);
  const authorization = changed === text ? `${text}A` : changed;
  return { ...request, headers: { ...request.headers, authorization } };
}

/** The last letter of 43 carries two unused bits: another letter decodes to the same bytes. */
function otherSpelling(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(token.at(-1) ?? '');
  return token.slice(0, -1) + alphabet[last + 1];
}
