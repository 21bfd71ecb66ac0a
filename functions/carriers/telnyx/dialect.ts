import type { Dialect, RawRequest } from '../inbound-port.ts';
import { parseCallStatus, parseVoice, readForm } from './call-events.ts';
import { parseJson } from './json-events.ts';
import { keyParser, verifySignature } from './signature.ts';
import { renderTexml } from './texml.ts';

/** Bounded, so it may outlive a request: parsing the key costs as much as verifying with it. */
const parseKey = keyParser();

/**
 * Telnyx inbound: calls by TeXML (a document answers; Call Control would need an outgoing command and so a carrier key
 * here), everything else as JSON events, both under one Ed25519 signature. `node:crypto` only.
 */
export const telnyxDialect: Dialect = {
  id: 'telnyx',

  verify(kind, request, secrets, { now }) {
    if (kind === 'voice' && !isForm(request)) return { ok: false, status: 403, reason: 'not a form post' };
    try {
      return verifySignature(request, secrets['TELNYX_PUBLIC_KEY'] ?? [], parseKey, now);
    } catch {
      return { ok: false, status: 403, reason: 'unreadable' };
    }
  },

  parse(kind, request) {
    if (kind === 'voice') return parseVoice(readForm(request));
    if (kind === 'status' && isForm(request)) return parseCallStatus(readForm(request));
    return parseJson(kind, request);
  },

  render: renderTexml,

  /** Events want exactly 200 and nothing else; a call wants a document. */
  acknowledge: (kind) => (kind === 'voice' ? renderTexml({ steps: [] }) : { status: 200, headers: {}, body: '' }),
};

function isForm(request: RawRequest): boolean {
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(request.headers['content-type'] ?? '');
}
