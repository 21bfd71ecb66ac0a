import type { Carriers } from '../../../functions/carriers/port.ts';
import { TenantId, UserId } from '../../../functions/domain/ids.ts';
import { deliverLine } from '../../../functions/jobs/deliver.ts';
import { tenantScope } from '../../../functions/platform/auth.ts';
import type { Deps } from '../../../functions/platform/deps.ts';
import type { Actor as Doer } from '../../../functions/platform/entity.ts';
import type { Mailer } from '../../../functions/platform/mailer.ts';
import { outboxKey, outboxWrite, type StoredLine } from '../../../functions/platform/outbox.ts';
import type { Table, Write } from '../../../functions/platform/table.ts';
import type { Task } from '../../../functions/platform/task.ts';
import { newRequest } from '../../../functions/requests/accept.ts';
import type { BuyDeps } from '../../../functions/requests/buy-deps.ts';
import { noticeWrite, openedNotices } from '../../../functions/requests/mails.ts';
import type { NewRequest } from '../../../functions/requests/schema.ts';
import { requests, whereWrite } from '../../../functions/requests/store.ts';
import { tickets } from '../../../functions/requests/ticket-store.ts';
import type { Tenant } from '../../../functions/tenants/schema.ts';
import { newCounter, readCounter, tenants } from '../../../functions/tenants/store.ts';
import { DEFAULT_FALLBACK } from '../../../functions/tenants/target-store.ts';
import { type LocalTable, openTable } from '../../../local/engine/table.ts';
import { carriersOf, mailerOf, type Surroundings, tableOf } from './actor-deps.ts';
import type { Choices } from './choices.ts';
import { GB, type Market, openMarket } from './market.ts';
import { type Actor, type Scheduler, scheduler } from './scheduler.ts';
import { type Trace, traceOf } from './trace.ts';

const START = new Date('2026-03-02T10:00:00.000Z');
const SYSTEM: Doer = { kind: 'system', id: 'numbergate', name: 'Simulation' };
export const CUSTOMER = {
  kind: 'person',
  id: UserId.parse('usr_00000000000000000000000001'),
  name: 'Pam',
  email: 'pam@acme.example',
  roles: ['customer'],
  permissions: [],
} as const;
export const SETTINGS = {
  engine: 'local',
  version: '0',
  publicUrl: 'https://gateway.example',
  csMail: 'cs@gateway.example',
  sipDomain: 'sip.gateway.example',
  rateLimitPerMinute: 600,
  searchDeadlineMs: 3000,
} as const;

interface Place {
  readonly world: World;
  readonly actor: Actor;
  readonly mailer: Mailer;
}
/** A mistake that such a program could make. It lives in what surrounds the product's code, never in that code itself. */
export interface Bug {
  readonly name: string;
  table?(table: Table, place: Place): Table;
  carriers?(carriers: Carriers, place: Place): Carriers;
  /** Instead of the tasks of the same name. */
  readonly tasks?: readonly Task<BuyDeps>[];
}

/** How rough a run is: drawn first, so that kind and cruel worlds both occur. */
export interface Temper {
  /** Share of carrier calls that go wrong. */
  readonly faulty: number;
  /** Share of task calls that die, stall or run twice. */
  readonly harsh: number;
  readonly unruly: number;
  readonly chatty: number;
}
export interface World {
  readonly choices: Choices;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly market: Market;
  readonly table: LocalTable;
  readonly temper: Temper;
  readonly bug: Bug | undefined;
  readonly mails: string[];
  /** What was seen to be wrong while it ran. */
  readonly wrong: string[];
  readonly acknowledged: string[];
  /** Calls under way. */
  readonly running: Set<Actor>;
  /** Executions under way, by request. */
  readonly alive: Set<string>;
  /** Waits that end when their token comes. */
  readonly waits: Map<string, () => void>;
  /** `r1` of a request or of a reference. */
  nameOf(id: string): string;
  depsOf(actor: Actor): BuyDeps;
  /** To be told of what is written outside of any actor. */
  committed(writes: readonly Write[]): void;
  /** Set once the engine is there. */
  engine: {
    start(name: string, input: { readonly tenantId: string; readonly requestId: string }): void;
    /** Calls something as the platform does: it may die, stall or run twice. */
    deliver(line: string): void;
  };
}

