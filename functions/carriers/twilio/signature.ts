import { createHmac, timingSafeEqual } from 'node:crypto';
import type { InboundKind, InboundSecrets, RawRequest, Verdict } from '../inbound-port.ts';
import { type Form, readForm } from './form.ts';

const MAX_BODY = 262_144;
const SIGNATURE = /^[A-Za-z0-9+/]{27}=$/;
const CALL = /^CA[0-9a-f]{32}$/;
const MESSAGE = /^(?:SM|MM)[0-9a-f]{32}$/;
const BUNDLE = /^BU[0-9a-fA-F]{32}$/;
/** A number in any notation, or a SIP address. */
const PARTY = /^(?: ?\+?[0-9][0-9 ().-]{1,30}|(?:sips?|tel):[A-Za-z0-9+%._~!$&'()*,;=:@/?-]{1,255})$/;
/** Callers may also hide, be clients of the account, or (texts) have a name of up to eleven characters. */
const CALLER = /^(?:|(?:client|whatsapp|messenger|rcs):[A-Za-z0-9+_.@:-]{1,255}|[A-Za-z][A-Za-z0-9 ._&+-]{0,19})$/;
/** Fields that are often there without a value, which is where two names can be run into one under the same signature. */
const PLACE = /(?:From|To|Called|Caller)(?:City|State|Zip|Country)/;

/**
 * Verifies Twilio's signature: base64 of HMAC-SHA1 over the configured address and the sorted fields (reliability §5).
 * The address comes from `publicUrl` and the path as received, with and without the port, and in no other variant.
 * Twilio signs no time: a replay passes here and is harmless by CallSid and step.
 */
export function verifySignature(
  kind: InboundKind,
  request: RawRequest,
  secrets: InboundSecrets,
  publicUrl: string,
): Verdict {
  const accounts = usable(secrets, 'TWILIO_ACCOUNT_SID');
  const tokens = usable(secrets, 'TWILIO_AUTH_TOKEN');
  if (accounts.length === 0 || tokens.length === 0) return { ok: false, status: 503, reason: 'no secret configured' };

  const signature = request.headers['x-twilio-signature'];
  if (signature === undefined) return refuse('no signature');
  if (!SIGNATURE.test(signature)) return refuse('malformed signature');
  const shape = shapeProblem(kind, request);
  if (shape !== undefined) return refuse(shape);
  const form = readForm(request.body);
  if (form === undefined) return refuse('malformed form');
  const field = fieldProblem(kind, form, accounts);
  if (field !== undefined) return refuse(field);

  return isSigned(signature, addresses(publicUrl, request.path), form, tokens) ? { ok: true } : refuse('bad signature');
}

function refuse(reason: string): Verdict {
  return { ok: false, status: 403, reason };
}

function usable(secrets: InboundSecrets, name: string): readonly string[] {
  return (secrets[name] ?? []).filter((version) => version.trim() !== '');
}

/** All that can be said before the body is read. The path is pinned, or signed fields could be moved into it. */
function shapeProblem(kind: InboundKind, request: RawRequest): string | undefined {
  if (request.method !== 'POST') return 'not a POST';
  if (request.body.byteLength > MAX_BODY) return 'body too large';
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') return 'not a form';
  const path = request.path.split('?', 1)[0] ?? '';
  return path.endsWith(`/inbound/twilio/${kind}`) ? undefined : 'another path';
}

function fieldProblem(kind: InboundKind, form: Form, accounts: readonly string[]): string | undefined {
  const account = form.get('AccountSid');
  if (account === undefined ? kind !== 'orders' : !accounts.includes(account)) return 'another account';
  if (isRunTogether(form)) return 'names run together';
  switch (kind) {
    case 'voice':
      return has(form, 'CallSid', CALL) ? partyProblem(form) : 'malformed CallSid';
    case 'status':
      return has(form, 'CallSid', CALL) || has(form, 'MessageSid', MESSAGE) ? partyProblem(form) : 'malformed CallSid';
    case 'sms':
      return has(form, 'MessageSid', MESSAGE) ? partyProblem(form) : 'malformed MessageSid';
    case 'orders':
      // The field names of a bundle's callback are not documented in full: the id is what counts.
      return bundleOf(form) === undefined ? 'no bundle named' : undefined;
    default:
      return kind satisfies never;
  }
}

/** A place's name inside another name, or as another place's value: `FromCity=` and `FromState=X` read as one. */
function isRunTogether(form: Form): boolean {
  for (const [name, value] of form) {
    const place = PLACE.exec(name)?.[0];
    if (place !== undefined && (place !== name || PLACE.test(value))) return true;
  }
  return false;
}

function has(form: Form, name: string, rule: RegExp): boolean {
  const value = form.get(name);
  return value !== undefined && rule.test(value);
}

function partyProblem(form: Form): string | undefined {
  if (!has(form, 'To', PARTY)) return 'malformed To';
  return has(form, 'From', PARTY) || has(form, 'From', CALLER) ? undefined : 'malformed From';
}

/** The bundle a callback speaks of: `BundleSid`, or else the one field that holds a bundle's id. */
export function bundleOf(form: Form): string | undefined {
  const named = form.get('BundleSid');
  if (named !== undefined) return BUNDLE.test(named) ? named : undefined;
  const ids = [...new Set([...form.values()].filter((value) => BUNDLE.test(value)))];
  return ids.length === 1 ? ids[0] : undefined;
}

/** The configured address without and with its port: Twilio has signed both forms. */
function addresses(publicUrl: string, path: string): readonly string[] {
  const parts = /^(https?):\/\/([^/:?#@]+)(?::(\d{1,5}))?(\/[^?#]*)?$/i.exec(publicUrl);
  if (!parts) return [];
  const [, scheme = '', host = '', port, base = ''] = parts;
  const standard = scheme.toLowerCase() === 'https' ? '443' : '80';
  const rest = base.replace(/\/$/, '') + path;
  const bare = `${scheme}://${host}${rest}`;
  const ported = `${scheme}://${host}:${port ?? standard}${rest}`;
  return port === undefined ? [bare, ported] : [ported, bare];
}

function isSigned(signature: string, urls: readonly string[], form: Form, tokens: readonly string[]): boolean {
  let fields = '';
  for (const name of [...form.keys()].sort()) fields += name + form.get(name);
  // Compared as text: base64 has four spellings of the same twenty bytes, and only one is what was sent.
  const given = Buffer.from(signature, 'latin1');
  for (const token of tokens) {
    for (const url of urls) {
      const expected = createHmac('sha1', token)
        .update(url + fields, 'utf8')
        .digest('base64');
      if (timingSafeEqual(given, Buffer.from(expected, 'latin1'))) return true;
    }
  }
  return false;
}
