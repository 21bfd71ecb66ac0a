import { gatewayApp } from '../../functions/api/app.ts';
import type { ApiDeps } from '../../functions/contract/api-deps.ts';
import type { CarrierId } from '../../functions/domain/carrier-id.ts';
import { E164 } from '../../functions/domain/e164.ts';
import { NotSignedIn } from '../../functions/domain/errors.ts';
import { ExtensionId, NumberId, newId, TenantId, UserId } from '../../functions/domain/ids.ts';
import { bindNumbers } from '../../functions/numbers/api.ts';
import { rowOf } from '../../functions/numbers/row-store.ts';
import { type Assignment, NumberRecord } from '../../functions/numbers/schema.ts';
import { numbers, rowWrite } from '../../functions/numbers/store.ts';
import { type Principal, type Role, tenantScope } from '../../functions/platform/auth.ts';
import type { Actor } from '../../functions/platform/entity.ts';
import { newQuota } from '../../functions/platform/rate-limit.ts';
import { planFor } from '../../functions/routing/plan.ts';
import { readRoute, routeWrite } from '../../functions/routing/store.ts';
import type { FileNumberRequest } from '../../functions/tenants/act.ts';
import { bindTenants } from '../../functions/tenants/api.ts';
import type { Target, User } from '../../functions/tenants/schema.ts';
import {
  extensionNumberWrite,
  extensions,
  findTenant,
  holdSlots,
  newCounter,
  tenants,
  users,
  useSlot,
} from '../../functions/tenants/store.ts';
import { resolveAssignment } from '../../functions/tenants/target-store.ts';
import { testClock } from '../../local/engine/clock.ts';
import { openTable } from '../../local/engine/table.ts';
import { readyTenant } from '../../local/people.ts';
import { type Sent, send } from '../contract/sample.ts';

const id = (prefix: string, last: string) => `${prefix}_01k0000000000000000000000${last}`;
export const ACME = TenantId.parse(id('ten', '1'));
export const GLOBEX = TenantId.parse(id('ten', '2'));
export const MISSING = id('zzz', 'z').slice(3);
const SEEDER: Actor = { kind: 'system', id: 'seed', name: 'Seed' };

interface Somebody {
  readonly last: string;
  readonly name: string;
  readonly role: Role;
  readonly tenantId?: TenantId;
  readonly extension?: string;
}
const EVERYBODY: Readonly<Record<string, Somebody>> = {
  pam: { last: 'a', name: 'Pam B.', role: 'customer', tenantId: ACME, extension: '1001' },
  admin: { last: 'b', name: 'Alex A.', role: 'tenant_admin', tenantId: ACME, extension: '1002' },
  globex: { last: 'c', name: 'Gwen MARKER', role: 'tenant_admin', tenantId: GLOBEX, extension: '1001' },
  cs: { last: 'd', name: 'Chris', role: 'customer_success' },
  operator: { last: 'e', name: 'Olga', role: 'operator' },
};
const userId = (one: Somebody) => UserId.parse(id('usr', one.last));
const principalOf = (one: Somebody): Principal => ({
  kind: 'person',
  id: userId(one),
  name: one.name,
  email: `${one.last}@${one.tenantId === GLOBEX ? 'globex' : 'acme'}.example`,
  roles: [one.role],
  permissions: [],
  ...(one.tenantId ? { tenantId: one.tenantId } : {}),
});
export const PAM = userId(EVERYBODY['pam'] as Somebody);
export const PAM_EXT = ExtensionId.parse(id('ext', 'a'));
export const ALEX_EXT = ExtensionId.parse(id('ext', 'b'));
export const GLOBEX_EXT = ExtensionId.parse(id('ext', 'c'));

type Json = Record<string, unknown>;
export interface HouseOptions {
  readonly pageLimit?: number;
  readonly fileNumberRequest?: FileNumberRequest;
}

