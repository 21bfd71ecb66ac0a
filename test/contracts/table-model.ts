import type { Clock } from '../../functions/platform/clock.ts';
import {
  type Condition,
  ConditionFailed,
  type IndexKeys,
  type IndexName,
  type JsonObject,
  type Key,
  type Query,
  type Stored,
  type Write,
} from '../../functions/platform/table.ts';

interface Item {
  readonly key: Key;
  readonly data: JsonObject;
  readonly indexes: IndexKeys;
  readonly expiresAt: number | undefined;
}
type State = ReadonlyMap<string, Item>;

/** What a table must do, in the plainest words: a map, copied with every write and never forgotten. */
export function modelTable(clock: Clock, indexLagMs: number) {
  const past: { readonly at: number; readonly state: State }[] = [];
  const present = (): State => past.at(-1)?.state ?? new Map();
  const now = () => clock.now().getTime();
  const isAlive = (item: Item) => item.expiresAt === undefined || item.expiresAt * 1000 > now();
  const alive = (state: State, key: Key): Item | undefined => {
    const item = state.get(nameOf(key));
    return item && isAlive(item) ? item : undefined;
  };
  const sorted = (
    query: Query,
    rows: readonly { readonly sort: readonly string[]; readonly item: Item }[],
  ): Stored[] => {
    const inRange = rows.filter(({ sort: [sk = ''] }) => {
      const isFrom = query.from === undefined || bytesOrder(sk, query.from) >= 0;
      const isTo = query.to === undefined || bytesOrder(sk, query.to) < 0;
      return isFrom && isTo && sk.startsWith(query.prefix ?? '');
    });
    inRange.sort((a, b) => a.sort.map((part, at) => bytesOrder(part, b.sort[at] ?? '')).find((order) => order) ?? 0);
    return (query.descending ? inRange.reverse() : inRange).map(({ item }) => stored(item));
  };
  return {
    get(key: Key): Stored | undefined {
      const item = alive(present(), key);
      return item && stored(item);
    },
    write(writes: readonly Write[]): void {
      const before = present();
      const failed = writes.flatMap((write, at) => {
        const data = alive(before, write.key)?.data;
        return (write.when ?? []).every((condition) => isTrue(condition, data)) ? [] : [at];
      });
      if (failed.length > 0) throw new ConditionFailed(failed);
      const state = new Map(before);
      for (const write of writes) change(state, write, alive(before, write.key));
      past.push({ at: now(), state });
    },
    /** All of the query at once, without pages. */
    query(query: Query): Stored[] {
      const items = [...present().values()].filter((item) => item.key.pk === query.pk && isAlive(item));
      return sorted(
        query,
        items.map((item) => ({ sort: [item.key.sk], item })),
      );
    },
    /** Through the index as it was before the lag. */
    queryIndex(name: IndexName, query: Query): Stored[] {
      const then = now() - indexLagMs;
      const state = past.findLast(({ at }) => at <= then)?.state ?? new Map<string, Item>();
      const rows = [...state.values()].filter(isAlive).flatMap((item) => {
        const entry = item.indexes[name];
        return entry?.pk === query.pk ? [{ sort: [entry.sk, item.key.pk, item.key.sk], item }] : [];
      });
      return sorted(query, rows);
    },
  };
}

function change(state: Map<string, Item>, write: Write, before: Item | undefined): void {
  const { key } = write;
  const name = nameOf(key);
  if (write.op === 'delete') state.delete(name);
  if (write.op === 'put')
    state.set(name, { key, data: write.data, indexes: write.indexes ?? {}, expiresAt: write.expiresAt });
  if (write.op === 'add') {
    const data: Record<string, JsonObject[string]> = { ...before?.data };
    for (const [field, amount] of Object.entries(write.add)) data[field] = Number(data[field] ?? 0) + amount;
    state.set(name, { key, data, indexes: before?.indexes ?? {}, expiresAt: before?.expiresAt });
  }
}

function isTrue(condition: Condition, data: JsonObject | undefined): boolean {
  if (condition.is === 'absent') return !data;
  if (condition.is === 'present') return Boolean(data);
  if (!data) return condition.is === 'absent_or_equals';
  const value = data[condition.field];
  return condition.is === 'at_most' ? typeof value === 'number' && value <= condition.value : value === condition.value;
}

function stored({ key, data, expiresAt }: Item): Stored {
  return { key, data, ...(expiresAt === undefined ? {} : { expiresAt }) };
}
function nameOf({ pk, sk }: Key): string {
  return `${pk} ${sk}`;
}
export function bytesOrder(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
