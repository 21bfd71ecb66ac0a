import { createHash, createHmac, randomUUID } from 'node:crypto';
import type { InboundSecrets, RawRequest } from '../../functions/carriers/inbound-port.ts';

export const NOW = new Date('2026-11-21T10:00:00.000Z');
export const SECRET = 'a-signature-secret-of-32-bytes-ok';
const API_KEY = 'abcd1234';
export const APPLICATION = 'aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab';
export const SECRETS: InboundSecrets = {
  VONAGE_SIGNATURE_SECRET: [SECRET],
  VONAGE_API_KEY: [API_KEY],
  VONAGE_APPLICATION_ID: [APPLICATION],
};
export const ANSWER = {
  to: '447700900000',
  from: '447700900001',
  uuid: 'aaaaaaaa-bbbb-cccc-dddd-0123456789ab',
  conversation_uuid: 'CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab',
  region_url: 'https://api-eu-1.nexmo.com',
};

export const segment = (value: object | string): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
export const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

export function claimsFor(payload: string, more: object = {}): object {
  return {
    iat: Math.floor(NOW.getTime() / 1000),
    jti: randomUUID(),
    iss: 'Vonage',
    payload_hash: hash(payload),
    api_key: API_KEY,
    application_id: APPLICATION,
    ...more,
  };
}

export function tokenOf(
  claims: object,
  header: object | string = { alg: 'HS256', typ: 'JWT' },
  secret = SECRET,
): string {
  const signed = `${segment(header)}.${segment(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

export function post(body: string, authorization?: string): RawRequest {
  return {
    method: 'POST',
    path: '/inbound/vonage/voice',
    query: '',
    headers: { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) },
    body: new TextEncoder().encode(body),
  };
}

export function get(query: string, authorization: string): RawRequest {
  return {
    method: 'GET',
    path: `/inbound/vonage/voice?${query}`,
    query,
    headers: { authorization },
    body: new Uint8Array(),
  };
}

/** A genuine POST of this content. */
export function genuine(content: object = ANSWER, more: object = {}): RawRequest {
  const body = JSON.stringify(content);
  return post(body, `Bearer ${tokenOf(claimsFor(body, more))}`);
}
