import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallStep, InboundKind } from '../../functions/carriers/inbound-port.ts';
import { vonageDialect } from '../../functions/carriers/vonage/dialect.ts';
import { E164 } from '../../functions/domain/e164.ts';
import { ANSWER, get, post } from './vonage-token.ts';

const dialect = vonageDialect({ holdMusicUrl: 'https://gateway.example/hold.mp3' });
const parse = (kind: InboundKind, content: unknown) => dialect.parse(kind, post(JSON.stringify(content)));
const CONVERSATION = ANSWER.conversation_uuid;
const OURS = '+447700900000';
const CALLER = '+447700900001';

describe('vonage calls', () => {
  it('reads the answer request, by POST and by GET', () => {
    const expected = { type: 'voice', callId: CONVERSATION, from: CALLER, called: OURS };
    const query = new URLSearchParams(ANSWER).toString();

    expect(parse('voice', ANSWER)).toEqual(expected);
    expect(dialect.parse('voice', get(query, ''))).toEqual(expected);
  });

  it.each([
    ['nothing', undefined],
    ['unknown', 'unknown'],
    ['Anonymous', 'Anonymous'],
    ['Restricted', 'Restricted'],
    ['an empty text', ''],
    ['no text', 42],
  ])('takes %s as caller for an anonymous one', (_, from) => {
    expect(parse('voice', { ...ANSWER, from })).toMatchObject({ from: 'anonymous', called: OURS });
  });

  it.each([
    ['447700900000', OURS],
    ['+447700900000', OURS],
    ['%2B447700900000', OURS],
    ['00447700900000', OURS],
    ['+44 (7700) 900-000', OURS],
    ['sip:447700900000@sip.example.com;transport=tls', OURS],
    ['tel:+447700900000', OURS],
    ['07700900000', undefined],
    ['12', undefined],
    ['sip:alice@example.com', undefined],
    ['%E0%A4%A', undefined],
    ['٤٤٧٧٠٠٩٠٠٠٠٠', undefined],
    [undefined, undefined],
    [['447700900000'], undefined],
  ])('V10: reads the called number %j', (to, called) => {
    expect(parse('voice', { ...ANSWER, to })).toMatchObject({ called });
  });

  it.each([
    ['timeout', 'no_answer'],
    ['unanswered', 'no_answer'],
    ['busy', 'busy'],
    ['rejected', 'failed'],
    ['failed', 'failed'],
    ['cancelled', 'cancelled'],
    ['completed', 'completed'],
  ])('reads the end of a dial (%s) without taking whom we dialled for the called number', (status, lastStep) => {
    const event = { from: '447700900000', to: '447700900555', uuid: 'leg-2', conversation_uuid: CONVERSATION, status };

    expect(parse('voice', { ...event, direction: 'outbound' })).toEqual({
      type: 'voice',
      callId: CONVERSATION,
      from: OURS,
      called: undefined,
      lastStep,
    });
  });

  it.each(['started', 'ringing', 'answered', 'machine', 'unheard-of'])(
    'leaves a dial alone while it is %s',
    (status) => {
      expect(parse('voice', { ...ANSWER, status, direction: 'outbound' })).toBeUndefined();
      expect(dialect.acknowledge('voice')).toEqual({ status: 204, headers: {}, body: '' });
    },
  );

  it.each([
    [{ digits: '1', timed_out: false }, '1'],
    [{ digits: '', timed_out: true }, ''],
    ['12#', '12#'],
  ])('reads digits %j', (dtmf, digits) => {
    expect(parse('voice', { ...ANSWER, dtmf })).toMatchObject({ digits, called: OURS });
  });

  it('reads a recording, which names the conversation and nothing else', () => {
    const recording = { conversation_uuid: CONVERSATION, recording_url: 'https://api.nexmo.com/v1/files/1', size: 9 };

    expect(parse('voice', recording)).toEqual({
      type: 'voice',
      callId: CONVERSATION,
      from: 'anonymous',
      called: undefined,
      lastStep: 'completed',
      recordingUrl: 'https://api.nexmo.com/v1/files/1',
    });
    expect(parse('voice', { ...recording, recording_url: 'file:///etc/passwd' })).not.toHaveProperty('recordingUrl');
  });

  it('reads an error without status as a failed step', () => {
    expect(parse('voice', { reason: 'Too many calls', conversation_uuid: CONVERSATION })).toMatchObject({
      lastStep: 'failed',
    });
  });

  it.each([
    {},
    [],
    null,
    'text',
    { ...ANSWER, uuid: '', conversation_uuid: 'a#b' },
    { ...ANSWER, uuid: 1, conversation_uuid: {} },
  ])('drops %j', (content) => {
    expect(parse('voice', content)).toBeUndefined();
    expect(parse('status', content)).toBeUndefined();
    expect(parse('sms', content)).toBeUndefined();
    expect(parse('orders', content)).toBeUndefined();
  });
});

