import { setTimeout as sleep } from 'node:timers/promises';
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stepFunctions } from '../../functions/platform/aws/step-functions.ts';
import type { JsonObject } from '../../functions/platform/table.ts';
import type { Workflows } from '../../functions/platform/workflows.ts';
import { workflowsContract } from '../contracts/workflows.ts';
import { stubFunctions } from './emulator/stub-functions.ts';
import { emulator, ownName } from './place.ts';

type Functions = Readonly<Record<string, (payload: JsonObject) => unknown>>;
interface Call {
  /** Which test's world and which of its executions calls. */
  readonly from: { readonly world: string; readonly execution: string };
  readonly payload: JsonObject;
}
/** One test's functions, and how many calls of each of its executions have been answered. */
interface World {
  readonly functions: Functions;
  readonly answered: Map<string, number>;
}

const endpoint = emulator();
const stubs = { work: ownName('work'), ask: ownName('ask') };
const worlds = new Map<string, World>();
const opened: { close?(): Promise<void> } = {};
const admin = new SFNClient();

beforeAll(async () => {
  const played =
    (name: string) =>
    async ({ from, payload }: Call) => {
      const world = worlds.get(from.world);
      try {
        return await world?.functions[name]?.(payload);
      } finally {
        world?.answered.set(from.execution, (world.answered.get(from.execution) ?? 0) + 1);
      }
    };
  Object.assign(opened, await stubFunctions(endpoint, { [stubs.work]: played('work'), [stubs.ask]: played('ask') }));
});
afterAll(async () => {
  await opened.close?.();
  admin.destroy();
});

/** The contract's machine, but that its tasks say from where they call. */
function deployed(definition: object, world: string): string {
  const from = { world, execution: '{% $states.context.Execution.Name %}' };
  return JSON.stringify(definition, (key, value) => {
    if (key === 'Payload') return { from, payload: value };
    return key === 'FunctionName' ? stubs[value as keyof typeof stubs] : value;
  });
}

async function start(machines: Readonly<Record<string, object>>, functions: Functions) {
  const name = ownName('world');
  const world: World = { functions, answered: new Map() };
  worlds.set(name, world);
  for (const [machine, definition] of Object.entries(machines))
    await admin.send(
      new CreateStateMachineCommand({
        name: `${name}-${machine}`,
        definition: deployed(definition, name),
        roleArn: 'arn:aws:iam::000000000000:role/stub',
      }),
    );
  const workflows = stepFunctions({
    STATE_MACHINE_ARN_PREFIX: `arn:aws:states:us-east-1:000000000000:stateMachine:${name}-`,
  });
  const begun = new Map<string, string>();
  const watched: Workflows = {
    ...workflows,
    start: async (machine, execution, input) => {
      const outcome = await workflows.start(machine, execution, input);
      begun.set(execution, machine);
      return outcome;
    },
  };
  const isQuiet = async () => {
    for (const [execution, machine] of begun)
      if (!(await rests(workflows, machine, execution, world.answered))) return false;
    return true;
  };
  const settle = async () => {
    for (let quiet = 0; quiet < 2; quiet = (await isQuiet()) ? quiet + 1 : 0) await sleep(60);
  };
  return {
    workflows: watched,
    async pass(seconds: number) {
      const end = performance.now() + seconds * 1000;
      await settle();
      await sleep(Math.max(0, end - performance.now()));
    },
    async close() {
      for (const [execution, machine] of begun) await workflows.stop(machine, execution, 'test over');
      worlds.delete(name);
    },
  };
}

/** True when an execution has ended or waits for somebody: every call it made is answered. */
async function rests(workflows: Workflows, machine: string, execution: string, answered: World['answered']) {
  if ((await workflows.find(machine, execution))?.status !== 'running') return true;
  const history = await workflows.history(machine, execution);
  const called = history.filter(({ type }) => type === 'TaskStarted').length;
  return history.at(-1)?.type === 'TaskStarted' && answered.get(execution) === called && machine !== 'work';
}

describe('workflows on Step Functions', () => {
  workflowsContract(start);

  it('refuses what the service would refuse, and a machine that is not there', async () => {
    const { workflows, close } = await start({}, {});

    await expect(workflows.start('work', 'no/name', {})).rejects.toMatchObject({ code: 'bad_execution_name' });
    await expect(workflows.start('work', 'one', { a: 'x'.repeat(262_144) })).rejects.toMatchObject({
      code: 'input_too_large',
    });
    await expect(workflows.start('none', 'one', {})).rejects.toMatchObject({ code: 'unknown_machine' });
    await close();
  });
  it('takes inputs for the same whatever the order of their members', async () => {
    const ask = {
      QueryLanguage: 'JSONata',
      StartAt: 'Wait',
      States: { Wait: { Type: 'Wait', Seconds: 30, End: true } },
    };
    const { workflows, close } = await start({ ask }, {});

    expect(await workflows.start('ask', 'one', { a: 1, b: { c: 2, d: 3 } })).toBe('started');
    expect(await workflows.start('ask', 'one', { b: { d: 3, c: 2 }, a: 1 })).toBe('started');
    await close();
  });
});
