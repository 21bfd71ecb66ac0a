import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { getExpectedTwilioSignature, validateRequest } from 'twilio/lib/webhooks/webhooks.js';
import { describe, expect, it } from 'vitest';
import type { InboundKind, InboundSecrets, RawRequest } from '../../functions/carriers/inbound-port.ts';
import { twilioDialect } from '../../functions/carriers/twilio/dialect.ts';
import {
  ACCOUNT,
  type Fields,
  KINDS,
  NOW,
  PUBLIC_URL,
  post,
  SECRETS,
  SMS,
  signatureOf,
  TOKEN,
  VOICE,
} from './twilio-post.ts';

const dialect = twilioDialect();
const verify = (kind: InboundKind, request: RawRequest, secrets: InboundSecrets = SECRETS, publicUrl = PUBLIC_URL) =>
  dialect.verify(kind, request, secrets, { now: NOW, publicUrl });
const bodyOf = (request: RawRequest) => new TextDecoder().decode(request.body);
const withBody = (request: RawRequest, body: string | Uint8Array): RawRequest => ({
  ...request,
  body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
});
/** Fields as they are genuinely possible: any texts, new names. */
const genuine = fc
  .record({
    name: fc.string({ unit: 'grapheme', maxLength: 40 }),
    extra: fc.dictionary(
      fc.stringMatching(/^X[A-Za-z0-9_.-]{1,20}$/),
      fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.toWellFormed()),
      {
        maxKeys: 4,
      },
    ),
    digits: fc.stringMatching(/^[1-9]\d{9,12}$/),
    query: fc.option(fc.stringMatching(/^s=[A-Za-z0-9_~.-]{1,40}$/), { nil: '' }),
  })
  .map(({ name, extra, digits, query }) => ({
    query,
    fields: { ...VOICE, ...extra, CallerName: name, From: `+${digits}` },
  }));

