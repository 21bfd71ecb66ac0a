import { readFileSync } from 'node:fs';
import validate from 'asl-validator';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { complianceTasks } from '../../functions/compliance/tasks.ts';
import { carrierTasks, requestTasks } from '../../functions/requests/tasks.ts';
import { MACHINES } from '../../statemachines/rooms.ts';
import { type DeclaredTask, outOfStep } from './in-step.ts';

/** The tasks each machine has to itself: one that no machine calls is dead. */
const TASKS: Readonly<Record<keyof typeof MACHINES, Readonly<Record<string, readonly DeclaredTask[]>>>> = {
  'request-number': { Carriers: carrierTasks, Requests: requestTasks },
  'attend-bundle': { Carriers: complianceTasks },
};
const SPENDING = ['PurchaseNumber'];
const read = (file: string): object =>
  JSON.parse(readFileSync(new URL(`../../statemachines/${file}`, import.meta.url), 'utf8')) as object;

describe.each(Object.entries(MACHINES))('state machine %s', (name, { file, calls }) => {
  it('is in step with its tasks', () => {
    const tasks = TASKS[name as keyof typeof MACHINES];
    expect(Object.keys(tasks)).toEqual(calls);

    expect(outOfStep({ definition: read(file), tasks, spending: SPENDING })).toEqual([]);
  });
  it('is valid Amazon States Language', () => {
    const verdict = validate(read(file));

    expect(verdict.isValid ? '' : verdict.errorsText()).toBe('');
  });
});

describe('the in-step check', () => {
  const work: DeclaredTask = {
    name: 'Work',
    input: z.object({ id: z.string() }),
    output: z.object({ outcome: z.enum(['good', 'bad']) }),
  };
  const ask: DeclaredTask = {
    name: 'Ask',
    input: z.object({ id: z.string(), token: z.string() }),
    output: z.object({ outcome: z.string() }),
  };
  const state = (name: string, more: object = {}, input: object = {}) => ({
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    TimeoutSeconds: 60,
    Arguments: { FunctionName: `\${Rooms}`, Payload: { task: name, input: { id: '{% $id %}', ...input } } },
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Z' }],
    Output: {},
    Next: 'Z',
    ...more,
  });
  const waiting = { Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken' };
  const token = { token: '{% $states.context.Task.Token %}' };
  const good = { Work: state('Work'), Ask: state('Ask', waiting, token), Z: { Type: 'Succeed' } };
  const problems = (states: object, spending: string[] = []) =>
    outOfStep({ definition: { States: { ...good, ...states } }, tasks: { Rooms: [work, ask] }, spending });
  const map = (inner: object) => ({ M: { Type: 'Map', Output: {}, ItemProcessor: { States: inner } } });
  const choice = (Condition: string) => ({ C: { Type: 'Choice', Choices: [{ Condition, Next: 'Z' }] } });

  it('finds nothing in a machine that is in step', () => {
    expect(problems(choice("{% $states.input.outcome = 'good' %}"))).toEqual([]);
  });
  it.each([
    ['a task of another name', { Work: state('Wrok') }, 'Work: calls task Wrok'],
    ['a task that is not there', { Other: state('Other') }, `Other: \${Rooms} has no such task`],
    [
      'a function that is not there',
      { Work: state('Work', { Arguments: { FunctionName: `\${Room}`, Payload: { task: 'Work', input: {} } } }) },
      `Work: calls \${Room}, which is no function of this machine`,
    ],
    ['no task and input', { Work: state('Work', { Arguments: {} }) }, 'Work: sends no { task, input }'],
    ['a field too many', { Work: state('Work', {}, { more: 1 }) }, 'Work: sends more, which the task does not take'],
    ['a field too few', { Ask: state('Ask', waiting) }, 'Ask: does not send token'],
    ['a token not sent', { Ask: state('Ask', waiting, { token: 'x' }) }, 'Ask: waits for a token it does not send'],
    ['a token not waited for', { Ask: state('Ask', {}, token) }, 'Ask: sends a token nobody waits for'],
    ['no timeout', { Work: state('Work', { TimeoutSeconds: undefined }) }, 'Work: has no TimeoutSeconds'],
    ['no catch-all', { Work: state('Work', { Catch: [] }) }, 'Work: its last Catch does not catch all'],
    ['no output', { Work: state('Work', { Output: undefined }) }, 'Work: has no Output'],
    [
      'an error that does not exist',
      { Work: state('Work', { Retry: [{ ErrorEquals: ['CarrierBizzy'] }] }) },
      'Work: there is no error CarrierBizzy',
    ],
    ['a wait in a Map', map({ W: { Type: 'Wait' } }), 'W: waits within a Map'],
    ['a person in a Map', map({ Ask: state('Ask', waiting, token) }), 'Ask: waits within a Map'],
    ['a failure in a Map', map({ F: { Type: 'Fail' } }), 'F: fails within a Map'],
    ['an outcome nobody gives', choice("{% $states.input.outcome in ['good', 'godo'] %}"), "no task answers 'godo'"],
    ['a task nobody calls', { Ask: { Type: 'Succeed' } }, 'Ask: no state calls this task'],
  ])('finds %s', (_, states, problem) => {
    expect(problems(states).join('\n')).toContain(problem);
  });
  it('finds a Retry where money is spent', () => {
    const retried = { Work: state('Work', { Retry: [{ ErrorEquals: ['Lambda.Unknown'] }] }) };

    expect(problems(retried)).toEqual([]);
    expect(problems(retried, ['Work'])).toEqual(['Work: spends money and has a Retry']);
  });
});
