import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Condition,
  ConditionFailed,
  type JsonObject,
  type Key,
  type Page,
  type Query,
  type Stored,
  type Table,
  type Write,
} from '../../functions/platform/table.ts';
import type { OpenTable } from './table.ts';
import { modelTable } from './table-model.ts';

/** Sort keys where the order of bytes is not that of UTF-16 units, and one is the beginning of another. */
const SORT_KEYS = ['A', 'A#1', 'A#10', 'A#2', 'B', 'é', '\uffee', '😀', 'a'];
const pk = fc.constantFrom('P#1', 'P#2');
const key: fc.Arbitrary<Key> = fc.record({ pk, sk: fc.constantFrom(...SORT_KEYS) });
const entry: fc.Arbitrary<Key> = fc.record({
  pk: fc.constantFrom('L#1', 'L#2'),
  sk: fc.constantFrom(...SORT_KEYS),
});
const number = fc.integer({ min: -2, max: 4 });
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.constant({ is: 'absent' } as const),
  fc.constant({ is: 'present' } as const),
  fc.record({
    is: fc.constant('equals' as const),
    field: fc.constantFrom('n', 's'),
    value: fc.oneof(number, fc.constant('x')),
  }),
  fc.record({ is: fc.constant('absent_or_equals' as const), field: fc.constant('n'), value: number }),
  fc.record({ is: fc.constant('at_most' as const), field: fc.constantFrom('n', 's'), value: number }),
);
const conditions = fc.array(condition, { maxLength: 2 });
const data: fc.Arbitrary<JsonObject> = fc.record({ n: number, s: fc.constantFrom('x', 'y') }, { requiredKeys: ['n'] });
/** Seconds of life from now; below zero is expired already. */
const life = fc.option(fc.integer({ min: -2, max: 6 }), { nil: undefined });
const write = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('put' as const),
      key,
      data,
      life,
      list1: fc.option(entry),
      when: conditions,
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('delete' as const), key, when: conditions }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('check' as const), key, when: fc.tuple(condition) }) },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('add' as const), key, add: fc.record({ n: number }), when: conditions }),
  },
);
const query = fc.record(
  {
    prefix: fc.constantFrom('A', 'A#', 'B', ''),
    from: fc.constantFrom(...SORT_KEYS),
    to: fc.constantFrom(...SORT_KEYS),
    descending: fc.boolean(),
    limit: fc.integer({ min: 1, max: 4 }),
  },
  { requiredKeys: ['limit'] },
);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      writes: fc.uniqueArray(write, { selector: (one) => `${one.key.pk} ${one.key.sk}`, minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3000 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('query' as const), pk, query }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('index' as const), pk: entry.map((one) => one.pk), query }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('get' as const), key }) },
);

/** The same acts on the table and on a plain model must give the same answers. */
export function tableProperties(open: OpenTable, { runs = 150, lag = true } = {}): void {
  const settings = [{ indexLagMs: 0, pageLimit: undefined }, ...(lag ? [{ indexLagMs: 1500, pageLimit: 2 }] : [])];
  describe.each(settings)(
    'like a plain model, with lag $indexLagMs ms and pages of $pageLimit',
    ({ indexLagMs, pageLimit }) => {
      it('answers the same whatever is done', async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), async (steps) => {
            const { table, clock, close } = await open({ indexLagMs, ...(pageLimit ? { pageLimit } : {}) });
            const model = modelTable(clock, indexLagMs);
            for (const one of steps) {
              if (one.kind === 'wait') clock.advance(one.ms / 1000);
              if (one.kind === 'get') expect(await table.get(one.key)).toEqual(model.get(one.key));
              if (one.kind === 'write') {
                const writes = one.writes.map((draft) => finished(draft, clock.now()));
                expect(await outcome(() => table.write(writes))).toEqual(
                  await outcome(async () => model.write(writes)),
                );
              }
              if (one.kind === 'query') {
                const asked = { ...one.query, pk: one.pk };
                expect(await drained(asked, (page) => table.query(page))).toEqual(model.query(asked));
              }
              if (one.kind === 'index') {
                const asked = { ...one.query, pk: one.pk };
                const found = await drained(asked, (page) => table.queryIndex('list1', page));
                expect(found).toEqual(model.queryIndex('list1', asked));
              }
            }
            await close();
          }),
          { numRuns: runs },
        );
      });
    },
  );
}

type Draft = typeof write extends fc.Arbitrary<infer T> ? T : never;

function finished(draft: Draft, now: Date): Write {
  if (draft.op !== 'put') return draft;
  const { life: seconds, list1, ...put } = draft;
  const expiresAt = seconds === undefined ? {} : { expiresAt: Math.floor(now.getTime() / 1000) + seconds };
  return { ...put, ...expiresAt, ...(list1 ? { indexes: { list1 } } : {}) };
}

async function outcome(act: () => Promise<void>): Promise<readonly number[] | 'done'> {
  try {
    await act();
    return 'done';
  } catch (cause) {
    if (cause instanceof ConditionFailed) return cause.failed;
    throw cause;
  }
}

/** Every item of a query, page by page to the end; checks that no page is longer than asked. */
export async function drained(query: Query, read: (query: Query) => ReturnType<Table['query']>): Promise<Stored[]> {
  const items: Stored[] = [];
  let page: Page | undefined;
  do {
    page = await read({ ...query, ...(page?.next === undefined ? {} : { after: page.next }) });
    expect(page.items.length).toBeLessThanOrEqual(query.limit);
    items.push(...page.items);
  } while (page.next !== undefined);
  return items;
}