describe('twilio signature', () => {
  it.each(KINDS)('accepts a genuine %s request', (kind, fields) => {
    expect(verify(kind, post(kind, fields))).toEqual({ ok: true });
  });

  it('accepts 1,000 genuine requests, as the vendor does', () => {
    let seen = 0;
    fc.assert(
      fc.property(genuine, ({ fields, query }) => {
        const request = post('voice', fields, { query });
        seen += 1;
        expect(
          validateRequest(TOKEN, request.headers['x-twilio-signature'] ?? '', PUBLIC_URL + request.path, fields),
        ).toBe(true);
        expect(verify('voice', request)).toEqual({ ok: true });
      }),
      { numRuns: 1000, seed: 7 },
    );
    expect(seen).toBe(1000);
  });

  it('accepts what the vendor signs, with and without the port, and any form encoding of the same fields', () => {
    for (const url of [PUBLIC_URL, `${PUBLIC_URL}:443`, 'https://gateway.example.com:8443']) {
      const signature = getExpectedTwilioSignature(TOKEN, `${url}/inbound/twilio/voice`, VOICE);
      const request = post('voice', VOICE, { headers: { 'x-twilio-signature': signature } });
      expect(verify('voice', request, SECRETS, url)).toEqual({ ok: true });
    }
    const encoded = bodyOf(post('voice', VOICE)).replaceAll('+', '%20').replaceAll('%2B', '%2b');
    expect(verify('voice', post('voice', VOICE, { body: encoded }))).toEqual({ ok: true });
    expect(
      verify('voice', post('voice', VOICE, { url: 'http://127.0.0.1' }), SECRETS, 'http://127.0.0.1:3000'),
    ).toEqual({ ok: true });
  });

  it('takes the address from configuration, not from any header', () => {
    const forged = post('voice', VOICE, { url: 'https://evil.example' });
    const headers = {
      ...forged.headers,
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
    };

    expect(verify('voice', { ...forged, headers }).ok).toBe(false);
    for (const url of [
      `http://gateway.example.com`,
      'https://GATEWAY.example.com',
      'https://a:b@gateway.example.com',
      `${PUBLIC_URL}/x/..`,
    ])
      expect(verify('voice', post('voice', VOICE, { url })).ok, url).toBe(false);
  });

  it('X8: takes both tokens during rotation, and both accounts, and no third', () => {
    const two = { TWILIO_ACCOUNT_SID: [`AC${'9'.repeat(32)}`, ACCOUNT], TWILIO_AUTH_TOKEN: ['new token', TOKEN] };

    expect(verify('voice', post('voice', VOICE), two).ok).toBe(true);
    expect(verify('voice', post('voice', VOICE, { token: 'new token' }), two).ok).toBe(true);
    expect(verify('voice', post('voice', VOICE, { token: 'old token' }), two).ok).toBe(false);
  });

  it.each<[string, InboundSecrets]>([
    ['none', {}],
    ['no token', { ...SECRETS, TWILIO_AUTH_TOKEN: [] }],
    ['an empty token', { ...SECRETS, TWILIO_AUTH_TOKEN: [''] }],
    ['a blank token', { ...SECRETS, TWILIO_AUTH_TOKEN: [' '] }],
    ['no account', { TWILIO_AUTH_TOKEN: [TOKEN] }],
  ])('V7: fails closed with secrets: %s', (_, secrets) => {
    const signedWithNothing = post('voice', VOICE, { token: '' });

    expect(verify('voice', signedWithNothing, secrets)).toMatchObject({ ok: false, status: 503 });
  });

  it('V6: refuses another account, missing fields and malformed ones although validly signed', () => {
    const bad: readonly [InboundKind, Fields][] = [
      ['voice', { ...VOICE, AccountSid: `AC${'f'.repeat(32)}` }],
      ['voice', { ...VOICE, CallSid: 'CA1' }],
      ['voice', { ...VOICE, To: '+44x' }],
      ['voice', { ...VOICE, From: '+15550001ToCity' }],
      ['sms', { ...SMS, MessageSid: 'SM' }],
      ['sms', { ...SMS, To: '' }],
      ['orders', { AccountSid: ACCOUNT, BundleSid: 'BU' }],
      ['orders', { AccountSid: `AC${'f'.repeat(32)}`, BundleSid: `BU${'3'.repeat(32)}` }],
    ];
    for (const [kind, fields] of bad) expect(verify(kind, post(kind, fields)).ok, JSON.stringify(fields)).toBe(false);
    for (const name of ['AccountSid', 'CallSid', 'From', 'To']) {
      const { [name]: _, ...rest } = VOICE;
      expect(verify('voice', post('voice', rest)).ok, name).toBe(false);
    }
  });

  it.each([
    ['', 'withheld'],
    ['Anonymous', 'anonymous'],
    ['+266696687', 'anonymous, as digits'],
    ['client:anna.smith', 'a client'],
    ['sip:100@pbx.example.com:5061;transport=tls', 'SIP'],
    ['62226', 'a short code'],
    ['MY BANK', 'a name'],
  ])('accepts the caller %j (%s)', (From) => {
    expect(verify('voice', post('voice', { ...VOICE, From })).ok).toBe(true);
  });

  it('refuses bypasses of the joined text, some of which the vendor accepts', () => {
    const request = post('voice', VOICE);
    const body = bodyOf(request);
    const twice = { ...VOICE, To: ['+441223555010', '+441223555010'] };
    expect(validateRequest(TOKEN, request.headers['x-twilio-signature'] ?? '', PUBLIC_URL + request.path, twice)).toBe(
      true,
    );

    const bypasses: readonly RawRequest[] = [
      withBody(request, `${body}&To=%2B441223555010`),
      withBody(request, body.replace('&To=', '&T=o')),
      withBody(request, body.replace('&To=', 'To')),
      withBody(request, body.replace('From=%2B447700900123&FromCity=', 'From=%2B447700900123FromCity')),
      withBody(request, body.replace('&FromState=&FromZip=', '&FromStateFromZip=')),
      withBody(request, body.replace('&CallerZip=&Direction=', '&CallerZipDirection=')),
      withBody(request, body.replace('&ToCity=&ToCountry=GB', '&ToCity=ToCountryGB')),
      withBody(request, `${body}&`),
      withBody(request, `${body}&x`),
      withBody(request, `&${body}`),
      { ...withBody(request, body.slice(body.indexOf('&') + 1)), path: `${request.path}AccountSid${ACCOUNT}` },
      { ...withBody(request, ''), path: request.path + Object.entries(VOICE).sort().flat().join('') },
      { ...request, path: `${request.path}/` },
      { ...request, path: request.path.replace('/inbound', '/x/../inbound') },
      { ...request, path: `${request.path}?` },
      { ...request, path: `${request.path}#x` },
      { ...request, method: 'GET' },
      { ...request, method: 'PUT' },
    ];
    for (const bypass of bypasses) expect(verify('voice', bypass).ok, `${bypass.path} ${bodyOf(bypass)}`).toBe(false);
  });

  it('refuses another kind of address under the signature of this one', () => {
    expect(verify('status', post('voice', VOICE)).ok).toBe(false);
    expect(verify('sms', post('voice', { ...VOICE, ...SMS })).ok).toBe(false);
  });

  it.each(['application/json', 'multipart/form-data; boundary=x', 'text/plain', ''])(
    'refuses content of type %j',
    (type) => {
      expect(verify('voice', post('voice', VOICE, { headers: { 'content-type': type } })).ok).toBe(false);
    },
  );

  it('refuses a JSON body under a signature that covers only the address', () => {
    const body = '{"To":"+441223555010"}';
    const query = `bodySHA256=${createHash('sha256').update('{}').digest('hex')}`;
    const signature = signatureOf(`${PUBLIC_URL}/inbound/twilio/voice?${query}`, {});
    const request = post(
      'voice',
      {},
      { query, body, headers: { 'x-twilio-signature': signature, 'content-type': 'application/json' } },
    );

    expect(verify('voice', request).ok).toBe(false);
  });

  it('refuses every other spelling of the signature, its absence and an oversized body', () => {
    const request = post('voice', VOICE);
    const signature = request.headers['x-twilio-signature'] ?? '';
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const place = alphabet.indexOf(signature.charAt(26));
    const sameBytes = `${signature.slice(0, 26)}${alphabet.charAt((place & ~3) | ((place + 1) & 3))}=`;
    expect(Buffer.from(sameBytes, 'base64')).toEqual(Buffer.from(signature, 'base64'));

    const spellings = [
      sameBytes,
      signature.slice(0, -1),
      ` ${signature}`,
      `${signature}\n`,
      `${signature}=`,
      '',
      signature.toLowerCase(),
    ];
    for (const spelling of spellings.filter((text) => text !== signature))
      expect(verify('voice', { ...request, headers: { ...request.headers, 'x-twilio-signature': spelling } }).ok).toBe(
        false,
      );
    const { 'x-twilio-signature': _, ...unsigned } = request.headers;
    expect(verify('voice', { ...request, headers: unsigned })).toMatchObject({ ok: false, status: 403 });
    const huge = { ...VOICE, X: 'x'.repeat(300_000) };
    expect(verify('voice', post('voice', huge)).ok).toBe(false);
  });

  it.each(['', 'not a url', 'ftp://x', 'https://', 'https://gateway.example.com?x'])(
    'never throws on the configured address %j',
    (publicUrl) => {
      expect(verify('voice', post('voice', VOICE), SECRETS, publicUrl).ok).toBe(false);
    },
  );
});

