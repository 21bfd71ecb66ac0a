import { describe, expect, it } from 'vitest';
import type { InboundKind, RawRequest } from '../../functions/carriers/inbound-port.ts';
import { telnyxDialect } from '../../functions/carriers/telnyx/dialect.ts';

function request(type: string, body: string): RawRequest {
  return { method: 'POST', path: '', query: '', headers: { 'content-type': type }, body: Buffer.from(body) };
}
const form = (fields: Record<string, string>) =>
  request('application/x-www-form-urlencoded; charset=utf-8', new URLSearchParams(fields).toString());
const json = (body: unknown) => request('application/json', JSON.stringify(body));
const event = (type: string, payload: object, id = '5d0f8a31-92c4-4e57-8b1d-7f4b6c2e9a10') =>
  json({
    data: { record_type: 'event', event_type: type, id, occurred_at: '2026-07-16T10:00:30.123456Z', payload },
    meta: { attempt: 1 },
  });
const parse = (kind: InboundKind, raw: RawRequest) => telnyxDialect.parse(kind, raw);

describe('telnyx calls', () => {
  const call = { CallSid: 'v3:abc', From: '+447700900123', To: '+441223555010', CallStatus: 'ringing' };

  it('reads the first request of a call', () => {
    expect(parse('voice', form(call))).toEqual({
      type: 'voice',
      callId: 'v3:abc',
      from: '+447700900123',
      called: '+441223555010',
    });
  });

  it.each([
    ['+441223555010', '+441223555010'],
    ['441223555010', '+441223555010'],
    ['00441223555010', '+441223555010'],
    ['+44 (1223) 555-010', '+441223555010'],
    ['sip:+441223555010@sip.telnyx.com;transport=udp', '+441223555010'],
    ['SIPS:441223555010@x', '+441223555010'],
    ['tel:+44-1223-555010', '+441223555010'],
    ['%2B441223555010', '+441223555010'],
    [' +441223555010 ', '+441223555010'],
    ['01223555010', undefined],
    ['sip:reception@sip.telnyx.com', undefined],
    ['%E0%A4%A', undefined],
    ['', undefined],
    ['+'.repeat(300), undefined],
  ])('V10: the called number %j is %s', (To, called) => {
    expect(parse('voice', form({ ...call, To }))).toMatchObject({ type: 'voice', called });
  });

  it.each([
    ['completed', 'completed'],
    ['answered', 'completed'],
    ['busy', 'busy'],
    ['no-answer', 'no_answer'],
    ['canceled', 'cancelled'],
    ['failed', 'failed'],
    ['something new', 'failed'],
  ])('reads the end of a dial: %s is %s', (DialCallStatus, lastStep) => {
    expect(parse('voice', form({ ...call, DialCallStatus }))).toMatchObject({ lastStep });
  });

  it('reads digits and recordings of later steps, and only well-formed ones', () => {
    expect(parse('voice', form({ ...call, Digits: '12#', RecordingUrl: 'https://r.example/1.mp3' }))).toMatchObject({
      digits: '12#',
      recordingUrl: 'https://r.example/1.mp3',
    });
    const odd = parse('voice', form({ ...call, Digits: '<1>', RecordingUrl: 'file:///etc/passwd' }));
    expect(odd).not.toHaveProperty('digits');
    expect(odd).not.toHaveProperty('recordingUrl');
  });

  it('is nothing of ours without a call id', () => {
    expect(parse('voice', form({ To: '+441223555010' }))).toBeUndefined();
  });

  it.each([
    ['initiated', 'ringing'],
    ['ringing', 'ringing'],
    ['in-progress', 'answered'],
    ['completed', 'completed'],
    ['busy', 'busy'],
    ['no-answer', 'no_answer'],
    ['failed', 'failed'],
    ['canceled', 'cancelled'],
  ])('V5: status %s is %s, under one key however often it comes', (CallStatus, state) => {
    const status = { ...call, CallStatus, Timestamp: '2026-11-20T10:00:00Z', CallDuration: '45' };
    const first = parse('status', form({ ...status, SequenceNumber: '1' }));
    const again = parse('status', form({ ...status, SequenceNumber: '2', Timestamp: '2026-11-20T12:00:00Z' }));

    expect(first).toEqual({
      type: 'status',
      callId: 'v3:abc',
      from: '+447700900123',
      called: '+441223555010',
      state,
      at: '2026-11-20T10:00:00.000Z',
      durationSeconds: 45,
      dedupeKey: `v3:abc.${state}`,
    });
    expect(again).toMatchObject({ dedupeKey: `v3:abc.${state}` });
  });

  it('drops the legs a dial opened, and states it does not know', () => {
    expect(parse('status', form({ ...call, CallStatus: 'completed', ParentCallSid: 'v3:parent' }))).toBeUndefined();
    expect(parse('status', form({ ...call, CallStatus: 'levitating' }))).toBeUndefined();
    expect(
      parse('status', form({ ...call, CallStatus: 'completed', ParentCallSid: 'v3:abc', Timestamp: 'soon' })),
    ).toMatchObject({ at: undefined });
  });

  it('takes the end of a call as a JSON event, too', () => {
    const payload = {
      call_control_id: 'v3:x',
      from: '+447700900123',
      to: '+441223555010',
      hangup_cause: 'user_busy',
      start_time: '2026-07-16T10:00:00Z',
    };

    expect(parse('status', event('call.hangup', payload))).toEqual({
      type: 'status',
      callId: 'v3:x',
      from: '+447700900123',
      called: '+441223555010',
      state: 'busy',
      at: '2026-07-16T10:00:30.123Z',
      durationSeconds: 30,
      dedupeKey: '5d0f8a31-92c4-4e57-8b1d-7f4b6c2e9a10',
    });
    expect(parse('status', event('call.initiated', { ...payload, direction: 'outgoing' }))).toBeUndefined();
    expect(parse('status', event('call.answered', payload))).toMatchObject({ state: 'answered' });
    expect(parse('status', event('call.hangup', { ...payload, hangup_cause: 'new' }))).toMatchObject({
      state: 'failed',
    });
    expect(parse('status', event('call.recording.saved', payload))).toBeUndefined();
  });
});

