import type { Deps } from '../../../functions/platform/deps.ts';
import { outboxWrite } from '../../../functions/platform/outbox.ts';
import type { BuyDeps } from '../../../functions/requests/buy-deps.ts';
import { openTable } from '../../../local/engine/table.ts';
import { carriersOf, mailerOf, type Surroundings, tableOf } from './actor-deps.ts';
import type { Choices } from './choices.ts';
import { mailsOf, watchCommit } from './commits.ts';
import { openMarket } from './market.ts';
import { type Actor, scheduler } from './scheduler.ts';
import { traceOf } from './trace.ts';
import { type Bug, SETTINGS, type Temper, type World } from './world.ts';

const START = new Date('2026-03-02T10:00:00.000Z');

const LEVELS = [0, 0.15, 0.5];
function temperOf(choices: Choices): Temper {
  const level = (what: string): number => LEVELS[choices.pick(what, LEVELS.length)] ?? 0;
  return { faulty: level('faulty'), harsh: level('harsh'), unruly: level('unruly') * 2, chatty: level('chatty') / 2 };
}

/** A world without tenants in which nothing happens yet; its engine is put in by whoever runs it. */
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
      void table.write(writes).then(() => world.committed(writes));
    },
  });
  const written = new Set<string>();
  const world: World = {
    ...{ choices, scheduler: time, trace, market, table, temper, bug, acknowledged, nameOf },
    ...{ mails: [], wrong: [], running: new Set(), alive: new Set(), waits: new Map() },
    depsOf: (actor) => depsOf(world, around, actor),
    committed(writes) {
      for (const key of mailsOf(writes)) written.add(key);
      watchCommit(world, writes);
    },
    engine: { start: () => undefined, deliver: () => undefined },
  };
  const around: Surroundings = {
    ...{ table, market, choices, scheduler: time, trace, faulty: temper.faulty, chatty: temper.chatty },
    mails: world.mails,
    written,
    wrong: (what) => world.wrong.push(what),
    committed: world.committed,
  };
  return world;
}

const absent = async (): Promise<never> => Promise.reject(new Error('not in this simulation'));

function workflowsOf(world: World): Deps['workflows'] {
  return {
    async start(_machine, name, input) {
      world.engine.start(name, { tenantId: String(input['tenantId']), requestId: String(input['requestId']) });
      return 'started';
    },
    async succeedTask(token) {
      const end = world.waits.get(token);
      end?.();
      return end ? 'done' : 'gone';
    },
    ...{ failTask: absent, heartbeatTask: absent, stop: absent, find: absent, history: absent },
  };
}

function depsOf(world: World, around: Surroundings, actor: Actor): BuyDeps {
  const { bug } = world;
  const mailer = mailerOf(actor, around);
  const place = { world, actor, mailer };
  const table = tableOf(actor, around);
  const carriers = carriersOf(actor, around);
  return {
    table: bug?.table?.(table, place) ?? table,
    workflows: workflowsOf(world),
    carriers: bug?.carriers?.(carriers, place) ?? carriers,
    mailer,
    clock: world.scheduler.clock,
    settings: SETTINGS,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    secrets: { read: absent, find: absent },
    blobs: { uploadLink: absent, downloadLink: absent, read: absent, facts: absent, remove: absent },
  };
}
