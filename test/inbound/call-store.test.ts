import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { E164 } from '../../functions/domain/e164.ts';
import { NumberId } from '../../functions/domain/ids.ts';
import { fileCall } from '../../functions/inbound/call-store.ts';
import type { Filing } from '../../functions/inbound/filing.ts';
import type { CallFact } from '../../functions/inbound/records.ts';
import type { CallRecord } from '../../functions/inbound/schema.ts';
import { readCalls, statisticsOf } from '../../functions/inbound/store.ts';
import type { Table, Write } from '../../functions/platform/table.ts';
import { testClock } from '../../local/engine/clock.ts';
import { openTable } from '../../local/engine/table.ts';
import { CALLER, entry, NUMBER, NUMBER_ID } from './house.ts';

const ID = NumberId.parse(NUMBER_ID);
const ROUTE = entry({ number: E164.parse(NUMBER) });
const MIDNIGHT = Date.parse('2026-11-22T00:00:00.000Z');
const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** A table that remembers what was asked of it. */
function world(pageLimit?: number) {
  const clock = testClock();
  const real = openTable({ path: ':memory:', clock, ...(pageLimit === undefined ? {} : { pageLimit }) });
  const seen = { gets: 0, read: 0, writes: [] as (readonly Write[])[] };
  const table: Table = {
    ...real,
    get(key, options) {
      seen.gets++;
      return real.get(key, options);
    },
    async query(query) {
      const page = await real.query(query);
      seen.read += page.items.length;
      return page;
    },
    async write(writes) {
      seen.writes.push(writes);
      await real.write(writes);
    },
  };
  const filing = (now: Date): Filing => ({ carrier: 'twilio', now, recordDays: 365, route: async () => ROUTE });
  const tell = (fact: Partial<CallFact> & { readonly at: Date }, now = fact.at) =>
    fileCall(table, { callId: 'one', from: CALLER, state: 'completed', ...fact }, filing(now));
  const calls = async (): Promise<readonly CallRecord[]> => (await readCalls(table, ID, { limit: 50 })).items;
  return { real, table, seen, tell, calls };
}
const at = (ms: number): Date => new Date(MIDNIGHT + ms);

describe('the record of a call', () => {
  it('W2: of which only the end is told, costs one write and no reading', async () => {
    const { tell, seen } = world();

    await tell({ at: at(10 * HOUR), durationSeconds: 40, isFirst: true });

    expect(seen.gets).toBe(0);
    expect(seen.writes.map((writes) => writes.map(({ op }) => op))).toEqual([['put']]);
  });

  it('is made once, whatever a carrier’s habits are', async () => {
    const { tell, calls } = world();

    const ends = [];
    for (const isFirst of [true, true, false])
      ends.push(await tell({ at: at(10 * HOUR), durationSeconds: 40, isFirst }));

    expect(ends).toEqual(['stored', 'repeated', 'repeated']);
    expect(await calls()).toMatchObject([{ version: 1, durationSeconds: 40 }]);
  });

  const ring = fc.integer({ min: 0, max: 120 });
  const talk = fc.integer({ min: 0, max: 23 * 3600 });
  const knowledge = fc.record({ isFirst: fc.boolean(), isVague: fc.boolean(), tellsLength: fc.boolean() });
  it('V5: stays one across midnight, in any order, at the same moment, hours late, with and without times', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -24 * 3600, max: 60 }),
        ring,
        talk,
        fc.array(fc.record({ fact: fc.nat(2), lateHours: fc.nat(23), knowledge }), { minLength: 1, maxLength: 7 }),
        async (begins, rings, talks, told) => {
          const { tell, calls } = world();
          const start = begins * SECOND;
          const answered = start + rings * SECOND;
          const ended = answered + talks * SECOND;
          const facts = [
            { state: 'ringing', at: at(start) },
            { state: 'answered', at: at(answered) },
            { state: 'completed', at: at(ended), durationSeconds: talks },
          ] as const;
          const deliveries = told
            .map(({ fact, lateHours, knowledge: { tellsLength, ...known } }) => {
              const { durationSeconds, ...rest } = { durationSeconds: undefined, ...(facts[fact] ?? facts[0]) };
              const isMeasured = durationSeconds !== undefined && tellsLength;
              const now = new Date(rest.at.getTime() + lateHours * HOUR);
              return { fact: { ...rest, ...known, ...(isMeasured ? { durationSeconds } : {}) }, now };
            })
            .toSorted((a, b) => a.now.getTime() - b.now.getTime());
          const file = ({ fact }: (typeof deliveries)[number], now: Date) =>
            tell({ ...fact, at: fact.isVague ? now : fact.at }, now);
          const half = Math.ceil(deliveries.length / 2);
          const [first, last] = [deliveries.slice(0, half), deliveries.slice(half)];
          const latest = last.at(-1)?.now ?? at(start);
          // What names no time is told within a day of the call's beginning.
          const vague = [...first.filter(({ fact }) => fact.isVague).map(({ now }) => now), latest];
          fc.pre(vague.every((now) => now.getTime() - at(start).getTime() <= 24 * HOUR));

          for (const delivery of first) await file(delivery, delivery.now);
          await Promise.all(last.map((delivery) => file(delivery, latest)));

          expect(await calls()).toHaveLength(1);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('V5: two first facts on both sides of midnight, at the same moment, leave one', async () => {
    for (let round = 0; round < 20; round++) {
      const { tell, calls } = world();
      const now = at(60 * SECOND);

      await Promise.all([
        tell({ state: 'ringing', at: at(-5 * SECOND), isFirst: true }, now),
        tell({ state: 'answered', at: at(2 * SECOND) }, now),
        tell({ state: 'completed', at: at(50 * SECOND), durationSeconds: 48, isFirst: true }, now),
      ]);

      expect(await calls()).toMatchObject([
        {
          state: 'completed',
          startedAt: at(-5 * SECOND).toISOString(),
          answeredAt: at(2 * SECOND).toISOString(),
          durationSeconds: 48,
        },
      ]);
    }
  });
});