describe('twilio signature under 10,000 mutations', () => {
  it('accepts none', () => {
    const random = sequence(20261120);
    const accepted: string[] = [];
    let mutated = 0;
    while (mutated < 10_000) {
      const [kind, fields] = KINDS[mutated % KINDS.length] ?? KINDS[0] ?? ['voice', VOICE];
      const original = post(kind, fields, mutated % 3 === 0 ? { query: 's=AbC.1~x' } : {});
      const mutant = mutate(original, random);
      if (meaning(mutant) === meaning(original)) continue; // the same address, fields and signature in another encoding
      mutated += 1;
      if (verify(kind, mutant).ok) accepted.push(`${bodyOf(original)} → ${bodyOf(mutant)}`);
    }

    expect(accepted).toEqual([]);
  });
});

/** What a request says, however it is encoded; undefined parts make it different. */
function meaning(request: RawRequest): string {
  const text = Buffer.from(request.body).toString('latin1');
  const fields = text.split('&').map((part) => {
    try {
      return decodeURIComponent(part.replaceAll('+', ' '));
    } catch {
      return `broken ${part}`;
    }
  });
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  return JSON.stringify([request.method, request.path, request.headers['x-twilio-signature'], type, fields.sort()]);
}

function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

function mutate(request: RawRequest, random: (below: number) => number): RawRequest {
  const bytes = new Uint8Array(request.body);
  const at = random(bytes.length);
  const text = bodyOf(request);
  const parts = text.split('&');
  const one = random(parts.length);
  const signature = request.headers['x-twilio-signature'] ?? '';
  const place = random(28);
  const letter = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/='.charAt(random(65));
  const inPath = random(request.path.length + 1);
  switch (random(10)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      return withBody(request, bytes);
    case 1:
      return withBody(request, text.slice(0, at) + text.slice(at + 1 + random(3)));
    case 2:
      return withBody(request, text.slice(0, at) + '&=+%A0'.charAt(random(6)) + text.slice(at));
    case 3:
      return withBody(request, parts.filter((_, index) => index !== one).join('&'));
    case 4:
      return withBody(request, [...parts, parts[one] ?? ''].join('&'));
    case 5:
      return withBody(request, parts.map((part, index) => (index === one ? part.replace('=', '') : part)).join('&'));
    case 6:
      return withBody(request, parts.slice(0, one + 1).join('&') + parts.slice(one + 1).join('&'));
    case 7:
      return { ...request, path: request.path.slice(0, inPath) + letter + request.path.slice(inPath + random(2)) };
    case 8:
      return { ...request, method: ['GET', 'PUT', 'post'][random(3)] ?? 'GET' };
    default: {
      const changed = signature.slice(0, place) + letter + signature.slice(place + 1);
      return { ...request, headers: { ...request.headers, 'x-twilio-signature': changed } };
    }
  }
}