describe('vonage call events', () => {
  const event = { ...ANSWER, direction: 'inbound', timestamp: '2026-11-21T10:00:00.000Z' };

  it.each([
    ['started', 'ringing'],
    ['ringing', 'ringing'],
    ['answered', 'answered'],
    ['completed', 'completed'],
    ['busy', 'busy'],
    ['cancelled', 'cancelled'],
    ['unanswered', 'no_answer'],
    ['timeout', 'no_answer'],
    ['rejected', 'failed'],
    ['failed', 'failed'],
  ])('reads %s', (status, state) => {
    expect(parse('status', { ...event, status, duration: '7' })).toEqual({
      type: 'status',
      callId: CONVERSATION,
      from: CALLER,
      called: OURS,
      state,
      at: '2026-11-21T10:00:00.000Z',
      durationSeconds: 7,
      dedupeKey: `${CONVERSATION}.${state}`,
    });
  });

  it('I7: drops legs we dialled ourselves: their number may be another tenant’s', () => {
    expect(parse('status', { ...event, direction: 'outbound', status: 'completed' })).toBeUndefined();
  });

  it('reads an error, which has no status', () => {
    const error = { reason: 'Invalid NCCO', conversation_uuid: CONVERSATION, timestamp: 'yesterday' };

    expect(parse('status', error)).toMatchObject({
      state: 'failed',
      at: undefined,
      dedupeKey: `${CONVERSATION}.error`,
    });
  });

  it.each(['disconnected', 'human', 'machine', 'record', 'input', 'transfer', '__proto__', 'constructor'])(
    'drops %s',
    (status) => {
      expect(parse('status', { ...event, status })).toBeUndefined();
    },
  );

  it('V5: repeated events share their key, different ones do not', () => {
    const keys = ['ringing', 'ringing', 'answered', 'completed'].map((status) => {
      const found = parse('status', { ...event, status });
      return found?.type === 'status' ? found.dedupeKey : undefined;
    });

    expect(new Set(keys).size).toBe(3);
  });
});

describe('vonage messages', () => {
  const sms = {
    channel: 'sms',
    message_uuid: 'bbbbbbbb-bbbb-cccc-dddd-0123456789ab',
    to: '447700900000',
    from: '447700900001',
    timestamp: '2026-11-21T10:00:00Z',
    message_type: 'text',
    text: 'Hello 🐝',
    usage: { currency: 'EUR', price: '0.0333' },
    sms: { num_messages: '1', keyword: 'HELLO' },
  };

  it('reads a received text', () => {
    expect(parse('sms', sms)).toEqual({
      type: 'message',
      state: 'received',
      messageId: sms.message_uuid,
      from: CALLER,
      called: OURS,
      text: 'Hello 🐝',
      media: [],
      at: '2026-11-21T10:00:00.000Z',
      dedupeKey: `${sms.message_uuid}.received`,
    });
    expect(dialect.acknowledge('sms')).toEqual({ status: 200, headers: {}, body: '' });
  });

  it('reads a picture with its caption, and a sender’s name', () => {
    const { text: _, ...rest } = sms;
    const image = { url: 'https://api.nexmo.com/v3/media/1', caption: 'look' };
    const mms = { ...rest, channel: 'mms', message_type: 'image', image, from: 'ACME' };

    expect(parse('sms', mms)).toMatchObject({
      text: 'look',
      media: ['https://api.nexmo.com/v3/media/1'],
      from: 'ACME',
    });
    expect(parse('sms', { ...mms, image: { url: 'javascript:alert(1)' } })).toMatchObject({ media: [] });
  });

  it.each([
    ['submitted', 'sent'],
    ['delivered', 'delivered'],
    ['read', 'delivered'],
    ['rejected', 'failed'],
    ['undeliverable', 'failed'],
  ])('reads the fate of a message we sent (%s), wherever it is posted', (status, state) => {
    const receipt = { channel: 'sms', message_uuid: 'm-1', from: '447700900000', to: '447700900001', status };
    const expected = { type: 'message', state, from: CALLER, called: OURS, dedupeKey: `m-1.${state}` };

    expect(parse('sms', receipt)).toMatchObject(expected);
    expect(parse('status', receipt)).toMatchObject(expected);
  });

  it('drops other channels and unknown states', () => {
    expect(parse('sms', { ...sms, channel: 'whatsapp' })).toBeUndefined();
    expect(parse('sms', { ...sms, status: 'composing' })).toBeUndefined();
  });
});

