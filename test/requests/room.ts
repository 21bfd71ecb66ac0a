import type { Hono } from 'hono';
import { gatewayApp } from '../../functions/api/app.ts';
import { MANIFESTS } from '../../functions/carriers/manifests.ts';
import type { Manifest } from '../../functions/carriers/port.ts';
import { bindCompliance } from '../../functions/compliance/api.ts';
import { bindBundles } from '../../functions/compliance/api-bundles.ts';
import { complianceTasks } from '../../functions/compliance/tasks.ts';
import { checkDocument } from '../../functions/compliance/upload-store.ts';
import type { ApiDeps } from '../../functions/contract/api-deps.ts';
import { NotSignedIn } from '../../functions/domain/errors.ts';
import { RequestId, TenantId } from '../../functions/domain/ids.ts';
import type { SweepDeps } from '../../functions/jobs/sweep.ts';
import { sweep } from '../../functions/jobs/sweep.ts';
import { type Principal, tenantScope } from '../../functions/platform/auth.ts';
import { onTask } from '../../functions/platform/on-task.ts';
import type { Key, Table, Write } from '../../functions/platform/table.ts';
import { bindRequestRoom } from '../../functions/requests/bind-all.ts';
import type { BuyDeps } from '../../functions/requests/buy-deps.ts';
import { requestDue, taskDue } from '../../functions/requests/due.ts';
import { endedBadly } from '../../functions/requests/ended-badly.ts';
import { goOnIfDead } from '../../functions/requests/go-on.ts';
import { readIntents } from '../../functions/requests/intent-store.ts';
import { carrierTasks, requestTasks } from '../../functions/requests/tasks.ts';
import type { NumberRequestView } from '../../functions/requests/view-schema.ts';
import type { Tenant } from '../../functions/tenants/schema.ts';
import { findTenant, tenants } from '../../functions/tenants/store.ts';
import { badEndWrites } from '../../local/bad-end.ts';
import { testClock } from '../../local/engine/clock.ts';
import { listMails, localMailer } from '../../local/engine/mailer.ts';
import { openTable } from '../../local/engine/table.ts';
import { readMachines } from '../../local/engine/workflows/machine-files.ts';
import { createWorkflows } from '../../local/engine/workflows/workflows.ts';
import { listPeople, seedPeople } from '../../local/people.ts';
import { outboxPump } from '../../local/pump.ts';
import type { Reply } from '../blackbox/speaker.ts';
import { type ScriptedCarrier, scriptedCarriers } from './scripted-carrier.ts';

const ISSUER = 'https://issuer.example';
export const ACME = TenantId.parse('ten_00000000000000000000000001');

export interface RoomOptions {
  readonly carriers: (clock: ReturnType<typeof testClock>) => readonly ScriptedCarrier[];
  /** Carriers beside those built in. */
  readonly manifests?: readonly Manifest[];
  /** Runs every state twice and keeps the second answer, as after a crash between doing and saving (P5). */
  readonly twice?: boolean;
  /** May throw instead of, or change, what is written by states and calls. */
  readonly onWrite?: (writes: readonly Write[]) => void;
  /** The engine tells of executions that end badly, as in the gateway; else the test does. */
  readonly tellsBadEnds?: boolean;
  /** May throw instead of what is read by states and calls. */
  readonly onRead?: (key: Key) => void;
}
export type Sent = {
  readonly body?: unknown;
  readonly key?: string;
  readonly ifMatch?: string;
  readonly prefer?: string;
  readonly tenant?: string | false;
};
type Answer = Pick<Reply, 'status' | 'headers' | 'json'>;
export type View = NumberRequestView & { readonly code?: string };

