import type { InboundEvent, InboundKind, MessageEvent, RawRequest, StatusEvent, VoiceEvent } from '../inbound-port.ts';
import { callerOf, canonicalNumber } from './called.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Ids become part of record keys: letters, digits and `- _ . :` only. */
const ID = /^[\w.:-]{1,128}$/;

/** How a leg's `status` reads as the end of a step; anything else goes on and needs no answer. */
const STEP_ENDS: ReadonlyMap<string, string> = new Map([
  ['completed', 'completed'],
  ['busy', 'busy'],
  ['timeout', 'no_answer'],
  ['unanswered', 'no_answer'],
  ['rejected', 'failed'],
  ['failed', 'failed'],
  ['cancelled', 'cancelled'],
]);
const CALL_STATES: ReadonlyMap<string, StatusEvent['state']> = new Map([
  ['started', 'ringing'],
  ['ringing', 'ringing'],
  ['answered', 'answered'],
  ['completed', 'completed'],
  ['busy', 'busy'],
  ['timeout', 'no_answer'],
  ['unanswered', 'no_answer'],
  ['rejected', 'failed'],
  ['failed', 'failed'],
  ['cancelled', 'cancelled'],
]);
const MESSAGE_STATES: ReadonlyMap<string, MessageEvent['state']> = new Map([
  ['submitted', 'sent'],
  ['delivered', 'delivered'],
  ['read', 'delivered'],
  ['rejected', 'failed'],
  ['undeliverable', 'failed'],
]);

/** Reads a verified request. Orders have no webhooks at this carrier. */
export function parseEvent(kind: InboundKind, request: RawRequest): InboundEvent | undefined {
  const fields = readFields(request);
  if (fields === undefined) return undefined;
  switch (kind) {
    case 'voice':
      return toVoice(fields);
    case 'status':
      return 'message_uuid' in fields ? toMessage(fields) : toStatus(fields);
    case 'sms':
      return toMessage(fields);
    case 'orders':
      return undefined;
    default:
      return kind satisfies never;
  }
}

function readFields({ method, query, body }: RawRequest): Fields | undefined {
  if (method === 'GET') return Object.fromEntries(new URLSearchParams(query));
  try {
    return fieldsOf(JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')));
  } catch {
    return undefined;
  }
}

/**
 * The answer request, or a later step: the end of a synchronous `connect`, digits, a recording. Steps of one call share
 * the conversation, and a recording names nothing else. Of a `connect`, `to` is whom we dialled, never the called number.
 */
function toVoice(fields: Fields): VoiceEvent | undefined {
  const callId = callOf(fields);
  const status = textOf(fields['status']);
  const recordingUrl = textOf(fields['recording_url']);
  if (callId === undefined || (status !== '' && !STEP_ENDS.has(status))) return undefined;
  const lastStep = status === '' ? endWithoutStatus(fields, recordingUrl) : STEP_ENDS.get(status);
  const digits = digitsOf(fields['dtmf']);
  const isOurs = status === '' || fields['direction'] === 'inbound';
  return {
    type: 'voice',
    callId,
    from: callerOf(fields['from']),
    called: isOurs ? canonicalNumber(fields['to']) : undefined,
    ...(lastStep !== undefined && { lastStep }),
    ...(digits !== undefined && { digits }),
    ...(recordingUrl.startsWith('https://') && { recordingUrl }),
  };
}

/** Errors come as `{reason, conversation_uuid}` without `status` and without parties. */
function endWithoutStatus(fields: Fields, recordingUrl: string): string | undefined {
  if (recordingUrl !== '') return 'completed';
  return 'reason' in fields && !('to' in fields) ? 'failed' : undefined;
}

/** `dtmf` is an object today and was plain digits once; nothing pressed is the empty text. */
function digitsOf(dtmf: unknown): string | undefined {
  const digits = typeof dtmf === 'string' ? dtmf : fieldsOf(dtmf)['digits'];
  return typeof digits === 'string' && /^[0-9*#]{0,64}$/.test(digits) ? digits : undefined;
}

/** Legs we dialled ourselves (`outbound`) are no calls to a number of ours: their `to` may be another tenant's. */
function toStatus(fields: Fields): StatusEvent | undefined {
  const callId = callOf(fields);
  const isError = !('status' in fields) && 'reason' in fields;
  const state = isError ? 'failed' : CALL_STATES.get(textOf(fields['status']));
  if (callId === undefined || state === undefined || fields['direction'] === 'outbound') return undefined;
  const seconds = textOf(fields['duration']);
  return {
    type: 'status',
    callId,
    from: callerOf(fields['from']),
    called: canonicalNumber(fields['to']),
    state,
    at: instant(fields['timestamp']),
    ...(/^\d{1,7}$/.test(seconds) && { durationSeconds: Number(seconds) }),
    dedupeKey: `${callId}.${isError ? 'error' : state}`,
  };
}

/** Messages API. Ours is `to` on a received message and `from` on one we sent. */
function toMessage(fields: Fields): MessageEvent | undefined {
  const messageId = idOf(fields['message_uuid']);
  const state = 'status' in fields ? MESSAGE_STATES.get(textOf(fields['status'])) : 'received';
  const channel = textOf(fields['channel']);
  if (messageId === undefined || state === undefined || !['sms', 'mms', ''].includes(channel)) return undefined;
  const isReceived = state === 'received';
  return {
    type: 'message',
    state,
    messageId,
    from: callerOf(fields[isReceived ? 'from' : 'to']),
    called: canonicalNumber(fields[isReceived ? 'to' : 'from']),
    text: textOf(fields['text']) || captionOf(fields),
    media: mediaOf(fields),
    at: instant(fields['timestamp']),
    dedupeKey: `${messageId}.${state}`,
  };
}

const MEDIA = ['image', 'audio', 'video', 'vcard', 'file'];

function mediaOf(fields: Fields): readonly string[] {
  return MEDIA.map((name) => textOf(fieldsOf(fields[name])['url'])).filter((url) => url.startsWith('https://'));
}

function captionOf(fields: Fields): string {
  return MEDIA.map((name) => textOf(fieldsOf(fields[name])['caption'])).find((text) => text !== '') ?? '';
}

function callOf(fields: Fields): string | undefined {
  return idOf(fields['conversation_uuid']) ?? idOf(fields['uuid']);
}

function idOf(value: unknown): string | undefined {
  return typeof value === 'string' && ID.test(value) ? value : undefined;
}

function instant(value: unknown): string | undefined {
  const at = new Date(textOf(value).slice(0, 64));
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
