import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import fc from 'fast-check';
import { TelnyxWebhook } from 'telnyx/lib/webhooks';
import { describe, expect, it } from 'vitest';
import type { CallPlan, RawRequest, Verdict } from '../../functions/carriers/inbound-port.ts';
import { telnyxDialect } from '../../functions/carriers/telnyx/dialect.ts';
import { asE164 } from '../../functions/domain/e164.ts';
import { escapeXml } from '../../functions/domain/xml.ts';

const now = new Date('2026-11-20T10:00:00.400Z');
const at = { now, publicUrl: 'https://gateway.example' };
const account = keys();
const second = keys();
const secrets = { TELNYX_PUBLIC_KEY: [account.publicKey] };

function keys() {
  const pair = generateKeyPairSync('ed25519');
  const spki = pair.publicKey.export({ format: 'der', type: 'spki' });
  return { privateKey: pair.privateKey, publicKey: spki.subarray(-32).toString('base64') };
}
const seconds = (offset = 0) => String(Math.floor(now.getTime() / 1000) + offset);

function signed(
  body: string | Uint8Array,
  {
    form = false,
    timestamp = seconds(),
    key = account.privateKey,
  }: { form?: boolean; timestamp?: string; key?: KeyObject } = {},
): RawRequest {
  const bytes = Buffer.from(body);
  const signature = sign(null, Buffer.concat([Buffer.from(`${timestamp}|`), bytes]), key).toString('base64');
  return {
    method: 'POST',
    path: '/inbound/telnyx/voice',
    query: '',
    headers: {
      'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json',
      'telnyx-timestamp': timestamp,
      'telnyx-signature-ed25519': signature,
    },
    body: bytes,
  };
}
const CALL = 'CallSid=v3%3Aabc&From=%2B447700900123&To=%2B441223555010&CallStatus=ringing';
const voice = (options = {}) => signed(CALL, { form: true, ...options });
const verdict = (request: RawRequest, given: Record<string, readonly string[]> = secrets): Verdict =>
  telnyxDialect.verify('voice', request, given, at);
const withHeader = (request: RawRequest, name: string, value: string | undefined): RawRequest => {
  if (value !== undefined) return { ...request, headers: { ...request.headers, [name]: value } };
  const { [name]: _, ...rest } = request.headers as Record<string, string>;
  return { ...request, headers: rest };
};

