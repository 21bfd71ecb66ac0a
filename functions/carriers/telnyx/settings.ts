import { asE164 } from '../../domain/e164.ts';
import type { Written } from '../client.ts';
import type { Call, Outcome } from '../outcome.ts';
import type { NumberWebhooks, OwnedNumber } from '../port.ts';
import { notThere, type Placement } from './orders.ts';
import type { TelnyxApi } from './sdk.ts';
import { ApplicationReply, isOurs, MessagingReply, OwnedPage, OwnedReply, ProfileReply } from './wire.ts';

const PAGE = 250;
const DONE = { kind: 'done', value: undefined, refs: {} } as const;
const NOT_OWNED = { kind: 'refused', refusal: { class: 'CarrierRefused', code: 'not_owned' } } as const;
type End = Outcome<undefined>;

/**
 * The addresses are not on the number but on the TeXML application and the messaging profile it points to; one of each
 * serves all numbers. Each is read, compared and changed only where it differs. `ordersUrl` belongs to the account's
 * notification profile in the carrier's portal and is not reachable from here.
 */
export async function configure(
  api: TelnyxApi,
  numberId: string,
  wanted: NumberWebhooks,
  to: Placement,
  call: Call,
): Promise<End> {
  const steps = [
    () => ensureApplication(api, wanted, to, call),
    () => ensureProfile(api, wanted, to, call),
    () => ensureConnection(api, numberId, to, call),
    () => ensureMessaging(api, numberId, to, call),
  ];
  for (const step of steps) {
    const end = await step();
    if (end.kind !== 'done') return end;
  }
  return DONE;
}

async function ensureApplication(api: TelnyxApi, wanted: NumberWebhooks, to: Placement, call: Call): Promise<End> {
  const { data } = await readApplication(api, to, call);
  const set = {
    voice_url: wanted.voiceUrl,
    voice_method: 'post', // named: the documentation contradicts itself about the default, and a GET is signed without content
    voice_fallback_url: wanted.voiceFallbackUrl,
    status_callback: wanted.statusUrl,
    status_callback_method: 'post',
  } as const;
  const current = {
    ...data,
    voice_method: lower(data.voice_method),
    status_callback_method: lower(data.status_callback_method),
  };
  if (same(current, set)) return DONE;
  const body = { friendly_name: data.friendly_name ?? 'numbergate', ...set };
  return ended(
    await api.write(call, 'configure', ApplicationReply, (sdk) => sdk.texmlApplications.update(to.connectionId, body)),
  );
}

async function ensureProfile(api: TelnyxApi, wanted: NumberWebhooks, to: Placement, call: Call): Promise<End> {
  const { data } = await readProfile(api, to, call);
  const set = { webhook_url: wanted.smsUrl, webhook_api_version: '2' } as const;
  if (same(data, set)) return DONE;
  return ended(
    await api.write(call, 'configure', ProfileReply, (sdk) => sdk.messagingProfiles.update(to.messagingProfileId, set)),
  );
}

async function ensureConnection(api: TelnyxApi, id: string, to: Placement, call: Call): Promise<End> {
  const reply = await api.read(call, 'configure', OwnedReply, (sdk) => sdk.phoneNumbers.retrieve(id)).catch(notThere);
  if (!reply || !isOurs(reply.data)) return NOT_OWNED;
  const set = { connection_id: to.connectionId };
  if (same(reply.data, set)) return DONE;
  return ended(await api.write(call, 'configure', OwnedReply, (sdk) => sdk.phoneNumbers.update(id, set)));
}

/** A number without messaging has no such settings (404): nothing to point anywhere. */
async function ensureMessaging(api: TelnyxApi, id: string, to: Placement, call: Call): Promise<End> {
  const reply = await api
    .read(call, 'configure', MessagingReply, (sdk) => sdk.phoneNumbers.messaging.retrieve(id))
    .catch(notThere);
  const set = { messaging_profile_id: to.messagingProfileId };
  if (!reply || same(reply.data, set)) return DONE;
  return ended(await api.write(call, 'configure', MessagingReply, (sdk) => sdk.phoneNumbers.messaging.update(id, set)));
}

/** Everything the account owns, page by page, with the addresses each number's calls and messages really go to. */
export async function* listOwned(api: TelnyxApi, to: Placement, call: Call): AsyncGenerator<readonly OwnedNumber[]> {
  const { data: application } = await readApplication(api, to, call);
  const { data: profile } = await readProfile(api, to, call);
  const byConnection = {
    ...(application.voice_url && { voiceUrl: application.voice_url }),
    ...(application.voice_fallback_url && { voiceFallbackUrl: application.voice_fallback_url }),
    ...(application.status_callback && { statusUrl: application.status_callback }),
  };
  const byProfile = profile.webhook_url ? { smsUrl: profile.webhook_url } : {};
  for (let number = 1, last = 1; number <= last; number++) {
    const query = { 'page[number]': number, 'page[size]': PAGE };
    const page = await api.read(call, 'list_owned', OwnedPage, (sdk) => sdk.phoneNumbers.list(query));
    last = page.meta.total_pages;
    yield page.data.filter(isOurs).flatMap((record) => {
      const e164 = asE164(record.phone_number);
      if (e164 === undefined) return [];
      const webhooks = {
        ...(record.connection_id === to.connectionId && byConnection),
        ...(record.messaging_profile_id === to.messagingProfileId && byProfile),
      };
      const reference = record.customer_reference || undefined;
      return [{ number: e164, carrierNumberId: record.id, ...(reference && { reference }), webhooks }];
    });
  }
}

/** Gives the number back (200 with the number in the body); one that is already gone counts as done. */
export async function release(api: TelnyxApi, numberId: string, call: Call): Promise<End> {
  const answer = await api.write(call, 'release', OwnedReply, (sdk) => sdk.phoneNumbers.delete(numberId));
  if (answer.kind === 'refused' && answer.refusal.code === 'not_owned') return DONE;
  return ended(answer);
}

function readApplication(api: TelnyxApi, to: Placement, call: Call) {
  return api.read(call, 'configure', ApplicationReply, (sdk) => sdk.texmlApplications.retrieve(to.connectionId));
}
function readProfile(api: TelnyxApi, to: Placement, call: Call) {
  return api.read(call, 'configure', ProfileReply, (sdk) => sdk.messagingProfiles.retrieve(to.messagingProfileId));
}

function same(current: Readonly<Record<string, unknown>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => current[name] === value);
}
function lower(text: string | null | undefined): string | undefined {
  return text?.toLowerCase();
}
function ended<T>(answer: Written<T>): End {
  return answer.kind === 'answered' ? DONE : answer;
}
