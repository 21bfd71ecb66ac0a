import type { StoredLine } from '../platform/outbox.ts';

/** A change of the table, as its stream tells it: only what is read here. */
export interface StreamRecord {
  readonly eventSource: 'aws:dynamodb';
  readonly dynamodb: {
    readonly SequenceNumber: string;
    readonly Keys: Attributes;
    readonly NewImage?: Attributes;
  };
}
/** A message of the delay queue. */
export interface QueueRecord {
  readonly eventSource: 'aws:sqs';
  readonly messageId: string;
  readonly body: string;
}
/** A file that arrived, told by the bucket itself. */
export interface UploadRecord {
  readonly eventSource: 'aws:s3';
  readonly s3: { readonly object: { readonly key: string } };
}
type Attributes = Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;
export type JobRecord = StreamRecord | QueueRecord | UploadRecord;

/** An execution that ended otherwise than by its own last state. */
export interface BadEnd {
  readonly execution: string;
  /** FAILED, TIMED_OUT, ABORTED. */
  readonly status: string;
  /** How long it ran. */
  readonly seconds?: number;
}

/** What wakes this function. */
export type Wake =
  | { readonly by: 'records'; readonly records: readonly JobRecord[] }
  | { readonly by: 'schedule' }
  | { readonly by: 'upload'; readonly key: string }
  | { readonly by: 'bad end'; readonly end: BadEnd }
  | { readonly by: 'task' }
  | { readonly by: 'nothing known' };

type Unknown = Readonly<Record<string, unknown>>;

/** Tells events apart by what they carry; an event of no known kind is a fault of the wiring. */
export function wakeOf(event: unknown): Wake {
  if (typeof event !== 'object' || event === null) return { by: 'nothing known' };
  const { Records, task, job, source, detail, 'detail-type': kind } = event as Unknown;
  if (Array.isArray(Records)) return { by: 'records', records: Records as readonly JobRecord[] };
  if (typeof task === 'string') return { by: 'task' };
  if (job === 'sweep' || kind === 'Scheduled Event') return { by: 'schedule' };
  if (source === 'aws.s3' || source === 'aws.states') return toldBy(source, detail as Detail);
  return { by: 'nothing known' };
}

interface Detail {
  readonly object?: { readonly key?: unknown };
  readonly name?: unknown;
  readonly status?: unknown;
  /** Epoch milliseconds. */
  readonly startDate?: unknown;
  readonly stopDate?: unknown;
}

function toldBy(source: 'aws.s3' | 'aws.states', detail: Detail): Wake {
  const { object, name, status, startDate, stopDate } = detail;
  if (source === 'aws.s3' && typeof object?.key === 'string') return { by: 'upload', key: object.key };
  if (typeof name !== 'string' || typeof status !== 'string') return { by: 'nothing known' };
  const isDated = typeof startDate === 'number' && typeof stopDate === 'number';
  const ran = isDated ? { seconds: (stopDate - startDate) / 1000 } : {};
  return { by: 'bad end', end: { execution: name, status, ...ran } };
}

/** What the stream tells of an outbox line: enough to know whether anything is to be done, and when. */
export type LineSeen = Pick<StoredLine, 'id' | 'state' | 'dueAt' | 'leasedUntil' | 'lease'>;

/** The outbox line a change is about; undefined when it is about something else, or a line that is gone. */
export function lineIn({ dynamodb: { Keys, NewImage } }: StreamRecord): LineSeen | undefined {
  const pk = Keys['pk']?.S ?? '';
  const state = NewImage?.['state']?.S;
  if (!pk.startsWith('OUT#') || (state !== 'open' && state !== 'delivered' && state !== 'gave_up')) return undefined;
  const text = (name: string): string => NewImage?.[name]?.S ?? '';
  return {
    id: pk.slice('OUT#'.length),
    state,
    dueAt: text('dueAt'),
    leasedUntil: text('leasedUntil'),
    lease: Number(NewImage?.['lease']?.N ?? 0),
  };
}
