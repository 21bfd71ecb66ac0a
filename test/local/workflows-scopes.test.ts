import { describe, expect, it } from 'vitest';
import { lab, machine, named, run, task, waitingTask } from './workflows-lab.ts';

const succeed = { Type: 'Succeed' };
const map = (states: Record<string, object>, more: object = {}) => ({
  Type: 'Map',
  Items: '{% $states.input.items %}',
  ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: Object.keys(states)[0], States: states },
  End: true,
  ...more,
});
/** A function that measures how many calls run at once. */
const measuring = () => {
  const seen = { now: 0, most: 0, calls: 0 };
  const f = async (value: unknown) => {
    seen.calls++;
    seen.now++;
    seen.most = Math.max(seen.most, seen.now);
    await new Promise((resolve) => setImmediate(resolve));
    seen.now--;
    return value;
  };
  return { seen, f };
};
const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);

describe('Map', () => {
  it('keeps the order, at most MaxConcurrency at once', async () => {
    const { seen, f } = measuring();
    const states = { M: map({ T: task('f', { End: true }) }, { MaxConcurrency: 2 }) };
    const { execution } = await run(states, { items: [5, 6, 7, 8] }, { f });
    expect(execution.output).toEqual([5, 6, 7, 8]);
    expect(seen.most).toBe(2);
  });
  it('never runs more than 40 iterations at once', async () => {
    const { seen, f } = measuring();
    const states = { M: map({ T: task('f', { End: true }) }, { MaxConcurrency: '{% 500 %}' }) };
    const { execution } = await run(states, { items: numbers(100) }, { f });
    expect(execution.output).toEqual(numbers(100));
    expect(seen.most).toBe(40);
  });
  it('selects the input of each item', async () => {
    const ItemSelector = {
      value: '{% $states.context.Map.Item.Value %}',
      index: '{% $states.context.Map.Item.Index %}',
      of: '{% $count($states.input.items) %}',
    };
    const states = { M: map({ T: task('f', { End: true }) }, { ItemSelector }) };
    const { execution } = await run(states, { items: ['a', 'b'] }, { f: (payload: unknown) => payload });
    expect(execution.output).toEqual([
      { value: 'a', index: 0, of: 2 },
      { value: 'b', index: 1, of: 2 },
    ]);
  });
  it('gives an empty list for no items', async () => {
    const { execution } = await run({ M: map({ T: task('f', { End: true }) }) }, { items: [] });
    expect(execution).toMatchObject({ status: 'succeeded', output: [] });
  });
  it('reads outer variables; what an iteration assigns stays in it', async () => {
    const states = {
      A: { Type: 'Pass', Assign: { outer: 10 }, Next: 'M' },
      M: map(
        {
          B: { Type: 'Pass', Assign: { own: '{% $states.input + $outer %}' }, Next: 'C' },
          C: { Type: 'Pass', Output: '{% $own %}', End: true },
        },
        { End: undefined, Next: 'Z' },
      ),
      Z: { Type: 'Pass', Output: { all: '{% $states.input %}', own: '{% $exists($own) %}' }, End: true },
    };
    const { execution } = await run(states, { items: [1, 2] });
    expect(execution.output).toEqual({ all: [11, 12], own: false });
  });
  it('assigns from the results of all', async () => {
    const states = {
      M: map(
        { T: task('f', { End: true }) },
        { Assign: { sum: '{% $sum($states.result) %}' }, Output: {}, End: undefined, Next: 'Z' },
      ),
      Z: { Type: 'Pass', Output: '{% $sum %}', End: true },
    };
    const { execution } = await run(states, { items: [1, 2, 3] }, { f: (n: number) => n * 2 });
    expect(execution.output).toBe(12);
  });
  it('fails with the error of an iteration; the others are given up', async () => {
    const states = {
      M: map(
        {
          C: { Type: 'Choice', Choices: [{ Condition: '{% $states.input = 2 %}', Next: 'T' }], Default: 'W' },
          T: task('f', { End: true }),
          W: { Type: 'Wait', Seconds: 60, End: true },
        },
        { Catch: [{ ErrorEquals: ['Boom'], Output: 'caught', Next: 'Z' }] },
      ),
      Z: succeed,
    };
    const boom = () => {
      throw named('Boom');
    };
    const { execution, table, types } = await run(states, { items: [1, 2, 3] }, { f: boom });
    expect(execution.output).toBe('caught');
    expect(types).toContain('MapIterationFailed');
    expect(table.scan().filter(({ key }) => key.sk.startsWith('F#'))).toEqual([]);
  });
  it.each(["{% 'abc' %}", '{% {} %}', '{% 1 %}'])('fails when Items is %s', async (Items) => {
    const { execution } = await run({ M: map({ T: succeed }, { Items }) }, {});
    expect(execution.error?.error).toBe('States.QueryEvaluationError');
  });
  it('nests: a Map in a Parallel in a Map', async () => {
    const inner = map({ T: task('f', { End: true }) }, { Items: '{% [1, 2] %}' });
    const states = {
      M: map({
        P: {
          Type: 'Parallel',
          Branches: [
            { StartAt: 'N', States: { N: inner } },
            {
              StartAt: 'Q',
              States: { Q: { Type: 'Pass', Output: '{% $states.context.Map.Item.Value %}', End: true } },
            },
          ],
          End: true,
        },
      }),
    };
    const { execution } = await run(states, { items: ['a', 'b'] }, { f: (n: number) => -n });
    expect(execution.output).toEqual([
      [[-1, -2], 'a'],
      [[-1, -2], 'b'],
    ]);
  });
  it('keeps every item under 400 KB with 100 iterations that carry much', async () => {
    const states = {
      A: { Type: 'Pass', Assign: { large: "{% $pad('', 240000, 'x') %}" }, Next: 'M' },
      M: map(
        {
          B: { Type: 'Pass', Assign: { mine: '{% $large %}' }, Next: 'T' },
          T: task('f', { Output: "{% $pad('', 2000, 'y') %}", End: true }, { v: '{% $mine %}' }),
        },
        { MaxConcurrency: 40 },
      ),
    };
    const sizes: number[] = [];
    let calls = 0;
    const f = () => {
      if (++calls !== 50) return;
      sizes.push(...here.table.scan().map(({ data }) => Buffer.byteLength(JSON.stringify(data))));
    };
    const here = lab({ m: machine(states) }, { f });
    await here.workflows.start('m', 'one', { items: numbers(100) });
    await here.workflows.idle();

    expect((await here.workflows.find('m', 'one'))?.output).toHaveLength(100);
    expect(sizes.length).toBeGreaterThan(100);
    expect(Math.max(...sizes)).toBeLessThan(400_000);
    expect(here.table.scan().filter(({ key }) => key.sk.startsWith('F#'))).toEqual([]);
  });
});

