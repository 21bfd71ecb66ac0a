import type { Hono } from 'hono';
import type * as z from 'zod';
import { gatewayApp } from '../../functions/api/app.ts';
import { systemRoutes } from '../../functions/api/system-routes.ts';
import type { ApiDeps } from '../../functions/contract/api-deps.ts';
import { bind } from '../../functions/contract/bind.ts';
import { reply } from '../../functions/contract/call.ts';
import * as errors from '../../functions/domain/errors.ts';
import { TenantId, UserId } from '../../functions/domain/ids.ts';
import type { Principal, Role, TenantScope } from '../../functions/platform/auth.ts';
import { mintApiKey } from '../../functions/platform/auth-api-key.ts';
import { type KeyRecord, newAuthenticate } from '../../functions/platform/authenticate.ts';
import { newQuota } from '../../functions/platform/rate-limit.ts';
import { type Key, type Table, TableUnavailable } from '../../functions/platform/table.ts';
import { testClock } from '../../local/engine/clock.ts';
import { openTable } from '../../local/engine/table.ts';
import * as lines from './sample-routes.ts';

export const ACME = TenantId.parse('ten_01k00000000000000000000001');
export const GLOBEX = TenantId.parse('ten_01k00000000000000000000002');
const TENANTS = [ACME, GLOBEX];
const person = (last: string, roles: Role[], tenantId?: TenantId): Principal => ({
  kind: 'person',
  id: UserId.parse(`usr_01k0000000000000000000000${last}`),
  name: `Person ${last}`,
  email: `p${last}@acme.example`,
  roles,
  permissions: [],
  ...(tenantId ? { tenantId } : {}),
});
/** Token → who it belongs to. */
export const PEOPLE: Readonly<Record<string, Principal>> = {
  customer: person('a', ['customer'], ACME),
  admin: person('b', ['tenant_admin'], ACME),
  globex: person('c', ['tenant_admin'], GLOBEX),
  cs: person('d', ['customer_success']),
  cs2: person('e', ['customer_success']),
  operator: person('f', ['operator']),
};

interface Stock {
  readonly table: Table;
  /** Runs of handlers by operation, to see that a replay runs nothing. */
  readonly runs: Map<string, number>;
  /** Awaited by `createThing` before it writes: lets a test hold a call open, or break it. */
  hold: () => Promise<void>;
}
const thingKey = (scope: TenantScope, id: string): Key => ({ pk: `TEN#${scope.tenantId}`, sk: `THING#${id}` });

export function startSample(options: { perMinute?: number; waiting?: NonNullable<ApiDeps['waiting']> } = {}) {
  const clock = testClock();
  const table = openTable({ path: ':memory:', clock });
  const stock: Stock = { table, runs: new Map(), hold: async () => undefined };
  const keys = new Map<string, KeyRecord>();
  const logged: { event: string; fields: unknown }[] = [];
  const log = (event: string, fields: unknown) => void logged.push({ event, fields });
  let wall = 0;
  const ok = async () => undefined;
  const ready = { table: ok, workflows: ok, outbox: ok, blobs: ok, secrets: ok };
  const absent = new Proxy({}, { get: () => undefined });
  const deps: ApiDeps = {
    table,
    clock,
    workflows: absent as ApiDeps['workflows'],
    mailer: absent as ApiDeps['mailer'],
    blobs: absent as ApiDeps['blobs'],
    secrets: absent as ApiDeps['secrets'],
    log: { info: log, warn: log, error: (event, cause, fields) => log(event, { cause, ...fields }) },
    settings: {
      engine: 'local',
      version: '0.1.0',
      publicUrl: 'https://gateway.example.com',
      csMail: 'cs@numbergate.example',
      sipDomain: 'sip.example',
      rateLimitPerMinute: options.perMinute ?? 600,
      searchDeadlineMs: 3000,
    },
    ...(options.waiting ? { waiting: options.waiting } : {}),
    authenticate: newAuthenticate({
      clock,
      async verifyToken(bearer) {
        if (bearer in PEOPLE) return { issuer: 'https://issuer.example', subject: bearer };
        throw new errors.NotSignedIn({ code: 'invalid_token', detail: 'The token does not verify.' });
      },
      findPrincipal: async (_issuer, subject) => PEOPLE[subject],
      findKey: async (keyId) => keys.get(keyId),
    }),
    quota: newQuota(options.perMinute ?? 600, () => wall),
    tenantExists: async (id) => TENANTS.includes(id),
    cursorKey: new Uint8Array(32).fill(7),
    ready,
  };
  const app = gatewayApp(deps, [(on, using) => bindSample(on, using, stock)], [...systemRoutes, ...lines.sampleRoutes]);
  const newKey = (scopes: readonly string[], more: Partial<KeyRecord> = {}) => {
    const minted = mintApiKey('live', clock.now());
    const { tenantId = ACME, ...admin } = PEOPLE['admin'] ?? person('b', ['tenant_admin'], ACME);
    const principal: Principal = { ...admin, tenantId, kind: 'api_key', scopes };
    keys.set(minted.keyId, { secretHash: minted.secretHash, mode: 'live', principal, ...more });
    return minted.text;
  };
  return { app, deps, clock, table, stock, logged, ready, newKey, passWall: (ms: number) => (wall += ms) };
}
export type Sample = ReturnType<typeof startSample>;

