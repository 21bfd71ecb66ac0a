import { describe, expect, it, vi } from 'vitest';
import {
  type Condition,
  ConditionFailed,
  INDEXES,
  InvalidWrite,
  type JsonObject,
  type Key,
  type Query,
  type Stored,
  type Table,
  type Write,
} from '../../functions/platform/table.ts';
import type { TestClock } from '../../local/engine/clock.ts';
import { bytesOrder } from './table-model.ts';
import { drained } from './table-properties.ts';

export interface TableWorld {
  readonly table: Table;
  /** The table's clock: expiry, and the lag of indexes where the engine can be told. */
  readonly clock: TestClock;
  /** The same table through a handle of its own, as another process has it. */
  another?(): Promise<Table>;
  close(): Promise<void>;
}
/** Opens an empty table. An engine that cannot be told a lag or short pages ignores the settings. */
export type OpenTable = (settings?: {
  readonly indexLagMs?: number;
  readonly pageLimit?: number;
}) => Promise<TableWorld>;

const KEY: Key = { pk: 'NUM#1', sk: 'NUMBER' };
const put = (key: Key, data: JsonObject, more: Partial<Extract<Write, { op: 'put' }>> = {}): Write => ({
  op: 'put',
  key,
  data,
  ...more,
});
const row = (n: number): Key => ({ pk: 'LIST', sk: `ROW#${String(n).padStart(4, '0')}` });
const names = (items: readonly Stored[]) => items.map((item) => item.key.sk);
const seconds = (clock: TestClock, from: number) => Math.floor(clock.now().getTime() / 1000) + from;

/**
 * What every engine's table must do.
 * @param lag whether the engine can be told how long its indexes lag
 */
