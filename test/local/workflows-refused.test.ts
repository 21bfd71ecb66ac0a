import { describe, expect, it } from 'vitest';
import { InvalidMachine } from '../../local/engine/workflows/machine.ts';
import { readMachines } from '../../local/engine/workflows/machine-files.ts';
import { loadMachine } from '../../local/engine/workflows/machine-load.ts';
import { lab, machine, task, waitingTask } from './workflows-lab.ts';

const problemsOf = (definition: unknown): readonly string[] => {
  try {
    loadMachine(definition);
    return [];
  } catch (problem) {
    if (problem instanceof InvalidMachine) return problem.problems;
    throw problem;
  }
};
const end = { End: true };
const pass = (more: object = end) => ({ Type: 'Pass', ...more });
const inMap = (states: Record<string, object>, more: object = {}) => ({
  Type: 'Map',
  Items: [],
  ItemProcessor: { StartAt: Object.keys(states)[0], States: states },
  End: true,
  ...more,
});

describe('a definition is refused, with state and field,', () => {
  const one = (state: object) => machine({ A: state });
  it.each([
    ['an unknown field', one(pass({ ...end, Result: {} })), 'state A: Result is not supported'],
    [
      'an unknown field of the machine',
      machine({ A: pass() }, { Version: '1.0' }),
      'machine: Version is not supported',
    ],
    ['a JSONPath field', one(task('f', { ...end, ResultPath: '$.a' })), 'state A: ResultPath is not supported'],
    [
      'a JSONPath template',
      one(pass({ ...end, Output: { a: { 'b.$': '$.c' } } })),
      'state A: Output.a.b.$: a JSONPath field',
    ],
    [
      'JSONPath as a language',
      machine({ A: pass() }, { QueryLanguage: 'JSONPath' }),
      'machine: QueryLanguage must be JSONata',
    ],
    ['no language', { StartAt: 'A', States: { A: pass() } }, 'machine: QueryLanguage must be JSONata'],
    ['JSONPath in one state', one(pass({ ...end, QueryLanguage: 'JSONPath' })), 'state A: QueryLanguage only JSONata'],
    ['a state type it does not know', one({ Type: 'Teleport', ...end }), 'state A: Type'],
    ['another service', one(task('f', { ...end, Resource: 'arn:aws:states:::dynamodb:putItem' })), 'state A: Resource'],
    [
      'a function named by its ARN only',
      one(task('f', { ...end, Resource: 'arn:aws:lambda:x:1:function:f' })),
      'state A: Resource',
    ],
    [
      'a task without timeout',
      one(task('f', { ...end, TimeoutSeconds: undefined })),
      'state A: TimeoutSeconds must be',
    ],
    ['half a second', one(task('f', { ...end, TimeoutSeconds: 0.5 })), 'state A: TimeoutSeconds must be'],
    [
      'another argument',
      one(task('f', { ...end, Arguments: { FunctionName: 'f', Payload: {}, Qualifier: '1' } })),
      'state A: Arguments.Qualifier is not supported',
    ],
    [
      'no payload',
      one(task('f', { ...end, Arguments: { FunctionName: 'f' } })),
      'state A: Arguments.Payload is missing',
    ],
    ['a computed function name', one(task("{% 'f' %}", end)), 'state A: Arguments.FunctionName must be a plain name'],
    ['Next and End', one(pass({ ...end, Next: 'A' })), 'state A: needs either Next or End'],
    ['neither Next nor End', one(pass({})), 'state A: needs either Next or End'],
    ['a dangling Next', one(pass({ Next: 'B' })), 'state A: Next: there is no state B'],
    [
      'a dangling Catch',
      one(task('f', { ...end, Catch: [{ ErrorEquals: ['X'], Next: 'B' }] })),
      'state A: Next: there is no state B',
    ],
    [
      'a dangling Default',
      one({ Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'A' }], Default: 'B' }),
      'there is no state B',
    ],
    ['a dangling StartAt', machine({ A: pass() }, { StartAt: 'B' }), 'there is no state B'],
    ['a state nobody reaches', machine({ A: pass(), B: pass() }), 'state B: cannot be reached'],
    ['a name used twice', machine({ A: inMap({ A: pass() }) }), 'state A › A: its name is used twice'],
    [
      'a variable of a Map that reuses an outer name',
      machine({ A: pass({ Assign: { v: 1 }, Next: 'M' }), M: inMap({ B: pass({ ...end, Assign: { v: 2 } }) }) }),
      'state M › B: Assign.v reuses the name',
    ],
    [
      'such a variable in a Catch of a Parallel',
      machine({
        A: pass({ Assign: { v: 1 }, Next: 'P' }),
        P: {
          Type: 'Parallel',
          ...end,
          Branches: [
            {
              StartAt: 'B',
              States: {
                B: task('f', { ...end, Catch: [{ ErrorEquals: ['X'], Assign: { v: 2 }, Next: 'C' }] }),
                C: pass(),
              },
            },
          ],
        },
      }),
      'state P › B: Assign.v reuses the name',
    ],
    ['a variable called states', one(pass({ ...end, Assign: { states: 1 } })), 'state A: Assign.states'],
    ['a variable with an odd name', one(pass({ ...end, Assign: { 'a-b': 1 } })), 'state A: Assign.a-b'],
    ['a broken expression', one(pass({ ...end, Output: { a: ['{% 1 + %}'] } })), 'state A: Output.a[0]:'],
    [
      'an expression within other text',
      one(pass({ ...end, Output: 'hello {% $name %}' })),
      'state A: Output: an expression must fill its string',
    ],
    [
      'a function Step Functions lacks',
      one(pass({ ...end, Output: "{% $eval('1') %}" })),
      'state A: Output: $eval does not exist',
    ],
    [
      'a Choice without an expression',
      one({ Type: 'Choice', Choices: [{ Condition: 'true', Next: 'A' }] }),
      'state A: Choices.0.Condition must be a JSONata expression',
    ],
    ['a Wait for nothing', one({ Type: 'Wait', ...end }), 'state A: needs either Seconds or Timestamp'],
    [
      'a Wait for two things',
      one({ Type: 'Wait', Seconds: 1, Timestamp: '2026-01-01T00:00:00Z', ...end }),
      'state A: needs either Seconds or Timestamp',
    ],
    [
      'a distributed Map',
      one(
        inMap(
          { B: pass() },
          { ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, StartAt: 'B', States: { B: pass() } } },
        ),
      ),
      'state A: ItemProcessor.ProcessorConfig.Mode only INLINE',
    ],
    ['a Map that reads files', one(inMap({ B: pass() }, { ItemReader: {} })), 'state A: ItemReader is not supported'],
    ['a Map without Items', one(inMap({ B: pass() }, { Items: undefined })), 'state A: Items must be'],
    [
      'a wrong state within a Map',
      one(inMap({ B: pass({ ...end, Result: 1 }) })),
      'state A › B: Result is not supported',
    ],
    [
      'States.ALL beside others',
      one(task('f', { ...end, Retry: [{ ErrorEquals: ['X', 'States.ALL'] }] })),
      'state A: Retry[0]: States.ALL must stand alone and last',
    ],
    [
      'States.ALL before others',
      one(
        task('f', {
          ...end,
          Catch: [
            { ErrorEquals: ['States.ALL'], Next: 'A' },
            { ErrorEquals: ['X'], Next: 'A' },
          ],
        }),
      ),
      'state A: Catch[0]: States.ALL must stand alone and last',
    ],
    [
      'a shrinking backoff',
      one(task('f', { ...end, Retry: [{ ErrorEquals: ['X'], BackoffRate: 0.5 }] })),
      'state A: Retry.0.BackoffRate',
    ],
    ['an Assign in a Succeed', one({ Type: 'Succeed', Assign: { a: 1 } }), 'state A: Assign is not supported'],
    ['nothing at all', undefined, 'machine: definition'],
  ])('for %s', (_, definition, problem) => {
    expect(problemsOf(definition).join('\n')).toContain(problem);
  });

  it('naming every problem at once', () => {
    expect(problemsOf(machine({ A: pass({ Next: 'C', Result: 1 }), B: pass() }))).toHaveLength(3);
  });
  it('before anything runs', () => {
    expect(() => lab({ m: machine({ A: pass({}) }) })).toThrow(InvalidMachine);
  });
});

