import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { TenantId } from '../../functions/domain/ids.ts';
import { tenantScope } from '../../functions/platform/auth.ts';
import type { Tenant } from '../../functions/tenants/schema.ts';
import { findTenant, tenants } from '../../functions/tenants/store.ts';
import { type Gateway, startGateway } from '../../local/gateway.ts';
import { readSettings } from '../../local/settings.ts';
import type { View } from './room.ts';

const ACME = 'ten_00000000000000000000000001';
const EMAILS: Readonly<Record<string, string>> = {
  customer: 'customer@acme.example',
  admin: 'admin@acme.example',
  globex: 'admin@globex.example',
  cs: 'cs@numbergate.example',
  cs2: 'cs2@numbergate.example',
  operator: 'operator@numbergate.example',
};
interface Sent {
  readonly body?: unknown;
  readonly key?: string;
  readonly ifMatch?: string;
  readonly prefer?: string;
}
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: answers are judged by what the page says
  readonly json: any;
}
type Requirement = View['requirements'][number];
const PDF = new TextEncoder().encode('%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n');

/** One whole gateway with its simulated carriers for the tests of a file, spoken to by HTTP; its clock only goes forward. */
export function gatewayLab() {
  const dataDir = mkdtempSync(join(tmpdir(), 'numbergate-journey-'));
  const log: string[] = [];
  const tokens = new Map<string, string>();
  let gateway: Gateway | undefined;
  let keys = 0;
  beforeAll(async () => {
    const env = {
      PORT: '0',
      SIMULATORS_PORT: '0',
      DATA_DIR: dataDir,
      TEST_CLOCK: '1',
      RATE_LIMIT_PER_MINUTE: '1000000',
    };
    gateway = await startGateway({ settings: readSettings(env), env, logStream: { write: (text) => log.push(text) } });
  });
  afterAll(async () => {
    await gateway?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const running = (): Gateway => {
    if (!gateway) throw new Error('the gateway did not start');
    return gateway;
  };
  const post = async (url: string, body: unknown): Promise<Answer> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: answer.status, headers: answer.headers, json: await answer.json() };
  };
  const tokenOf = async (who: string): Promise<string> => {
    const known = tokens.get(who);
    if (known) return known;
    const signed = await post(`${running().url}/local/sign-in`, { email: EMAILS[who] });
    tokens.set(who, signed.json.accessToken);
    return signed.json.accessToken;
  };
  const ask = async (who: string, call: string, sent: Sent = {}): Promise<Answer> => {
    const [method = 'GET', path = '/'] = call.split(' ');
    keys += 1;
    const headers: Record<string, string> = {
      authorization: `Bearer ${await tokenOf(who)}`,
      ...(/^(cs|operator)/.test(who) ? { 'gateway-tenant': ACME } : {}),
      ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
      ...(method === 'POST' ? { 'idempotency-key': sent.key ?? `key-${keys}` } : {}),
      ...(sent.ifMatch === undefined ? {} : { 'if-match': sent.ifMatch }),
      ...(sent.prefer === undefined ? {} : { prefer: sent.prefer }),
    };
    const body = method === 'GET' ? {} : { body: JSON.stringify(sent.body ?? {}) };
    const answer = await fetch(running().url + path, { method, headers, ...body });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, json: text ? JSON.parse(text) : undefined };
  };
  const view = async (id: string, who = 'cs'): Promise<View> => (await ask(who, `GET /v1/number-requests/${id}`)).json;
  const upload = async (id: string, requirementId: string, bytes: Uint8Array = PDF, who = 'customer') => {
    const file = { kind: requirementId, fileName: 'paper.pdf', contentType: 'application/pdf', size: bytes.length };
    const announced = await ask(who, 'POST /v1/documents', { body: { ...file, numberRequestId: id, requirementId } });
    const { method, url, headers } = announced.json.upload;
    const put = await fetch(url, { method, headers, body: Buffer.from(bytes) });
    if (!put.ok) throw new Error(`upload ${put.status} ${await put.text()}`);
    return announced.json.id as string;
  };
  const answerTo = async (id: string, one: Requirement, country: string) => {
    if (one.kind === 'document') return { documentId: await upload(id, one.requirementId) };
    if (one.kind === 'text') return { value: 'Acme Ltd' };
    return { address: { lines: ['Am Markt 1'], city: 'Berlin', postalCode: '10115', country } };
  };
  return {
    ...{ ask, view, upload, log },
    get gateway() {
      return running();
    },
    control: (path: string, body: unknown) => post(`${running().simulatorsUrl}/_control/${path}`, body),
    /** Waits in real time for what follows by itself. */
    async until(id: string, isSo: (view: View) => boolean): Promise<View> {
      const end = performance.now() + 12_000;
      for (;;) {
        await running().idle();
        const now = await view(id);
        if (isSo(now)) return now;
        if (performance.now() > end) throw new Error(`it stayed ${now.state}: ${JSON.stringify(now)}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    /** The clock goes on; what falls due then has happened when this returns. */
    async advance(seconds: number): Promise<void> {
      await running().idle();
      await post(`${running().url}/local/clock`, { advanceSeconds: seconds });
      tokens.clear();
      await running().idle();
    },
    async mails(id: string): Promise<string[]> {
      const answer = await fetch(`${running().url}/local/mails?numberRequestId=${id}`);
      const { data } = (await answer.json()) as { data: { messageKey: string }[] };
      return data.map((mail) => mail.messageKey.slice(id.length + 1));
    },
    /** Hands in everything that is still missing or was rejected. */
    async handInAll(id: string, country = 'DE'): Promise<View> {
      const { requirements } = await view(id);
      for (const one of requirements.filter(({ state }) => state === 'missing' || state === 'rejected')) {
        const body = await answerTo(id, one, country);
        const put = await ask('customer', `PUT /v1/number-requests/${id}/requirements/${one.requirementId}`, { body });
        if (put.status !== 200) throw new Error(`${one.requirementId}: ${put.status} ${JSON.stringify(put.json)}`);
      }
      return view(id);
    },
    async acceptAll(id: string): Promise<Answer> {
      const { requirements } = await view(id);
      const received = requirements.filter(({ state }) => state === 'received');
      const documents = received.map((one) => ({ id: one.documentId ?? one.requirementId, verdict: 'accepted' }));
      return ask('cs', `POST /v1/number-requests/${id}/documents-review`, { body: { documents } });
    },
    async changeTenant(fields: Partial<Tenant>): Promise<void> {
      const { table, clock } = running();
      const tenant = await findTenant(table, tenantScope(TenantId.parse(ACME)));
      if (!tenant) throw new Error('no tenant');
      const actor = { kind: 'system', id: 'test', name: 'Test' } as const;
      await table.write(
        tenants.replace(tenant, { ...tenant, ...fields }, { action: 'changed', actor, at: clock.now() }).writes,
      );
    },
  };
}
