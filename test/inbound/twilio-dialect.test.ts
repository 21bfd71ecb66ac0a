import fc from 'fast-check';
import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';
import { describe, expect, it } from 'vitest';
import type { CallPlan, CallStep, InboundKind } from '../../functions/carriers/inbound-port.ts';
import { canonicalNumber } from '../../functions/carriers/twilio/called.ts';
import { twilioDialect } from '../../functions/carriers/twilio/dialect.ts';
import { E164 } from '../../functions/domain/e164.ts';
import { elements, readXml, textOf } from './markup.ts';
import { BUNDLE, CALL, type Fields, MESSAGE, ORDERS, post, SMS, STATUS, VOICE } from './twilio-post.ts';

const dialect = twilioDialect();
const parse = (kind: InboundKind, fields: Fields, headers: Fields = {}) =>
  dialect.parse(kind, post(kind, fields, { headers }));

describe('twilio events', () => {
  it('reads an incoming call', () => {
    expect(parse('voice', VOICE)).toEqual({
      type: 'voice',
      callId: CALL,
      from: '+447700900123',
      called: '+441223555010',
    });
  });

  it.each([
    [{ DialCallStatus: 'no-answer' }, { lastStep: 'no_answer' }],
    [{ DialCallStatus: 'completed' }, { lastStep: 'completed' }],
    [{ DialCallStatus: 'busy' }, { lastStep: 'busy' }],
    [{ DialCallStatus: 'canceled' }, { lastStep: 'cancelled' }],
    [{ DialCallStatus: 'something new' }, { lastStep: 'failed' }],
    [{ QueueResult: 'bridged' }, { lastStep: 'completed' }],
    [{ QueueResult: 'bridging-in-process' }, { lastStep: 'completed' }],
    [{ QueueResult: 'redirected-from-bridged' }, { lastStep: 'completed' }],
    [{ QueueResult: 'hangup' }, { lastStep: 'cancelled' }],
    [{ QueueResult: 'leave' }, { lastStep: 'no_answer' }],
    [{ QueueResult: 'redirected' }, { lastStep: 'no_answer' }],
    [{ QueueResult: 'queue-full' }, { lastStep: 'busy' }],
    [{ QueueResult: 'error' }, { lastStep: 'failed' }],
    [{ QueueResult: 'system-error' }, { lastStep: 'failed' }],
    [{ Digits: '12#' }, { digits: '12#' }],
    [{ RecordingUrl: 'https://api.twilio.com/RE1' }, { recordingUrl: 'https://api.twilio.com/RE1' }],
  ])('reads the step before: %j', (fields, expected) => {
    expect(parse('voice', { ...VOICE, ...fields })).toMatchObject(expected);
  });

  it('leaves out digits and recordings of another form', () => {
    const event = parse('voice', { ...VOICE, Digits: '1Directioninbound', RecordingUrl: 'file:///etc/passwd' });

    expect(event).not.toHaveProperty('digits');
    expect(event).not.toHaveProperty('recordingUrl');
  });

  it('V5: reads a status with its time and a key that repeats with it', () => {
    const event = parse('status', STATUS);

    expect(event).toEqual({
      type: 'status',
      callId: CALL,
      from: '+447700900123',
      called: '+441223555010',
      state: 'completed',
      at: '2026-11-20T09:59:30.000Z',
      durationSeconds: 42,
      dedupeKey: `${CALL}.completed`,
    });
    expect(parse('status', { ...STATUS, SequenceNumber: '1' })).toMatchObject({ dedupeKey: `${CALL}.completed` });
  });

  it.each([
    ['ringing', 'ringing'],
    ['in-progress', 'answered'],
    ['busy', 'busy'],
    ['no-answer', 'no_answer'],
    ['failed', 'failed'],
    ['canceled', 'cancelled'],
  ])('reads the call state %s as %s', (CallStatus, state) => {
    expect(parse('status', { ...STATUS, CallStatus })).toMatchObject({ state });
  });

  it('drops a state it does not know', () => {
    expect(parse('status', { ...STATUS, CallStatus: 'levitating' })).toBeUndefined();
    expect(parse('sms', { ...SMS, SmsStatus: 'levitating' })).toBeUndefined();
  });

  it('V11, S0-13: reads a text with foreign script and its media', () => {
    expect(parse('sms', SMS)).toEqual({
      type: 'message',
      state: 'received',
      messageId: MESSAGE,
      from: '+447700900123',
      called: '+441223555010',
      text: 'Grüße 👋 a=b&c',
      media: ['https://api.twilio.com/media/ME1'],
      at: undefined,
      dedupeKey: `${MESSAGE}.received`,
    });
  });

  it('reads the fate of a text we sent, whose sender is our number', () => {
    const fields = { ...SMS, From: '+441223555010', To: '+447700900123', MessageStatus: 'undelivered' };

    expect(parse('status', fields)).toMatchObject({ type: 'message', state: 'failed', called: '+441223555010' });
  });

  it('reads a bundle callback as a hint, one per delivery', () => {
    expect(parse('orders', ORDERS)).toEqual({
      type: 'order',
      subject: 'papers',
      carrierId: BUNDLE,
      dedupeKey: `${BUNDLE}.twilio-approved`,
    });
    const first = parse('orders', ORDERS, { 'i-twilio-idempotency-token': 'a-1' });
    const second = parse('orders', ORDERS, { 'i-twilio-idempotency-token': 'a-2' });
    expect(first).not.toEqual(second);
    expect(parse('orders', { AccountSid: ORDERS['AccountSid'] ?? '', ResourceSid: BUNDLE })).toMatchObject({
      carrierId: BUNDLE,
    });
  });
});

