import type * as z from 'zod';
import type { Policy } from '../../../functions/requests/schema.ts';
import { INVARIANTS, type InvariantId, type Violation, violationsOf } from '../invariants.ts';
import { acceptRequest } from './accept-request.ts';
import { type Choices, type Plan, planned, seeded } from './choices.ts';
import { deliverUntilDone } from './engine.ts';

import { openWorld } from './open-world.ts';
import { peopleOf } from './people.ts';
import { GB } from './stock.ts';
import { seedTenants } from './tenants.ts';
import { walk } from './walk.ts';
import type { Bug, World } from './world.ts';

export interface Simulated {
  readonly violations: readonly Violation[];
  /** Empty unless it was asked for. */
  readonly trace: readonly string[];
  readonly steps: number;
  readonly virtualHours: number;
  readonly states: readonly string[];
  /** Decisions that were not the ordinary ones: with them the run can be had again. */
  readonly plan: Plan;
}

const HORIZON_MS = 60 * 3_600_000;
const POLICIES: readonly z.infer<typeof Policy>[] = ['all_or_nothing', 'best_effort', 'exact_count'];

export const simulateSeed = (seed: number, bug?: Bug, keepsTrace = false): Promise<Simulated> =>
  simulate(seeded(seed), bug, keepsTrace);
export const simulatePlan = (plan: Plan, bug?: Bug, keepsTrace = false): Promise<Simulated> =>
  simulate(planned(plan), bug, keepsTrace);

/** Several requests, few numbers, few slots, and whatever else chance brings; judged when nothing moves any more. */
async function simulate(choices: Choices, bug: Bug | undefined, keepsTrace: boolean): Promise<Simulated> {
  const world = openWorld(choices, bug, keepsTrace);
  const start = world.scheduler.clock.now().getTime();
  world.engine = engineOf(world);
  const tenants = await seedTenants(world.table, world.scheduler.clock.now());
  const count = 1 + choices.pick('requests', 4);
  for (let n = 1; n <= count; n++) {
    const tenant = tenants[choices.pick(`tenant r${n}`, tenants.length)];
    if (tenant) await ask(world, tenant, `r${n}`);
  }
  peopleOf(world);
  dieNowAndThen(world);
  await world.scheduler.run(start + HORIZON_MS);
  const found = violationsOf({
    items: world.table.scan(),
    bought: world.market.ledger(),
    acknowledged: world.acknowledged,
    alive: world.alive,
    mails: world.mails,
  });
  const items = world.table.scan();
  const states = items.filter(({ key }) => key.sk.startsWith('REQ#')).map(({ data }) => String(data['state']));
  world.table.close();
  const passed = world.scheduler.clock.now().getTime() - start;
  return {
    violations: [...world.wrong.map(asViolation), ...found],
    trace: world.trace.lines,
    steps: world.scheduler.steps(),
    virtualHours: passed / 3_600_000,
    states,
    plan: choices.made,
  };
}

function asViolation(text: string): Violation {
  const [id = '', ...words] = text.split(' ');
  const known = INVARIANTS.find((one) => one === id);
  if (!known) throw new Error(`no invariant ${text}`);
  return { id: known satisfies InvariantId, what: words.join(' ') };
}

async function ask(world: World, tenant: Parameters<typeof acceptRequest>[1], name: string): Promise<void> {
  const { choices, market } = world;
  const isNamed = choices.weigh(`named ${name}`, [0.7, 0.3]) === 1;
  const line = market.lines[choices.pick(`number ${name}`, market.lines.length)];
  const policy = POLICIES[choices.pick(`policy ${name}`, POLICIES.length)] ?? 'all_or_nothing';
  if (isNamed && line)
    return acceptRequest(world, tenant, { country: GB, type: 'local', policy, numbers: [{ number: line.number }] }, [
      { number: line.number, monthly: line.monthly },
    ]);
  const quantity = 1 + choices.pick(`quantity ${name}`, 3);
  return acceptRequest(world, tenant, { country: GB, type: 'local', quantity, policy }, []);
}

/** What the platform does for the program: it starts executions once a name, and delivers what lies in the outbox. */
function engineOf(world: World): World['engine'] {
  const started = new Set<string>();
  let lines = 0;
  return {
    start(name, input) {
      if (started.has(name)) return;
      started.add(name);
      world.alive.add(input.requestId);
      walk(world, input).then(
        () => world.alive.delete(input.requestId),
        (error: unknown) => world.wrong.push(`I4 the walk of ${world.nameOf(input.requestId)} broke: ${String(error)}`),
      );
    },
    deliver(line) {
      lines++;
      void deliverUntilDone(world, line, `line ${lines}`);
    },
  };
}

/** The whole process is killed: everything under way dies at once and is made again. */
function dieNowAndThen(world: World): void {
  const { choices, scheduler, temper } = world;
  for (const ms of [40, 120, 700, 3_000, 40_000, 900_000]) {
    if (choices.weigh(`the process dies after ${ms} ms`, [1 - temper.harsh / 3, temper.harsh / 3]) === 0) continue;
    scheduler.after(ms, () => {
      world.trace.note('the process', 'dies, with all that is under way');
      for (const actor of [...world.running]) scheduler.kill(actor);
    });
  }
}
