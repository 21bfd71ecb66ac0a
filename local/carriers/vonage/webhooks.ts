import { createHash, createHmac } from 'node:crypto';
import type { JsonObject, SimAnswer, SimCall, SimWebhook, SimWorld } from '../kernel/simulator-port.ts';
import { strayUrl } from '../kernel/stray.ts';
import { findApplication } from './applications.ts';

const UNREACHABLE: SimAnswer = { status: 0, contentType: '', body: '' };
const JSON_TYPE = { 'content-type': 'application/json' };

interface Webhook {
  readonly address: string;
  readonly method: 'GET' | 'POST';
}

/**
 * An inbound call: the answer request (twice when it fails), then the fallback address, then the leg's events. Nobody
 * answers for a number that points nowhere or is diverted.
 */
export async function placeCall(world: SimWorld, { from, to }: SimCall): Promise<SimAnswer> {
  const webhooks = webhooksOf(world, to, 'voice');
  const answerUrl = webhook(webhooks, 'answer_url');
  if (answerUrl === undefined) return UNREACHABLE;
  const call = {
    to: digits(to),
    ...(from !== '' && { from: digits(from) }),
    uuid: world.uuid(),
    conversation_uuid: `CON-${world.uuid()}`,
  };
  const hook = request(answerUrl, { ...call, region_url: 'https://api-eu-1.nexmo.com' });
  let answer = await world.deliver({ ...hook, topic: 'voice' });
  if (!isNcco(answer)) answer = await world.deliver({ ...hook, topic: 'voice' });
  const fallback = webhook(webhooks, 'fallback_answer_url');
  if (!isNcco(answer) && fallback !== undefined) {
    const reason = answer.status === 200 ? 'Invalid NCCO' : 'Connection closed.';
    answer = await world.deliver({ ...request(fallback, { ...call, reason }), topic: 'voice' });
  }
  tellEvents(world, webhook(webhooks, 'event_url'), call, isNcco(answer));
  return answer;
}

/** An inbound SMS through the Messages API. */
export async function sendMessage(world: SimWorld, sms: SimCall & { readonly text: string }): Promise<SimAnswer> {
  const inbound = webhook(webhooksOf(world, sms.to, 'messages'), 'inbound_url');
  if (inbound === undefined) return UNREACHABLE;
  const body = {
    channel: 'sms',
    message_uuid: world.uuid(),
    to: digits(sms.to),
    from: digits(sms.from),
    timestamp: world.clock.now().toISOString(),
    message_type: 'text',
    text: sms.text,
    usage: { currency: 'EUR', price: '0.0333' },
    sms: { num_messages: '1', keyword: sms.text.split(' ')[0]?.toUpperCase() ?? '' },
  };
  return world.deliver({ ...request(inbound, body), topic: 'message', retries: 3 });
}

/**
 * The token of a webhook: HS256 over the claims, with the hash of the body's bytes, or of the query as JSON. Voice
 * webhooks go unsigned while the application does not ask for signing, the check of a legacy SMS address always.
 */
export function signWebhook(world: SimWorld, hook: SimWebhook, at: Date): Readonly<Record<string, string>> {
  const isMessage = hook.topic === 'message';
  if (isMessage ? hook.method === 'GET' : !signsVoice(world)) return {};
  const query = new URL(hook.url, 'http://gateway').searchParams;
  const payload = hook.method === 'GET' ? JSON.stringify(Object.fromEntries(query)) : hook.body;
  const claims = {
    iat: Math.floor(at.getTime() / 1000),
    jti: world.uuid(),
    iss: 'Vonage',
    payload_hash: createHash('sha256').update(payload).digest('hex'),
    api_key: world.credentials['VONAGE_API_KEY'] ?? '',
    application_id: world.credentials['VONAGE_APPLICATION_ID'] ?? '',
  };
  const signed = `${segment({ alg: 'HS256', typ: 'JWT' })}.${segment(claims)}`;
  const secret = world.credentials['VONAGE_SIGNATURE_SECRET'] ?? '';
  const signature = createHmac('sha256', secret).update(signed).digest('base64url');
  return { authorization: `Bearer ${signed}.${signature}` };
}

function tellEvents(world: SimWorld, eventUrl: Webhook | undefined, call: JsonObject, isAnswered: boolean): void {
  if (eventUrl === undefined) return;
  const timestamp = world.clock.now().toISOString();
  const tell = (body: JsonObject) => world.notify({ ...request(eventUrl, body), topic: 'status', retries: 3 });
  const event = (status: string, more: JsonObject = {}) =>
    tell({ ...call, status, direction: 'inbound', timestamp, ...more });
  if (!isAnswered) {
    tell({ reason: 'Invalid NCCO', conversation_uuid: call['conversation_uuid'] ?? '', timestamp });
    return;
  }
  event('ringing');
  event('answered', { start_time: timestamp });
  const price = { duration: '7', rate: '0.00450000', price: '0.00052500', network: '23410' };
  event('completed', { ...price, start_time: timestamp, end_time: timestamp });
}

function webhooksOf(world: SimWorld, number: string, capability: 'voice' | 'messages'): JsonObject {
  const owned = world.numbers.find(number.startsWith('+') ? number : `+${number}`);
  if (owned?.state !== 'owned') return strayWebhooks(world);
  const { app_id: id, voiceCallbackType } = owned.data;
  const isDiverted = capability === 'voice' && (voiceCallbackType === 'sip' || voiceCallbackType === 'tel');
  if (typeof id !== 'string' || isDiverted) return {};
  const capabilities = fields(findApplication(world, id)?.['capabilities']);
  return fields(fields(capabilities[capability])['webhooks']);
}

/** What is called although this account does not own it. */
function strayWebhooks(world: SimWorld): JsonObject {
  const at = (kind: 'voice' | 'sms' | 'status'): JsonObject => {
    const address = strayUrl(world, kind);
    return address === undefined ? {} : { address, http_method: 'POST' };
  };
  return { answer_url: at('voice'), event_url: at('status'), inbound_url: at('sms') };
}

function signsVoice(world: SimWorld): boolean {
  const application = findApplication(world, world.credentials['VONAGE_APPLICATION_ID'] ?? '');
  const { voice } = fields(application?.['capabilities']);
  return voice === undefined || fields(voice)['signed_callbacks'] === true;
}

function webhook(webhooks: JsonObject, name: string): Webhook | undefined {
  const { address, http_method: method } = fields(webhooks[name]);
  if (typeof address !== 'string') return undefined;
  return { address, method: method === 'POST' ? 'POST' : 'GET' };
}

function request({ address, method }: Webhook, fieldsToSend: JsonObject): Omit<SimWebhook, 'topic'> {
  if (method === 'POST') return { url: address, method, headers: JSON_TYPE, body: JSON.stringify(fieldsToSend) };
  const url = new URL(address);
  for (const [name, value] of Object.entries(fieldsToSend)) url.searchParams.append(name, String(value));
  return { url: url.toString(), method, headers: {}, body: '' };
}

/** Whether the carrier would go on with this answer: 200 and a list of actions. */
function isNcco({ status, body }: SimAnswer): boolean {
  try {
    const actions: unknown = JSON.parse(body);
    return status === 200 && Array.isArray(actions) && actions.every((action) => 'action' in fields(action));
  } catch {
    return false;
  }
}

function fields(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function digits(number: string): string {
  return number.replace(/^\+/, '');
}

function segment(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
