import { deliverLine } from '../../../functions/jobs/deliver.ts';
import { onTask } from '../../../functions/platform/on-task.ts';
import { outboxKey } from '../../../functions/platform/outbox.ts';
import type { Task } from '../../../functions/platform/task.ts';
import type { BuyDeps } from '../../../functions/requests/buy-deps.ts';
import { carrierTasks, requestTasks } from '../../../functions/requests/tasks.ts';
import type { Actor } from './scheduler.ts';
import type { World } from './world.ts';

export type Called = { readonly output: Readonly<Record<string, unknown>> } | { readonly error: string };
/** What the platform can do to a call: it dies and is made again, it dies, it runs twice, it takes too long and goes on. */
const FATES = ['runs', 'dies_and_is_repeated', 'dies', 'runs_twice', 'is_given_up'] as const;
const MOST_POINTS = 14;
const STALLS_MS = [70_000, 400_000, 5_000];

type Work = (actor: Actor) => Promise<Readonly<Record<string, unknown>>>;

/** Makes one call as a platform does that promises to call at least once. */
export async function call(world: World, name: string, work: Work): Promise<Called> {
  const { choices, temper, trace, scheduler } = world;
  const { harsh } = temper;
  const fate =
    FATES[choices.weigh(`fate ${name}`, [1 - harsh, harsh * 0.35, harsh * 0.15, harsh * 0.3, harsh * 0.2])] ?? 'runs';
  if (fate === 'runs') return (await begin(world, name, work).ended) ?? call(world, name, work);
  if (fate === 'runs_twice') {
    trace.note(name, 'runs twice at once');
    const twins = [begin(world, `${name} A`, work), begin(world, `${name} B`, work)];
    return (await Promise.race(twins.map(({ ended }) => ended))) ?? call(world, name, work);
  }
  const at = 1 + choices.pick(`point ${name}`, MOST_POINTS);
  if (fate === 'is_given_up') {
    const stall = STALLS_MS[choices.pick(`stall ${name}`, STALLS_MS.length)] ?? 0;
    const slow = begin(world, name, work);
    const late = new Promise<Called>((resolve) => {
      slow.actor.meets = (points, label) => {
        if (points !== at) return 0;
        trace.note(name, `takes too long ${label}, and goes on after ${stall / 1000} s`);
        resolve({ error: 'States.Timeout' });
        return stall;
      };
    });
    return (await Promise.race([slow.ended, late])) ?? call(world, name, work);
  }
  const doomed = begin(world, name, work);
  doomed.actor.meets = (points, label) => {
    if (points !== at) return 0;
    trace.note(name, `dies ${label}`);
    return 'dies';
  };
  const ended = await doomed.ended;
  if (fate === 'dies') return ended ?? { error: 'Lambda.Unknown' };
  // Whoever dies after the work but before the result is kept does it all again, too.
  await scheduler.sleep(scheduler.actor(`restart of ${name}`), 500);
  trace.note(name, ended ? 'has ended unnoticed, and is repeated' : 'is repeated');
  return call(world, name, work);
}

/** `undefined` when it died. */
function begin(
  world: World,
  name: string,
  work: Work,
): { readonly actor: Actor; readonly ended: Promise<Called | undefined> } {
  const actor = world.scheduler.actor(name);
  world.running.add(actor);
  const ended = new Promise<Called | undefined>((end) => {
    const resolve = (called: Called | undefined): void => {
      world.running.delete(actor);
      end(called);
    };
    actor.died = () => resolve(undefined);
    // Begun in a turn of its own, so that whoever called can still say what shall happen to it.
    world.scheduler.wake(actor, 'begin', () => {
      work(actor).then(
        (output) => resolve({ output }),
        (error: unknown) => {
          world.trace.note(
            name,
            `throws ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
          );
          resolve({ error: error instanceof Error ? error.name : 'Lambda.Unknown' });
        },
      );
    });
  });
  return { actor, ended };
}

const TASKS = [...carrierTasks, ...requestTasks] as unknown as readonly Task<BuyDeps>[];

/** Calls a state's task, with its Retry: `retries` times for what may pass. */
export async function callTask(
  world: World,
  who: string,
  task: string,
  input: object,
  retries: number,
): Promise<Called> {
  const own = world.bug?.tasks ?? [];
  const tasks = [...TASKS.filter(({ name }) => !own.some((one) => one.name === name)), ...own];
  const patient = world.scheduler.actor(`engine of ${who}`);
  for (let tries = 0; ; tries++) {
    const called = await call(world, `${who} ${task}`, async (actor) => {
      const answer = await onTask(tasks, world.depsOf(actor))({ task, input });
      return answer as Readonly<Record<string, unknown>>;
    });
    if ('output' in called || tries >= retries || !PASSING.includes(called.error)) return called;
    await world.scheduler.sleep(patient, 2000 * 2 ** tries);
  }
}
const PASSING: readonly string[] = [
  'Lambda.Unknown',
  'States.Timeout',
  'CarrierBusy',
  'TableUnavailable',
  'ConditionFailed',
];

const SWEEP_MS = 65_000;
/** Delivers an outbox line: at once, then by sweeps until it is done. */
export async function deliverUntilDone(world: World, line: string, who: string): Promise<void> {
  const sweeper = world.scheduler.actor('sweeper');
  for (let tries = 0; tries < 30; tries++) {
    await call(world, who, async (actor) => {
      // Nothing here ends an execution but its own last state.
      const nothing = async () => undefined;
      const deps = { ...world.depsOf(actor), checkDocument: nothing, goOnIfDead: nothing, endedBadly: nothing };
      return { had: await deliverLine(deps, line) };
    });
    const stored = await world.table.get(outboxKey(line));
    if (stored?.data['state'] !== 'open') return;
    await world.scheduler.sleep(sweeper, SWEEP_MS);
  }
}