const LEVELS = [0, 0.15, 0.5];
export function temperOf(choices: Choices): Temper {
  const level = (what: string): number => LEVELS[choices.pick(what, LEVELS.length)] ?? 0;
  return { faulty: level('faulty'), harsh: level('harsh'), unruly: level('unruly') * 2, chatty: level('chatty') / 2 };
}

export function openWorld(choices: Choices, bug: Bug | undefined, keepsTrace: boolean): World {
  const temper = temperOf(choices);
  const time = scheduler(choices, START, temper.unruly);
  const { clock } = time;
  const trace = traceOf(clock.now, keepsTrace);
  const table = openTable({ path: ':memory:', clock });
  const acknowledged: string[] = [];
  const nameOf = (id: string): string => {
    const [request = '', ...place] = id.split('.');
    return [`r${acknowledged.indexOf(request) + 1}`, ...place].join('.');
  };
  const market = openMarket({
    choices,
    scheduler: time,
    trace,
    faulty: temper.faulty,
    chargesTwice: choices.pick('carriers charge twice', 2) === 0,
    numbersEach: 1 + choices.pick('numbers each', 3),
    nameOf,
    told: (carrier, { id, reference }) => {
      if (choices.weigh(`webhook ${nameOf(reference)}`, [0.6, 0.4]) === 1) return;
      const line = { kind: 'carrier_event', carrier, subject: 'order', carrierId: id, reference } as const;
      const writes = [outboxWrite(line, clock.now())];
      void table.write(writes).then(() => around.committed(writes));
    },
  });
  const world: World = {
    ...{ choices, scheduler: time, trace, market, table, temper, bug, acknowledged, nameOf },
    ...{ mails: [], wrong: [], running: new Set(), alive: new Set(), waits: new Map() },
    depsOf: (actor) => depsOf(world, around, actor),
    committed: (writes) => around.committed(writes),
    engine: { start: () => undefined, deliver: () => undefined },
  };
  const written = new Set<string>();
  const around: Surroundings = {
    ...{
      table,
      market,
      choices,
      scheduler: time,
      trace,
      faulty: temper.faulty,
      chatty: temper.chatty,
      mails: world.mails,
    },
    written,
    wrong: (what) => world.wrong.push(what),
    committed(writes) {
      for (const key of mailsOf(writes)) written.add(key);
      committed(world, writes);
    },
  };
  return world;
}

function depsOf(world: World, around: Surroundings, actor: Actor): BuyDeps {
  const { bug } = world;
  const none = async (): Promise<never> => Promise.reject(new Error('not in this simulation'));
  const plain = tableOf(actor, around);
  const table = bug?.table?.(plain, { world, actor, mailer: mailerOf(actor, around) }) ?? plain;
  const carriers = carriersOf(actor, around);
  const workflows: Deps['workflows'] = {
    start: async (_machine, name, input) => {
      world.engine.start(name, { tenantId: String(input['tenantId']), requestId: String(input['requestId']) });
      return 'started';
    },
    async succeedTask(token) {
      const end = world.waits.get(token);
      end?.();
      return end ? 'done' : 'gone';
    },
    failTask: none,
    heartbeatTask: none,
    stop: none,
    find: none,
    history: none,
  };
  return {
    table,
    workflows,
    carriers: bug?.carriers?.(carriers, { world, actor, mailer: mailerOf(actor, around) }) ?? carriers,
    mailer: mailerOf(actor, around),
    clock: world.scheduler.clock,
    settings: SETTINGS,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    secrets: { read: none, find: none },
    blobs: { uploadLink: none, downloadLink: none, read: none, facts: none, remove: none },
  };
}

const mailsOf = (writes: readonly Write[]): readonly string[] =>
  writes.flatMap((write) => {
    const line =
      write.op === 'put' && write.key.pk.startsWith('OUT#') ? (write.data as unknown as StoredLine).line : undefined;
    return line?.kind === 'mail' ? [line.mail.messageKey] : [];
  });

/** I8 and I9 must hold at every moment, not only in the end; what was written to the outbox is delivered. */
function committed(world: World, writes: readonly Write[]): void {
  for (const write of writes) {
    if (write.op === 'put' && write.key.pk.startsWith('AUD#') && !write.when?.some(({ is }) => is === 'absent'))
      world.wrong.push(`I9 an audit entry was written over: ${write.key.pk}`);
    if (write.op === 'delete' && write.key.pk.startsWith('AUD#'))
      world.wrong.push(`I9 an audit entry was removed: ${write.key.pk}`);
    if (write.key.sk === 'COUNTER#numbers') void checkLimit(world, write.key.pk.slice(4));
    if (write.op === 'put' && write.key.pk.startsWith('OUT#')) {
      const line = write.data as unknown as StoredLine;
      if (line.state === 'open' && line.lease === 0) world.engine.deliver(line.id);
    }
  }
}

