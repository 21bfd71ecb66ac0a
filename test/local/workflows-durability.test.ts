import { describe, expect, it } from 'vitest';
import { type Table, TableUnavailable } from '../../functions/platform/table.ts';
import { testClock } from '../../local/engine/clock.ts';
import { openTable } from '../../local/engine/table.ts';
import { createWorkflows } from '../../local/engine/workflows/workflows.ts';
import { lab, machine, named, silentLog, task, waitingTask } from './workflows-lab.ts';

const never = () => new Promise<never>(() => undefined);
/** Notes something, then answers or never does. */
const noting = <T>(list: T[], what: T, answer?: unknown) => {
  list.push(what);
  return answer === undefined ? never() : Promise.resolve(answer);
};
type Machines = Readonly<Record<string, unknown>>;
type Invoke = Parameters<typeof createWorkflows>[0]['invoke'];

/** One table and clock, over which one process follows another. */
function house(settings: { readonly indexLagMs?: number; readonly pageLimit?: number } = {}) {
  const clock = testClock();
  const table = openTable({ path: ':memory:', clock, ...settings });
  const process = (machines: Machines, invoke: Invoke, over: Table = table, more: object = {}) =>
    createWorkflows({ table: over, clock, machines, invoke, log: silentLog, random: () => 1, ...more });
  const pass = async (seconds: number, workflows: { idle(): Promise<void> }) => {
    await clock.pass(seconds);
    await workflows.idle();
  };
  return { clock, table, process, pass };
}
/** The process dies: it is never heard of again, whatever it was doing. */
const killed = (table: Table) => {
  const state = { alive: true };
  const alive =
    <Args extends unknown[], T>(act: (...args: Args) => Promise<T>) =>
    async (...args: Args) =>
      state.alive ? act(...args) : never();
  const over: Table = {
    get: alive(table.get),
    write: alive(table.write),
    query: alive(table.query),
    queryIndex: alive(table.queryIndex),
  };
  return { over, die: () => (state.alive = false) };
};