describe('the called number', () => {
  it.each([
    ['+441223555010', undefined],
    ['441223555010', undefined],
    [' 441223555010', undefined],
    ['%2B441223555010', undefined],
    ['+44 1223 555010', undefined],
    ['+44 (1223) 555-010', undefined],
    ['00441223555010', undefined],
    ['01223 555010', 'GB'],
    ['sip:+441223555010@gw.example.com', undefined],
    ['sip:441223555010@gw.example.com:5061;transport=tls', undefined],
    ['sips:%2B441223555010@gw.example.com', undefined],
    ['tel:+44-1223-555010', undefined],
  ])('V10: %j beside %j is one canonical key', (text, country) => {
    expect(canonicalNumber(text, country)).toBe('+441223555010');
  });

  it('V10: a national number of the North American plan is not taken for one of elsewhere', () => {
    expect(canonicalNumber('4155550199', 'US')).toBe('+14155550199');
    expect(canonicalNumber('(415) 555-0199', 'CA')).toBe('+14155550199');
  });

  it.each(['', 'sip:alice@example.com', '01223555010', '+0123', '%zz', 'Anonymous', '+44122355501012345678'])(
    '%j is none',
    (text) => {
      expect(canonicalNumber(text)).toBeUndefined();
    },
  );
});

const number = E164.parse('+441223555010');
const next = 'https://gateway.example.com/inbound/twilio/voice?s=a.b~c';
const PLAN: CallPlan = {
  steps: [
    { do: 'say', text: 'Please wait.', language: 'en-GB' },
    {
      do: 'dial',
      to: { sip: 'sip:100@pbx.example.com;transport=tls?X-Tenant=42&X=1' },
      timeoutSeconds: 20,
      callerId: number,
      next,
    },
    { do: 'dial', to: { number }, timeoutSeconds: 25.4 },
    { do: 'queue', name: 'Support & sales', next },
    { do: 'queue', name: 'support', hold: `${next}1&w=2`, next },
    { do: 'pause', seconds: 12.6 },
    { do: 'leave' },
    { do: 'record', maxSeconds: 120, next },
    { do: 'hangup' },
  ],
};

