import { createHash, createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { InboundKind, RawRequest } from '../../functions/carriers/inbound-port.ts';
import type { Secrets } from '../../functions/platform/secrets.ts';

/** The three carriers as they post to us: genuine signatures over genuine shapes. */
export const CARRIERS = ['twilio', 'telnyx', 'vonage'] as const;
export type SigningCarrier = (typeof CARRIERS)[number];

export const PUBLIC_URL = 'https://gateway.example.com';
export const ACCOUNT = `AC${'1'.repeat(32)}`;
export const AUTH_TOKEN = '0123456789abcdef0123456789abcdef';
export const SIGNATURE_SECRET = 'a-signature-secret-of-thirty-two-b';
export const API_KEY = 'abcd1234';
export const APPLICATION_ID = 'aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab';
export const STEP_KEY = 'step-key-of-this-installation-32-bytes';
const telnyxKeys = generateKeyPairSync('ed25519');
export const TELNYX_PRIVATE_KEY = telnyxKeys.privateKey;
export const TELNYX_PUBLIC_KEY = telnyxKeys.publicKey
  .export({ type: 'spki', format: 'der' })
  .subarray(12)
  .toString('base64');

export const SECRETS: Readonly<Record<string, readonly string[]>> = {
  'carriers/twilio/account-sid': [ACCOUNT],
  'carriers/twilio/auth-token': [AUTH_TOKEN],
  'carriers/telnyx/public-key': [TELNYX_PUBLIC_KEY],
  'carriers/vonage/signature-secret': [SIGNATURE_SECRET],
  'carriers/vonage/api-key': [API_KEY],
  'carriers/vonage/application-id': [APPLICATION_ID],
  'inbound/step-key': [STEP_KEY],
};

/** A store of secrets that tests may change, count and take down. */
export function secretsOf(values: Record<string, readonly string[]>) {
  const store = {
    values,
    reads: 0,
    down: false,
    hangs: false,
    async find(name: string) {
      store.reads++;
      if (store.hangs) await new Promise(() => undefined);
      if (store.down) throw new Error('secret store down');
      return store.values[name];
    },
    async read(name: string) {
      return (await store.find(name)) ?? [];
    },
  };
  return store satisfies Secrets;
}

type Fields = Readonly<Record<string, string>>;
interface Posted {
  readonly kind: InboundKind;
  readonly query?: string;
  readonly now: Date;
}
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const pathOf = (carrier: string, { kind, query }: Posted): string =>
  `/inbound/${carrier}/${kind}${query === undefined ? '' : `?${query}`}`;

/** A form post under Twilio's signature. */
export function twilioPost(fields: Fields, posted: Posted, token = AUTH_TOKEN): RawRequest {
  const path = pathOf('twilio', posted);
  const all: Fields = { AccountSid: ACCOUNT, ...fields };
  const sorted = Object.keys(all).sort();
  const text = PUBLIC_URL + path + sorted.map((name) => name + all[name]).join('');
  return {
    method: 'POST',
    path,
    query: posted.query ?? '',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': createHmac('sha1', token).update(text).digest('base64'),
    },
    body: bytes(new URLSearchParams(all).toString()),
  };
}

/** A form post or JSON event under Telnyx's signature. */
export function telnyxPost(
  content: Fields | object,
  posted: Posted,
  form: boolean,
  key = TELNYX_PRIVATE_KEY,
): RawRequest {
  const body = form ? new URLSearchParams(content as Fields).toString() : JSON.stringify(content);
  const timestamp = String(Math.floor(posted.now.getTime() / 1000));
  return {
    method: 'POST',
    path: pathOf('telnyx', posted),
    query: posted.query ?? '',
    headers: {
      'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json',
      'telnyx-timestamp': timestamp,
      'telnyx-signature-ed25519': sign(null, bytes(`${timestamp}|${body}`), key).toString('base64'),
    },
    body: bytes(body),
  };
}