/** The rooms of numbers and tenants on a real table, with two tenants and somebody of every role. */
export async function startHouse(options: HouseOptions = {}) {
  const clock = testClock();
  const { pageLimit, fileNumberRequest } = options;
  const table = openTable({ path: ':memory:', clock, ...(pageLimit ? { pageLimit } : {}) });
  const deps = depsOf(table, clock);
  const app = gatewayApp(
    deps,
    [bindNumbers, (on) => bindTenants(on, fileNumberRequest ? { ...deps, fileNumberRequest } : deps)],
    [],
  );
  await seed(deps);
  const house = { app, deps, table, clock };
  return {
    ...house,
    as: (who: string, line: string, sent: Omit<Sent, 'as'> = {}) =>
      send(house, line, {
        as: who,
        ...(EVERYBODY[who]?.tenantId === undefined ? { tenant: ACME } : {}),
        ...sent,
      }),
    plant: (number: string, more?: Planted) => plant(deps, number, more),
    /** Lets something else happen right before the next transaction that writes such a key. */
    justBefore(op: 'put' | 'delete', sk: string, act: () => Promise<unknown>) {
      const write = table.write;
      table.write = async (writes) => {
        if (!writes.some((one) => one.op === op && one.key.sk.startsWith(sk))) return write(writes);
        table.write = write;
        await act();
        return write(writes);
      };
    },
    /** What inbound would say to a caller at this moment; at a later place, after nobody answered the one before. */
    async callPlan(number: string, carrier: CarrierId = 'telnyx', place = 0) {
      const route = await readRoute(table, E164.parse(number), carrier);
      const asked = { place, ...(place === 0 ? {} : { lastStep: 'no_answer' }) };
      return planFor(route, asked, (after) => `next:${after}`);
    },
  };
}
export type House = Awaited<ReturnType<typeof startHouse>>;

function depsOf(table: ApiDeps['table'], clock: ApiDeps['clock']): ApiDeps {
  const ok = async () => undefined;
  const absent = new Proxy({}, { get: () => undefined });
  return {
    table,
    clock,
    workflows: absent as ApiDeps['workflows'],
    mailer: absent as ApiDeps['mailer'],
    blobs: absent as ApiDeps['blobs'],
    secrets: absent as ApiDeps['secrets'],
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: (event, cause) => {
        throw new Error(`${event}: ${cause instanceof Error ? cause.stack : String(cause)}`);
      },
    },
    settings: {
      engine: 'local',
      version: '0.1.0',
      publicUrl: 'http://127.0.0.1:3000',
      csMail: 'cs@numbergate.example',
      sipDomain: 'sip.example',
      rateLimitPerMinute: 100_000,
      searchDeadlineMs: 3000,
    },
    async authenticate(bearer) {
      const one = EVERYBODY[bearer ?? ''];
      if (one) return principalOf(one);
      throw new NotSignedIn({ code: 'invalid_token', detail: 'The token does not verify.' });
    },
    quota: newQuota(100_000, () => 0),
    tenantExists: async (tenant) => (await findTenant(table, tenantScope(tenant))) !== undefined,
    cursorKey: new Uint8Array(32).fill(7),
    ready: { table: ok, workflows: ok, outbox: ok, blobs: ok, secrets: ok },
  };
}

async function seed(deps: ApiDeps): Promise<void> {
  const at = deps.clock.now();
  const change = { action: 'created', actor: SEEDER, at };
  const stamp = { createdAt: at.toISOString(), updatedAt: at.toISOString() };
  for (const [tenantId, name] of [
    [ACME, 'Acme'],
    [GLOBEX, 'Globex MARKER'],
  ] as const) {
    const fallback = { type: 'announce', text: `${name} cannot take your call.` } as const;
    const made = tenants.create({ ...readyTenant(tenantId, name, at), fallback }, change);
    await deps.table.write([...made.writes, newCounter(tenantScope(tenantId))]);
  }
  for (const one of Object.values(EVERYBODY)) await seedPerson(deps, one, stamp, change);
}

