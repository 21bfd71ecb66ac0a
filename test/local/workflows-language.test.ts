import { describe, expect, it } from 'vitest';
import { InvalidInput, NumberUnavailable, TooLarge } from '../../functions/domain/errors.ts';
import { lab, machine, named, run, task, waitingTask } from './workflows-lab.ts';

const succeed = { Type: 'Succeed' };
const pass = (more: object) => ({ Type: 'Pass', ...more });
const outputOf = async (...args: Parameters<typeof run>) => (await run(...args)).execution.output;
const errorOf = async (...args: Parameters<typeof run>) => (await run(...args)).execution.error?.error;
const evaluated = (expression: string, input = {}) =>
  outputOf({ A: pass({ Output: { value: `{% ${expression} %}` }, End: true }) }, input);
const catching = (...names: string[]) => ({
  Catch: names.map((name) => ({ ErrorEquals: [name], Output: { caught: name }, Next: 'Z' })),
  End: true,
});

describe('data', () => {
  it('flows from output to input, and variables stay', async () => {
    const states = {
      A: pass({ Assign: { v: '{% $states.input.a %}' }, Output: { b: '{% $states.input.a + 1 %}' }, Next: 'B' }),
      B: pass({ Output: { sum: '{% $v + $states.input.b %}' }, End: true }),
    };
    expect(await outputOf(states, { a: 3 })).toEqual({ sum: 7 });
  });
  it('assigns all at once: every expression, and the output, sees the values from before', async () => {
    const states = {
      A: pass({ Assign: { a: 1, b: 2 }, Next: 'B' }),
      B: pass({ Assign: { a: '{% $b %}', b: '{% $a %}' }, Output: { seen: '{% $a %}' }, Next: 'C' }),
      C: pass({ Output: { a: '{% $a %}', b: '{% $b %}', seen: '{% $states.input.seen %}' }, End: true }),
    };
    expect(await outputOf(states, {})).toEqual({ a: 2, b: 1, seen: 1 });
  });
  it('hands on the input where there is no Output', async () => {
    expect(await outputOf({ A: pass({ Next: 'B' }), B: succeed }, { a: 1 })).toEqual({ a: 1 });
  });
  it('gives a function pure JSON and takes pure JSON, with the transport around it', async () => {
    const states = { A: task('f', { Output: '{% $states.result %}', End: true }) };
    const answer = { at: new Date(0), none: undefined };
    expect(await outputOf(states, {}, { f: () => answer })).toEqual({
      ExecutedVersion: '$LATEST',
      StatusCode: 200,
      Payload: { at: '1970-01-01T00:00:00.000Z' },
    });
  });
  it('is not changed by a function that changes what it got', async () => {
    const states = { A: task('f', { Output: '{% $states.input %}', End: true }) };
    const f = (payload: { a: number }) => {
      payload.a = 2;
    };
    expect(await outputOf(states, { a: 1 }, { f })).toEqual({ a: 1 });
  });
  it('knows execution, state, machine and retries from the context', async () => {
    const states = { A: pass({ Output: '{% $states.context %}', End: true }) };
    expect(await outputOf(states, { a: 1 })).toMatchObject({
      Execution: { Name: 'one', Input: { a: 1 }, StartTime: '2026-01-15T09:00:00.000Z' },
      State: { Name: 'A', EnteredTime: '2026-01-15T09:00:00.000Z', RetryCount: 0 },
      StateMachine: { Name: 'm' },
    });
  });
  it.each([
    ['$partition([1, 2, 3, 4, 5], 2)', [[1, 2], [3, 4], [5]]],
    ['$range(0, 10, 5)', [0, 5, 10]],
    ['$range(3, 1, -1)', [3, 2, 1]],
    ["$hash('x', 'SHA-256')", '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'],
    ['$parse(\'{"a":[1]}\').a', [1]],
    ['$random(7) = $random(7)', true],
    ['$random() < 1', true],
    ['$length($uuid())', 36],
    ['$now()', '2026-01-15T09:00:00.000Z'],
    ["$now('[Y]-[M01]')", '2026-01'],
    ['$millis()', 1768467600000],
  ])('has what Step Functions adds: %s', async (expression, value) => {
    expect(await evaluated(expression)).toEqual({ value });
  });
  it.each([
    ['$states.input.nope'],
    ['$nope'],
    ["'a' + 1"],
    ['$hash(1)'],
    ['$range(1, 9999, 1)'],
    ['$partition([1], 0)'],
    ['function($x) { $x }'],
  ])('an expression without a good value is an error of its own: %s', async (expression) => {
    const states = { A: pass({ Output: `{% ${expression} %}`, End: true }) };
    expect(await errorOf(states, {})).toBe('States.QueryEvaluationError');
  });
  it('refuses what is over 256 KiB: output, variables, arguments, a function’s answer', async () => {
    const big = "{% $pad('', 262143, 'x') %}";
    const over = 'States.DataLimitExceeded';
    expect(await errorOf({ A: pass({ Output: big, End: true }) }, {})).toBe(over);
    expect(await errorOf({ A: pass({ Assign: { big }, Output: {}, End: true }) }, {})).toBe(over);
    expect(await errorOf({ A: task('f', { ...catching('States.ALL') }, big), Z: succeed }, {})).toBe(over);
    const answering = { A: task('f', { Output: {}, ...catching('States.ALL') }), Z: succeed };
    expect(await errorOf(answering, {}, { f: () => 'ä'.repeat(140_000) })).toBe(over);
    const { workflows } = lab({ m: machine({ A: succeed }) });
    await expect(workflows.start('m', 'one', { a: 'ä'.repeat(140_000) })).rejects.toThrow(TooLarge);
    await expect(workflows.start('m', 'a b', {})).rejects.toThrow(InvalidInput);
    await expect(workflows.start('nope', 'one', {})).rejects.toThrow('no state machine nope');
  });
});