describe('telnyx signatures', () => {
  it('takes 1,000 genuine requests, refuses none', () => {
    let refused = 0;
    for (let n = 0; n < 1000; n++) {
      const body = n % 2 ? JSON.stringify({ data: { id: randomBytes(8).toString('hex'), n } }) : `${CALL}&n=${n}`;
      const request = signed(body, { form: n % 2 === 0, timestamp: seconds((n % 361) - 300) });
      if (!telnyxDialect.verify(n % 2 ? 'sms' : 'voice', request, secrets, at).ok) refused++;
    }

    expect(refused).toBe(0);
  });

  it('V6: takes none of 10,000 mutations of genuine requests', () => {
    const signature = (request: RawRequest) => request.headers['telnyx-signature-ed25519'] ?? '';
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_ ';
    const changed = (text: string, place: number, to: string) =>
      text.slice(0, place % text.length) + to + text.slice((place % text.length) + 1);
    const flipped = (body: Uint8Array, place: number, bit: number) => {
      const copy = Buffer.from(body);
      copy[place % copy.length] = (copy[place % copy.length] ?? 0) ^ (1 << bit);
      return copy;
    };
    type Mutation = (request: RawRequest, place: number, more: number) => RawRequest;
    const mutations: Mutation[] = [
      (request, place, more) => ({ ...request, body: flipped(request.body, place, more % 8) }),
      (request, place) => ({ ...request, body: request.body.subarray(0, place % request.body.length) }),
      (request, place) => ({ ...request, body: Buffer.concat([request.body, Buffer.from([place % 256])]) }),
      (request, place, more) =>
        withHeader(request, 'telnyx-signature-ed25519', changed(signature(request), place, alphabet[more % 67] ?? '')),
      // the last sextet holds two bits: other spellings of the same bytes
      (request, _, more) =>
        withHeader(request, 'telnyx-signature-ed25519', changed(signature(request), 85, alphabet[more % 64] ?? '')),
      (request, place, more) =>
        withHeader(request, 'telnyx-timestamp', changed(seconds(), place, '0123456789 -+.eE'[more % 16] ?? '')),
      (request, place) => withHeader(request, 'telnyx-timestamp', seconds(((place % 300) + 1) * (place % 2 ? 1 : -1))),
      (request, place) =>
        withHeader(request, ['telnyx-timestamp', 'telnyx-signature-ed25519'][place % 2] ?? '', undefined),
      (request, place) => ({ ...request, method: ['GET', 'PUT', 'post', ''][place % 4] ?? '' }),
      (request, place) =>
        signed(request.body, { form: true, timestamp: seconds(place % 2 ? 61 + (place % 999) : -301 - (place % 999)) }),
      (request) => signed(request.body, { form: true, key: second.privateKey }),
      (request) => withHeader(request, 'telnyx-signature-ed25519', signature(request).replace(/=+$/, '')),
      (request) =>
        withHeader(request, 'telnyx-signature-ed25519', Buffer.from(signature(request), 'base64').toString('hex')),
    ];
    let accepted = 0;
    let tried = 0;
    for (let n = 0; tried < 10_000; n++) {
      const genuine = voice();
      const mutant = (mutations[n % mutations.length] as Mutation)(genuine, n * 7 + 3, n * 13 + 5);
      if (JSON.stringify(mutant) === JSON.stringify(genuine)) continue;
      tried++;
      if (verdict(mutant).ok) accepted++;
    }

    expect(accepted).toBe(0);
  });

  it('agrees with the official verifier about genuine and forged bodies', async () => {
    const real = { now: new Date(), publicUrl: '' };
    const timestamp = String(Math.floor(Date.now() / 1000));
    const witness = new TelnyxWebhook(account.publicKey);
    for (const body of [CALL, '{"data":{}}', '', 'ünï', '\u0000']) {
      const genuine = signed(body, { form: true, timestamp });
      const theirs = (request: RawRequest, text: string) =>
        witness.verify(text, { ...request.headers }).then(
          () => true,
          () => false,
        );
      expect(await theirs(genuine, body)).toBe(true);
      expect(telnyxDialect.verify('voice', genuine, secrets, real).ok).toBe(true);
      expect(await theirs(genuine, `${body} `)).toBe(false);
      expect(telnyxDialect.verify('voice', { ...genuine, body: Buffer.from(`${body} `) }, secrets, real).ok).toBe(
        false,
      );
    }
  });

  it.each([
    [-300, true],
    [-301, false],
    [60, true],
    [61, false],
  ])('X1: a timestamp %i s from now is accepted: %s', (offset, ok) => {
    expect(verdict(voice({ timestamp: seconds(offset) })).ok).toBe(ok);
  });

  it.each(['abc', '', ' 1763632800', '-1', '1e9', '1763632800.5', 'NaN', '１７６３６３２８００'])(
    'V6: a validly signed timestamp %j that is not plain digits is refused',
    (timestamp) => {
      expect(verdict(voice({ timestamp })).ok).toBe(false);
    },
  );

  it('X8: two keys are valid during a rotation', () => {
    const both = { TELNYX_PUBLIC_KEY: [second.publicKey, account.publicKey] };

    expect(verdict(voice(), both).ok).toBe(true);
    expect(verdict(voice({ key: second.privateKey }), both).ok).toBe(true);
    expect(verdict(voice({ key: second.privateKey })).ok).toBe(false);
  });

  it.each([
    ['no secret', {}],
    ['an empty one', { TELNYX_PUBLIC_KEY: [''] }],
    ['a placeholder', { TELNYX_PUBLIC_KEY: ['change-me'] }],
    ['a key of zero bytes', { TELNYX_PUBLIC_KEY: [Buffer.alloc(32).toString('base64')] }],
  ])('V7: %s refuses with 503, so that the carrier takes its fallback', (_, given) => {
    expect(verdict(voice(), given)).toMatchObject({ ok: false, status: 503 });
  });

  it('V6: a signature made for a weak key opens nothing', () => {
    const identity = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]).toString('base64');
    const forged = Buffer.concat([Buffer.from([1]), Buffer.alloc(63)]).toString('base64');
    const request = withHeader(voice(), 'telnyx-signature-ed25519', forged);

    expect(verdict(request, { TELNYX_PUBLIC_KEY: [identity] }).ok).toBe(false);
  });

  it('V6: a call is a form post; a signed event posted as one says nothing', () => {
    const event = signed(JSON.stringify({ data: { text: 'x&CallSid=v3:evil&To=+441223555010&From=+1' } }));

    expect(telnyxDialect.verify('voice', event, secrets, at).ok).toBe(false);
    expect(telnyxDialect.parse('voice', event)).toBeUndefined();
    expect(
      telnyxDialect.parse('status', withHeader(event, 'content-type', 'application/x-www-form-urlencoded')),
    ).toBeUndefined();
  });

  it('never throws, whatever arrives', () => {
    const anyRequest = fc.record({
      method: fc.constantFrom('POST', 'GET', ''),
      path: fc.string(),
      query: fc.string(),
      headers: fc.dictionary(
        fc.constantFrom('telnyx-timestamp', 'telnyx-signature-ed25519', 'content-type'),
        fc.string(),
      ),
      body: fc.uint8Array({ maxLength: 200 }),
    });
    const kinds = fc.constantFrom('voice' as const, 'sms' as const, 'status' as const, 'orders' as const);
    fc.assert(
      fc.property(kinds, anyRequest, (kind, request) => {
        telnyxDialect.parse(kind, request);
        return !telnyxDialect.verify(kind, request, secrets, at).ok;
      }),
      { numRuns: 500 },
    );
  });
});