describe('P5: after the process died', () => {
  it('a task whose answer was not recorded is called again, with its full time', async () => {
    const { clock, table, process, pass } = house();
    const m = machine({ A: task('f', { TimeoutSeconds: 10, End: true }) });
    const first = killed(table);
    const attempts: string[] = [];
    await process({ m }, async (_, __, { attempt }) => noting(attempts, attempt), first.over).start('m', 'one', {});
    first.die();
    clock.advance(3600);
    const second = process({ m }, async (_, __, { attempt }) => noting(attempts, attempt, 'done'));

    expect(await second.recover()).toEqual({ running: 1, refired: 1 });
    await second.idle();

    expect(await second.find('m', 'one')).toMatchObject({ status: 'succeeded', output: 'done' });
    expect(attempts).toHaveLength(2);
    expect(new Set(attempts).size).toBe(1);
    await pass(0, second);
  });
  it('a delivered callback keeps waiting, and its token still counts', async () => {
    const { table, process } = house();
    const m = machine({ A: waitingTask('f', { End: true }) });
    const first = killed(table);
    const tokens: string[] = [];
    const keep: Invoke = async (_, payload) => void tokens.push((payload as { token: string }).token);
    const one = process({ m }, keep, first.over);
    await one.start('m', 'one', {});
    await one.idle();
    first.die();
    const second = process({ m }, keep);

    expect(await second.recover()).toEqual({ running: 1, refired: 0 });
    await second.idle();

    expect(tokens).toHaveLength(1);
    expect(await second.succeedTask(String(tokens[0]), { yes: true })).toBe('done');
    expect(await second.find('m', 'one')).toMatchObject({ status: 'succeeded', output: { yes: true } });
  });
  it('a callback not yet delivered is delivered again with the same token', async () => {
    const { table, process } = house();
    const m = machine({ A: waitingTask('f', { End: true }) });
    const first = killed(table);
    const tokens: string[] = [];
    const token = (payload: unknown) => (payload as { token: string }).token;
    await process({ m }, async (_, payload) => noting(tokens, token(payload)), first.over).start('m', 'one', {});
    first.die();
    const second = process({ m }, async (_, payload) => void tokens.push(token(payload)));
    await second.recover();
    await second.idle();

    expect(tokens[1]).toBe(tokens[0]);
    expect(await second.succeedTask(String(tokens[0]), {})).toBe('done');
  });
  it('waits and retries go on at their instant, or at once when it has passed', async () => {
    const { clock, table, process, pass } = house();
    const m = machine({
      W: { Type: 'Wait', Seconds: 100, Next: 'A' },
      A: task('f', { Retry: [{ ErrorEquals: ['X'], IntervalSeconds: 50 }], End: true }),
    });
    const calls: number[] = [];
    const failing: Invoke = async () => {
      calls.push(clock.now().getTime());
      if (calls.length === 1) throw named('X');
      return 'done';
    };
    const start = clock.now().getTime();
    const first = killed(table);
    await process({ m }, failing, first.over).start('m', 'one', {});
    first.die();
    clock.advance(60);
    const second = killed(table);
    const two = process({ m }, failing, second.over);
    await two.recover();
    await pass(45, two);
    second.die();
    clock.advance(500);
    const three = process({ m }, failing);
    await three.recover();
    await three.idle();

    expect(calls.map((at) => (at - start) / 1000)).toEqual([100, 605]);
    expect(await three.find('m', 'one')).toMatchObject({ status: 'succeeded' });
  });
  it('a task that takes the process down every time fails as Lambda reports it, in the end', async () => {
    const { table, process } = house();
    const m = machine({
      A: task('f', { Catch: [{ ErrorEquals: ['Lambda.Unknown'], Output: 'gave up', Next: 'Z' }], End: true }),
      Z: { Type: 'Succeed' },
    });
    const calls: string[] = [];
    const deadly: Invoke = async (name) => noting(calls, name);
    for (let life = 0; life < 7; life++) {
      const now = killed(table);
      const workflows = process({ m }, deadly, now.over);
      await workflows.recover();
      await workflows.start('m', 'one', {});
      now.die();
    }
    expect(await process({ m }, deadly).find('m', 'one')).toMatchObject({ output: 'gave up' });
    expect(calls).toHaveLength(6);
  });
  it('X3: running executions keep the definition they began with', async () => {
    const { process, table } = house();
    const old = machine({ A: waitingTask('f', { Next: 'B' }), B: { Type: 'Pass', Output: 'old', End: true } });
    const present = machine({ A: waitingTask('f', { Next: 'C' }), C: { Type: 'Pass', Output: 'new', End: true } });
    const tokens: string[] = [];
    const keep: Invoke = async (_, payload) => void tokens.push((payload as { token: string }).token);
    const first = killed(table);
    const one = process({ m: old }, keep, first.over);
    await one.start('m', 'before', {});
    await one.idle();
    first.die();
    const second = process({ m: present }, keep);
    await second.recover();
    await second.start('m', 'after', {});
    await second.idle();
    for (const token of tokens) await second.succeedTask(token, {});

    expect((await second.find('m', 'before'))?.output).toBe('old');
    expect((await second.find('m', 'after'))?.output).toBe('new');
  });
  it('finds thousands of waiting executions without reading them all, page by page', async () => {
    const { process, table } = house({ pageLimit: 7 });
    const m = machine({ W: { Type: 'Wait', Seconds: 86_400, End: true } });
    const first = killed(table);
    const one = process({ m }, never, first.over);
    for (let at = 0; at < 100; at++) await one.start('m', `e${at}`, {});
    first.die();
    const prefixes: string[] = [];
    const query: Table['query'] = async (asked) => {
      prefixes.push(asked.pk);
      return table.query(asked);
    };
    const counting: Table = { ...table, query };
    const second = process({ m }, never, counting);

    expect(await second.recover()).toEqual({ running: 100, refired: 0 });
    expect(prefixes).toEqual([]);
  });
  it('left-overs of an earlier round of a Map are thrown away, never taken for living', async () => {
    const { process, table, pass } = house();
    const m = machine({ W: { Type: 'Wait', Seconds: 9, Next: 'X' }, X: { Type: 'Wait', Seconds: 9, End: true } });
    const workflows = process({ m }, never);
    await workflows.start('m', 'one', {});
    await workflows.idle();
    const stray = { path: 'r.7-0', phase: { kind: 'ready', fresh: true } };
    await table.write([{ op: 'put', key: { pk: 'WFX#m#one', sk: 'F#r.7-0#0' }, data: { frame: stray } }]);

    await pass(9, workflows);

    const left = table.scan().filter(({ key }) => key.sk.startsWith('F#'));
    expect(left.map(({ key }) => key.sk)).toEqual(['F#r#0']);
  });
});