describe('Choice', () => {
  const rule = (condition: string, more = {}) => ({ Condition: `{% ${condition} %}`, Next: 'Y', ...more });
  const choosing = (choices: object[], more = {}) => ({
    C: { Type: 'Choice', Choices: choices, ...more },
    Y: pass({ Output: { y: '{% $states.input %}', v: '{% $v %}' }, End: true }),
    N: pass({ Output: { n: '{% $states.input %}', v: '{% $v %}' }, End: true }),
  });
  const otherwise = { Assign: { v: 'default' }, Output: { by: 'default' }, Default: 'N' };
  it('takes the first rule that holds, with its own Assign and Output', async () => {
    const states = choosing(
      [rule('false'), rule('true', { Assign: { v: 'rule' }, Output: { by: 'rule' } })],
      otherwise,
    );
    expect(await outputOf(states, {})).toEqual({ y: { by: 'rule' }, v: 'rule' });
  });
  it('takes the default with the state’s Assign and Output', async () => {
    expect(await outputOf(choosing([rule('false')], otherwise), {})).toEqual({ n: { by: 'default' }, v: 'default' });
  });
  it('fails when nothing holds', async () => {
    const states = { C: { Type: 'Choice', Choices: [rule('false')] }, Y: succeed };
    expect(await errorOf(states, {})).toBe('States.NoChoiceMatched');
  });
  it.each(['1', "'true'", 'null', '[]'])('fails when a condition is %s, which is no boolean', async (condition) => {
    expect(await errorOf(choosing([rule(condition)], otherwise), {})).toBe('States.QueryEvaluationError');
  });
});