export function tableContract(open: OpenTable, { lag = true } = {}): void {
  const withTable = (work: (world: TableWorld) => Promise<void>, settings?: Parameters<OpenTable>[0]) => async () => {
    const world = await open(settings);
    try {
      await work(world);
    } finally {
      await world.close();
    }
  };

  describe('items', () => {
    it(
      'gives back what was put, without sharing it',
      withTable(async ({ table }) => {
        const data = { a: 1, text: 'é😀', list: [1, { b: null }], nested: { deep: [true] } };
        await table.write([put(KEY, data, { expiresAt: 4_000_000_000 })]);
        const found = await table.get(KEY);
        expect(found).toEqual({ key: KEY, data, expiresAt: 4_000_000_000 });
        expect(await table.get(KEY, { eventual: true })).toEqual(found);
        expect(found?.data).not.toBe((await table.get(KEY))?.data);
      }),
    );
    it(
      'knows nothing of an absent item, nor of a key no item could have',
      withTable(async ({ table }) => {
        expect(await table.get(KEY)).toBeUndefined();
        expect(await table.get({ pk: '', sk: 'X' })).toBeUndefined();
        expect(await table.get({ pk: 'ROUTE#', sk: 'X' })).toBeUndefined();
      }),
    );
    it(
      'replaces an item as a whole',
      withTable(async ({ table }) => {
        await table.write([put(KEY, { a: 1, b: 2 }, { expiresAt: 4_000_000_000 })]);
        await table.write([put(KEY, { a: 3 })]);
        expect(await table.get(KEY)).toEqual({ key: KEY, data: { a: 3 } });
      }),
    );
    it(
      'deletes, also what is not there',
      withTable(async ({ table }) => {
        await table.write([put(KEY, { a: 1 })]);
        await table.write([{ op: 'delete', key: KEY }]);
        await table.write([{ op: 'delete', key: KEY }]);
        expect(await table.get(KEY)).toBeUndefined();
      }),
    );
    it(
      'drops fields that are undefined, as every engine does',
      withTable(async ({ table }) => {
        const data = { a: 1, b: undefined } as unknown as JsonObject;
        await table.write([put(KEY, data)]);
        expect(Object.keys((await table.get(KEY))?.data ?? {})).toEqual(['a']);
      }),
    );
    it(
      'does nothing when there is nothing to write',
      withTable(async ({ table }) => {
        await expect(table.write([])).resolves.toBeUndefined();
      }),
    );
    it(
      'takes an item of nearly 400 KB and refuses a larger one',
      withTable(async ({ table }) => {
        await table.write([put(KEY, { text: 'x'.repeat(400_000) })]);
        expect((await table.get(KEY))?.data['text']).toHaveLength(400_000);
        await expect(table.write([put(KEY, { text: 'x'.repeat(410_000) })])).rejects.toThrow(InvalidWrite);
        await expect(table.write([put(KEY, { text: 'é'.repeat(206_000) })])).rejects.toThrow(InvalidWrite);
        expect((await table.get(KEY))?.data['text']).toHaveLength(400_000);
      }),
    );
  });

  describe('conditions', () => {
    const cases: readonly [Condition, JsonObject | undefined, boolean][] = [
      [{ is: 'absent' }, undefined, true],
      [{ is: 'absent' }, {}, false],
      [{ is: 'present' }, undefined, false],
      [{ is: 'present' }, {}, true],
      [{ is: 'equals', field: 'v', value: 1 }, { v: 1 }, true],
      [{ is: 'equals', field: 'v', value: 1 }, { v: 2 }, false],
      [{ is: 'equals', field: 'v', value: 1 }, { v: '1' }, false],
      [{ is: 'equals', field: 'v', value: 1 }, { w: 1 }, false],
      [{ is: 'equals', field: 'v', value: 1 }, undefined, false],
      [{ is: 'equals', field: 'v', value: 'a' }, { v: 'a' }, true],
      [{ is: 'equals', field: 'v', value: false }, { v: false }, true],
      [{ is: 'equals', field: 'constructor', value: 'a' }, {}, false],
      [{ is: 'at_most', field: 'v', value: 5 }, { v: 5 }, true],
      [{ is: 'at_most', field: 'v', value: 5 }, { v: 6 }, false],
      [{ is: 'at_most', field: 'v', value: 5 }, {}, false],
      [{ is: 'at_most', field: 'v', value: 5 }, { v: '1' }, false],
      [{ is: 'at_most', field: 'v', value: 5 }, undefined, false],
      [{ is: 'absent_or_equals', field: 'v', value: 1 }, undefined, true],
      [{ is: 'absent_or_equals', field: 'v', value: 1 }, { v: 1 }, true],
      [{ is: 'absent_or_equals', field: 'v', value: 1 }, { v: 2 }, false],
      [{ is: 'absent_or_equals', field: 'v', value: 1 }, {}, false],
    ];
    it.each(cases)('%j on %j holds: %j', async (condition, data, isTrue) => {
      const acts: readonly ((when: readonly Condition[]) => Write)[] = [
        (when) => put(KEY, { new: true }, { when }),
        (when) => ({ op: 'delete', key: KEY, when }),
        (when) => ({ op: 'check', key: KEY, when }),
        (when) => ({ op: 'add', key: KEY, add: { count: 1 }, when }),
      ];
      await withTable(async ({ table }) => {
        for (const act of acts) {
          await table.write([data ? put(KEY, data) : { op: 'delete', key: KEY }]);
          const writing = table.write([act([condition])]);
          if (isTrue) await writing;
          else await expect(writing).rejects.toEqual(new ConditionFailed([0]));
        }
      })();
    });
    it(
      'wants every condition of a write to hold',
      withTable(async ({ table }) => {
        await table.write([put(KEY, { state: 'open', used: 3 })]);
        const when: Condition[] = [
          { is: 'equals', field: 'state', value: 'open' },
          { is: 'at_most', field: 'used', value: 2 },
        ];
        await expect(table.write([put(KEY, {}, { when })])).rejects.toThrow(ConditionFailed);
      }),
    );
    it(
      'names every write whose condition failed, and writes nothing',
      withTable(async ({ table }) => {
        await table.write([put(row(1), { a: 1 })]);
        const writes: Write[] = [
          put(row(0), { a: 1 }),
          put(row(1), { a: 2 }, { when: [{ is: 'absent' }] }),
          { op: 'check', key: row(2), when: [{ is: 'absent' }] },
          { op: 'check', key: row(3), when: [{ is: 'present' }] },
        ];
        await expect(table.write(writes)).rejects.toMatchObject({ name: 'ConditionFailed', failed: [1, 3] });
        expect(await table.get(row(0))).toBeUndefined();
        expect((await table.get(row(1)))?.data).toEqual({ a: 1 });
      }),
    );
    it(
      'judges the items as they stood before the transaction',
      withTable(async ({ table }) => {
        await table.write([put(row(1), {}), { op: 'check', key: row(2), when: [{ is: 'absent' }] }]);
        await table.write([{ op: 'delete', key: row(1) }, put(row(2), {}, { when: [{ is: 'absent' }] })]);
        expect(await table.get(row(2))).toBeDefined();
      }),
    );
  });

  describe('writes no engine could take', () => {
    const refused: readonly [string, readonly Write[]][] = [
      ['more than 100', Array.from({ length: 101 }, (_, n) => put(row(n), {}))],
      ['one key twice', [put(KEY, {}), put(KEY, {})]],
      ['one key twice, one of them a check', [put(KEY, {}), { op: 'check', key: KEY, when: [{ is: 'present' }] }]],
      ['a check without condition', [{ op: 'check', key: KEY, when: [] }]],
      ['an add of nothing', [{ op: 'add', key: KEY, add: {} }]],
      ['an add of no whole number', [{ op: 'add', key: KEY, add: { a: 0.5 } }]],
      ['a number that is none', [put(KEY, { a: Number.NaN })]],
      ['a date as it is', [put(KEY, { a: new Date(0) } as unknown as JsonObject)]],
      ['broken seconds of expiry', [put(KEY, {}, { expiresAt: 1.5 })]],
      ['more than 4 MB', Array.from({ length: 12 }, (_, n) => put(row(n), { text: 'x'.repeat(399_000) }))],
      ['an index key with an empty part', [put(KEY, {}, { indexes: { list1: { pk: 'A', sk: '' } } })]],
      ...['', '#', 'A#', '#A', 'A##B', 'A\u0000', 'A\n', 'x'.repeat(2049), '\ud800'].map(
        (pk) => [`the key ${JSON.stringify(pk).slice(0, 20)}`, [put({ pk, sk: 'X' }, {})]] as [string, Write[]],
      ),
    ];
    it.each(refused)('%s', (_, writes) =>
      withTable(async ({ table }) => {
        await expect(table.write(writes)).rejects.toThrow(InvalidWrite);
        expect(await table.get(KEY)).toBeUndefined();
      })(),
    );
    it(
      'takes exactly 100',
      withTable(async ({ table }) => {
        await table.write(Array.from({ length: 100 }, (_, n) => put(row(n), {})));
        expect((await table.query({ pk: 'LIST', limit: 200 })).items).toHaveLength(100);
      }),
    );
    it(
      'refuses to add to a field that is no number',
      withTable(async ({ table }) => {
        await table.write([put(KEY, { a: 'x' })]);
        await expect(table.write([{ op: 'add', key: KEY, add: { a: 1 } }])).rejects.toThrow(InvalidWrite);
      }),
    );
  });

  describe('counters', () => {
    it(
      'makes the item, counts from 0, keeps other fields and lists',
      withTable(async ({ table }) => {
        await table.write([{ op: 'add', key: KEY, add: { used: 2, held: 1 } }]);
        await table.write([{ op: 'add', key: KEY, add: { used: -1 } }]);
        expect((await table.get(KEY))?.data).toEqual({ used: 1, held: 1 });
        const listed = { list1: { pk: 'L', sk: 'S' } };
        await table.write([put(row(1), { name: 'a' }, { indexes: listed, expiresAt: 4_000_000_000 })]);
        await table.write([{ op: 'add', key: row(1), add: { used: 1 } }]);
        const [found] = (await table.queryIndex('list1', { pk: 'L', limit: 9 })).items;
        expect(found).toEqual({ key: row(1), data: { name: 'a', used: 1 }, expiresAt: 4_000_000_000 });
      }),
    );
    it(
      'I8: never goes above a limit, however many count at once',
      withTable(async (world) => {
        const tables = [world.table, (await world.another?.()) ?? world.table];
        await world.table.write([put(KEY, { used: 0 })]);
        const take = (n: number) =>
          tables[n % 2]?.write([
            { op: 'add', key: KEY, add: { used: 1 }, when: [{ is: 'at_most', field: 'used', value: 4 }] },
          ]);
        const ends = await Promise.allSettled(Array.from({ length: 40 }, (_, n) => take(n)));
        expect(ends.filter((end) => end.status === 'fulfilled')).toHaveLength(5);
        expect((await world.table.get(KEY))?.data['used']).toBe(5);
      }),
    );
    it(
      'P6: of many who create one item exactly one wins',
      withTable(async (world) => {
        const tables = [world.table, (await world.another?.()) ?? world.table];
        const claim = (n: number) => tables[n % 2]?.write([put(KEY, { by: n }, { when: [{ is: 'absent' }] })]);
        const ends = await Promise.allSettled(Array.from({ length: 30 }, (_, n) => claim(n)));
        const won = ends.flatMap((end, n) => (end.status === 'fulfilled' ? [n] : []));
        expect(won).toHaveLength(1);
        expect(await tables[1]?.get(KEY)).toMatchObject({ data: { by: won[0] } });
      }),
    );
  });

  describe('queries', () => {
    it(
      'lists a partition in the order of bytes, either way',
      withTable(async ({ table }) => {
        const sorts = ['b', 'a', 'B', 'a#1', 'a#10', 'a#2', 'é', 'z', '\uffee', '😀', '+44', '0'];
        await table.write(sorts.map((sk) => put({ pk: 'LIST', sk }, {})));
        await table.write([put({ pk: 'LIST#other', sk: 'x' }, {})]);
        const up = await table.query({ pk: 'LIST', limit: 50 });
        expect(names(up.items)).toEqual([...sorts].sort(bytesOrder));
        const down = await table.query({ pk: 'LIST', limit: 50, descending: true });
        expect(names(down.items)).toEqual([...sorts].sort(bytesOrder).reverse());
      }),
    );
    it(
      'keeps to prefix, from (included) and to (not included)',
      withTable(async ({ table }) => {
        await table.write(['A', 'A#1', 'A#2', 'A#3', 'B#1'].map((sk) => put({ pk: 'LIST', sk }, {})));
        const list = async (range: object) => names((await table.query({ pk: 'LIST', limit: 50, ...range })).items);
        expect(await list({ prefix: 'A#' })).toEqual(['A#1', 'A#2', 'A#3']);
        expect(await list({ from: 'A#2' })).toEqual(['A#2', 'A#3', 'B#1']);
        expect(await list({ to: 'A#2' })).toEqual(['A', 'A#1']);
        expect(await list({ prefix: 'A', from: 'A#1', to: 'A#3', descending: true })).toEqual(['A#2', 'A#1']);
        expect(await list({ from: 'C' })).toEqual([]);
        expect(await list({ from: 'B', to: 'A' })).toEqual([]);
      }),
    );
    it.each([{ descending: false }, { descending: true }])('goes on after a position, $descending', ({ descending }) =>
      withTable(async ({ table }) => {
        await table.write(Array.from({ length: 25 }, (_, n) => put(row(n), { n })));
        const found = await drained({ pk: 'LIST', limit: 10, descending }, (page) => table.query(page));
        const numbers = found.map((item) => item.data['n']);
        const all = Array.from({ length: 25 }, (_, n) => n);
        expect(numbers).toEqual(descending ? all.reverse() : all);
      })(),
    );
    it(
      'goes on although the item at the position is gone',
      withTable(async ({ table }) => {
        await table.write(Array.from({ length: 5 }, (_, n) => put(row(n), {})));
        const first = await table.query({ pk: 'LIST', limit: 2 });
        await table.write([{ op: 'delete', key: row(1) }, put({ pk: 'LIST', sk: 'ROW#0001#b' }, {})]);
        const next = await table.query({ pk: 'LIST', limit: 2, after: first.next ?? '' });
        expect(names(next.items)).toEqual(['ROW#0001#b', 'ROW#0002']);
      }),
    );
    it(
      'keeps to the range wherever the position is',
      withTable(async ({ table }) => {
        await table.write([0, 1, 2, 3, 4].map((n) => put(row(n), {}, { indexes: { list1: row(n) } })));
        const range = { pk: 'LIST', from: row(2).sk, to: row(4).sk, limit: 9 };
        const reads = [(query: Query) => table.query(query), (query: Query) => table.queryIndex('list1', query)];
        for (const descending of [false, true]) {
          for (const read of reads) {
            const outside = await read({ pk: 'LIST', limit: 1, descending });
            const page = await read({ ...range, descending, after: outside.next ?? '' });
            expect(names(page.items)).toEqual(descending ? [row(3).sk, row(2).sk] : [row(2).sk, row(3).sk]);
          }
        }
      }),
    );
    it(
      'refuses a position of another list',
      withTable(async ({ table }) => {
        await table.write([0, 1, 2].map((n) => put(row(n), {}, { indexes: { list1: row(n) } })));
        const { next = '' } = await table.queryIndex('list1', { pk: 'LIST', limit: 1 });
        await expect(table.query({ pk: 'LIST', limit: 1, after: next })).rejects.toThrow();
        await expect(table.query({ pk: 'LIST', limit: 1, after: 'xx' })).rejects.toThrow();
      }),
    );
    it(
      'ends a page at 1 MB',
      withTable(async ({ table }) => {
        for (let n = 0; n < 4; n++) await table.write([put(row(n), { text: 'x'.repeat(390_000) })]);
        const page = await table.query({ pk: 'LIST', limit: 10 });
        expect(page.items.length).toBeLessThan(4);
        expect(await drained({ pk: 'LIST', limit: 10 }, (query) => table.query(query))).toHaveLength(4);
      }),
    );
    it(
      'gives short pages, and a next that may lead to an empty one',
      withTable(
        async ({ table }) => {
          await table.write([0, 1, 2, 3].map((n) => put(row(n), {})));
          const found = await drained({ pk: 'LIST', limit: 50 }, (page) => table.query(page));
          expect(found).toHaveLength(4);
        },
        { pageLimit: 2 },
      ),
    );
  });

  describe('indexes', () => {
    const at = (n: number) => ({ pk: 'TEN#1', sk: `ROW#${n}` });
    const list = async (table: Table, index: (typeof INDEXES)[number] = 'list1') =>
      (await table.queryIndex(index, { pk: 'TEN#1', limit: 50 })).items;

    it(
      'lists under each index by its own key, sparse',
      withTable(async ({ table }) => {
        for (const [n, index] of INDEXES.entries())
          await table.write([put(row(n), { n }, { indexes: { [index]: at(n) } })]);
        await table.write([put(row(99), {})]);
        for (const [n, index] of INDEXES.entries())
          expect((await list(table, index)).map((item) => item.key)).toEqual([row(n)]);
      }),
    );
    it(
      'follows an item that moves, leaves or is deleted',
      withTable(async ({ table }) => {
        await table.write([put(row(1), { v: 1 }, { indexes: { list1: at(1), list2: at(1) } })]);
        await table.write([put(row(1), { v: 2 }, { indexes: { list1: at(2) } })]);
        expect(await list(table)).toEqual([{ key: row(1), data: { v: 2 } }]);
        expect(await list(table, 'list2')).toEqual([]);
        await table.write([{ op: 'delete', key: row(1) }]);
        expect(await list(table)).toEqual([]);
      }),
    );
    it.each([{ descending: false }, { descending: true }])(
      'pages through equal sort keys, $descending',
      ({ descending }) =>
        withTable(async ({ table }) => {
          const writes = Array.from({ length: 12 }, (_, n) =>
            put(row(n), { n }, { indexes: { sort1: { pk: 'T', sk: `S#${n % 3}` } } }),
          );
          await table.write(writes);
          const found = await drained({ pk: 'T', limit: 2, descending }, (page) => table.queryIndex('sort1', page));
          const order = [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11];
          expect(found.map((item) => item.data['n'])).toEqual(descending ? order.reverse() : order);
        })(),
    );
    it(
      'keeps to prefix, from and to',
      withTable(async ({ table }) => {
        await table.write([1, 2, 3].map((n) => put(row(n), {}, { indexes: { list1: { pk: 'TEN#1', sk: `K#${n}` } } })));
        const found = await table.queryIndex('list1', { pk: 'TEN#1', prefix: 'K#', from: 'K#2', to: 'K#3', limit: 9 });
        expect(found.items.map((item) => item.key)).toEqual([row(2)]);
      }),
    );
    it(
      'come to show what was written, while reads by key are current',
      withTable(async ({ table }) => {
        await table.write([put(row(1), { v: 1 }, { indexes: { list1: at(1) } })]);
        expect((await table.get(row(1)))?.data).toEqual({ v: 1 });
        await vi.waitFor(async () => expect(await list(table)).toMatchObject([{ data: { v: 1 } }]));
        await table.write([{ op: 'delete', key: row(1) }]);
        expect(await table.get(row(1))).toBeUndefined();
        await vi.waitFor(async () => expect(await list(table)).toEqual([]));
      }),
    );
    // How long it takes can only be told to our own engine.
    if (lag)
      it(
        'lags: shows the former state until the lag is over, while reads by key are current',
        withTable(
          async ({ table, clock }) => {
            await table.write([put(row(1), { v: 1 }, { indexes: { list1: at(1) } })]);
            expect(await list(table)).toEqual([]);
            clock.advance(2);
            expect(await list(table)).toMatchObject([{ data: { v: 1 } }]);
            await table.write([put(row(1), { v: 2 }, { indexes: { list1: at(1) } })]);
            expect(await list(table)).toMatchObject([{ data: { v: 1 } }]);
            expect((await table.get(row(1)))?.data).toEqual({ v: 2 });
            clock.advance(2);
            expect(await list(table)).toMatchObject([{ data: { v: 2 } }]);
            await table.write([{ op: 'delete', key: row(1) }]);
            expect(await list(table)).toMatchObject([{ data: { v: 2 } }]);
            clock.advance(2);
            expect(await list(table)).toEqual([]);
          },
          { indexLagMs: 2000 },
        ),
      );
  });

  describe('expiry', () => {
    it(
      'hides an item from its second on, everywhere',
      withTable(async ({ table, clock }) => {
        const expiresAt = seconds(clock, 10);
        await table.write([put(KEY, {}, { expiresAt, indexes: { list1: { pk: 'L', sk: 'S' } } })]);
        const seen = async () => [
          (await table.get(KEY)) !== undefined,
          (await table.query({ pk: KEY.pk, limit: 9 })).items.length > 0,
          (await table.queryIndex('list1', { pk: 'L', limit: 9 })).items.length > 0,
        ];
        clock.advance(9);
        expect(await seen()).toEqual([true, true, true]);
        clock.advance(1);
        expect(await seen()).toEqual([false, false, false]);
      }),
    );
    it.each([0, -1])('counts an item that expired at %i s as absent: created again, counted from 0', (life) =>
      withTable(async ({ table, clock }) => {
        const old = { used: 7, other: 1 };
        const expiresAt = seconds(clock, life);
        await table.write([put(KEY, old, { expiresAt }), put(row(1), old, { expiresAt })]);
        await expect(table.write([{ op: 'check', key: KEY, when: [{ is: 'present' }] }])).rejects.toThrow(
          ConditionFailed,
        );
        await table.write([
          put(KEY, { fresh: true }, { when: [{ is: 'absent' }] }),
          { op: 'add', key: row(1), add: { used: 1 } },
        ]);
        expect(await table.get(KEY)).toEqual({ key: KEY, data: { fresh: true } });
        expect(await table.get(row(1))).toEqual({ key: row(1), data: { used: 1 } });
      })(),
    );
    it(
      'goes on past expired items of a page',
      withTable(async ({ table, clock }) => {
        const expiresAt = seconds(clock, -1);
        await table.write([0, 1, 2, 3].map((n) => put(row(n), {}, n < 3 ? { expiresAt } : {})));
        const found = await drained({ pk: 'LIST', limit: 2 }, (page) => table.query(page));
        expect(names(found)).toEqual(['ROW#0003']);
      }),
    );
  });
}