describe('NCCO', () => {
  const number = E164.parse('+447700900123');
  const callerId = E164.parse(OURS);
  const next = 'https://gateway.example/inbound/vonage/voice?s=x';
  const ncco = (...steps: CallStep[]): Record<string, unknown>[] => JSON.parse(dialect.render({ steps }).body);

  it('is JSON with status 200', () => {
    expect(dialect.render({ steps: [{ do: 'say', text: 'Hello', language: 'en-GB' }] })).toEqual({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: '[{"action":"talk","text":"Hello","language":"en-GB"}]',
    });
  });

  it('rings an extension by SIP and asks for what comes next', () => {
    expect(
      ncco({ do: 'dial', to: { sip: 'sip:100@pbx.example.com;transport=tls' }, timeoutSeconds: 20, next }),
    ).toEqual([
      {
        action: 'connect',
        timeout: 20,
        eventType: 'synchronous',
        eventUrl: [next],
        eventMethod: 'POST',
        endpoint: [{ type: 'sip', uri: 'sip:100@pbx.example.com;transport=tls' }],
      },
    ]);
  });

  it('forwards to a number, both written without plus', () => {
    expect(ncco({ do: 'dial', to: { number }, timeoutSeconds: 25, callerId })).toEqual([
      { action: 'connect', from: '447700900000', timeout: 25, endpoint: [{ type: 'phone', number: '447700900123' }] },
    ]);
  });

  it('holds a queue as a conversation with music', () => {
    expect(ncco({ do: 'queue', name: 'support' })).toEqual([
      {
        action: 'conversation',
        name: 'queue-support',
        startOnEnter: false,
        musicOnHoldUrl: ['https://gateway.example/hold.mp3'],
      },
    ]);
    expect(JSON.parse(vonageDialect().render({ steps: [{ do: 'queue', name: 'q' }] }).body)[0]).not.toHaveProperty(
      'musicOnHoldUrl',
    );
  });

  it('records a message for voicemail', () => {
    expect(ncco({ do: 'say', text: 'Leave a message.' }, { do: 'record', maxSeconds: 120, next })).toMatchObject([
      { action: 'talk' },
      { action: 'record', beepStart: true, endOnKey: '#', endOnSilence: 3, timeOut: 120, eventUrl: [next] },
    ]);
  });

  it('waits where another carrier pauses, and knows no leaving but the end', () => {
    expect(ncco({ do: 'pause', seconds: 26 }, { do: 'leave' })).toEqual([{ action: 'wait', timeout: 26 }]);
  });

  it('hangs up by having nothing left to do', () => {
    expect(ncco({ do: 'hangup' })).toEqual([]);
    expect(ncco({ do: 'say', text: 'Bye' }, { do: 'hangup' }, { do: 'say', text: 'never' })).toEqual([
      { action: 'talk', text: 'Bye' },
    ]);
  });

  it('cuts long texts at blanks into pieces of 1500 characters', () => {
    const words = 'abcdefghi '.repeat(400).trim();
    const pieces = ncco({ do: 'say', text: words }).map((action) => String(action['text']));

    expect(pieces.join(' ')).toBe(words);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(1500);
    expect(ncco({ do: 'say', text: '🐝'.repeat(1600) }).map((action) => String(action['text']).isWellFormed())).toEqual(
      [true, true, true],
    );
  });

  it('V8: speaks no markup: a text cannot turn into SSML', () => {
    expect(
      ncco({ do: 'say', text: '<speak><audio src="https://evil.example/x.mp3"/></speak>' })[0]?.['text'],
    ).not.toMatch(/[<>]/);
  });

  it('V8: is well-formed and within limits whatever the texts and numbers hold', () => {
    const text = fc.string({ unit: 'binary', maxLength: 2000 });
    const step: fc.Arbitrary<CallStep> = fc.oneof(
      fc.record({ do: fc.constant('say' as const), text, language: text }),
      fc.record({
        do: fc.constant('dial' as const),
        to: fc.record({ sip: text }),
        timeoutSeconds: fc.double(),
        next: text,
      }),
      fc.record({ do: fc.constant('queue' as const), name: text }),
      fc.record({ do: fc.constant('record' as const), maxSeconds: fc.double(), next: text }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 5 }), (steps) => {
        for (const action of ncco(...steps)) {
          expect(['talk', 'connect', 'conversation', 'record']).toContain(action['action']);
          const spoken = String(action['text'] ?? 'x');
          expect(spoken.length > 0 && spoken.length <= 1500 && spoken.isWellFormed()).toBe(true);
          for (const limit of ['timeout', 'timeOut']) {
            if (limit in action) expect(Number.isInteger(action[limit]) && Number(action[limit]) >= 1).toBe(true);
          }
        }
      }),
      { numRuns: 100, seed: 20_261_121 },
    );
  });
});