/** The whole room in one process: real table, engine, outbox and HTTP interface; scripted carriers, a still clock. */
export async function openRoom(options: RoomOptions) {
  const clock = testClock(new Date('2026-11-20T10:00:00.000Z'));
  const facts = { most: 0, errors: [] as string[] };
  const late = { wrote: (_: readonly Write[]): void => undefined, quiet: false };
  const stored = openTable({ path: ':memory:', clock, onWrite: (writes) => late.quiet || late.wrote(writes) });
  const table: Table = {
    async get(key, how) {
      options.onRead?.(key);
      return stored.get(key, how);
    },
    query: stored.query,
    queryIndex: stored.queryIndex,
    async write(writes) {
      facts.most = Math.max(facts.most, writes.length);
      options.onWrite?.(writes);
      return stored.write(writes);
    },
  };
  const note = (event: string, error?: unknown) => facts.errors.push(`${event}: ${String(error)}`);
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (event: string, error: unknown) => note(event, error),
  };
  const functions = new Map<string, (event: unknown) => Promise<unknown>>();
  const workflows = createWorkflows({
    ...{ table: stored, clock, log: log as never, machines: readMachines(), random: () => 1 },
    ...(options.tellsBadEnds ? { withBadEnd: badEndWrites } : {}),
    async invoke(name, payload) {
      const call = async () => functions.get(name)?.(JSON.parse(JSON.stringify(payload)));
      if (options.twice) await call();
      return call();
    },
  });
  const all = options.carriers(clock);
  const carriers = scriptedCarriers(all);
  const files = new Map<string, Uint8Array>();
  const deps: BuyDeps = {
    ...{ table, clock, log: log as never, workflows, carriers },
    mailer: localMailer({ table: stored, clock }),
    blobs: {
      uploadLink: async (key) => ({
        method: 'PUT',
        url: `https://files.example/${key}`,
        headers: {},
        expiresAt: clock.now().toISOString(),
      }),
      downloadLink: async (key) => ({ url: `https://files.example/${key}`, expiresAt: clock.now().toISOString() }),
      read: async (key) => files.get(key),
      facts: async (key) =>
        files.get(key) && { size: files.get(key)?.length ?? 0, contentType: 'application/pdf', sha256: 'ab' },
      remove: async (key) => void files.delete(key),
    },
    secrets: { read: async () => ['secret'], find: async () => ['secret'] },
    settings: {
      ...{ engine: 'local', version: '0', publicUrl: 'https://gateway.example', csMail: 'cs@numbergate.example' },
      ...{ sipDomain: 'sip.example', rateLimitPerMinute: 1e6, searchDeadlineMs: 1000 },
    },
  };
  functions.set('carriers', onTask([...carrierTasks, ...complianceTasks], deps));
  functions.set('requests', onTask([...requestTasks], deps));
  const jobs: SweepDeps = {
    ...deps,
    checkDocument: async (...document) => void (await checkDocument(deps, ...document)),
    requestDue: (tenantId, id) => requestDue(deps, tenantId, id),
    taskDue: (id) => taskDue(deps, id),
    goOnIfDead: (id) => goOnIfDead(deps, id),
    endedBadly: (end) => endedBadly(deps, end),
  };
  const pump = outboxPump(() => jobs);
  late.wrote = pump.wrote;
  await seedPeople({ table: stored, clock }, ISSUER);
  const people = new Map<string, Principal>();
  for (const person of await listPeople(stored)) {
    const [name = '', company = ''] = person.email.split('@');
    people.set(company.startsWith('globex') ? 'globex' : name, person as unknown as Principal);
  }
  const api: ApiDeps = {
    ...deps,
    async authenticate(bearer) {
      const person = people.get(bearer ?? '');
      if (!person) throw new NotSignedIn({ code: 'invalid_token', detail: 'nobody' });
      return { ...person, kind: 'person' };
    },
    quota: () => ({ limit: 1, remaining: 1, resetSeconds: 1, exceeded: false }),
    tenantExists: async (id) => (await findTenant(stored, tenantScope(id))) !== undefined,
    cursorKey: new Uint8Array(32),
    ready: {} as ApiDeps['ready'],
  };
  const manifests = [...MANIFESTS, ...(options.manifests ?? [])];
  const bundles = (on: Hono, given: ApiDeps) => bindBundles(on, { ...given, manifests });
  const app = gatewayApp(api, [bindRequestRoom, bindCompliance, bundles]);
  const settle = async (): Promise<void> => {
    for (let round = 0; round < 3; round++) {
      await pump.idle();
      await workflows.idle();
    }
  };
  let keys = 0;
  /** `POST /v1/number-requests` as one of the ready-made people: customer, admin, globex, cs, cs2, operator. */
  const ask = async (who: string, call: string, sent: Sent = {}): Promise<Answer> => {
    const [method = 'GET', path = '/'] = call.split(' ');
    const staff = who === 'cs' || who === 'cs2' || who === 'operator';
    const tenant = sent.tenant ?? (staff ? ACME : false);
    keys += 1;
    const headers: Record<string, string> = {
      authorization: `Bearer ${who}`,
      ...(tenant === false ? {} : { 'gateway-tenant': tenant }),
      ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
      ...(method === 'POST' ? { 'idempotency-key': sent.key ?? `key-${keys}` } : {}),
      ...(sent.prefer === undefined ? {} : { prefer: sent.prefer }),
      ...(sent.ifMatch === undefined ? {} : { 'if-match': sent.ifMatch }),
    };
    const body = method === 'GET' ? {} : { body: JSON.stringify(sent.body ?? {}) };
    const answer = await app.request(path, { method, headers, ...body });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, json: text ? JSON.parse(text) : undefined };
  };
  const intents = (id: string) => readIntents(stored, tenantScope(ACME), RequestId.parse(id));
  return {
    ...{ clock, table: stored, deps, jobs, carriers, workflows, facts, ask, settle, intents, files, late },
    carrier: (id: string): ScriptedCarrier => {
      const found = all.find((one) => one.id === id);
      if (!found) throw new Error(id);
      return found;
    },
    all,
    mails: () => listMails(stored),
    /** Lets time pass, each wake at its own instant, then sweeps as every minute does. */
    async pass(seconds: number) {
      await settle();
      await clock.pass(seconds);
      await settle();
      await sweep(jobs);
      await settle();
    },
    async request(id: string, who = 'customer'): Promise<View> {
      await settle();
      return (await ask(who, `GET /v1/number-requests/${id}`)).json;
    },
    /** Asks for numbers and lets everything happen that needs no time. */
    async order(body: object, who = 'customer'): Promise<View> {
      const made = await ask(who, 'POST /v1/number-requests', { body: { country: 'GB', areaCode: '1223', ...body } });
      if (made.status !== 202) throw new Error(`${made.status} ${JSON.stringify(made.json)}`);
      await settle();
      return (await ask(who, `GET /v1/number-requests/${made.json.id}`)).json;
    },
    async changeTenant(fields: Partial<Tenant>) {
      const tenant = await findTenant(stored, tenantScope(ACME));
      if (!tenant) throw new Error('no tenant');
      const change = {
        action: 'changed',
        actor: { kind: 'system', id: 'test', name: 'Test' },
        at: clock.now(),
      } as const;
      await stored.write(tenants.replace(tenant, { ...tenant, ...fields }, change).writes);
    },
    async close() {
      await pump.close();
      await workflows.close();
      stored.close();
    },
  };
}
export type Room = Awaited<ReturnType<typeof openRoom>>;