describe('Parallel', () => {
  const branch = (name: string, state: object) => ({ StartAt: name, States: { [name]: state } });
  it('gives each branch the same input and collects in order', async () => {
    const states = {
      P: {
        Type: 'Parallel',
        Arguments: { n: '{% $states.input.n + 1 %}' },
        Branches: [branch('A', task('double', { End: true })), branch('B', { Type: 'Wait', Seconds: 5, End: true })],
        End: true,
      },
    };
    const { execution } = await run(states, { n: 1 }, { double: ({ n }: { n: number }) => n * 2 }, 5);
    expect(execution.output).toEqual([4, { n: 2 }]);
  });
  it('fails when a branch fails: the others are given up, their tokens gone', async () => {
    const tokens: string[] = [];
    const states = {
      P: {
        Type: 'Parallel',
        Branches: [
          branch('A', waitingTask('ask', { End: true })),
          branch('B', { Type: 'Wait', Seconds: 5, Next: 'C' }),
        ],
        Catch: [{ ErrorEquals: ['Own'], Output: { cause: '{% $states.errorOutput.Cause %}' }, Next: 'Z' }],
        End: true,
      },
      Z: succeed,
    };
    const failing = { ...branch('B', { Type: 'Wait', Seconds: 5, Next: 'C' }) };
    Object.assign(failing.States, { C: { Type: 'Fail', Error: 'Own', Cause: "{% 'because' %}" } });
    states.P.Branches[1] = failing;
    const ask = ({ token }: { token: string }) => tokens.push(token);
    const { execution, workflows } = await run(states, {}, { ask }, 5);
    expect(execution.output).toEqual({ cause: 'because' });
    expect(await workflows.succeedTask(String(tokens[0]), {})).toBe('gone');
  });
});