function bindSample(app: Hono, deps: ApiDeps, stock: Stock): void {
  const ran = (name: string) => {
    const runs = (stock.runs.get(name) ?? 0) + 1;
    stock.runs.set(name, runs);
    return runs;
  };
  const find = async (scope: TenantScope, id: string) => {
    const found = await stock.table.get(thingKey(scope, id));
    if (!found) throw new errors.NotFound({ code: 'not_found', detail: 'There is no such thing.' });
    // The whole record, inner fields too: the contract keeps them inside.
    const thing = found.data as unknown as z.infer<typeof lines.Thing>;
    return { thing, version: Number(found.data['version']) };
  };
  const put = (scope: TenantScope, thing: { id: string }, version: number) =>
    ({ op: 'put', key: thingKey(scope, thing.id), data: { ...thing, version, secret: 'MARKER' } }) as const;

  bind(app, deps, lines.createThing, async ({ body, scope, dryRun, idempotency, waitSeconds }) => {
    const runs = ran('createThing');
    if (body.name === 'refuse me') throw new errors.InvalidInput({ code: 'number_limit_reached', detail: 'Full.' });
    const { name, kind, count } = body;
    const thing = { id: `thg_${runs}`, object: 'thing' as const, name, kind, count };
    if (dryRun) return reply({ status: 200, body: thing });
    const made = reply({ status: 201, body: thing, location: `/v1/things/${thing.id}`, etag: 1 });
    await stock.hold();
    const writes = [put(scope, thing, 1), ...idempotency.complete(made)];
    await stock.table.write(writes);
    if (body.name === 'die after') throw new Error('the process died after the transaction');
    return waitSeconds === undefined ? made : { ...made, body: { ...thing, name: `${name} (waited)` } };
  });
  bind(app, deps, lines.listThings, async ({ scope, query, after, page }) => {
    const found = await stock.table.query({
      pk: `TEN#${scope.tenantId}`,
      prefix: 'THING#',
      limit: query.limit,
      ...(after === undefined ? {} : { after }),
    });
    const data = found.items.map((item) => item.data as unknown as z.infer<typeof lines.Thing>);
    return page({ data, next: found.next, meta: { limit: query.limit } });
  });
  bind(app, deps, lines.getThing, async ({ params, scope }) => {
    const { thing, version } = await find(scope, params.id);
    return reply({ body: thing, etag: version });
  });
  bind(app, deps, lines.patchThing, async ({ params, scope, body, checkVersion }) => {
    const { thing, version } = await find(scope, params.id);
    checkVersion(version, thing);
    const next = { ...thing, name: body.name === null ? thing.id : (body.name ?? thing.name) };
    await stock.table.write([put(scope, next, version + 1)]);
    return reply({ body: next, etag: version + 1 });
  });
  bind(app, deps, lines.removeThing, async ({ params, scope }) => {
    await find(scope, params.id);
    await stock.table.write([{ op: 'delete', key: thingKey(scope, params.id) }]);
  });
  bind(app, deps, lines.approveThing, async ({ params, scope, checkVersion, idempotency }) => {
    ran('approveThing');
    const { thing, version } = await find(scope, params.id);
    if (thing.kind === 'large') throw new errors.Conflict({ code: 'already_decided', detail: 'Decided before.' });
    checkVersion(version);
    const next = { ...thing, kind: 'large' as const };
    const done = reply({ body: next, etag: version + 1 });
    await stock.table.write([put(scope, next, version + 1), ...idempotency.complete(done)]);
    return done;
  });
  bind(app, deps, lines.rename, async ({ params, scope, body }) => {
    ran('renameThing');
    const { thing, version } = await find(scope, params.id);
    const next = { ...thing, name: body.name };
    await stock.table.write([put(scope, next, version + 1)]);
    return next;
  });
  bind(app, deps, lines.listTasks, ({ scope }) => ({ tenant: scope?.tenantId ?? 'none' }));
  bind(app, deps, lines.breakIt, ({ body }) => {
    const runs = ran('breakIt');
    throwNamed(body.what);
    return { object: 'breakage' as const, runs };
  });
}

function throwNamed(what: string): void {
  const carrier = { carrier: 'telnyx', carrierCode: '10015', carrierText: 'no' };
  const of = (code: string) => ({ code, detail: `${code} happened`, carrier });
  if (what === 'bug') throw new Error('SECRET inside');
  if (what === 'text') throw 'SECRET text';
  if (what === 'table') throw new TableUnavailable('disk full SECRET');
  if (what === 'timeout' || what === 'rate_limited')
    throw new errors.CarrierBusy({ ...of(what), retryAfterSeconds: 7 });
  if (what === 'not_available') throw new errors.NumberUnavailable(of(what));
  if (what === 'malformed_reply') throw new errors.CarrierUnusable(of(what));
  if (what === 'documents_required') throw new errors.DocumentsRequired(of(what));
  if (what === 'not_portable') throw new errors.CarrierRefused(of(what));
}

export interface Sent {
  readonly as?: string;
  readonly tenant?: string;
  readonly key?: string;
  readonly body?: unknown;
  /** Body as it goes over the wire, instead of `body`. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}
/** One HTTP exchange, with the body read. */
export async function send({ app }: Pick<Sample, 'app'>, line: string, sent: Sent = {}) {
  const [method = 'GET', path = '/'] = line.split(' ');
  const body = sent.raw ?? (sent.body === undefined ? undefined : JSON.stringify(sent.body));
  const headers = new Headers({
    ...(sent.as === undefined ? {} : { Authorization: `Bearer ${sent.as}` }),
    ...(sent.tenant === undefined ? {} : { 'Gateway-Tenant': sent.tenant }),
    ...(sent.key === undefined ? {} : { 'Idempotency-Key': sent.key }),
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...sent.headers,
  });
  const response = await app.fetch(
    new Request(`http://127.0.0.1${path}`, { method, headers, ...(body === undefined ? {} : { body }) }),
  );
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const json = type.includes('json') && text !== '' ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status: response.status, headers: response.headers, text, json, type };
}