describe('TwiML', () => {
  it("says the same as the vendor's own builder", () => {
    const witness = new VoiceResponse();
    witness.say({ language: 'en-GB' }, 'Please wait.');
    const post = { action: next, method: 'POST' };
    const first = witness.dial({ answerOnBridge: true, timeout: 20, callerId: number, ...post });
    first.sip('sip:100@pbx.example.com;transport=tls?X-Tenant=42&X=1');
    witness.dial({ answerOnBridge: true, timeout: 25 }).number(number);
    witness.enqueue(post, 'Support & sales');
    witness.enqueue({ waitUrl: `${next}1&w=2`, waitUrlMethod: 'POST', ...post }, 'support');
    witness.pause({ length: 13 });
    witness.leave();
    witness.record({ maxLength: 120, playBeep: true, finishOnKey: '#', ...post });
    witness.hangup();

    expect(readXml(dialect.render(PLAN).body)).toEqual(readXml(witness.toString()));
  });

  it('is sent as XML with status 200', () => {
    expect(dialect.render(PLAN)).toMatchObject({ status: 200, headers: { 'content-type': 'text/xml; charset=utf-8' } });
  });

  it('keeps to the bounds of a dial', () => {
    const dial = (timeoutSeconds: number) =>
      elements(readXml(dialect.render({ steps: [{ do: 'dial', to: { number }, timeoutSeconds }] }).body), 'Dial')[0]
        ?.attributes['timeout'];

    expect([dial(1), dial(20), dial(9999)]).toEqual(['5', '20', '600']);
  });

  it('splits what is longer than one Say may be, and says all of it', () => {
    const text = `${'All our lines are busy. '.repeat(400)}👋`.repeat(2);
    const said = elements(readXml(dialect.render({ steps: [{ do: 'say', text }] }).body), 'Say').map(textOf);

    expect(Math.max(...said.map((part) => part.length))).toBeLessThanOrEqual(4096);
    expect(said.join('')).toBe(text);
  });

  it('V8: is well-formed whatever the texts hold, and says what can be said', () => {
    const text = fc
      .string({ unit: 'binary', maxLength: 60 })
      .chain((hard) =>
        fc.constantFrom(hard, `${hard}</Say><Dial>+1900</Dial>`, `]]>${hard}\u0000\u000b\ud800\ufffe&x;"'`),
      );
    const step: fc.Arbitrary<CallStep> = fc.oneof(
      fc.record({ do: fc.constant('say' as const), text, language: text }),
      fc.record({
        do: fc.constant('dial' as const),
        to: fc.record({ sip: text }),
        timeoutSeconds: fc.integer(),
        next: text,
      }),
      fc.record({ do: fc.constant('queue' as const), name: text, hold: text, next: text }),
      fc.record({ do: fc.constant('pause' as const), seconds: fc.double() }),
      fc.record({ do: fc.constant('record' as const), maxSeconds: fc.nat(), next: text }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 4 }), (steps) => {
        const root = readXml(dialect.render({ steps }).body);

        expect(root.name).toBe('Response');
        expect(elements(root, 'Number')).toEqual([]);
        expect(elements(root, 'Dial').length).toBe(steps.filter((one) => one.do === 'dial').length);
      }),
      { numRuns: 1000, seed: 11 },
    );
  });

  it('acknowledges each kind without saying or sending anything', () => {
    for (const kind of ['voice', 'sms'] as const) {
      const reply = dialect.acknowledge(kind);
      expect(reply.headers['content-type']).toContain('text/xml');
      expect(readXml(reply.body)).toEqual({ name: 'Response', attributes: {}, children: [] });
    }
    for (const kind of ['status', 'orders'] as const)
      expect(dialect.acknowledge(kind)).toEqual({ status: 204, headers: {}, body: '' });
  });
});
