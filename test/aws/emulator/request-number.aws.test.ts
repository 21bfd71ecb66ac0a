import { readFileSync } from 'node:fs';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FUNCTIONS, type Placeholder } from '../../../statemachines/rooms.ts';
import { createWorld, type Script, type World } from '../../statemachines/request-world.ts';
import { stubFunctions } from './stub-functions.ts';

const endpoint = process.env['AWS_ENDPOINT_URL'] ?? '';
const sfn = new SFNClient({
  ...{ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
});
/** Worlds by the execution whose tasks they play; every request in them is `req_1`. */
const worlds = new Map<string, World>();
const found = (name: string): World => {
  const world = worlds.get(name);
  if (!world) throw new Error(`no world ${name}`);
  return world;
};
const begun = { machine: '', close: async (): Promise<void> => undefined };

beforeAll(async () => {
  const played = (name: string) => (event: { task: string; input: { world: string } }) => {
    const { world, ...input } = event.input;
    return found(world).run(name, { task: event.task, input }, Date.now());
  };
  const stubs = await stubFunctions(endpoint, { carriers: played('carriers'), requests: played('requests') });
  const made = await sfn.send(
    new CreateStateMachineCommand({
      ...{ name: `request-number-${Date.now()}`, roleArn: 'arn:aws:iam::000000000000:role/stub' },
      definition: hurried(readFileSync('statemachines/request-number.asl.json', 'utf8')),
    }),
  );
  Object.assign(begun, { machine: made.stateMachineArn, close: stubs.close });
});
afterAll(async () => {
  await begun.close();
  sfn.destroy();
});

/** The machine as it is, but for its waits, which take a second, and that it tells its tasks whose world they play in. */
function hurried(text: string): string {
  const changed = text
    .replaceAll(/\$\{(\w+)\}/g, (_, name: Placeholder) => FUNCTIONS[name])
    .replaceAll('"input": {', '"input": { "world": "{% $states.context.Execution.Name %}",')
    .replace('[2, 10, 60, 300, 900][$probes]', '[1, 1, 1, 1, 1][$probes]')
    .replaceAll('"IntervalSeconds": 2', '"IntervalSeconds": 1');
  expect(changed).toContain('[1, 1, 1, 1, 1]');
  return changed;
}

interface Ended {
  readonly world: World;
  readonly status: string | undefined;
  readonly states: readonly string[];
}
let runs = 0;
/** Runs one request in a world of its own; each act of a person is done when the machine waits, and then signalled. */
async function play(script: Script, acts: readonly ((world: World) => void)[] = []): Promise<Ended> {
  const name = `run-${process.pid}-${++runs}`;
  const signal = async (): Promise<void> => {
    const token = world.token;
    world.token = undefined;
    if (!token) return;
    const sent = sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: '{}' }));
    // A wait that failed meanwhile is over: the next one looks by itself whether anything is decided.
    await sent.catch((error: Error) => expect(error.name).toBe('TaskTimedOut'));
  };
  const world = createWorld(script, () => void setTimeout(() => void signal(), 50));
  worlds.set(name, world);
  const input = JSON.stringify({ tenantId: 'ten_1', requestId: 'req_1', class: script.class ?? 'standard' });
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn: begun.machine, name, input }));
  const left = [...acts];
  for (let turn = 0; turn < 400; turn++) {
    const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'RUNNING') break;
    const act = world.token ? left.shift() : undefined;
    if (act) {
      act(world);
      await signal();
    }
    await new Promise((wake) => setTimeout(wake, 50));
  }
  const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
  const states = events.flatMap((event) => event.stateEnteredEventDetails?.name ?? []);
  return { world, status, states };
}

const agree = (world: World): void => {
  world.agreed = true;
};
const handIn = (world: World): void => {
  world.papers = 'accepted';
};
const approve = (world: World): void => {
  world.papers = 'approved';
};
const executed = (world: World): void => {
  for (const { item, attempt } of world.items) world.owned.set(`${item}.${attempt}`, 0);
};

describe.concurrent('the request workflow as it is deployed, run by the emulator', () => {
  it('standard: through the Map to the end', async () => {
    const { world, status, states } = await play({});

    expect([status, world.state, world.orders]).toEqual(['SUCCEEDED', 'completed', ['0.1']]);
    expect(states).toEqual([
      ...['ByClass', 'CheckPapers', 'PapersReady', 'ClaimNumbers', 'OrderNumbers', 'PurchaseNumber'],
      ...['JudgePurchase', 'RecordNumber', 'ConfigureNumber', 'Settled', 'CloseRequest'],
    ]);
  });
  it('special: waits for a person by a task token', async () => {
    const { world, status } = await play({ class: 'special' }, [agree]);

    expect([status, world.state]).toEqual(['SUCCEEDED', 'completed']);
  });
  it('restricted with papers: three waits, no carrier before the approval', async () => {
    const { world, status } = await play({ class: 'restricted', papers: 'missing' }, [agree, handIn, approve]);

    expect([status, world.state]).toEqual(['SUCCEEDED', 'completed']);
  });
  it('P3: an answer lost after execution is asked for after a computed wait, and bought once', async () => {
    const { world, status, states } = await play({ order: () => 'lost' });

    expect([status, world.orders, world.state]).toEqual(['SUCCEEDED', ['0.1'], 'completed']);
    expect(states.filter((state) => state === 'WaitToProbe')).toHaveLength(1);
  });
  it('an asynchronous carrier: the wait has a computed time limit', async () => {
    const { world, status, states } = await play({ order: () => 'accepted' }, [executed]);

    expect([status, world.state, states.includes('AwaitOrders')]).toEqual(['SUCCEEDED', 'completed', true]);
  });
  it('six numbers with mixed ends: each bought once, what was lost or refused is followed up', async () => {
    const order: NonNullable<Script['order']> = (item, attempt, tries) => {
      if (item % 3 === 1) return attempt === 1 ? 'refused' : 'done';
      return item % 3 === 2 && tries === 1 ? 'lost' : 'done';
    };
    const { world, status } = await play({ quantity: 6, order });

    expect([status, world.state]).toEqual(['SUCCEEDED', 'completed']);
    expect(world.orders.toSorted()).toEqual(['0.1', '1.1', '1.2', '2.1', '3.1', '4.1', '4.2', '5.1']);
  });
  it('a throttled function is called again; one that fails by its name goes to a person, who resumes it', async () => {
    const faults = { CheckPapers: ['Lambda.TooManyRequestsException', undefined], ClaimNumbers: ['TypeError'] };
    const { world, status } = await play({ faults }, [() => undefined]);

    expect([status, world.state, world.help]).toEqual(['SUCCEEDED', 'completed', ['ClaimNumbers']]);
  });
  it('a wait whose function fails is begun again with a new token', async () => {
    const faults = { AwaitAgreement: ['TableUnavailable'] };
    const { world, status } = await play({ class: 'special', faults }, [agree, agree]);

    expect([status, world.state]).toEqual(['SUCCEEDED', 'completed']);
  });
});
