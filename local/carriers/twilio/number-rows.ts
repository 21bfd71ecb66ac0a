import type { JsonObject, SimNumber, SimWorld } from '../kernel/simulator-port.ts';

/** What is kept with an owned number, under the names of the wire. */
interface OwnedData extends JsonObject {
  readonly sid: string;
  readonly date_created: string;
  readonly date_updated: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** Settings of a number: form field, wire name, and what holds when it was never set. */
const SETTINGS = [
  ['VoiceUrl', 'voice_url', ''],
  ['VoiceMethod', 'voice_method', 'POST'],
  ['VoiceFallbackUrl', 'voice_fallback_url', ''],
  ['VoiceFallbackMethod', 'voice_fallback_method', 'POST'],
  ['VoiceApplicationSid', 'voice_application_sid', null],
  ['StatusCallback', 'status_callback', ''],
  ['StatusCallbackMethod', 'status_callback_method', 'POST'],
  ['SmsUrl', 'sms_url', ''],
  ['SmsMethod', 'sms_method', 'POST'],
  ['SmsFallbackUrl', 'sms_fallback_url', ''],
  ['SmsFallbackMethod', 'sms_fallback_method', 'POST'],
  ['SmsApplicationSid', 'sms_application_sid', null],
  ['TrunkSid', 'trunk_sid', null],
  ['AddressSid', 'address_sid', null],
  ['BundleSid', 'bundle_sid', null],
  ['IdentitySid', 'identity_sid', null],
  ['VoiceReceiveMode', 'voice_receive_mode', 'voice'],
] as const;
const URLS = ['VoiceUrl', 'VoiceFallbackUrl', 'StatusCallback', 'SmsUrl', 'SmsFallbackUrl'];

/** Settings a form names, by wire name. */
export function settingsOf(form: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const named = SETTINGS.filter(([field]) => form[field] !== undefined);
  return Object.fromEntries(named.map(([field, wire]) => [wire, form[field] ?? '']));
}

/** The first field of a form that is no address but should be one. */
export function badUrl(form: Readonly<Record<string, string>>): string | undefined {
  return URLS.find((field) => form[field] !== undefined && form[field] !== '' && !/^https?:\/\/./.test(form[field]));
}

export function ownedData(number: SimNumber): OwnedData {
  return number.data as unknown as OwnedData;
}

/** A setting as Twilio would use it now; empty when there is none. */
export function settingOf(number: SimNumber, wire: string): string {
  return ownedData(number).settings[wire] ?? '';
}

export function ownedRow(world: SimWorld, number: SimNumber): JsonObject {
  const account = world.credentials['TWILIO_ACCOUNT_SID'] ?? '';
  const data = ownedData(number);
  const settings = SETTINGS.map(([, wire, unset]) => [wire, data.settings[wire] || unset]);
  return {
    sid: data.sid,
    account_sid: account,
    friendly_name: number.reference ?? number.number,
    phone_number: number.number,
    origin: 'twilio',
    status: 'in-use',
    type: number.type.replace('_', '-'),
    api_version: '2010-04-01',
    beta: false,
    capabilities: capabilities(number, (name) => name),
    address_requirements: 'none',
    voice_caller_id_lookup: false,
    emergency_status: 'Inactive',
    emergency_address_sid: null,
    emergency_address_status: 'unregistered',
    date_created: data.date_created,
    date_updated: data.date_updated,
    uri: `/2010-04-01/Accounts/${account}/IncomingPhoneNumbers/${data.sid}.json`,
    ...Object.fromEntries(settings),
  };
}

export function availableRow(number: SimNumber): JsonObject {
  const isAmerican = number.country === 'US' || number.country === 'CA';
  return {
    friendly_name: number.number,
    phone_number: number.number,
    lata: null,
    locality: number.locality === '' ? null : number.locality,
    rate_center: isAmerican ? number.locality.toUpperCase() : null,
    latitude: null,
    longitude: null,
    region: isAmerican ? number.region : null, // given for the United States and Canada only
    postal_code: null,
    iso_country: number.country,
    address_requirements: 'none',
    beta: false,
    // Upper case here, lower case on owned numbers: so it is on the wire.
    capabilities: capabilities(number, (name) => (name === 'voice' ? name : name.toUpperCase())),
  };
}

function capabilities(number: SimNumber, spell: (name: string) => string): JsonObject {
  const names = ['voice', 'sms', 'mms', 'fax'] as const;
  return Object.fromEntries(names.map((name) => [spell(name), number.features.includes(name)]));
}

/** Dates of the 2010 interface are RFC 2822. */
export function rfc2822(at: Date): string {
  return at.toUTCString().replace('GMT', '+0000');
}