describe('a definition', () => {
  it('that uses all there is to use is taken', () => {
    const retry = {
      Retry: [
        {
          ErrorEquals: ['X'],
          IntervalSeconds: 1,
          BackoffRate: 1,
          MaxAttempts: 0,
          MaxDelaySeconds: 9,
          JitterStrategy: 'FULL',
          Comment: 'c',
        },
      ],
    };
    const caught = { Catch: [{ ErrorEquals: ['States.ALL'], Assign: { e: 1 }, Output: {}, Next: 'Z', Comment: 'c' }] };
    const states = {
      A: task('f', {
        ...retry,
        ...caught,
        Assign: { a: 1 },
        HeartbeatSeconds: 9,
        Comment: 'c',
        QueryLanguage: 'JSONata',
        Next: 'B',
      }),
      B: waitingTask('f', { TimeoutSeconds: '{% 1 + 1 %}', HeartbeatSeconds: '{% 1 %}', Next: 'M' }),
      M: inMap(
        { I: pass({ ...end, Assign: { inner: 1 } }) },
        { ItemSelector: {}, MaxConcurrency: '{% 5 %}', ...retry, ...caught, End: undefined, Next: 'P' },
      ),
      P: {
        Type: 'Parallel',
        Branches: [{ StartAt: 'J', States: { J: pass({ ...end, Assign: { inner: 2 } }) } }],
        Arguments: {},
        ...retry,
        ...caught,
        Next: 'W',
      },
      W: { Type: 'Wait', Timestamp: '{% $now() %}', Next: 'C' },
      C: {
        Type: 'Choice',
        Choices: [{ Condition: '{% true %}', Assign: {}, Output: 1, Next: 'Z' }],
        Assign: {},
        Output: 2,
        Default: 'F',
      },
      F: { Type: 'Fail', Error: 'E', Cause: "{% 'c' %}" },
      Z: { Type: 'Succeed', Output: {} },
    };
    expect(problemsOf(machine(states, { Comment: 'c', TimeoutSeconds: 99 }))).toEqual([]);
  });
  it.each(Object.entries(readMachines()))('%s of this program is taken', (_, definition) => {
    expect(problemsOf(definition)).toEqual([]);
  });
  it('has another hash when anything in it changes', () => {
    const hash = (seconds: number) => loadMachine(machine({ A: { Type: 'Wait', Seconds: seconds, End: true } })).hash;
    expect(hash(1)).toBe(hash(1));
    expect(hash(1)).not.toBe(hash(2));
  });
});
