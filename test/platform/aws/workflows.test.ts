import { SFNClient } from '@aws-sdk/client-sfn';
import { afterEach, describe, expect, it } from 'vitest';
import { awsWorkflows } from '../../../functions/platform/aws/workflows.ts';
import {
  type Act,
  answers,
  cuts,
  fails,
  refuses,
  resets,
  type ScriptedServer,
  scriptedServer,
  silent,
  stalls,
} from './scripted-server.ts';

const begun = { executionArn: 'arn:x', startDate: 1_768_467_600 };
const described = (status: string, more: object = {}) =>
  answers({ ...begun, stateMachineArn: 'arn:m', name: 'one', status, input: '{"a":1}', ...more });
const open: { server?: ScriptedServer; client?: SFNClient } = {};
afterEach(async () => {
  open.client?.destroy();
  await open.server?.close();
});

async function against(...acts: readonly Act[]) {
  const server = await scriptedServer(acts);
  const client = new SFNClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 200, requestTimeout: 200, throwOnRequestTimeout: true },
  });
  Object.assign(open, { server, client });
  const machineArn = (machine: string) => `arn:aws:states:us-east-1:1:stateMachine:prod-${machine}`;
  return { workflows: awsWorkflows({ client, machineArn, timeoutMs: 1_500 }), server };
}

