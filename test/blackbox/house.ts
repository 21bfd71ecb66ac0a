import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { type Gateway, startGateway } from '../../local/gateway.ts';
import { readSettings } from '../../local/settings.ts';
import {
  type Asks,
  EMAILS,
  type Json,
  key,
  type Person,
  type Reply,
  type Sent,
  type Speaker,
  speaker,
} from './speaker.ts';

export { EMAILS, expectProblem, type Json, key, type Person, type Reply, type Sent } from './speaker.ts';

export interface House extends Speaker {
  readonly gateway: Gateway;
  readonly url: string;
  readonly simulators: string;
  readonly dataDir: string;
  readonly log: string[];
  /** Ids as the gateway told them at sign-in. */
  readonly acme: string;
  readonly globex: string;
  readonly ids: Readonly<Record<Person, string>>;
  /** Moves the test clock on. */
  advance(seconds: number): Promise<void>;
  token(email: string): Promise<string>;
  close(): Promise<void>;
}

/** A whole gateway of its own, spoken to by HTTP only. */
export async function openHouse(more: Readonly<Record<string, string>> = {}): Promise<House> {
  const dataDir = mkdtempSync(join(tmpdir(), 'numbergate-blackbox-'));
  const env = { PORT: '0', SIMULATORS_PORT: '0', DATA_DIR: dataDir, TEST_CLOCK: '1', RATE_LIMIT_PER_MINUTE: '1000000' };
  const set = { ...env, ...more };
  const log: string[] = [];
  const logStream = { write: (text: string) => log.push(text) };
  const gateway = await startGateway({ settings: readSettings(set), env: set, logStream });
  const tokens = new Map<string, string>();
  let age = 0;
  const signIn = async (email: string) => {
    const body = JSON.stringify({ email });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${gateway.url}/local/sign-in`, { method: 'POST', headers, body });
    const signed = (await answer.json()) as { accessToken: string; user: { id: string; tenantId?: string } };
    tokens.set(email, signed.accessToken);
    return signed;
  };
  const token = async (email: string) => tokens.get(email) ?? (await signIn(email)).accessToken;
  const first = await Promise.all(Object.values(EMAILS).map(signIn));
  const names = Object.keys(EMAILS) as Person[];
  const ids = Object.fromEntries(names.map((name, at) => [name, first[at]?.user.id ?? ''])) as Record<Person, string>;
  const acme = first[1]?.user.tenantId ?? '';
  const simulators = gateway.simulatorsUrl ?? '';
  const { ask, control } = speaker({ url: gateway.url, simulators, token, tenantOfStaff: acme });
  return {
    ...{ gateway, url: gateway.url, simulators, dataDir, log, acme, globex: first[2]?.user.tenantId ?? '', ids },
    ...{ ask, control, token },
    async advance(seconds) {
      const moved = await ask('POST /local/clock', { body: { advanceSeconds: seconds } });
      expect(moved.status).toBe(200);
      // Tokens live for an hour.
      age += seconds;
      if (age < 1800) return;
      tokens.clear();
      age = 0;
    },
    async close() {
      await gateway.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A number request filed and held until it is final or waits for a person. */
export async function file(house: Asks, body: Json, as: Sent['as'] = 'customer', seconds = 10): Promise<Reply> {
  const reply = await house.ask('POST /v1/number-requests', { as, body, key: key(), prefer: `wait=${seconds}` });
  expect(reply.status, reply.text).toBe(202);
  return reply;
}
export const show = (house: Asks, id: string, as: Sent['as'] = 'admin'): Promise<Reply> =>
  house.ask(`GET /v1/number-requests/${id}`, { as });

/** Reads a request again until it is as wanted. */
export function until(
  house: Asks,
  id: string,
  wanted: string | ((json: Reply['json']) => boolean),
  as: Sent['as'] = 'admin',
): Promise<Reply> {
  const holds = typeof wanted === 'string' ? (json: Reply['json']) => json.state === wanted : wanted;
  return vi.waitFor(
    async () => {
      const reply = await show(house, id, as);
      if (!holds(reply.json))
        throw new Error(`it is ${reply.json.state}, waiting for ${reply.json.waitingFor}: ${reply.text}`);
      return reply;
    },
    { timeout: house.patienceMs ?? 12_000, interval: 30 },
  );
}

/** Like `until`, but moves the clock on where nothing is under way, instead of waiting. */
export async function hurry(house: House, id: string, wanted: (json: Reply['json']) => boolean): Promise<Reply> {
  for (let turn = 0; ; turn++) {
    const reply = await show(house, id);
    if (wanted(reply.json)) return reply;
    if (turn >= 60) throw new Error(`it is ${reply.json.state}, waiting for ${reply.json.waitingFor}: ${reply.text}`);
    await house.gateway.idle();
    await house.advance(turn < 10 ? 2 : 90);
  }
}

/** Hands in a paper: announced, uploaded, checked. */
export async function upload(house: Asks, as: Sent['as'], more: Json = {}): Promise<Reply> {
  const bytes = new TextEncoder().encode(`%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n`);
  const body = { kind: 'identity', fileName: 'paper.pdf', contentType: 'application/pdf', size: bytes.length, ...more };
  const made = await house.ask('POST /v1/documents', { as, body, key: key() });
  expect(made.status, made.text).toBe(201);
  const { method, url, headers } = made.json.upload;
  const put = await fetch(url, { method, headers, body: bytes });
  expect(put.ok).toBe(true);
  return made;
}
