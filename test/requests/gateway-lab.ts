import { afterAll, beforeAll } from 'vitest';
import { TenantId } from '../../functions/domain/ids.ts';
import { tenantScope } from '../../functions/platform/auth.ts';
import type { Tenant } from '../../functions/tenants/schema.ts';
import { findTenant, tenants } from '../../functions/tenants/store.ts';
import { type House, key, openHouse, type Reply } from '../blackbox/house.ts';
import type { View } from './room.ts';

interface Sent {
  readonly body?: unknown;
  readonly key?: string;
  readonly ifMatch?: string;
  readonly prefer?: string;
}
type Requirement = View['requirements'][number];
const PDF = new TextEncoder().encode('%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n');

/** One whole gateway with its simulated carriers for the tests of a file, spoken to by HTTP; its clock only goes forward. */
export function gatewayLab() {
  let opened: House | undefined;
  beforeAll(async () => {
    opened = await openHouse();
  });
  afterAll(() => opened?.close());
  const house = (): House => {
    if (!opened) throw new Error('the gateway did not start');
    return opened;
  };
  /** `POST /v1/number-requests` as one of the ready-made people; every POST with a key, everything but GET with a body. */
  const ask = (who: string, call: string, sent: Sent = {}): Promise<Reply> =>
    house().ask(call, {
      ...{ as: who, ...sent },
      ...(call.startsWith('GET ') ? {} : { body: sent.body ?? {} }),
      ...(call.startsWith('POST ') ? { key: sent.key ?? key() } : {}),
    });
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
    ...{ ask, view, upload },
    get gateway() {
      return house().gateway;
    },
    control: (path: string, body: unknown) => house().control(`POST ${path}`, body),
    /** Waits in real time for what follows by itself. */
    async until(id: string, isSo: (view: View) => boolean): Promise<View> {
      const end = performance.now() + 12_000;
      for (;;) {
        await house().gateway.idle();
        const now = await view(id);
        if (isSo(now)) return now;
        if (performance.now() > end) throw new Error(`it stayed ${now.state}: ${JSON.stringify(now)}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    /** The clock goes on; what falls due then has happened when this returns. */
    async advance(seconds: number): Promise<void> {
      await house().gateway.idle();
      await house().advance(seconds);
      await house().gateway.idle();
    },
    async mails(id: string): Promise<string[]> {
      const { json } = await house().ask(`GET /local/mails?numberRequestId=${id}`);
      return json.data.map((mail: { messageKey: string }) => mail.messageKey.slice(id.length + 1));
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
    async acceptAll(id: string): Promise<Reply> {
      const { requirements } = await view(id);
      const received = requirements.filter(({ state }) => state === 'received');
      const documents = received.map((one) => ({ id: one.documentId ?? one.requirementId, verdict: 'accepted' }));
      return ask('cs', `POST /v1/number-requests/${id}/documents-review`, { body: { documents } });
    },
    async changeTenant(fields: Partial<Tenant>): Promise<void> {
      const { table, clock } = house().gateway;
      const tenant = await findTenant(table, tenantScope(TenantId.parse(house().acme)));
      if (!tenant) throw new Error('no tenant');
      const actor = { kind: 'system', id: 'test', name: 'Test' } as const;
      await table.write(
        tenants.replace(tenant, { ...tenant, ...fields }, { action: 'changed', actor, at: clock.now() }).writes,
      );
    },
  };
}
