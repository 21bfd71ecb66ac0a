import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { InvalidWrite, type Table, TableUnavailable, type Write } from '../table.ts';
import { isKey, measured } from '../table-checks.ts';
import { CallFailed, CallRefused, type TableCall } from './table-call.ts';
import { expiryOf, itemIn, toKey, toStored } from './table-item.ts';
import { readPage } from './table-pages.ts';
import { writeAll } from './table-writes.ts';

export interface DynamoTableOptions {
  readonly call: TableCall;
  readonly tableName: string;
  readonly clock: Clock;
  /** Told what waiting does not heal; absent: nobody is. */
  readonly log?: Pick<Log, 'error'>;
}

/** Says that the table is busy, not that it will not serve us. */
const PASSING = /Throttl|LimitExceeded|ThroughputExceeded|InProgress|Conflict|Unavailable/;

/** How the service calls a request that breaks its rules: too large an item, an add to a text. */
const MISTAKEN = 'ValidationException';

/** The one table on DynamoDB, over either transport. */
export function dynamoTable({ call: send, tableName, clock, log }: DynamoTableOptions): Table {
  const call = log ? watched(send, log) : send;
  const now = (): number => Math.floor(clock.now().getTime() / 1000);
  return {
    async get(key, options = {}) {
      if (!isKey(key)) return undefined;
      const input = { TableName: tableName, Key: toKey(key), ConsistentRead: options.eventual !== true };
      const item = itemIn(await reached(call('GetItem', input)), 'Item');
      const isAlive = item && (expiryOf(item) ?? Number.POSITIVE_INFINITY) > now();
      return isAlive ? toStored(item) : undefined;
    },
    async write(writes: readonly Write[]) {
      measured(writes);
      if (writes.length === 0) return;
      await accepted(writeAll(writes, { call, tableName, now: now(), newToken: randomUUID }));
    },
    query: (query) => reached(readPage({ call, tableName, query, now: now() })),
    queryIndex: (index, query) => reached(readPage({ call, tableName, query, index, now: now() })),
  };
}

/** A right, a table or credentials that are missing look like an outage to callers; somebody has to be told what it is. */
function watched(call: TableCall, log: Pick<Log, 'error'>): TableCall {
  return async (operation, input) => {
    try {
      return await call(operation, input);
    } catch (error) {
      const isRefused = error instanceof CallRefused && !ANSWERS.has(error.code) && !PASSING.test(error.code);
      if (isRefused) log.error('table_refused', error, { operation });
      throw error;
    }
  };
}
const ANSWERS: ReadonlySet<string> = new Set([
  MISTAKEN,
  'ConditionalCheckFailedException',
  'TransactionCanceledException',
]);

/** Whatever the service refuses besides a request that is wrong in itself means that the table cannot be used now. */
async function reached<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const isOurs = cause instanceof CallRefused && cause.code === MISTAKEN;
    if (isOurs || !(cause instanceof CallRefused || cause instanceof CallFailed)) throw cause;
    throw new TableUnavailable(cause.message, { cause });
  }
}

async function accepted(work: Promise<void>): Promise<void> {
  try {
    await reached(work);
  } catch (cause) {
    if (cause instanceof CallRefused) throw new InvalidWrite(cause.message, { cause });
    throw cause;
  }
}