describe('Wait', () => {
  const waiting = (more: object) => ({ W: { Type: 'Wait', ...more, Next: 'Z' }, Z: succeed });
  it.each([
    ['seconds', { Seconds: 5 }, 4, 1],
    ['computed seconds', { Seconds: '{% 2 + 3 %}' }, 4, 1],
    ['an instant', { Timestamp: '2026-01-15T09:00:05Z' }, 4, 1],
    ['a computed instant', { Timestamp: '{% $fromMillis($millis() + 5000) %}' }, 4, 1],
    ['30 days, beyond 2^31 ms', { Seconds: 2_592_000 }, 2_591_999, 1],
  ])('waits for %s', async (_, more, before, after) => {
    const { workflows, pass: passing } = await run(waiting(more), {});
    await passing(before);
    expect(await workflows.find('m', 'one')).toMatchObject({ status: 'running' });
    await passing(after);
    expect(await workflows.find('m', 'one')).toMatchObject({ status: 'succeeded' });
  });
  it('goes on at once when the instant is past', async () => {
    const { execution } = await run(waiting({ Timestamp: '2020-01-01T00:00:00Z' }), {}, {}, 0.001);
    expect(execution.status).toBe('succeeded');
  });
  it.each([{ Seconds: '{% 1.5 %}' }, { Seconds: '{% -1 %}' }, { Seconds: "{% '5' %}" }, { Timestamp: 'tomorrow' }])(
    'fails for %j',
    async (more) => {
      expect(await errorOf(waiting(more), {})).toBe('States.QueryEvaluationError');
    },
  );
  it('sees the clock move: EnteredTime, $now and $millis', async () => {
    const states = {
      W: { Type: 'Wait', Seconds: 60, Next: 'A' },
      A: pass({ Output: ['{% $states.context.State.EnteredTime %}', '{% $now() %}'], End: true }),
    };
    const { execution } = await run(states, {}, {}, 60);
    expect(execution.output).toEqual(['2026-01-15T09:01:00.000Z', '2026-01-15T09:01:00.000Z']);
  });
});

describe('Retry', () => {
  const failing = (...names: string[]) => {
    const times: number[] = [];
    const left = [...names];
    return { times, left };
  };
  const retrying = async (retry: object[], names: string[], seconds = 100_000) => {
    const { times, left } = failing(...names);
    const here = lab(
      {
        m: machine({ A: task('f', { Retry: retry, End: true }, { count: '{% $states.context.State.RetryCount %}' }) }),
      },
      {
        f: (payload: object) => {
          times.push(here.clock.now().getTime());
          const name = left.shift();
          if (name) throw named(name);
          return payload;
        },
      },
    );
    await here.workflows.start('m', 'one', {});
    await here.pass(seconds);
    const gaps = times.slice(1).map((time, at) => (time - (times[at] ?? 0)) / 1000);
    return { gaps, execution: await here.workflows.find('m', 'one') };
  };
  const retrier = (name: string, more: object = {}) => ({ ErrorEquals: [name], ...more });

  it('backs off, up to MaxDelaySeconds, and tells the count', async () => {
    const backOff = { IntervalSeconds: 2, BackoffRate: 3, MaxDelaySeconds: 10, MaxAttempts: 4 };
    const { gaps, execution } = await retrying([retrier('Boom', backOff)], ['Boom', 'Boom', 'Boom', 'Boom']);
    expect(gaps).toEqual([2, 6, 10, 10]);
    expect(execution?.output).toEqual({ count: 4 });
  });
  it('defaults to 1 s, doubled, three times', async () => {
    const { gaps, execution } = await retrying([retrier('Boom')], ['Boom', 'Boom', 'Boom', 'Boom', 'Boom']);
    expect(gaps).toEqual([1, 2, 4]);
    expect(execution?.status).toBe('failed');
  });
  it('counts for each retrier apart', async () => {
    const two = [retrier('A', { MaxAttempts: 2 }), retrier('B', { MaxAttempts: 2 })];
    const { gaps, execution } = await retrying(two, ['A', 'B', 'A', 'B']);
    expect(gaps).toEqual([1, 1, 2, 2]);
    expect(execution?.status).toBe('succeeded');
  });
  it('is decided by the first retrier that names the error, even one that is used up', async () => {
    const two = [retrier('A', { MaxAttempts: 0 }), retrier('States.ALL')];
    expect((await retrying(two, ['A'])).execution?.status).toBe('failed');
  });
  it('jitters from 0 to the whole delay', async () => {
    const jitter = retrier('Boom', { IntervalSeconds: 8, JitterStrategy: 'FULL' });
    const states = { m: machine({ A: task('f', { Retry: [jitter], End: true }) }) };
    let calls = 0;
    const f = () => {
      calls++;
      throw named('Boom');
    };
    const here = lab(states, { f }, { random: () => 0.25 });
    await here.workflows.start('m', 'one', {});
    await here.pass(1.999);
    expect(calls).toBe(1);
    await here.pass(0.001);
    expect(calls).toBe(2);
  });
  it('begins to count anew when the state is entered again', async () => {
    const states = {
      A: task('f', { Retry: [retrier('Boom', { MaxAttempts: 1 })], Output: '{% $states.result.Payload %}', Next: 'C' }),
      C: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.again %}', Next: 'A' }], Default: 'Z' },
      Z: succeed,
    };
    const answers = ['Boom', { again: true }, 'Boom', { again: false }];
    const f = () => {
      const answer = answers.shift();
      if (typeof answer === 'string') throw named(answer);
      return answer;
    };
    expect((await run(states, {}, { f }, 10)).execution.status).toBe('succeeded');
  });
  it('starts a Map over, with all its iterations', async () => {
    let calls = 0;
    const f = () => {
      calls++;
      if (calls === 2) throw named('Boom');
      return calls;
    };
    const states = {
      M: {
        Type: 'Map',
        Items: [1, 2],
        MaxConcurrency: 1,
        Retry: [retrier('Boom')],
        ItemProcessor: { StartAt: 'T', States: { T: task('f', { End: true }) } },
        End: true,
      },
    };
    expect((await run(states, {}, { f }, 5)).execution.output).toEqual([3, 4]);
  });
});

