import type { JsonObject, SimAnswer, SimCall, SimWebhook, SimWorld } from '../kernel/simulator-port.ts';
import { strayUrl } from '../kernel/stray.ts';
import { text } from './replies.ts';
import { applicationOf, profileOf } from './settings.ts';

const JSON_HEADERS = { 'content-type': 'application/json', 'user-agent': 'telnyx-webhooks' };
const FORM_HEADERS = { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'telnyx-webhooks' };
/** Deliveries of one event to one address. */
const RETRIES = 2;

/** Where the account's notification profile sends events about orders and papers: the gateway's own address for them. */
function ordersUrl(world: SimWorld): string | undefined {
  const gateway = world.gatewayUrl();
  return gateway && `${gateway}/inbound/telnyx/orders`;
}

/** An event of API version 2. */
function event(world: SimWorld, url: string, type: string, payload: JsonObject): string {
  const data = {
    record_type: 'event',
    event_type: type,
    id: world.uuid(),
    occurred_at: world.clock.now().toISOString(),
    payload,
  };
  return JSON.stringify({ data, meta: { attempt: 1, delivered_to: url } });
}

/** Tells the gateway that an order, or a requirement group, has moved. */
export function announce(world: SimWorld, topic: 'order' | 'papers', type: string, payload: JsonObject): void {
  const url = ordersUrl(world);
  if (url === undefined) return;
  const body = event(world, url, type, payload);
  world.notify({ topic, url, method: 'POST', headers: JSON_HEADERS, body, retries: RETRIES });
}

/** Asks the application's address what to do with the call, its fallback when that does not answer 200; then the end of the call. */
export async function placeCall(world: SimWorld, call: SimCall): Promise<SimAnswer> {
  const number = world.numbers.find(call.to);
  const owned = number?.state === 'owned' ? number : undefined;
  if (!owned) return placeStray(world, call);
  const application = applicationOf(world, text(owned.data['connection_id']));
  if (!application) return nobody(call.to);
  const fields = callFields(world, call, text(owned.data['connection_id']));
  const voice = formHook('voice', text(application['voice_url']), { ...fields, CallStatus: 'ringing' });
  const first = await world.deliver(voice);
  const fallback = text(application['voice_fallback_url']);
  const answer = first.status === 200 || fallback === '' ? first : await world.deliver({ ...voice, url: fallback });
  const statusUrl = text(application['status_callback']);
  if (statusUrl !== '') world.notify({ ...formHook('status', statusUrl, ended(world, fields)), retries: RETRIES });
  return answer;
}

/** A call for a number that is not on the account. */
function placeStray(world: SimWorld, call: SimCall): Promise<SimAnswer> | SimAnswer {
  const url = strayUrl(world, 'voice');
  if (url === undefined) return nobody(call.to);
  const fields = callFields(world, call, world.credentials['TELNYX_CONNECTION_ID'] ?? '');
  return world.deliver(formHook('voice', url, { ...fields, CallStatus: 'ringing' }));
}

/** The text as an event at the messaging profile's address. */
export async function sendMessage(
  world: SimWorld,
  { from, to, text: words }: SimCall & { text: string },
): Promise<SimAnswer> {
  const number = world.numbers.find(to);
  const isOwned = number?.state === 'owned';
  const profileId = text(
    isOwned ? number.data['messaging_profile_id'] : world.credentials['TELNYX_MESSAGING_PROFILE_ID'],
  );
  const url = isOwned ? text(profileOf(world, profileId)?.['webhook_url']) : strayUrl(world, 'sms');
  if (!url) return nobody(to);
  const at = world.clock.now().toISOString();
  const payload = {
    record_type: 'message',
    direction: 'inbound',
    id: world.uuid(),
    type: 'SMS',
    messaging_profile_id: profileId,
    from: { phone_number: from, carrier: '', line_type: 'Wireless' },
    to: [{ phone_number: to, status: 'webhook_delivered', carrier: 'Telnyx', line_type: 'Wireless' }],
    cc: [],
    text: words,
    media: [],
    encoding: 'GSM-7',
    parts: 1,
    tags: [],
    errors: [],
    received_at: at,
  };
  const body = event(world, url, 'message.received', payload);
  return world.deliver({ topic: 'message', url, method: 'POST', headers: JSON_HEADERS, body });
}

function callFields(world: SimWorld, { from, to }: SimCall, connectionId: string): Record<string, string> {
  const sid = `v3:${world.hex(40)}`;
  return {
    AccountSid: world.uuid(),
    CallSid: sid,
    CallSidLegacy: sid,
    ConnectionId: connectionId,
    From: from,
    To: to,
    CallerId: from,
    FromSipUri: `${from}@sip.telnyx.com`,
    ToSipUri: `${to}@sip.telnyx.com`,
    CallingPartyType: 'pstn',
  };
}

function ended(world: SimWorld, fields: Readonly<Record<string, string>>): Record<string, string> {
  return {
    ...fields,
    CallStatus: 'completed',
    CallbackSource: 'call-progress-events',
    SequenceNumber: '3',
    Timestamp: world.clock.now().toISOString(),
    CallDuration: '12',
    HangupSource: 'caller',
    HangupCause: 'normal_clearing',
  };
}

function formHook(topic: SimWebhook['topic'], url: string, fields: Readonly<Record<string, string>>): SimWebhook {
  return { topic, url, method: 'POST', headers: FORM_HEADERS, body: new URLSearchParams(fields).toString() };
}

function nobody(to: string): SimAnswer {
  return { status: 0, contentType: 'text/plain', body: `${to} leads nowhere on this account` };
}