describe('telnyx documents', () => {
  const called = asE164('+441223555010');
  const number = asE164('+447700900123');
  if (!called || !number) throw new Error('fixture');
  const body = (plan: CallPlan) =>
    telnyxDialect.render(plan).body.replace('<?xml version="1.0" encoding="UTF-8"?>', '');

  it('I6: renders every step in TeXML, with exactly 200', () => {
    const reply = telnyxDialect.render({
      steps: [
        { do: 'say', text: 'Welcome', language: 'en-GB' },
        {
          do: 'dial',
          to: { sip: 'sip:100@pbx.example.com' },
          timeoutSeconds: 20,
          callerId: called,
          next: 'https://g.example/s?s=1&t=2',
        },
        { do: 'dial', to: { number }, timeoutSeconds: 1 },
        { do: 'queue', name: 'support', next: 'https://g.example/q' },
        { do: 'record', maxSeconds: 120, next: 'https://g.example/r' },
        { do: 'pause', seconds: 200 },
        { do: 'leave' },
        { do: 'hangup' },
      ],
    });

    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toMatch(/^application\/xml/);
    expect(reply.body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Response>' +
        '<Say voice="alice" language="en-GB">Welcome</Say>' +
        '<Dial timeout="20" callerId="+441223555010" action="https://g.example/s?s=1&amp;t=2" method="POST"><Sip>sip:100@pbx.example.com</Sip></Dial>' +
        '<Dial timeout="5"><Number>+447700900123</Number></Dial>' +
        '<Enqueue action="https://g.example/q" method="POST">support</Enqueue>' +
        '<Record maxLength="120" playBeep="true" channels="single" finishOnKey="#" action="https://g.example/r" method="POST"/>' +
        '<Pause length="180"/><Leave/><Hangup/></Response>',
    );
  });

  it('V8: stays well-formed whatever the texts hold, and says exactly the legal part of them', () => {
    const nasty = fc.string({
      unit: fc.oneof(
        fc.constantFrom('<', '>', '&', '"', "'", ']]>', '\u0000', '\u000b', '\ud800', '\ufffe', '\t', '\n', '\r'),
        fc.string({ unit: 'binary', maxLength: 3 }),
      ),
      maxLength: 40,
    });
    fc.assert(
      fc.property(nasty, nasty, (text, sip) => {
        const shown = body({
          steps: [
            { do: 'say', text, language: sip },
            { do: 'dial', to: { sip }, timeoutSeconds: 20, next: text },
          ],
        });
        const found =
          /^<Response><Say voice="alice" language="([^"<>]*)">([^<>]*)<\/Say><Dial timeout="20" action="([^"<>]*)" method="POST"><Sip>([^<>]*)<\/Sip><\/Dial><\/Response>$/.exec(
            shown,
          );
        if (!found) return false;
        const [, language = '', said = '', action = '', dialled = ''] = found;
        return (
          [language, dialled].every((part) => unescaped(part) === legal(sip)) &&
          [said, action].every((part) => unescaped(part) === legal(text))
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('acknowledges with exactly 200: events with nothing, a call with an empty document', () => {
    for (const kind of ['sms', 'status', 'orders'] as const)
      expect(telnyxDialect.acknowledge(kind)).toEqual({ status: 200, headers: {}, body: '' });
    expect(telnyxDialect.acknowledge('voice')).toMatchObject({
      status: 200,
      body: expect.stringMatching(/<Response><\/Response>$/),
    });
  });

  it('escapes each character XML treats as its own', () => {
    expect(escapeXml('a<b>&"\'\u0000\u001f\udfff\uffff😀')).toBe('a&lt;b&gt;&amp;&quot;&apos;😀');
  });
});

/** What XML 1.0 can hold of a text. */
function legal(text: string): string {
  return [...text]
    .filter((character) => {
      const code = character.codePointAt(0) ?? 0;
      return (
        [9, 10, 13].includes(code) ||
        (code >= 32 && code <= 0xd7ff) ||
        (code >= 0xe000 && code <= 0xfffd) ||
        code >= 0x10000
      );
    })
    .join('');
}
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  '#9': '\t',
  '#10': '\n',
  '#13': '\r',
};
/** An ampersand that starts no known entity makes the text unequal. */
function unescaped(markup: string): string {
  return markup.replace(/&(\w+|#\d+);|&/g, (_, name: string) => NAMED[name] ?? '\u0000');
}