describe('the list of calls', () => {
  const starts = fc.uniqueArray(fc.integer({ min: -6 * 24 * 3600, max: 0 }), { maxLength: 40 });
  it('pages through the days, latest first, each call once, whatever the page size and the table’s', async () => {
    await fc.assert(
      fc.asyncProperty(
        starts,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 9 }),
        async (all, limit, most) => {
          const { tell, table } = world(most);
          for (const start of all)
            await tell({ callId: `call ${start}`, at: at(start * SECOND), durationSeconds: 0, isFirst: true });

          const found: string[] = [];
          let after: string | undefined;
          do {
            const page = await readCalls(table, ID, { limit, ...(after === undefined ? {} : { after }) });
            expect(page.items.length).toBeLessThanOrEqual(limit);
            found.push(...page.items.map(({ startedAt }) => startedAt));
            expect(found.length).toBeLessThanOrEqual(all.length);
            after = page.next;
          } while (after !== undefined);

          expect(found).toEqual(all.toSorted((a, b) => b - a).map((start) => at(start * SECOND).toISOString()));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is not disturbed by a call that comes while somebody turns its pages', async () => {
    const { tell, table } = world();
    for (const hour of [1, 2, 3]) await tell({ callId: `${hour}`, at: at(hour * HOUR), durationSeconds: 0 });

    const first = await readCalls(table, ID, { limit: 2 });
    await tell({ callId: '4', at: at(4 * HOUR), durationSeconds: 0 });
    const second = await readCalls(table, ID, { limit: 2, ...(first.next ? { after: first.next } : {}) });

    expect([...first.items, ...second.items].map(({ carrierRef }) => carrierRef)).toEqual(['3', '2', '1']);
    expect(second.next).toBeUndefined();
  });
});

describe('the count of calls', () => {
  async function busy(days: number, callsADay: number) {
    const made = world();
    for (let day = 0; day < days; day++)
      for (let call = 0; call < callsADay; call++)
        await made.tell({
          callId: `${day} ${call}`,
          at: at(day * 24 * HOUR + call * SECOND),
          isFirst: true,
          durationSeconds: 0,
        });
    return made;
  }
  const usage = ({ real }: Pick<ReturnType<typeof world>, 'real'>) =>
    real.scan().filter(({ key }) => key.pk.startsWith('USE#'));

  it('S2-23: of a busy number counts each settled day once', async () => {
    const made = await busy(20, 30);
    const { table, seen } = made;
    const now = at(19 * 24 * HOUR + HOUR);

    const first = await statisticsOf(table, ID, now);
    const readAtFirst = seen.read;
    const second = await statisticsOf(table, ID, now);

    expect(first).toEqual({ callsLast30Days: 600, lastUsedAt: at(19 * 24 * HOUR + 29 * SECOND).toISOString() });
    expect(second).toEqual(first);
    expect(readAtFirst).toBeGreaterThan(600);
    expect(seen.read - readAtFirst).toBeLessThan(300);
    expect(usage(made).map(({ data }) => Object.keys(data['days'] as object).length)).toEqual([17]);
  });

  it('S2-23: goes on counting what comes after, for any look at any day', async () => {
    const made = await busy(18, 30);
    const { table, tell } = made;

    for (let day = 18; day < 50; day++) {
      for (let call = 0; call < 30; call++)
        await tell({
          callId: `${day} ${call}`,
          at: at(day * 24 * HOUR + call * SECOND),
          isFirst: true,
          durationSeconds: 0,
        });
      if (day % 5 === 0) {
        const { callsLast30Days } = await statisticsOf(table, ID, at(day * 24 * HOUR + HOUR));
        expect([day, callsLast30Days]).toEqual([day, Math.min(day + 1, 30) * 30]);
      }
    }
  });

  it('of any other number writes nothing', async () => {
    const made = await busy(20, 5);

    const { callsLast30Days } = await statisticsOf(made.table, ID, at(19 * 24 * HOUR + HOUR));

    expect([callsLast30Days, usage(made)]).toEqual([100, []]);
  });
});
