import type { Dialect, InboundEvent, InboundKind, MessageEvent, RawRequest, StatusEvent } from '../inbound-port.ts';
import { canonicalNumber } from './called.ts';
import { type Form, readForm } from './form.ts';
import { bundleOf, verifySignature } from './signature.ts';
import { renderTwiml } from './twiml.ts';

/** Twilio's inbound side: form posts signed with the account's auth token, answers in TwiML (Programmable Voice webhooks). */
export function twilioDialect(): Dialect {
  return {
    id: 'twilio',
    // A number's own status callback comes once, when the call has ended.
    tellsOnlyEnds: true,
    verify(kind, request, secrets, at) {
      try {
        return verifySignature(kind, request, secrets, at.publicUrl);
      } catch {
        return { ok: false, status: 403, reason: 'unreadable' };
      }
    },
    parse(kind, request) {
      const form = readForm(request.body);
      return form === undefined ? undefined : toEvent(kind, form, request);
    },
    render: renderTwiml,
    acknowledge(kind) {
      const wantsDocument = kind === 'voice' || kind === 'sms';
      return wantsDocument ? renderTwiml({ steps: [] }) : { status: 204, headers: {}, body: '' };
    },
  };
}

function toEvent(kind: InboundKind, form: Form, request: RawRequest): InboundEvent | undefined {
  switch (kind) {
    case 'voice':
      return toVoice(form);
    case 'status':
      return form.has('CallSid') ? toStatus(form) : toMessage(form);
    case 'sms':
      return toMessage(form);
    case 'orders':
      return toOrder(form, request);
    default:
      return kind satisfies never;
  }
}

const STEP_ENDS: Readonly<Record<string, string>> = {
  completed: 'completed',
  answered: 'completed',
  busy: 'busy',
  'no-answer': 'no_answer',
  failed: 'failed',
  canceled: 'cancelled',
  // of a queue
  bridged: 'completed',
  'bridging-in-process': 'completed',
  'redirected-from-bridged': 'completed',
  hangup: 'cancelled',
  leave: 'no_answer',
  redirected: 'no_answer',
  'queue-full': 'busy',
  error: 'failed',
  'system-error': 'failed',
};

function toVoice(form: Form): InboundEvent | undefined {
  const callId = form.get('CallSid');
  if (callId === undefined) return undefined;
  const ended = form.get('DialCallStatus') ?? form.get('QueueResult');
  const digits = form.get('Digits');
  const recordingUrl = form.get('RecordingUrl');
  return {
    type: 'voice',
    callId,
    from: form.get('From') ?? '',
    called: calledOf(form),
    // An unknown end counts as a failure: the caller then gets the next step instead of silence.
    ...(ended === undefined ? {} : { lastStep: STEP_ENDS[ended] ?? 'failed' }),
    ...(digits !== undefined && /^[0-9*#A-Dw]{1,64}$/.test(digits) ? { digits } : {}),
    ...(recordingUrl?.startsWith('https://') ? { recordingUrl } : {}),
  };
}

const CALL_STATES: Readonly<Record<string, StatusEvent['state']>> = {
  queued: 'ringing',
  initiated: 'ringing',
  ringing: 'ringing',
  'in-progress': 'answered',
  answered: 'answered',
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'no_answer',
  failed: 'failed',
  canceled: 'cancelled',
};

function toStatus(form: Form): StatusEvent | undefined {
  const callId = form.get('CallSid');
  const state = CALL_STATES[form.get('CallStatus') ?? ''];
  if (callId === undefined || state === undefined) return undefined;
  const seconds = form.get('CallDuration');
  return {
    type: 'status',
    callId,
    from: form.get('From') ?? '',
    called: calledOf(form),
    state,
    at: isoTime(form.get('Timestamp')),
    ...(seconds !== undefined && /^\d{1,7}$/.test(seconds) ? { durationSeconds: Number(seconds) } : {}),
    dedupeKey: `${callId}.${state}`,
  };
}

const MESSAGE_STATES: Readonly<Record<string, MessageEvent['state']>> = {
  receiving: 'received',
  received: 'received',
  accepted: 'sent',
  queued: 'sent',
  sending: 'sent',
  sent: 'sent',
  delivered: 'delivered',
  read: 'delivered',
  undelivered: 'failed',
  failed: 'failed',
  canceled: 'failed',
};

function toMessage(form: Form): MessageEvent | undefined {
  const messageId = form.get('MessageSid');
  const state = MESSAGE_STATES[form.get('MessageStatus') ?? form.get('SmsStatus') ?? 'received'];
  if (messageId === undefined || state === undefined) return undefined;
  return {
    type: 'message',
    state,
    messageId,
    from: form.get('From') ?? '',
    called: state === 'received' ? calledOf(form) : canonicalNumber(form.get('From') ?? ''), // our own number in either
    text: form.get('Body') ?? '',
    media: mediaOf(form),
    at: undefined, // Twilio gives no time with a message
    dedupeKey: `${messageId}.${state}`,
  };
}

function mediaOf(form: Form): readonly string[] {
  const count = Math.min(Number(form.get('NumMedia') ?? 0) || 0, 10);
  const addresses = Array.from({ length: count }, (_, index) => form.get(`MediaUrl${index}`));
  return addresses
    .filter((address) => address?.startsWith('https://') === true)
    .filter((address) => address !== undefined);
}

function toOrder(form: Form, request: RawRequest): InboundEvent | undefined {
  const carrierId = bundleOf(form);
  if (carrierId === undefined) return undefined;
  // A bundle may be rejected twice with the same words; the delivery's token, the same in retries, tells the two apart.
  const token = request.headers['i-twilio-idempotency-token'] ?? '';
  const delivery = /^[\w-]{1,64}$/.test(token) ? `.${token}` : '';
  return {
    type: 'order',
    subject: 'papers',
    carrierId,
    dedupeKey: `${carrierId}.${form.get('Status') ?? ''}${delivery}`,
  };
}

function calledOf(form: Form) {
  return canonicalNumber(form.get('To') ?? '', form.get('ToCountry') || form.get('CalledCountry'));
}

function isoTime(text: string | undefined): string | undefined {
  const instant = Date.parse(text ?? '');
  return Number.isNaN(instant) ? undefined : new Date(instant).toISOString();
}