describe('Catch', () => {
  const throwing = (name: string) => ({
    f: () => {
      throw named(name, 'why');
    },
  });
  it('gives error and cause, and keeps what is needed through Assign and Output', async () => {
    const states = {
      A: task('f', {
        Catch: [
          {
            ErrorEquals: ['Boom'],
            Assign: { error: '{% $states.errorOutput.Error %}' },
            Output: { kept: '{% $states.input.k %}', cause: '{% $parse($states.errorOutput.Cause).errorMessage %}' },
            Next: 'Z',
          },
        ],
        End: true,
      }),
      Z: pass({ Output: { error: '{% $error %}', before: '{% $states.input %}' }, End: true }),
    };
    expect(await outputOf(states, { k: 1 }, throwing('Boom'))).toEqual({
      error: 'Boom',
      before: { kept: 1, cause: 'why' },
    });
  });
  it('hands on the error where it has no Output', async () => {
    const states = { A: task('f', { Catch: [{ ErrorEquals: ['Boom'], Next: 'Z' }], End: true }), Z: succeed };
    expect(await outputOf(states, {}, throwing('Boom'))).toMatchObject({ Error: 'Boom' });
  });
  it.each([
    ['NumberUnavailable', 'NumberUnavailable', { caught: 'NumberUnavailable' }],
    ['NumberUnavailable', 'States.TaskFailed', { caught: 'States.TaskFailed' }],
    ['NumberUnavailable', 'States.ALL', { caught: 'States.ALL' }],
    ['NumberUnavailable', 'CarrierBusy', undefined],
    ['States.Runtime', 'States.ALL', undefined],
    ['States.DataLimitExceeded', 'States.TaskFailed', undefined],
    ['States.DataLimitExceeded', 'States.DataLimitExceeded', { caught: 'States.DataLimitExceeded' }],
  ])('%s is matched by %s: %j', async (name, catcher, output) => {
    const states = { A: task('f', catching(catcher)), Z: succeed };
    expect(await outputOf(states, {}, throwing(name))).toEqual(output);
  });
  it('sees the class name of what a task throws, and Lambda.Unknown for what is no error', async () => {
    const states = { A: task('f', { End: true }) };
    const refusing = () => {
      throw new NumberUnavailable({ code: 'not_available', detail: 'taken' });
    };
    expect(await errorOf(states, {}, { f: refusing })).toBe('NumberUnavailable');
    expect(await errorOf(states, {}, { f: () => Promise.reject('lost') })).toBe('Lambda.Unknown');
  });
  it('catches an expression that fails after the task', async () => {
    const states = { A: task('f', { Output: '{% $nope %}', ...catching('States.QueryEvaluationError') }), Z: succeed };
    expect(await outputOf(states, {})).toEqual({ caught: 'States.QueryEvaluationError' });
  });
  it('fails with its own error when it cannot be evaluated', async () => {
    const states = {
      A: task('f', { Catch: [{ ErrorEquals: ['Boom'], Output: '{% $nope %}', Next: 'Z' }], End: true }),
      Z: succeed,
    };
    expect(await errorOf(states, {}, throwing('Boom'))).toBe('States.QueryEvaluationError');
  });
});