describe('telnyx messages', () => {
  const received = {
    id: 'm-1',
    from: { phone_number: '+447700900123' },
    to: [{ phone_number: '+441223555010', status: 'webhook_delivered' }],
    text: 'Hello',
    media: [{ url: 'https://m.example/a.jpg' }, { url: '' }, null],
    received_at: '2026-07-16T10:00:29Z',
  };

  it('V11: reads a message with its media; the receiver is a list', () => {
    expect(parse('sms', event('message.received', received))).toEqual({
      type: 'message',
      state: 'received',
      messageId: 'm-1',
      from: '+447700900123',
      called: '+441223555010',
      text: 'Hello',
      media: ['https://m.example/a.jpg'],
      at: '2026-07-16T10:00:29.000Z',
      dedupeKey: '5d0f8a31-92c4-4e57-8b1d-7f4b6c2e9a10',
    });
  });

  it('of several receivers ours is the one delivered here', () => {
    const to = [{ phone_number: '+447700900999', status: 'delivered' }, ...received.to];

    expect(parse('sms', event('message.received', { ...received, to }))).toMatchObject({ called: '+441223555010' });
  });

  it.each([
    ['message.sent', 'sending', 'sent'],
    ['message.finalized', 'delivered', 'delivered'],
    ['message.finalized', 'delivery_failed', 'failed'],
    ['message.finalized', 'sending_failed', 'failed'],
    ['message.finalized', 'delivery_unconfirmed', 'sent'],
  ])('%s with %s is %s; ours is then the sender', (type, status, state) => {
    const payload = {
      id: 'm-2',
      from: { phone_number: '+441223555010' },
      to: [{ phone_number: '+447700900123', status }],
      text: 'Hi',
    };

    expect(parse('sms', event(type, payload))).toMatchObject({ state, called: '+441223555010', from: '+447700900123' });
  });

  it('a message with odd fields is still a message', () => {
    expect(parse('sms', event('message.received', { text: 7, to: 'x', from: null, media: {} }))).toMatchObject({
      type: 'message',
      called: undefined,
      text: '',
      media: [],
    });
  });
});

describe('telnyx orders', () => {
  const order = {
    id: 'o-1',
    customer_reference: 'req_1.0.1',
    status: 'success',
    phone_numbers: [{ phone_number: '+441223555010', status: 'success' }],
  };

  it('P12: an order event is a hint with our reference', () => {
    expect(parse('orders', event('number_order.complete', order))).toEqual({
      type: 'order',
      subject: 'order',
      carrierId: 'o-1',
      reference: 'req_1.0.1',
      number: '+441223555010',
      dedupeKey: '5d0f8a31-92c4-4e57-8b1d-7f4b6c2e9a10',
    });
  });

  it('names no number when there are several, and reads events without envelope', () => {
    const several = { ...order, phone_numbers: [{ phone_number: '+441223555010' }, { phone_number: '+441223555011' }] };
    const bare = json({ event_type: 'number_order.complete', id: 'e-9', payload: several });

    expect(parse('orders', bare)).toEqual({
      type: 'order',
      subject: 'order',
      carrierId: 'o-1',
      reference: 'req_1.0.1',
      dedupeKey: 'e-9',
    });
  });

  it.each([
    ['requirement_group.status_updated', 'papers'],
    ['sub_number_order.status_update', 'order'],
    ['number_order_phone_number.status_update', 'order'],
    ['portout.status_changed', 'number'],
  ])('%s is about %s', (type, subject) => {
    expect(parse('orders', event(type, { id: 'x-1', customer_reference: 'req_1' }))).toMatchObject({
      subject,
      carrierId: 'x-1',
      reference: 'req_1',
    });
  });

  it.each([
    ['another event', event('fax.received', order)],
    ['an order without id', event('number_order.complete', {})],
    ['an event without id', json({ data: { event_type: 'number_order.complete', payload: order } })],
    ['an id of odd characters', event('number_order.complete', order, 'a b')],
    ['a list', json([order])],
    ['no JSON', request('application/json', '{"data":')],
    ['nothing', request('application/json', '')],
  ])('%s is dropped', (_, raw) => {
    expect(parse('orders', raw)).toBeUndefined();
  });

  it('an event at the wrong address is dropped', () => {
    expect(parse('sms', event('number_order.complete', order))).toBeUndefined();
    expect(parse('orders', event('message.received', order))).toBeUndefined();
    expect(parse('voice', event('number_order.complete', order))).toBeUndefined();
  });
});
