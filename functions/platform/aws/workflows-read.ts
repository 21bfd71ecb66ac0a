import {
  type DescribeExecutionOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent as RemoteEvent,
  type ExecutionStatus as RemoteStatus,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import type { JsonObject } from '../table.ts';
import type { Execution, ExecutionStatus, HistoryEvent } from '../workflows.ts';

/** An execution has at most 25,000 events: pages of a thousand. */
const PAGE = 1_000;
const MOST_PAGES = 25;
const STATUS: Readonly<Record<RemoteStatus, ExecutionStatus>> = {
  RUNNING: 'running',
  PENDING_REDRIVE: 'running',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  TIMED_OUT: 'timed_out',
  ABORTED: 'aborted',
};

/** An execution as the service describes it, in our words. Throws at a status it did not have when this was written. */
export function readExecution(machine: string, name: string, found: DescribeExecutionOutput): Execution {
  const status = found.status && STATUS[found.status];
  if (!status || !found.startDate) throw new Error(`execution ${name} is described as ${found.status}`);
  return {
    machine,
    name,
    status,
    input: JSON.parse(found.input ?? '{}') as JsonObject,
    ...(found.output === undefined ? {} : { output: JSON.parse(found.output) as unknown }),
    ...(status === 'running' || status === 'succeeded'
      ? {}
      : { error: { error: found.error ?? '', cause: found.cause ?? '' } }),
    startedAt: found.startDate.toISOString(),
    ...(found.stopDate === undefined ? {} : { stoppedAt: found.stopDate.toISOString() }),
  };
}

/** All events of an execution in order, without the data they carry. Rejects as the client does. */
export async function readHistory(
  client: SFNClient,
  executionArn: string,
  signal: { readonly abortSignal: AbortSignal },
): Promise<readonly HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const ask = { executionArn, maxResults: PAGE, includeExecutionData: false, ...(nextToken ? { nextToken } : {}) };
    const answer = await client.send(new GetExecutionHistoryCommand(ask), signal);
    events.push(...(answer.events ?? []).map(readEvent));
    nextToken = answer.nextToken;
    if (!nextToken) break;
  }
  return events;
}

function readEvent(event: RemoteEvent): HistoryEvent {
  const state = (event.stateEnteredEventDetails ?? event.stateExitedEventDetails)?.name;
  const error = errorOf(event);
  return {
    id: Number(event.id),
    type: String(event.type),
    at: (event.timestamp ?? new Date(0)).toISOString(),
    ...(state === undefined ? {} : { state }),
    ...(error === undefined ? {} : { error }),
  };
}

/** Each type of event keeps its details under a name of its own; those that failed have an `error` in them. */
function errorOf(event: RemoteEvent): string | undefined {
  for (const details of Object.values(event))
    if (typeof details === 'object' && details !== null && 'error' in details && typeof details.error === 'string')
      return details.error;
  return undefined;
}
