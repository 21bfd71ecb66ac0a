import { isOffered } from '../platform/outbox.ts';
import { delayLine, deliverLine } from './deliver.ts';
import { type JobRecord, lineIn, type QueueRecord, type StreamRecord, wakeOf } from './events.ts';
import { type SweepDeps, sweep } from './sweep.ts';

/** What the jobs function needs beside what a sweep does: given by its handler. */
export interface JobsDeps extends SweepDeps {
  /** Sends a line to itself, later. */
  delay(lineId: string, seconds: number): Promise<void>;
  /** Checks the paper that was uploaded under this key; a file of nobody is left alone. */
  uploaded(blobKey: string): Promise<void>;
  /** Tasks the owner of the installation starts by hand. */
  runTask(event: unknown): Promise<unknown>;
}
/** What is to be handed in again. */
interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** The sweep leaves lines younger than this to stream and queue. */
const STRAGGLER_SECONDS = 60;
const AT_ONCE = 8;

/**
 * Serves what wakes the jobs function: changes of the table, delayed lines, uploads, executions that
 * ended badly, the minute, the owner's tasks. A lost
 * event harms nothing: whatever is due is found by the next sweep (reliability 4.3). Of a batch only what failed comes again.
 */
export function onJobEvents(deps: JobsDeps): (event: unknown) => Promise<unknown> {
  return async (event) => {
    const wake = wakeOf(event);
    switch (wake.by) {
      case 'records':
        return inBatches(deps, wake.records);
      case 'schedule':
        return sweep(deps, STRAGGLER_SECONDS);
      case 'upload':
        return deps.uploaded(wake.key);
      case 'bad end':
        return deps.endedBadly(wake.end);
      case 'task':
        return deps.runTask(event);
      case 'nothing known':
        throw new Error('an event of no known kind: see what is wired to this function');
    }
  };
}

async function inBatches(deps: JobsDeps, records: readonly JobRecord[]): Promise<BatchAnswer> {
  const failed: string[] = [];
  const waiting = [...records];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      try {
        await serve(deps, next);
      } catch (error) {
        deps.log.error('job_failed', error, { source: next.eventSource });
        failed.push(nameOf(next));
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  // A bucket asks for no list: its whole notice comes again.
  if (failed.length > 0 && records[0]?.eventSource === 'aws:s3') throw new Error('an upload could not be checked');
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

function serve(deps: JobsDeps, record: JobRecord): Promise<unknown> {
  switch (record.eventSource) {
    case 'aws:dynamodb':
      return changed(deps, record);
    case 'aws:sqs':
      return deliverLine(deps, lineNamed(record));
    case 'aws:s3':
      return deps.uploaded(decodeURIComponent(record.s3.object.key.replaceAll('+', ' ')));
  }
}

/** A line just written: delivered when it is due, else sent to itself if that is soon. */
async function changed(deps: JobsDeps, record: StreamRecord): Promise<void> {
  const line = lineIn(record);
  if (!line || !isOffered(line)) return;
  const waitMs = Date.parse(line.dueAt) - deps.clock.now().getTime();
  if (waitMs <= 0) await deliverLine(deps, line.id);
  else await delayLine(deps, line.id, waitMs);
}

function lineNamed({ body }: QueueRecord): string {
  const { line } = JSON.parse(body) as { readonly line?: unknown };
  if (typeof line !== 'string') throw new Error('a message without a line');
  return line;
}

function nameOf(record: JobRecord): string {
  switch (record.eventSource) {
    case 'aws:dynamodb':
      return record.dynamodb.SequenceNumber;
    case 'aws:sqs':
      return record.messageId;
    case 'aws:s3':
      return record.s3.object.key;
  }
}
