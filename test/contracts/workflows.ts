import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../functions/platform/table.ts';
import type { Workflows } from '../../functions/platform/workflows.ts';

type Functions = Readonly<Record<string, (payload: JsonObject) => unknown>>;
interface WorkflowsUnderTest {
  readonly workflows: Workflows;
  /** Lets time pass (an engine without a clock of its own really waits) and what follows from it happen. */
  pass(seconds: number): Promise<void>;
  close(): Promise<void>;
}
/** Makes workflows of these definitions whose tasks call these functions. */
export type StartWorkflows = (
  machines: Readonly<Record<string, object>>,
  functions: Functions,
) => Promise<WorkflowsUnderTest>;

const TASK = 'arn:aws:states:::lambda:invoke';
const call = (more: object = {}) => ({
  Type: 'Task',
  Resource: TASK,
  TimeoutSeconds: 60,
  Arguments: { FunctionName: 'work', Payload: { given: '{% $states.input %}' } },
  Output: '{% $states.result.Payload %}',
  End: true,
  ...more,
});
const wait = (more: object = {}) => ({
  Type: 'Task',
  Resource: `${TASK}.waitForTaskToken`,
  TimeoutSeconds: 600,
  Arguments: { FunctionName: 'ask', Payload: { token: '{% $states.context.Task.Token %}' } },
  Output: '{% $states.result %}',
  End: true,
  ...more,
});
const machine = (states: Readonly<Record<string, object>>) => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(states)[0],
  States: states,
});
const machines = {
  work: machine({ Work: call() }),
  ask: machine({ Ask: wait() }),
  'ask-briefly': machine({
    Ask: wait({
      TimeoutSeconds: 3,
      Retry: [{ ErrorEquals: ['States.Timeout', 'Busy'], IntervalSeconds: 1, MaxAttempts: 1 }],
    }),
  }),
  'ask-alive': machine({ Ask: wait({ HeartbeatSeconds: 3 }) }),
};