async function checkLimit(world: World, id: string): Promise<void> {
  const scope = tenantScope(TenantId.parse(id));
  const { taken, held, used } = await readCounter(world.table, scope);
  const limit = LIMITS.get(id) ?? 0;
  if (taken > limit || held < 0 || used < 0) world.wrong.push(`I8 ${id} has ${used} used and ${held} held of ${limit}`);
}

export const TENANTS = [
  TenantId.parse('ten_00000000000000000000000001'),
  TenantId.parse('ten_00000000000000000000000002'),
] as const;
const LIMITS: ReadonlyMap<string, number> = new Map([
  [TENANTS[0], 3],
  [TENANTS[1], 2],
]);

/** The companies of every run, with room for few numbers. */
export async function seedTenants(table: Table, at: Date): Promise<readonly Tenant[]> {
  const seeded: Tenant[] = [];
  for (const id of TENANTS) {
    const stamp = at.toISOString();
    const made = tenants.create(
      {
        ...{
          id,
          object: 'tenant',
          name: id.slice(-1),
          country: GB,
          timeZone: 'Europe/London',
          currency: 'USD',
          plan: 'standard',
        },
        numberLimit: LIMITS.get(id) ?? 0,
        fallback: { type: 'announce', text: DEFAULT_FALLBACK },
        features: { callerNumberAnonymization: true, tenantMaintainsCallerNumbers: true, ouIsolation: false },
        ...{
          notificationAddresses: [],
          state: 'active',
          paymentMethod: 'valid',
          standing: 'good',
          createdAt: stamp,
          updatedAt: stamp,
        },
      },
      { action: 'created', actor: SYSTEM, at },
    );
    await table.write([...made.writes, newCounter(tenantScope(id))]);
    seeded.push(made.record);
  }
  return seeded;
}

/** Accepts a request as the interface does: everything in one transaction, then it is acknowledged. */
export async function acceptRequest(
  world: World,
  tenant: Tenant,
  input: NewRequest,
  named: Parameters<typeof newRequest>[0]['named'],
): Promise<void> {
  const at = world.scheduler.clock.now();
  const actor = { kind: 'person', id: CUSTOMER.id, name: CUSTOMER.name } as const;
  const plain = newRequest({ input, tenant, who: CUSTOMER, actor, class: 'standard', named, requirements: [], at });
  const { record, writes } = requests.create(plain, { action: 'submitted', actor, at });
  const stamp = at.toISOString();
  const ticket = tickets.create(
    {
      ...{
        id: record.ticketId,
        object: 'ticket',
        tenantId: record.tenantId,
        subject: 'numbers',
        kind: 'number_request',
        state: 'open',
      },
      ...{ numberRequestId: record.id, openedBy: CUSTOMER.id, createdAt: stamp, updatedAt: stamp },
    },
    { action: 'opened', actor, at },
  );
  const input2 = { tenantId: record.tenantId, requestId: record.id, class: record.class };
  const start = { kind: 'start_workflow', machine: 'request-number', name: record.id, input: input2 } as const;
  const mails = openedNotices(record).map((notice) => noticeWrite(record, notice, at, SETTINGS));
  const all = [...writes, ...ticket.writes, whereWrite(record), outboxWrite(start, at), ...mails];
  world.acknowledged.push(record.id);
  world.trace.note(
    'customer',
    `asks for ${record.quantity}, ${record.policy}${named.length > 0 ? `: ${named.map(({ number }) => number).join(', ')}` : ''} (${record.id})`,
  );
  await world.table.write(all);
  world.committed(all);
}

export const isOpen = async (world: World, line: string): Promise<boolean> =>
  (await world.table.get(outboxKey(line)))?.data['state'] === 'open';
export const deliverOnce = (world: World, actor: Actor, line: string): Promise<boolean> =>
  // Nothing here ends an execution but its own last state.
  deliverLine(
    { ...world.depsOf(actor), checkDocument: async () => undefined, goOnIfDead: async () => undefined },
    line,
  );
