import type { InboundEvent, InboundKind, MessageEvent, OrderEvent, RawRequest, StatusEvent } from '../inbound-port.ts';
import { instant } from './call-events.ts';
import { canonicalCalled } from './called.ts';

type Fields = Readonly<Record<string, unknown>>;
/** The envelope's parts every event has; `id` is what deliveries of one event share. */
interface Envelope {
  readonly id: string;
  readonly type: string;
  readonly at: string | undefined;
  readonly payload: Fields;
}
const EVENT_ID = /^[\x21-\x7e]{1,128}$/;

/** `hangup_cause` in our words. */
const HANGUPS: Readonly<Record<string, StatusEvent['state']>> = {
  normal_clearing: 'completed',
  time_limit: 'completed',
  user_busy: 'busy',
  no_answer: 'no_answer',
  timeout: 'no_answer',
  originator_cancel: 'cancelled',
};
const RECEIPTS: Readonly<Record<string, MessageEvent['state']>> = {
  delivered: 'delivered',
  delivery_unconfirmed: 'sent',
  sending_failed: 'failed',
  delivery_failed: 'failed',
  expired: 'failed',
};

/** A JSON event (API version 2) of this kind; undefined: none of ours, or of a kind that has no business at this address. */
export function parseJson(kind: InboundKind, request: RawRequest): InboundEvent | undefined {
  const event = envelope(request);
  if (event === undefined) return undefined;
  if (kind === 'sms') return message(event);
  if (kind === 'orders') return order(event);
  return kind === 'status' ? callEvent(event) : undefined;
}

/** Some deliveries lack the `data` wrapper: both forms are read. */
function envelope(request: RawRequest): Envelope | undefined {
  let body: Fields;
  try {
    body = fields(JSON.parse(Buffer.from(request.body).toString('utf8')));
  } catch {
    return undefined;
  }
  const data = 'data' in body ? fields(body['data']) : body;
  const id = text(data['id']);
  const type = text(data['event_type']);
  if (!EVENT_ID.test(id) || type === '') return undefined;
  return { id, type, at: instant(data['occurred_at']), payload: fields(data['payload']) };
}

/** `to` is a list. On a received message ours is the one delivered to the webhook; on one we sent, ours is `from`. */
function message({ id, type, at, payload }: Envelope): MessageEvent | undefined {
  const to = list(payload['to']).map(fields);
  const sender = text(fields(payload['from'])['phone_number']);
  const ours = to.find((entry) => entry['status'] === 'webhook_delivered') ?? to[0] ?? {};
  const state = messageState(type, text(to[0]?.['status']));
  if (state === undefined) return undefined;
  const received = state === 'received';
  const other = text(to[0]?.['phone_number']);
  return {
    type: 'message',
    state,
    messageId: text(payload['id']) || id,
    from: received ? sender : other,
    called: canonicalCalled(received ? text(ours['phone_number']) : sender),
    text: text(payload['text']),
    media: list(payload['media'])
      .map((entry) => text(fields(entry)['url']))
      .filter((url) => url !== ''),
    at: (received ? instant(payload['received_at']) : undefined) ?? at,
    dedupeKey: id,
  };
}

function messageState(type: string, receipt: string): MessageEvent['state'] | undefined {
  if (type === 'message.received') return 'received';
  if (type === 'message.sent') return 'sent';
  return type === 'message.finalized' ? (RECEIPTS[receipt] ?? 'sent') : undefined;
}

/** Orders, their parts, requirement groups and port-outs: each only says "look again". */
function order({ id, type, payload }: Envelope): OrderEvent | undefined {
  const subject = orderSubject(type);
  const carrierId = text(payload['number_order_id']) || text(payload['id']);
  if (subject === undefined || carrierId === '') return undefined;
  const reference = text(payload['customer_reference']);
  const numbers = list(payload['phone_numbers']);
  const only = numbers.length === 1 ? numbers[0] : undefined;
  const number = canonicalCalled(text(only) || text(fields(only)['phone_number']) || text(payload['phone_number']));
  return {
    type: 'order',
    subject,
    carrierId,
    ...(reference !== '' && { reference }),
    ...(number !== undefined && { number }),
    dedupeKey: id,
  };
}

function orderSubject(type: string): OrderEvent['subject'] | undefined {
  if (/^(sub_)?number_order(_phone_number)?\./.test(type)) return 'order';
  if (/^(requirement_group|document)s?\./.test(type)) return 'papers';
  return type.startsWith('portout.') ? 'number' : undefined;
}

/** Call Control events, should a number point to such an application; legs we opened ourselves are not calls to us. */
function callEvent({ id, type, at, payload }: Envelope): StatusEvent | undefined {
  const callId = text(payload['call_control_id']) || text(payload['call_session_id']);
  const state = callState(type, text(payload['hangup_cause']));
  if (state === undefined || callId === '' || payload['direction'] === 'outgoing') return undefined;
  const started = instant(payload['start_time']);
  const seconds = started && at ? Math.round((Date.parse(at) - Date.parse(started)) / 1000) : -1;
  return {
    type: 'status',
    callId,
    from: text(payload['from']),
    called: canonicalCalled(text(payload['to'])),
    state,
    at,
    ...(type === 'call.hangup' && seconds >= 0 && { durationSeconds: seconds }),
    dedupeKey: id,
  };
}

function callState(type: string, cause: string): StatusEvent['state'] | undefined {
  if (type === 'call.initiated') return 'ringing';
  if (type === 'call.answered') return 'answered';
  return type === 'call.hangup' ? (HANGUPS[cause] ?? 'failed') : undefined;
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