/** What every engine of workflows must do. */
export function workflowsContract(start: StartWorkflows): void {
  const begin = async (functions: Functions = {}) => {
    const tokens: string[] = [];
    const calls: JsonObject[] = [];
    const under = await start(machines, {
      work: (payload) => {
        calls.push(payload);
        return { worked: true };
      },
      ask: (payload) => {
        tokens.push(String(payload['token']));
        return {};
      },
      ...functions,
    });
    return { ...under, tokens, calls, latest: () => tokens.at(-1) ?? 'none' };
  };

  describe('starting', () => {
    it('runs an execution to its end and keeps input and output', async () => {
      const { workflows, pass, calls, close } = await begin();

      expect(await workflows.start('work', 'one', { a: 1 })).toBe('started');
      await pass(0);

      expect(calls).toEqual([{ given: { a: 1 } }]);
      expect(await workflows.find('work', 'one')).toMatchObject({
        machine: 'work',
        name: 'one',
        status: 'succeeded',
        input: { a: 1 },
        output: { worked: true },
        startedAt: expect.stringMatching(/Z$/),
        stoppedAt: expect.stringMatching(/Z$/),
      });
      await close();
    });
    it('is the same start while the same input runs, and runs once', async () => {
      const { workflows, pass, tokens, close } = await begin();

      await workflows.start('ask', 'one', { a: 1 });
      await pass(0);

      expect(await workflows.start('ask', 'one', { a: 1 })).toBe('started');
      expect(await workflows.start('ask', 'one', { a: 2 })).toBe('exists');
      await pass(0);
      expect(tokens).toHaveLength(1);
      await close();
    });
    it('answers exists after the end, even for the same input', async () => {
      const { workflows, pass, calls, close } = await begin();

      await workflows.start('work', 'one', {});
      await pass(0);

      expect(await workflows.start('work', 'one', {})).toBe('exists');
      await pass(0);
      expect(calls).toHaveLength(1);
      await close();
    });
    it('starts once when asked several times at once', async () => {
      const { workflows, pass, calls, close } = await begin();

      const answers = await Promise.all(Array.from({ length: 5 }, () => workflows.start('work', 'one', {})));
      await pass(0);

      expect(answers).toContain('started');
      expect(calls).toHaveLength(1);
      await close();
    });
  });

  describe('a task token', () => {
    it('ends the wait with an output, once', async () => {
      const { workflows, pass, latest, close } = await begin();
      await workflows.start('ask', 'one', {});
      await pass(0);

      expect(await workflows.succeedTask(latest(), { agreed: true })).toBe('done');
      await pass(0);

      expect(await workflows.succeedTask(latest(), { agreed: true })).toBe('gone');
      expect(await workflows.failTask(latest(), 'No', '')).toBe('gone');
      expect(await workflows.heartbeatTask(latest())).toBe('gone');
      expect(await workflows.find('ask', 'one')).toMatchObject({ status: 'succeeded', output: { agreed: true } });
      await close();
    });
    it('ends the wait with an error', async () => {
      const { workflows, pass, latest, close } = await begin();
      await workflows.start('ask', 'one', {});
      await pass(0);

      expect(await workflows.failTask(latest(), 'Declined', 'not this one')).toBe('done');
      await pass(0);

      expect(await workflows.find('ask', 'one')).toMatchObject({
        status: 'failed',
        error: { error: 'Declined', cause: 'not this one' },
      });
      await close();
    });
    it('counts although the function that stored it has not answered yet', async () => {
      const under: { workflows?: Workflows } = {};
      const { workflows, pass, close } = await begin({
        ask: async (payload) => under.workflows?.succeedTask(String(payload['token']), { early: true }),
      });
      under.workflows = workflows;

      await workflows.start('ask', 'one', {});
      await pass(0);

      expect(await workflows.find('ask', 'one')).toMatchObject({ status: 'succeeded', output: { early: true } });
      await close();
    });
    it('is gone when its time is over, and a retry brings a new one', async () => {
      const { workflows, pass, tokens, latest, close } = await begin();
      await workflows.start('ask-briefly', 'one', {});
      await pass(0);
      const first = latest();

      await pass(5);

      expect(tokens).toHaveLength(2);
      expect(latest()).not.toBe(first);
      expect(await workflows.succeedTask(first, {})).toBe('gone');
      expect(await workflows.succeedTask(latest(), {})).toBe('done');
      await close();
    });
    it('fails the execution when nobody comes after the last retry', async () => {
      const { workflows, pass, close } = await begin();
      await workflows.start('ask-briefly', 'one', {});

      await pass(10);

      expect(await workflows.find('ask-briefly', 'one')).toMatchObject({
        status: 'failed',
        error: { error: 'States.Timeout' },
      });
      await close();
    });
    it('lives as long as its heart beats', async () => {
      const { workflows, pass, latest, close } = await begin();
      await workflows.start('ask-alive', 'one', {});
      await pass(2);

      expect(await workflows.heartbeatTask(latest())).toBe('done');
      await pass(2);
      expect(await workflows.heartbeatTask(latest())).toBe('done');
      expect(await workflows.find('ask-alive', 'one')).toMatchObject({ status: 'running' });
      await pass(4);

      expect(await workflows.heartbeatTask(latest())).toBe('gone');
      expect(await workflows.find('ask-alive', 'one')).toMatchObject({ status: 'failed' });
      await close();
    });
    it.each(['', 'x', 'YXNr', `${'A'.repeat(2000)}`])('that never was one (%#) is gone', async (token) => {
      const { workflows, close } = await begin();

      expect(await workflows.succeedTask(token, {})).toBe('gone');
      await close();
    });
  });

  describe('stopping and looking', () => {
    it('ends an execution from outside, once', async () => {
      const { workflows, pass, latest, close } = await begin();
      await workflows.start('ask', 'one', {});
      await pass(0);

      expect(await workflows.stop('ask', 'one', 'test over')).toBe('done');

      expect(await workflows.stop('ask', 'one', 'test over')).toBe('gone');
      expect(await workflows.succeedTask(latest(), {})).toBe('gone');
      expect(await workflows.find('ask', 'one')).toMatchObject({ status: 'aborted', error: { cause: 'test over' } });
      await close();
    });
    it('knows nothing of an execution that never was', async () => {
      const { workflows, close } = await begin();

      expect(await workflows.find('ask', 'never')).toBeUndefined();
      expect(await workflows.history('ask', 'never')).toEqual([]);
      expect(await workflows.stop('ask', 'never', '')).toBe('gone');
      await close();
    });
    it('tells the history in order, in the words of Step Functions', async () => {
      const { workflows, pass, close } = await begin();
      await workflows.start('work', 'one', {});
      await pass(0);

      const history = await workflows.history('work', 'one');

      expect(history.map(({ id }) => id)).toEqual(history.map((_, at) => at + 1));
      expect(history.map(({ type }) => type)).toEqual([
        'ExecutionStarted',
        'TaskStateEntered',
        'TaskScheduled',
        'TaskStarted',
        'TaskSucceeded',
        'TaskStateExited',
        'ExecutionSucceeded',
      ]);
      expect(history[1]?.state).toBe('Work');
      await close();
    });
    it('names the error of a task that failed as the function threw it', async () => {
      const { workflows, pass, close } = await begin({
        work: () => {
          throw Object.assign(new Error('queue is long'), { name: 'CarrierBusy' });
        },
      });
      await workflows.start('work', 'one', {});
      await pass(0);

      const execution = await workflows.find('work', 'one');

      expect(execution).toMatchObject({ status: 'failed', error: { error: 'CarrierBusy' } });
      expect(execution?.error?.cause).toContain('queue is long');
      await close();
    });
  });
}