describe('starting on Step Functions', () => {
  it('sends machine, name and an input whose members are sorted', async () => {
    const { workflows, server } = await against(answers(begun));

    expect(await workflows.start('request-number', 'req_1', { b: 1, a: { d: 'ü', c: null } })).toBe('started');

    expect(server.heard[0]?.json).toEqual({
      stateMachineArn: 'arn:aws:states:us-east-1:1:stateMachine:prod-request-number',
      name: 'req_1',
      input: '{"a":{"c":null,"d":"ü"},"b":1}',
    });
  });
  it('takes ExecutionAlreadyExists for exists', async () => {
    const { workflows } = await against(refuses('ExecutionAlreadyExists'));

    expect(await workflows.start('m', 'one', {})).toBe('exists');
  });
  it.each([
    ['reset', resets],
    ['cut', cuts],
    ['down', fails(503)],
    ['throttled', refuses('ThrottlingException')],
  ])('I5: repeats the same start when the answer was lost (%s)', async (_, lost) => {
    const { workflows, server } = await against(lost, refuses('ExecutionAlreadyExists'));

    expect(await workflows.start('m', 'one', { a: 1 })).toBe('exists');
    expect(server.heard[1]?.body).toBe(server.heard[0]?.body);
  });
  it.each([
    ['silent', silent],
    ['stalled', stalls],
  ])('gives up a service that is %s, and the connection with it', async (_, act) => {
    const { workflows, server } = await against(act);
    const start = performance.now();

    await expect(workflows.start('m', 'one', {})).rejects.toThrow();
    expect(performance.now() - start).toBeLessThan(2_000);
    await expect.poll(() => server.counts.givenUp).toBe(server.heard.length);
  });
  it('says which machine is missing', async () => {
    const { workflows } = await against(refuses('StateMachineDoesNotExist'));

    await expect(workflows.start('m', 'one', {})).rejects.toMatchObject({ name: 'NotFound', code: 'unknown_machine' });
  });
  it('throws what it does not understand, for the outbox to try again', async () => {
    const { workflows } = await against(refuses('AccessDeniedException'));

    await expect(workflows.start('m', 'one', {})).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
  it('asks nobody about a name or an input that cannot be', async () => {
    const { workflows, server } = await against(answers(begun));

    await expect(workflows.start('m', 'a b', {})).rejects.toMatchObject({ name: 'InvalidInput' });
    await expect(workflows.find('m', 'a:b')).rejects.toMatchObject({ name: 'InvalidInput' });
    await expect(workflows.start('m', 'one', { a: 'é'.repeat(131_072) })).rejects.toMatchObject({ name: 'TooLarge' });
    expect(server.heard).toEqual([]);
  });
});

describe('task tokens of Step Functions', () => {
  it.each(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'])(
    'N7: %s means gone, whatever was signalled',
    async (code) => {
      const { workflows } = await against(refuses(code));

      expect(await workflows.succeedTask('t', {})).toBe('gone');
      expect(await workflows.failTask('t', 'E', 'c')).toBe('gone');
      expect(await workflows.heartbeatTask('t')).toBe('gone');
    },
  );
  it('N7: a repeat after a lost answer finds the wait over, and that is the end of it', async () => {
    const { workflows, server } = await against(resets, refuses('TaskTimedOut'));

    expect(await workflows.succeedTask('t', { agreed: true })).toBe('gone');
    expect(server.heard.map(({ json }) => json)).toEqual(Array(2).fill({ taskToken: 't', output: '{"agreed":true}' }));
  });
  it('throws when the service cannot say: the signal is sent again later', async () => {
    const { workflows } = await against(fails(500));

    await expect(workflows.succeedTask('t', {})).rejects.toThrow();
  });
  it('shortens an error and its cause to what the service takes', async () => {
    const { workflows, server } = await against(answers({}));

    expect(await workflows.failTask('t', 'E'.repeat(300), 'c'.repeat(40_000))).toBe('done');
    expect(server.heard[0]?.json).toEqual({ taskToken: 't', error: 'E'.repeat(256), cause: 'c'.repeat(32_768) });
  });
  it.each(['', 'x'.repeat(2_049)])('asks nobody about a text that is no token (%#)', async (token) => {
    const { workflows, server } = await against(answers({}));

    expect(await workflows.heartbeatTask(token)).toBe('gone');
    expect(server.heard).toEqual([]);
  });
});

describe('looking at executions of Step Functions', () => {
  it('tells what failed and why', async () => {
    const ended = { error: 'CarrierBusy', cause: 'queue is long', stopDate: 1_768_467_660 };
    const { workflows, server } = await against(described('FAILED', ended));

    expect(await workflows.find('m', 'one')).toEqual({
      machine: 'm',
      name: 'one',
      status: 'failed',
      input: { a: 1 },
      error: { error: 'CarrierBusy', cause: 'queue is long' },
      startedAt: '2026-01-15T09:00:00.000Z',
      stoppedAt: '2026-01-15T09:01:00.000Z',
    });
    expect(server.heard[0]?.json).toEqual({ executionArn: 'arn:aws:states:us-east-1:1:execution:prod-m:one' });
  });
  it.each([
    ['RUNNING', 'running'],
    ['TIMED_OUT', 'timed_out'],
    ['ABORTED', 'aborted'],
  ])('calls %s %s', async (theirs, ours) => {
    const { workflows } = await against(described(theirs));

    expect(await workflows.find('m', 'one')).toMatchObject({ status: ours });
  });
  it('does not guess at a status it does not know', async () => {
    const { workflows } = await against(described('PAUSED'));

    await expect(workflows.find('m', 'one')).rejects.toThrow('PAUSED');
  });
  it('reads the history page by page', async () => {
    const event = (id: number, type: string, more: object = {}) => ({ id, type, timestamp: 1_768_467_600, ...more });
    const { workflows, server } = await against(
      answers({
        events: [
          event(1, 'ExecutionStarted', { executionStartedEventDetails: { roleArn: 'r' } }),
          event(2, 'TaskStateEntered', { stateEnteredEventDetails: { name: 'Buy' } }),
        ],
        nextToken: 'more',
      }),
      answers({ events: [event(3, 'TaskFailed', { taskFailedEventDetails: { error: 'CarrierBusy', cause: 'c' } })] }),
    );

    expect(await workflows.history('m', 'one')).toEqual([
      { id: 1, type: 'ExecutionStarted', at: '2026-01-15T09:00:00.000Z' },
      { id: 2, type: 'TaskStateEntered', at: '2026-01-15T09:00:00.000Z', state: 'Buy' },
      { id: 3, type: 'TaskFailed', at: '2026-01-15T09:00:00.000Z', error: 'CarrierBusy' },
    ]);
    expect(server.heard[0]?.json).toMatchObject({ includeExecutionData: false });
    expect(server.heard[1]?.json).toMatchObject({ nextToken: 'more' });
  });
  it('calls an execution gone that ended while it was being stopped', async () => {
    const { workflows } = await against(described('RUNNING'), refuses('ValidationException'), described('SUCCEEDED'));

    expect(await workflows.stop('m', 'one', 'why')).toBe('gone');
  });
  it('throws when an execution runs on that was to be stopped', async () => {
    const { workflows } = await against(described('RUNNING'), refuses('AccessDeniedException'), described('RUNNING'));

    await expect(workflows.stop('m', 'one', 'why')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
