import { describe, expect, it } from 'vitest';
import { sharedQuota } from '../../functions/platform/shared-quota.ts';
import type { Table } from '../../functions/platform/table.ts';
import { testClock } from '../../local/engine/clock.ts';
import { openTable } from '../../local/engine/table.ts';
import { keptLog } from '../inbound/house.ts';

function house(limit: number) {
  const clock = testClock(new Date('2026-11-21T10:00:30.000Z'));
  const stored = openTable({ path: ':memory:', clock });
  const counts = { calls: 0, down: false };
  const counted =
    <A extends unknown[], R>(call: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      counts.calls++;
      if (counts.down) throw new Error('table down');
      return call(...given);
    };
  const table: Table = {
    get: counted(stored.get),
    write: counted(stored.write),
    query: counted(stored.query),
    queryIndex: counted(stored.queryIndex),
  };
  const log = keptLog();
  const process = () => sharedQuota({ table, limit, now: () => clock.now().getTime(), log });
  return { clock, counts, log, process };
}

describe('a quota that processes share', () => {
  it('lets in no more than the limit, however many there are', async () => {
    const { process } = house(100);
    const processes = Array.from({ length: 7 }, process);

    const states = [];
    for (let n = 0; n < 280; n++) states.push(await processes[n % 7]?.('person:usr_1'));

    expect(states.filter((state) => state?.exceeded === false)).toHaveLength(100);
    expect(states.at(-1)).toMatchObject({ limit: 100, remaining: 0, resetSeconds: 30, exceeded: true });
  });

  it('asks the table once for a twentieth of the limit', async () => {
    const { process, counts } = house(600);
    const quota = process();

    for (let n = 0; n < 30; n++) await quota('person:usr_1');
    const first = counts.calls;
    for (let n = 0; n < 570; n++) await quota('person:usr_1');

    expect(first).toBeLessThanOrEqual(3);
    expect(counts.calls).toBeLessThanOrEqual(3 + 19 * 2);
    expect((await quota('person:usr_1')).exceeded).toBe(true);
  });

  it('asks no more once the limit is reached', async () => {
    const { process, counts } = house(5);
    const quota = process();
    for (let n = 0; n < 6; n++) await quota('address:203.0.113.9');
    const asked = counts.calls;

    for (let n = 0; n < 50; n++) expect((await quota('address:203.0.113.9')).exceeded).toBe(true);

    expect(counts.calls).toBe(asked);
  });

  it('begins anew each minute, and counts each credential for itself', async () => {
    const { process, clock } = house(2);
    const quota = process();
    for (let n = 0; n < 3; n++) await quota('a');

    expect((await quota('a')).exceeded).toBe(true);
    expect((await quota('b')).exceeded).toBe(false);
    clock.advance(30);
    expect(await quota('a')).toEqual({ limit: 2, remaining: 1, resetSeconds: 60, exceeded: false });
  });

  it('counts by itself while the table is down: nobody is kept out by that', async () => {
    const { process, counts, log } = house(3);
    const quota = process();
    counts.down = true;

    const states = [];
    for (let n = 0; n < 4; n++) states.push((await quota('a')).exceeded);

    expect(states).toEqual([false, false, false, true]);
    expect([...new Set(log.lines.map((line) => line.event))]).toEqual(['quota_unshared']);
  });
});