async function seedPerson(
  deps: ApiDeps,
  one: Somebody,
  stamp: { createdAt: string; updatedAt: string },
  change: { action: string; actor: Actor; at: Date },
): Promise<void> {
  const { kind: _kind, ...who } = principalOf(one);
  const extensionId = ExtensionId.parse(id('ext', one.last));
  const user: Omit<User, 'version'> = {
    ...who,
    object: 'user',
    roles: [...who.roles],
    permissions: [],
    kind: 'person',
    state: 'active',
    ...(one.extension ? { extensionId } : {}),
    ...stamp,
  };
  const made = users.create(user, change).writes;
  if (!one.extension || !one.tenantId) return deps.table.write(made);
  const extension = extensions.create(
    {
      id: extensionId,
      object: 'extension',
      tenantId: one.tenantId,
      extension: one.extension,
      userId: user.id,
      ...stamp,
    },
    change,
  );
  await deps.table.write([...made, ...extension.writes, extensionNumberWrite(extension.record)]);
}

export interface Planted {
  readonly tenantId?: TenantId;
  readonly assignment?: Assignment;
  readonly fields?: Partial<NumberRecord>;
}
/** Takes a number into the inventory as a purchase does, with row, routing entry and slot. */
async function plant(deps: ApiDeps, number: string, more: Planted = {}): Promise<NumberRecord> {
  const { tenantId = ACME, fields = {} } = more;
  const at = deps.clock.now();
  const scope = tenantScope(tenantId);
  const resolved = await resolveAssignment(deps, scope, await findTenant(deps.table, scope), more.assignment);
  const plain = NumberRecord.omit({ version: true }).parse({
    id: NumberId.parse(newId('num', at)),
    object: 'number',
    number,
    generation: 1,
    tenantId,
    state: 'active',
    ownership: resolved.assignment.ownership,
    country: 'GB',
    type: 'local',
    areaCode: '1223',
    locality: 'Cambridge',
    features: ['voice', 'sms'],
    serviceNumber: false,
    carrier: 'telnyx',
    carrierNumberId: 'secret-at-carrier',
    carrierReference: `ref-${number}`,
    monthly: { amount: '1.15', currency: 'USD', interval: 'month' },
    setup: { amount: '0.00', currency: 'USD' },
    assignment: resolved.assignment,
    configured: true,
    attention: [],
    tags: [],
    metadata: {},
    startedOn: '2026-01-10',
    createdAt: at.toISOString(),
    updatedAt: at.toISOString(),
    ...fields,
  });
  const made = numbers.create(plain, { action: 'purchased', actor: SEEDER, at });
  await deps.table.write([holdSlots(scope, 1, 1_000_000)]);
  await deps.table.write([
    ...made.writes,
    rowWrite(tenantId, rowOf(made.record, resolved)),
    routeWrite({
      number: made.record.number,
      carrier: made.record.carrier,
      tenantId,
      numberId: made.record.id,
      state: 'active',
      ownership: made.record.ownership,
      ...(resolved.target ? { target: resolved.target } : {}),
      ...(resolved.flow ? { flow: [...resolved.flow] } : {}),
      fallback: resolved.fallback,
      ...(resolved.afterFallback ? { afterFallback: [...resolved.afterFallback] } : {}),
      version: 1,
    }),
    useSlot(scope),
  ]);
  return made.record;
}

export const privateTo = (extension: ExtensionId): Assignment => ({
  ownership: 'private',
  target: { type: 'extension', id: extension },
});
export const sharedTo = (target: Target): Assignment => ({ ownership: 'shared', target });
export const encoded = (number: string): string => encodeURIComponent(number);

/** Makes a flow over HTTP; it says its name unless other steps are given. */
export async function makeFlow(house: House, name: string, steps: readonly Json[] = []): Promise<string> {
  const given = steps.length > 0 ? steps : [{ id: 'bye', type: 'announce', text: `You reached ${name}.` }];
  const made = await house.as('admin', 'POST /v1/call-flows', { body: { name, steps: given } });
  if (made.status !== 201) throw new Error(made.text);
  return String(made.json['id']);
}
export async function makeQueue(house: House, name: string): Promise<string> {
  const made = await house.as('cs', 'POST /v1/queues', { body: { name } });
  if (made.status !== 201) throw new Error(made.text);
  return String(made.json['id']);
}