describe('writes', () => {
  const counted = (table: Table) => {
    const sizes: number[] = [];
    const write: Table['write'] = async (writes) => {
      sizes.push(writes.length);
      return table.write(writes);
    };
    const over: Table = { ...table, write };
    return { sizes, over };
  };
  it('are one for each task that ends: its exit and the next entry go together', async () => {
    const { process, table } = house();
    const { sizes, over } = counted(table);
    const choice = { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'B' }] };
    const m = machine({
      A: task('f', { Next: 'C' }),
      C: choice,
      B: task('f', { Next: 'P' }),
      P: { Type: 'Pass', End: true },
    });
    const workflows = process({ m }, async () => 1, over);
    await workflows.start('m', 'one', {});
    await workflows.idle();

    expect(sizes).toHaveLength(1 + 3); // the definition, the start, two answers
  });
  it('stay within 100 items however wide a Map is and however much it carries', async () => {
    const { process, table } = house();
    const { sizes, over } = counted(table);
    const M = {
      Type: 'Map',
      Items: '{% [1..20] %}',
      ItemSelector: { much: "{% $pad('', 250000, 'x') %}" },
      ItemProcessor: { StartAt: 'T', States: { T: task('f', { Output: 1, End: true }) } },
      End: true,
    };
    const workflows = process({ m: machine({ M }) }, async () => 1, over);
    await workflows.start('m', 'one', {});
    await workflows.idle();

    expect((await workflows.find('m', 'one'))?.output).toHaveLength(20);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
  });
  it('X4: that the table refuses are repeated: the answer of a task is not lost', async () => {
    const { clock, process, table } = house();
    let refuse = 0;
    const over: Table = {
      ...table,
      write: async (writes) => (refuse-- > 0 ? Promise.reject(new TableUnavailable('full')) : table.write(writes)),
    };
    let calls = 0;
    const workflows = process(
      { m: machine({ A: task('f', { End: true }) }) },
      async () => {
        refuse = 3;
        return ++calls;
      },
      over,
    );
    await workflows.start('m', 'one', {});
    await workflows.idle();
    expect(await workflows.find('m', 'one')).toMatchObject({ status: 'running' });
    await clock.pass(20);

    expect(await workflows.find('m', 'one')).toMatchObject({ status: 'succeeded', output: 1 });
    expect(calls).toBe(1);
  });
  it('X4: that the table refuses are not acknowledged: start and signal throw, and nothing has happened', async () => {
    const { process, table } = house();
    const broken = { now: false };
    const over: Table = {
      ...table,
      write: async (writes) => (broken.now ? Promise.reject(new TableUnavailable('full')) : table.write(writes)),
    };
    const tokens: string[] = [];
    const workflows = process(
      { m: machine({ A: waitingTask('f', { End: true }) }) },
      async (_, p) => void tokens.push((p as { token: string }).token),
      over,
    );
    await workflows.start('m', 'one', {});
    await workflows.idle();
    broken.now = true;

    await expect(workflows.start('m', 'two', {})).rejects.toThrow(TableUnavailable);
    await expect(workflows.succeedTask(String(tokens[0]), {})).rejects.toThrow(TableUnavailable);
    broken.now = false;
    expect(await workflows.find('m', 'two')).toBeUndefined();
    expect(await workflows.find('m', 'one')).toMatchObject({ status: 'running' });
    expect(await workflows.succeedTask(String(tokens[0]), {})).toBe('done');
  });
  it('of another process are noticed: a second engine over the same table goes on from there', async () => {
    const { process } = house();
    const answers: ((value: unknown) => void)[] = [];
    const m = machine({ A: task('f', { End: true }) });
    const one = process({ m }, () => new Promise((resolve) => answers.push(resolve)));
    await one.start('m', 'one', {});
    const two = process({ m }, async () => 'second');
    await two.recover();
    await two.idle();
    answers[0]?.('first');
    await one.idle();

    expect(await one.find('m', 'one')).toMatchObject({ status: 'succeeded', output: 'second' });
    expect((await one.history('m', 'one')).filter(({ type }) => type === 'ExecutionSucceeded')).toHaveLength(1);
  });
  it('name the boundaries of every write and call', async () => {
    const names: string[] = [];
    const { workflows } = lab(
      { m: machine({ A: task('f', { End: true }) }) },
      {},
      { boundary: (name: string) => names.push(name) },
    );
    await workflows.start('m', 'one', {});
    await workflows.idle();

    expect(names).toEqual([
      'before write',
      'after write',
      'before call A',
      'after call A',
      'before write',
      'after write',
    ]);
  });
});

