import { bucketOf } from '../../../functions/domain/mint.ts';
import type {
  IndexKeys,
  Json,
  JsonObject,
  Key,
  Query,
  Stored,
  Table,
  Write,
} from '../../../functions/platform/table.ts';
import type { HistoryEvent } from '../../../functions/platform/workflows.ts';
import { framesOf, readFrames } from './frame-items.ts';
import type { Head, Saved } from './step.ts';

/** Names one execution. */
export interface ExecutionId {
  readonly machine: string;
  readonly name: string;
}
const BUCKETS = [0, 1, 2, 3, 4, 5, 6, 7];
const PAGE = 500;

const partitionOf = ({ machine, name }: ExecutionId): string => `WFX#${machine}#${name}`;
export const headKey = (id: ExecutionId): Key => ({ pk: partitionOf(id), sk: 'HEAD' });
export const inputKey = (id: ExecutionId): Key => ({ pk: partitionOf(id), sk: 'INPUT' });
export const outputKey = (id: ExecutionId): Key => ({ pk: partitionOf(id), sk: 'OUTPUT' });
const definitionKey = (hash: string): Key => ({ pk: `WFD#${hash}`, sk: 'DEFINITION' });
const historyPrefix = ({ startedAt }: Pick<Head, 'startedAt'>): string => `H#${new Date(startedAt).toISOString()}#`;
export const historyKey = (head: Head, first: number): Key => ({
  pk: partitionOf(head),
  sk: `${historyPrefix(head)}${String(first).padStart(8, '0')}`,
});

/** Running executions lie in the due index, under the instant at which the clock moves them. */
export function dueIndex(head: Head): IndexKeys {
  const at = new Date(head.dueAt).toISOString();
  return { list1: { pk: `DUE#workflow#${bucketOf(head.name)}`, sk: `${at}#${head.machine}#${head.name}` } };
}

export async function loadExecution(table: Table, id: ExecutionId): Promise<Saved | undefined> {
  const head = await loadHead(table, id);
  if (!head) return undefined;
  const input = await loadInput(table, id);
  const { frames, leftOver } = readFrames(await all(table, framesOf(partitionOf(id))));
  return { head, input, frames, leftOver };
}

export async function loadHead(table: Table, id: ExecutionId): Promise<Head | undefined> {
  const stored = await table.get(headKey(id));
  return stored && (stored.data as unknown as Head);
}

export async function loadInput(table: Table, id: ExecutionId): Promise<JsonObject> {
  const stored = await table.get(inputKey(id));
  return (stored?.data['input'] ?? {}) as JsonObject;
}

export async function loadOutput(table: Table, id: ExecutionId): Promise<Json | undefined> {
  const stored = await table.get(outputKey(id));
  return stored?.data['output'];
}

export async function loadHistory(table: Table, head: Head): Promise<HistoryEvent[]> {
  const items = await all(table, { pk: partitionOf(head), prefix: historyPrefix(head) });
  return items.flatMap(({ data }) => data['events'] as unknown as HistoryEvent[]);
}

/** All running executions, bucket by bucket. */
export async function* runningExecutions(table: Table): AsyncGenerator<ExecutionId> {
  for (const bucket of BUCKETS) {
    const query = { pk: `DUE#workflow#${bucket}`, limit: PAGE };
    for await (const { data } of pages((position) => table.queryIndex('list1', { ...query, ...position }))) {
      yield { machine: String(data['machine']), name: String(data['name']) };
    }
  }
}

export async function saveDefinition(table: Table, hash: string, definition: unknown): Promise<void> {
  await table.write([{ op: 'put', key: definitionKey(hash), data: { definition: JSON.stringify(definition) } }]);
}

export async function loadDefinition(table: Table, hash: string): Promise<unknown> {
  const stored = await table.get(definitionKey(hash));
  if (!stored) throw new Error(`there is no definition ${hash} in the table`);
  return JSON.parse(String(stored.data['definition']));
}

/** Removes what is left over of an execution; harmless to repeat. */
export async function removeItems(table: Table, keys: readonly Key[]): Promise<void> {
  await table.write(keys.map((key): Write => ({ op: 'delete', key })));
}

async function all(table: Table, query: Omit<Query, 'limit'>): Promise<Stored[]> {
  return Array.fromAsync(pages((position) => table.query({ ...query, ...position, limit: PAGE })));
}

type Position = { readonly after?: string };
async function* pages(read: (position: Position) => ReturnType<Table['query']>): AsyncGenerator<Stored> {
  let position: Position = {};
  for (;;) {
    const page = await read(position);
    yield* page.items;
    if (page.next === undefined) return;
    position = { after: page.next };
  }
}
