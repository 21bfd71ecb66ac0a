import { createHmac } from 'node:crypto';
import type { InboundKind, RawRequest } from '../../functions/carriers/inbound-port.ts';

/** Genuine requests of Twilio, signed by hand after its documentation; the SDK's own signer is the witness in tests. */
export const PUBLIC_URL = 'https://gateway.example.com';
export const ACCOUNT = `AC${'0123456789abcdef'.repeat(2)}`;
export const TOKEN = 'fedcba98765432100123456789abcdef';
export const CALL = `CA${'1'.repeat(32)}`;
export const MESSAGE = `SM${'2'.repeat(32)}`;
export const BUNDLE = `BU${'3'.repeat(32)}`;
export const SECRETS = { TWILIO_ACCOUNT_SID: [ACCOUNT], TWILIO_AUTH_TOKEN: [TOKEN] };
export const NOW = new Date('2026-11-20T10:00:00.000Z');

export type Fields = Readonly<Record<string, string>>;

export function signatureOf(url: string, fields: Fields, token = TOKEN): string {
  const text = Object.keys(fields)
    .sort()
    .reduce((sum, name) => sum + name + fields[name], url);
  return createHmac('sha1', token).update(text, 'utf8').digest('base64');
}

interface Posting {
  readonly url?: string;
  readonly query?: string;
  readonly token?: string;
  readonly headers?: Fields;
  readonly body?: string;
}

/** A form post to `/inbound/twilio/{kind}` under Twilio's signature. */
export function post(kind: InboundKind, fields: Fields, posting: Posting = {}): RawRequest {
  const query = posting.query ?? '';
  const path = `/inbound/twilio/${kind}${query === '' ? '' : `?${query}`}`;
  return {
    method: 'POST',
    path,
    query,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': signatureOf((posting.url ?? PUBLIC_URL) + path, fields, posting.token),
      ...posting.headers,
    },
    body: new TextEncoder().encode(posting.body ?? new URLSearchParams(fields).toString()),
  };
}

/** What Twilio sends with a call, empty places and fields of recent years included. */
export const VOICE: Fields = {
  AccountSid: ACCOUNT,
  ApiVersion: '2010-04-01',
  CallSid: CALL,
  CallStatus: 'ringing',
  CallToken: '%7B%22parentCallInfoToken%22%3A%22eyJhbGciOiJFUzI1NiJ9.e30.c2ln%22%7D',
  Called: '+441223555010',
  CalledCity: '',
  CalledCountry: 'GB',
  CalledState: 'Cambridge',
  CalledZip: '',
  Caller: '+447700900123',
  CallerCity: '',
  CallerCountry: 'GB',
  CallerName: "O'Brien & Söhne <ltd>",
  CallerState: '',
  CallerZip: '',
  Direction: 'inbound',
  From: '+447700900123',
  FromCity: '',
  FromCountry: 'GB',
  FromState: '',
  FromZip: '',
  StirVerstat: 'TN-Validation-Passed-A',
  'SipHeader_X-Tenant': '42',
  To: '+441223555010',
  ToCity: '',
  ToCountry: 'GB',
  ToState: 'Cambridge',
  ToZip: '',
};
export const STATUS: Fields = {
  ...VOICE,
  CallStatus: 'completed',
  CallDuration: '42',
  Timestamp: 'Fri, 20 Nov 2026 09:59:30 +0000',
  CallbackSource: 'call-progress-events',
  SequenceNumber: '0',
};
export const SMS: Fields = {
  AccountSid: ACCOUNT,
  ApiVersion: '2010-04-01',
  Body: 'Grüße 👋 a=b&c',
  From: '+447700900123',
  FromCity: '',
  MessageSid: MESSAGE,
  MediaContentType0: 'image/png',
  MediaUrl0: 'https://api.twilio.com/media/ME1',
  NumMedia: '1',
  NumSegments: '1',
  SmsMessageSid: MESSAGE,
  SmsSid: MESSAGE,
  SmsStatus: 'received',
  To: '+441223555010',
};
export const ORDERS: Fields = { AccountSid: ACCOUNT, BundleSid: BUNDLE, Status: 'twilio-approved' };
export const KINDS: readonly (readonly [InboundKind, Fields])[] = [
  ['voice', VOICE],
  ['status', STATUS],
  ['sms', SMS],
  ['orders', ORDERS],
];
