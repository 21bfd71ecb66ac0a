import type { RawRequest, StatusEvent, VoiceEvent } from '../inbound-port.ts';
import { canonicalCalled } from './called.ts';

type CallState = StatusEvent['state'];
const CALL_ID = /^[\x21-\x7e]{1,256}$/;
const FIELD_NAME = /^[A-Za-z][\w.:-]{0,127}$/;
const DIGITS = /^[0-9*#A-Dw]{1,64}$/;

/** `CallStatus` of TeXML in our words; unknown ones are dropped. */
const STATES: Readonly<Record<string, CallState>> = {
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
/** How a `Dial` or an `Enqueue` ended; an unknown end is a failure, so that the caller gets the next step, not silence. */
const STEP_ENDS: Readonly<Record<string, string>> = {
  answered: 'completed',
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'no_answer',
  failed: 'failed',
  canceled: 'cancelled',
  bridged: 'completed',
  hangup: 'cancelled',
  leave: 'no_answer',
  redirected: 'no_answer',
  'queue-full': 'busy',
};

/**
 * Fields of a form body; a name given twice keeps its first value, in every reader the same. The content type is not
 * signed, so a signed JSON event may come back as a form: a body with a name no form has is no form at all.
 */
export function readForm(request: RawRequest): ReadonlyMap<string, string> {
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(Buffer.from(request.body).toString('utf8'))) {
    if (!FIELD_NAME.test(name)) return new Map();
    if (!form.has(name)) form.set(name, value);
  }
  return form;
}

/** The call, or a later step of it, asked for by TeXML's form post. */
export function parseVoice(form: ReadonlyMap<string, string>): VoiceEvent | undefined {
  const callId = form.get('CallSid') ?? '';
  if (!CALL_ID.test(callId)) return undefined;
  const ended = form.get('DialCallStatus') ?? form.get('QueueResult');
  const digits = form.get('Digits');
  const recordingUrl = form.get('RecordingUrl');
  return {
    type: 'voice',
    callId,
    from: form.get('From') ?? '',
    called: canonicalCalled(form.get('To') ?? ''),
    ...(ended !== undefined && { lastStep: STEP_ENDS[ended] ?? 'failed' }),
    ...(digits !== undefined && DIGITS.test(digits) && { digits }),
    ...(recordingUrl?.startsWith('https://') && { recordingUrl }),
  };
}

/**
 * A TeXML call-progress event. It carries no event id, so one record per call and state. Legs that a `Dial` opened name
 * their parent: they are not calls to a number of ours.
 */
export function parseCallStatus(form: ReadonlyMap<string, string>): StatusEvent | undefined {
  const callId = form.get('CallSid') ?? '';
  const state = STATES[form.get('CallStatus') ?? ''];
  const parent = form.get('ParentCallSid') ?? callId;
  if (!CALL_ID.test(callId) || state === undefined || (parent !== '' && parent !== callId)) return undefined;
  const duration = wholeSeconds(form.get('CallDuration'));
  return {
    type: 'status',
    callId,
    from: form.get('From') ?? '',
    called: canonicalCalled(form.get('To') ?? ''),
    state,
    at: instant(form.get('Timestamp') ?? form.get('OccurredAt')),
    ...(duration !== undefined && { durationSeconds: duration }),
    dedupeKey: `${callId}.${state}`,
  };
}

/** An instant as ISO 8601 UTC; undefined when the text is none. */
export function instant(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length > 64) return undefined;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

function wholeSeconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,7}$/.test(text) ? Number(text) : undefined;
}