describe('timeouts', () => {
  const never = () => new Promise(() => undefined);
  it.each([
    ['States.Timeout', { caught: 'States.Timeout' }],
    ['States.ALL', { caught: 'States.ALL' }],
    ['States.TaskFailed', undefined],
  ])('a task out of time is matched by %s: %j', async (catcher, output) => {
    const here = lab(
      { m: machine({ A: task('f', { ...catching(catcher), TimeoutSeconds: '{% 2 + 3 %}' }), Z: succeed }) },
      { f: never },
    );
    await here.workflows.start('m', 'one', {});
    await here.clock.pass(5);
    expect((await here.workflows.find('m', 'one'))?.output).toEqual(output);
    expect((await here.workflows.find('m', 'one'))?.status).not.toBe('running');
  });
  it('an answer after the timeout changes nothing', async () => {
    const answers: ((value: unknown) => void)[] = [];
    const slow = () => new Promise((resolve) => answers.push(resolve));
    const here = lab(
      {
        m: machine({
          A: task('f', { TimeoutSeconds: 5, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'W' }], End: true }),
          W: { Type: 'Wait', Seconds: 60, End: true },
        }),
      },
      { f: slow },
    );
    await here.workflows.start('m', 'one', {});
    await here.clock.pass(5);
    answers[0]?.({ late: true });
    await here.pass(60);
    expect((await here.workflows.find('m', 'one'))?.output).toMatchObject({ Error: 'States.Timeout' });
  });
  it('a missed heartbeat is matched by its own name and by States.Timeout', async () => {
    for (const name of ['States.HeartbeatTimeout', 'States.Timeout']) {
      const states = { A: waitingTask('f', { HeartbeatSeconds: '{% 1 + 1 %}', ...catching(name) }), Z: succeed };
      expect((await run(states, {}, {}, 2)).execution.output).toEqual({ caught: name });
    }
  });
  it.each(['{% 0 %}', '{% 1.5 %}', "{% 'x' %}"])(
    'a computed TimeoutSeconds of %s is an error',
    async (TimeoutSeconds) => {
      expect(await errorOf({ A: task('f', { TimeoutSeconds, End: true }) }, {})).toBe('States.QueryEvaluationError');
    },
  );
  it('an execution ends after its own TimeoutSeconds, and after a year at the latest', async () => {
    const loop = { W: { Type: 'Wait', Seconds: 86_400, Next: 'W' } };
    const here = lab({ short: machine(loop, { TimeoutSeconds: 10 }), long: machine(loop) });
    await here.workflows.start('short', 'one', {});
    await here.workflows.start('long', 'one', {});
    await here.pass(10);
    expect(await here.workflows.find('short', 'one')).toMatchObject({
      status: 'timed_out',
      error: { error: 'States.Timeout' },
    });
    await here.pass(364 * 86_400);
    expect(await here.workflows.find('long', 'one')).toMatchObject({ status: 'running' });
    await here.pass(86_400);
    expect(await here.workflows.find('long', 'one')).toMatchObject({ status: 'timed_out' });
  });
  it('an execution ends after 25,000 events, which nobody can catch', async () => {
    const states = { A: pass({ Next: 'B' }), B: pass({ Next: 'A' }) };
    const { execution, history } = await run(states, {});
    expect(execution).toMatchObject({ status: 'failed', error: { error: 'States.Runtime' } });
    expect(history.length).toBeGreaterThanOrEqual(25_000);
    expect(history.length).toBeLessThan(25_010);
  });
});