/** A JSON post under Vonage's token. */
export function vonagePost(content: object, posted: Posted, secret = SIGNATURE_SECRET): RawRequest {
  const body = JSON.stringify(content);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    iat: Math.floor(posted.now.getTime() / 1000),
    jti: randomUUID(),
    iss: 'Vonage',
    api_key: API_KEY,
    application_id: APPLICATION_ID,
    payload_hash: createHash('sha256').update(body).digest('hex'),
  };
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  const seal = createHmac('sha256', secret).update(text).digest('base64url');
  return {
    method: 'POST',
    path: pathOf('vonage', posted),
    query: posted.query ?? '',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${text}.${seal}` },
    body: bytes(body),
  };
}

export interface Call {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}
const hex = (text: string): string => createHash('md5').update(text).digest('hex');
const uuid = (text: string): string => hex(text).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
/** The carrier's own id of a call, as our records keep it. */
export const callRef = (carrier: SigningCarrier, id: string): string =>
  carrier === 'twilio' ? `CA${hex(id)}` : carrier === 'telnyx' ? `v3:${hex(id)}` : `CON-${uuid(id)}`;

/** An incoming call. */
export function incoming(carrier: SigningCarrier, { id, from, to }: Call, now: Date): RawRequest {
  const posted: Posted = { kind: 'voice', now };
  const form = { CallSid: callRef(carrier, id), From: from, To: to, CallStatus: 'ringing' };
  if (carrier === 'twilio') return twilioPost(form, posted);
  if (carrier === 'telnyx') return telnyxPost(form, posted, true);
  const bare = { from: from.replace('+', ''), to: to.replace('+', '') };
  return vonagePost({ ...bare, uuid: uuid(id), conversation_uuid: callRef('vonage', id) }, posted);
}

/** How a dial of ours ended, posted to the address we gave. */
export function dialEnded(
  carrier: SigningCarrier,
  call: Call,
  address: string,
  end: 'no_answer' | 'completed',
  now: Date,
) {
  const posted: Posted = { kind: 'voice', now, query: new URL(address).search.slice(1) };
  const status = end === 'completed' ? 'completed' : 'no-answer';
  const form = { CallSid: callRef(carrier, call.id), From: call.from, To: call.to, DialCallStatus: status };
  if (carrier === 'twilio') return twilioPost({ ...form, CallStatus: 'in-progress' }, posted);
  if (carrier === 'telnyx') return telnyxPost(form, posted, true);
  const leg = { from: call.from.slice(1), to: 'sip:100@pbx.example.com', uuid: uuid('leg'), direction: 'outbound' };
  const ended = {
    status: end === 'completed' ? 'completed' : 'timeout',
    conversation_uuid: callRef('vonage', call.id),
  };
  return vonagePost({ ...leg, ...ended }, posted);
}

/** A recording that the caller left, posted to the address we gave. */
export function recorded(carrier: SigningCarrier, call: Call, address: string, link: string, now: Date): RawRequest {
  const posted: Posted = { kind: 'voice', now, query: new URL(address).search.slice(1) };
  const form = { CallSid: callRef(carrier, call.id), From: call.from, To: call.to, RecordingUrl: link };
  if (carrier === 'twilio') return twilioPost({ ...form, CallStatus: 'in-progress' }, posted);
  if (carrier === 'telnyx') return telnyxPost(form, posted, true);
  return vonagePost({ recording_url: link, conversation_uuid: callRef('vonage', call.id) }, posted);
}

type State = 'ringing' | 'answered' | 'completed' | 'busy' | 'no_answer';
const FORM_STATE = {
  ringing: 'ringing',
  answered: 'in-progress',
  completed: 'completed',
  busy: 'busy',
  no_answer: 'no-answer',
};
const JSON_STATE = { ...FORM_STATE, answered: 'answered', no_answer: 'unanswered' };

/** A call's progress. */
export function status(carrier: SigningCarrier, { id, from, to }: Call, state: State, at: Date, now: Date): RawRequest {
  const posted: Posted = { kind: 'status', now };
  const duration = state === 'completed' ? { CallDuration: '42' } : {};
  const form = {
    CallSid: callRef(carrier, id),
    From: from,
    To: to,
    CallStatus: FORM_STATE[state],
    Timestamp: at.toUTCString(),
  };
  if (carrier === 'twilio') return twilioPost({ ...form, ...duration }, posted);
  if (carrier === 'telnyx') return telnyxPost({ ...form, ...duration, Timestamp: at.toISOString() }, posted, true);
  const event = { from: from.slice(1), to: to.slice(1), uuid: uuid(id), conversation_uuid: callRef('vonage', id) };
  const end = { status: JSON_STATE[state], direction: 'inbound', timestamp: at.toISOString() };
  return vonagePost({ ...event, ...end, ...(state === 'completed' ? { duration: '42' } : {}) }, posted);
}

export interface Text {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly media?: readonly string[];
}

/** A message from outside. */
export function message(carrier: SigningCarrier, { id, from, to, text, media = [] }: Text, now: Date): RawRequest {
  const posted: Posted = { kind: 'sms', now };
  if (carrier === 'twilio') {
    const links = Object.fromEntries(media.map((url, index) => [`MediaUrl${index}`, url]));
    const form = { MessageSid: `SM${hex(id)}`, From: from, To: to, Body: text, NumMedia: String(media.length) };
    return twilioPost({ ...form, ...links }, posted);
  }
  if (carrier === 'telnyx') {
    const payload = {
      id: uuid(id),
      direction: 'inbound',
      from: { phone_number: from },
      to: [{ phone_number: to, status: 'webhook_delivered' }],
      text,
      media: media.map((url) => ({ url })),
      received_at: now.toISOString(),
    };
    const data = { record_type: 'event', event_type: 'message.received', id: uuid(`event ${id}`), payload };
    return telnyxPost({ data: { ...data, occurred_at: now.toISOString() } }, posted, false);
  }
  const image = media[0] === undefined ? {} : { image: { url: media[0] } };
  const head = {
    channel: media[0] === undefined ? 'sms' : 'mms',
    message_uuid: uuid(id),
    timestamp: now.toISOString(),
  };
  return vonagePost({ ...head, from: from.slice(1), to: to.slice(1), message_type: 'text', text, ...image }, posted);
}
