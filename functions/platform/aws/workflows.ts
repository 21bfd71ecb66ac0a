import {
  DescribeExecutionCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { InvalidInput, NotFound, TooLarge } from '../../domain/errors.ts';
import { canonicalJson } from '../idempotency.ts';
import type { JsonObject } from '../table.ts';
import type { Workflows } from '../workflows.ts';
import { errorName, inTime } from './in-time.ts';
import { readExecution, readHistory } from './workflows-read.ts';

export interface AwsWorkflowsOptions {
  readonly client: SFNClient;
  /** ARN of a state machine by its name in `statemachines/`. */
  readonly machineArn: (machine: string) => string;
  /** Milliseconds of one operation, repeats included; default 8,000. */
  readonly timeoutMs?: number;
}

const NAME = /^[A-Za-z0-9_.-]{1,80}$/;
/** Bytes of JSON an input or an output may take. */
const MAX_DATA_BYTES = 262_144;
/** Characters of a token, an error and its cause, as the service takes them. */
const LONGEST = { token: 2_048, error: 256, cause: 32_768 };
/** The wait is over, its token used or never given: nothing to signal any more (N7). */
const TOKEN_IS_GONE = new Set(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken']);

/**
 * Executions on Step Functions (Standard). A start repeated after a lost answer is the same start; throws InvalidInput,
 * TooLarge, NotFound like the local engine, else what the client threw: the outbox tries again.
 */
export function awsWorkflows({ client, machineArn, timeoutMs = 8_000 }: AwsWorkflowsOptions): Workflows {
  const executionArn = (machine: string, name: string): string =>
    `${machineArn(machine).replace(':stateMachine:', ':execution:')}:${checkedName(name)}`;
  const within = <T>(call: (signal: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> =>
    inTime(timeoutMs, (abortSignal) => call({ abortSignal }));
  const find: Workflows['find'] = (machine, name) =>
    within(async (signal) => {
      const command = new DescribeExecutionCommand({ executionArn: executionArn(machine, name) });
      const found = await unlessMissing(client.send(command, signal));
      return found && readExecution(machine, name, found);
    });
  return {
    find,
    ...signals(client, within),
    start: (machine, name, input) =>
      within(async (signal) => {
        const start = { stateMachineArn: machineArn(machine), name: checkedName(name), input: checkedJson(input) };
        return startOutcome(machine, client.send(new StartExecutionCommand(start), signal));
      }),
    async stop(machine, name, cause) {
      const runs = async () => (await find(machine, name))?.status === 'running';
      if (!(await runs())) return 'gone';
      const stop = {
        executionArn: executionArn(machine, name),
        error: 'Aborted',
        cause: cause.slice(0, LONGEST.cause),
      };
      try {
        await within((signal) => client.send(new StopExecutionCommand(stop), signal));
        return 'done';
      } catch (error) {
        // It may have ended by itself in between.
        if (await runs()) throw error;
        return 'gone';
      }
    },
    history: (machine, name) =>
      within(async (signal) => (await unlessMissing(readHistory(client, executionArn(machine, name), signal))) ?? []),
  };
}

type Within = <T>(call: (signal: { abortSignal: AbortSignal }) => Promise<T>) => Promise<T>;

function signals(client: SFNClient, within: Within): Pick<Workflows, 'succeedTask' | 'failTask' | 'heartbeatTask'> {
  const signal = async (taskToken: string, send: Parameters<Within>[0]): Promise<'done' | 'gone'> => {
    if (taskToken === '' || taskToken.length > LONGEST.token) return 'gone';
    try {
      await within(send);
      return 'done';
    } catch (error) {
      if (TOKEN_IS_GONE.has(errorName(error))) return 'gone';
      throw error;
    }
  };
  return {
    async succeedTask(taskToken, output) {
      const command = new SendTaskSuccessCommand({ taskToken, output: checkedJson(output) });
      return signal(taskToken, (abort) => client.send(command, abort));
    },
    failTask(taskToken, error, cause) {
      const said = { error: error.slice(0, LONGEST.error), cause: cause.slice(0, LONGEST.cause) };
      return signal(taskToken, (abort) => client.send(new SendTaskFailureCommand({ taskToken, ...said }), abort));
    },
    heartbeatTask: (taskToken) =>
      signal(taskToken, (abort) => client.send(new SendTaskHeartbeatCommand({ taskToken }), abort)),
  };
}

async function startOutcome(machine: string, started: Promise<unknown>): Promise<'started' | 'exists'> {
  try {
    await started;
    return 'started';
  } catch (error) {
    const name = errorName(error);
    if (name === 'ExecutionAlreadyExists') return 'exists';
    if (name !== 'StateMachineDoesNotExist' && name !== 'StateMachineDeleting') throw error;
    throw new NotFound({ code: 'unknown_machine', detail: `there is no state machine ${machine}`, cause: error });
  }
}

function checkedName(name: string): string {
  if (NAME.test(name)) return name;
  throw new InvalidInput({ code: 'bad_execution_name', detail: 'name: 1–80 of A–Z a–z 0–9 _ . -' });
}

/** Members sorted: the service compares inputs as texts, and equal inputs of one name are one start. */
function checkedJson(value: JsonObject): string {
  const text = canonicalJson(value);
  if (Buffer.byteLength(text) <= MAX_DATA_BYTES) return text;
  throw new TooLarge({ code: 'input_too_large', detail: 'the data is over 256 KiB' });
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (errorName(error) === 'ExecutionDoesNotExist') return undefined;
    throw error;
  }
}
