import { createHmac } from 'node:crypto';
import type {
  JsonObject,
  SimAnswer,
  SimCall,
  SimNumber,
  SimPapers,
  SimWebhook,
  SimWorld,
} from '../kernel/simulator-port.ts';
import { strayUrl } from '../kernel/stray.ts';
import { bundleStatus, iso, type Part, partsOf } from './compliance-rows.ts';
import { rfc2822, settingOf } from './number-rows.ts';

const FORM = 'application/x-www-form-urlencoded; charset=UTF-8';
const NOT_IN_SERVICE: SimAnswer = { status: 0, contentType: 'text/plain', body: 'the number has no address to ask' };

/** `X-Twilio-Signature`: the address as configured and, for a POST, the sorted fields, under the account's auth token. */
export function signature(world: SimWorld, hook: SimWebhook): Readonly<Record<string, string>> {
  const fields = hook.method === 'POST' ? [...new URLSearchParams(hook.body)] : [];
  const text = fields.sort(([a], [b]) => (a < b ? -1 : 1)).reduce((sum, [name, value]) => sum + name + value, hook.url);
  const token = world.credentials['TWILIO_AUTH_TOKEN'] ?? '';
  return { 'x-twilio-signature': createHmac('sha1', token).update(text, 'utf8').digest('base64') };
}

function post(
  topic: SimWebhook['topic'],
  url: string,
  fields: Readonly<Record<string, string>>,
  world: SimWorld,
): SimWebhook {
  const headers = { 'content-type': FORM, 'user-agent': 'TwilioProxy/1.1', 'i-twilio-idempotency-token': world.uuid() };
  return { topic, url, method: 'POST', headers, body: new URLSearchParams(fields).toString() };
}

/** An incoming call: asks the number's voice address, or its fallback when that fails, and then tells that it is over. */
export async function placeCall(world: SimWorld, { from, to }: SimCall): Promise<SimAnswer> {
  const number = world.numbers.find(to);
  const owned = number?.state === 'owned' ? number : undefined;
  const url = owned ? settingOf(owned, 'voice_url') : strayUrl(world, 'voice');
  if (!url) return NOT_IN_SERVICE;
  const called = number ?? strange(to);
  const call = { ...parties(world, called, from), CallSid: `CA${world.hex(32)}`, Direction: 'inbound' };
  const asked = post('voice', url, { ...call, CallStatus: 'ringing', Called: called.number, Caller: from }, world);
  const answer = await world.deliver(asked);
  notifyEnd(world, owned ? settingOf(owned, 'status_callback') : strayUrl(world, 'status'), call);
  return isGood(answer) || !owned ? answer : await fallback(world, owned, answer, url);
}

type Called = Readonly<Record<'number' | 'locality' | 'country', string>>;
const strange = (number: string) => ({ number, locality: '', country: '' });

function isGood({ status }: SimAnswer): boolean {
  return status >= 200 && status < 300;
}

/** Any failure sends the call to the static document; its own answer counts if that is none either. */
async function fallback(world: SimWorld, number: SimNumber, failed: SimAnswer, errorUrl: string): Promise<SimAnswer> {
  const url = settingOf(number, 'voice_fallback_url');
  if (url === '') return failed;
  const query = new URLSearchParams({ ErrorCode: '11200', ErrorUrl: errorUrl });
  const asked = `${url}${url.includes('?') ? '&' : '?'}${query}`;
  const answer = await world.deliver({ topic: 'voice', url: asked, method: 'GET', headers: {}, body: '' });
  return isGood(answer) ? answer : failed;
}

function notifyEnd(world: SimWorld, url: string | undefined, call: Readonly<Record<string, string>>): void {
  if (!url) return;
  const end = {
    ...call,
    CallStatus: 'completed',
    CallDuration: '12',
    Timestamp: rfc2822(world.clock.now()),
    CallbackSource: 'call-progress-events',
    SequenceNumber: '0',
  };
  world.notify(post('status', url, end, world));
}

/** A text to one of our numbers. */
export function sendMessage(
  world: SimWorld,
  { from, to, text }: SimCall & { readonly text: string },
): Promise<SimAnswer> {
  const number = world.numbers.find(to);
  const url = number?.state === 'owned' ? settingOf(number, 'sms_url') : strayUrl(world, 'sms');
  if (!url) return Promise.resolve(NOT_IN_SERVICE);
  const sid = `SM${world.hex(32)}`;
  const fields = { MessageSid: sid, SmsSid: sid, SmsMessageSid: sid, SmsStatus: 'received', Body: text };
  const counts = { NumMedia: '0', NumSegments: String(Math.max(1, Math.ceil(text.length / 153))) };
  return world.deliver(
    post('message', url, { ...parties(world, number ?? strange(to), from), ...fields, ...counts }, world),
  );
}

/** What every request about a call or text carries; places are often there without a value. */
function parties(world: SimWorld, number: Called, from: string): Record<string, string> {
  return {
    AccountSid: world.credentials['TWILIO_ACCOUNT_SID'] ?? '',
    ApiVersion: '2010-04-01',
    From: from,
    FromCity: '',
    FromCountry: '',
    FromState: '',
    FromZip: '',
    To: number.number,
    ToCity: number.locality,
    ToCountry: number.country,
    ToState: '',
    ToZip: '',
  };
}

/** The review is over: documents take the verdict, and the bundle's callback is told. */
export function reportReview(world: SimWorld, papers: SimPapers): void {
  const verdict = { status: papers.state, failure_reason: papers.reason ?? null };
  const documents = partsOf(world, papers.id).filter((part) => part.sid.startsWith('RD'));
  for (const document of documents) world.records.put('documents', document.sid, { ...document, ...verdict });
  if (documents.length === 0 && papers.state === 'rejected') rejectEvaluation(world, papers);
  const url = String(papers.data['status_callback'] ?? '');
  if (url === '') return;
  const fields = {
    AccountSid: world.credentials['TWILIO_ACCOUNT_SID'] ?? '',
    BundleSid: papers.id,
    Status: bundleStatus(papers),
    ...(papers.reason === undefined ? {} : { FailureReason: papers.reason }),
  };
  world.notify({ ...post('papers', url, fields, world), retries: 1 });
}

/** Without documents the reason shows in the evaluation of the end user. */
function rejectEvaluation(world: SimWorld, papers: SimPapers): void {
  const person = partsOf(world, papers.id).find((part: Part) => part.sid.startsWith('IT'));
  const sid = `EL${world.hex(32)}`;
  const result: JsonObject = { passed: false, failure_reason: papers.reason ?? 'rejected', valid: [], invalid: [] };
  world.records.put('evaluations', sid, {
    sid,
    account_sid: world.credentials['TWILIO_ACCOUNT_SID'] ?? '',
    regulation_sid: papers.data['regulation_sid'] ?? null,
    bundle_sid: papers.id,
    status: 'noncompliant',
    results: [
      { ...result, requirement_name: `${person?.type ?? 'business'}_info`, object_type: person?.type ?? 'business' },
    ],
    date_created: iso(world.clock.now()),
    url: `${world.publicUrl}/v2/RegulatoryCompliance/Bundles/${papers.id}/Evaluations/${sid}`,
  });
}