describe('in the course of time', () => {
  it('a name is free again 90 days after the end, and the old history is gone', async () => {
    const { workflows, pass } = lab({ m: machine({ A: { Type: 'Pass', End: true } }) });
    await workflows.start('m', 'one', { round: 1 });
    await workflows.idle();
    await pass(89 * 86_400);
    expect(await workflows.start('m', 'one', { round: 2 })).toBe('exists');
    await pass(2 * 86_400);

    expect(await workflows.find('m', 'one')).toBeUndefined();
    expect(await workflows.start('m', 'one', { round: 2 })).toBe('started');
    await workflows.idle();
    expect(await workflows.find('m', 'one')).toMatchObject({ input: { round: 2 }, output: { round: 2 } });
    expect((await workflows.history('m', 'one')).map(({ id }) => id)).toEqual([1, 2, 3, 4]);
  });
  it('an execution that has ended has left the due index and holds no frames', async () => {
    const { workflows, table } = lab({ m: machine({ A: { Type: 'Fail', Error: 'E' } }) });
    await workflows.start('m', 'one', {});
    await workflows.idle();

    for (let bucket = 0; bucket < 8; bucket++) {
      expect((await table.queryIndex('list1', { pk: `DUE#workflow#${bucket}`, limit: 9 })).items).toEqual([]);
    }
    expect(table.scan().some(({ key }) => key.sk.startsWith('F#'))).toBe(false);
  });
  it('a late index hides nothing that was running when the process died', async () => {
    const { process, table, clock } = house({ indexLagMs: 500 });
    const m = machine({ W: { Type: 'Wait', Seconds: 60, End: true } });
    const first = killed(table);
    await process({ m }, never, first.over).start('m', 'one', {});
    first.die();
    clock.advance(1);
    const second = process({ m }, never);

    expect((await second.recover()).running).toBe(1);
  });
});

describe('closing', () => {
  it('waits for calls under way, records them, and begins none', async () => {
    const { process } = house();
    const answers: ((value: unknown) => void)[] = [];
    const m = machine({ A: task('f', { Next: 'B' }), B: task('f', { End: true }) });
    const one = process({ m }, () => new Promise((resolve) => answers.push(resolve)));
    await one.start('m', 'one', {});
    const closed = one.close();
    answers[0]?.(1);
    await closed;

    expect(answers).toHaveLength(1);
    const two = process({ m }, async () => 2);
    expect(await two.recover()).toEqual({ running: 1, refired: 1 });
    await two.idle();
    expect((await two.history('m', 'one')).filter(({ type }) => type === 'TaskSucceeded')).toHaveLength(2);
  });
  it('does not wait for ever: a call that does not end is made again by the next process', async () => {
    const { clock, process } = house();
    const answers: ((value: unknown) => void)[] = [];
    const m = machine({ A: task('f', { End: true }) });
    const one = process({ m }, () => new Promise((resolve) => answers.push(resolve)));
    await one.start('m', 'one', {});
    const closed = one.close();
    await clock.pass(5);
    await closed;
    answers[0]?.('too late');
    await one.idle();

    expect(await one.find('m', 'one')).toMatchObject({ status: 'running' });
  });
});
