import { expect } from 'vitest';

export const EMAILS = {
  customer: 'customer@acme.example',
  admin: 'admin@acme.example',
  globex: 'admin@globex.example',
  cs: 'cs@numbergate.example',
  cs2: 'cs2@numbergate.example',
  operator: 'operator@numbergate.example',
} as const;
export type Person = keyof typeof EMAILS;
const STAFF: readonly string[] = ['cs', 'cs2', 'operator'];

export type Json = Record<string, unknown>;
export interface Sent {
  /** Who asks; `nobody` (default) sends no credential. Any other text is an e-mail address. */
  readonly as?: Person | 'nobody' | (string & {}) | undefined;
  readonly body?: unknown;
  /** The body as it goes over the wire, instead of `body`. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly key?: string;
  readonly ifMatch?: string;
  readonly prefer?: string;
  /** Gateway-Tenant; staff act for the first tenant unless `false`. */
  readonly tenant?: string | false;
  readonly headers?: Readonly<Record<string, string>>;
}
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly type: string;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers are judged by what the page says, not by types of ours
  readonly json: any;
}
export interface Asks {
  /** Milliseconds a request may take to come where it is waited for; default 12,000. */
  readonly patienceMs?: number;
  /** `GET /v1/me`, at the gateway. */
  ask(call: string, sent?: Sent): Promise<Reply>;
}
export interface Speaker extends Asks {
  /** `POST telnyx/faults`, at the simulators' `_control`. */
  control(call: string, body?: unknown): Promise<Reply>;
}
interface Places {
  readonly url: string;
  readonly simulators: string;
  /** An access token of the person with this e-mail address. */
  token(email: string): Promise<string>;
  /** For whom staff act where a call names nobody. */
  readonly tenantOfStaff: string;
}

/** Speaks to a gateway and its carriers' simulators by their addresses only, wherever they run. */
export function speaker({ url, simulators, token, tenantOfStaff }: Places): Speaker {
  return {
    async ask(call, sent = {}) {
      const [method = 'GET', path = '/'] = call.split(' ');
      const { as = 'nobody' } = sent;
      const email = EMAILS[as as Person] ?? as;
      const tenant = sent.tenant ?? (STAFF.includes(as) ? tenantOfStaff : false);
      const body = sent.raw ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
      const headers: Record<string, string> = {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(as === 'nobody' ? {} : { authorization: `Bearer ${await token(email)}` }),
        ...(tenant === false ? {} : { 'gateway-tenant': tenant }),
        ...(sent.key === undefined ? {} : { 'idempotency-key': sent.key }),
        ...(sent.ifMatch === undefined ? {} : { 'if-match': sent.ifMatch }),
        ...(sent.prefer === undefined ? {} : { prefer: sent.prefer }),
        ...sent.headers,
      };
      const asked = { method, headers, redirect: 'manual' as const, ...(body === undefined ? {} : { body }) };
      return read(await fetch(url + path, asked));
    },
    async control(call, body) {
      const [method = 'GET', path = ''] = call.split(' ');
      const headers = { 'content-type': 'application/json' };
      const sent = body === undefined ? {} : { headers, body: JSON.stringify(body) };
      return read(await fetch(`${simulators}/_control/${path}`, { method, ...sent }));
    },
  };
}

async function read(answer: Response): Promise<Reply> {
  const text = await answer.text();
  const type = (answer.headers.get('content-type') ?? '').split(';', 1)[0] ?? '';
  return { status: answer.status, headers: answer.headers, type, text, json: type.endsWith('json') ? parse(text) : {} };
}
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

let counter = 0;
/** A fresh idempotency key. */
export const key = (): string => `k-${process.pid}-${++counter}`;

/** A refusal as RFC 9457 and the conventions have it. */
export function expectProblem(reply: Reply, status: number, code?: string): void {
  expect({ status: reply.status, code: reply.json.code, detail: reply.text.slice(0, 300) }).toMatchObject({
    status,
    ...(code === undefined ? {} : { code }),
  });
  expect(reply.type).toBe('application/problem+json');
  const { type, title, detail, instance, requestId } = reply.json;
  expect(reply.json.status).toBe(status);
  for (const text of [type, title, detail, instance, requestId, reply.json.code])
    expect(text).toEqual(expect.any(String));
  expect(requestId).toBe(reply.headers.get('request-id'));
  if (status !== 429) expect(type).toMatch(new RegExp(`/problems/${reply.json.code}$`));
}
