import { describe, expect, it } from 'vitest';
import { dynamoTable } from '../../functions/platform/aws/table.ts';
import type { Item } from '../../functions/platform/aws/table-item.ts';
import { testClock } from '../../local/engine/clock.ts';
import { itemBytes, readUnits, writeUnits } from '../../scripts/bench/aws/units.ts';
import { wireTable } from '../../scripts/bench/aws/wire-table.ts';
import { dollars, dollarsEach } from '../../scripts/bench/prices.ts';

/** An item of exactly so many bytes. */
const item = (size: number, more: Item = {}): Item => {
  const keys = { pk: { S: 'P' }, sk: { S: 'S' }, ...more };
  return { ...keys, x: { S: 'x'.repeat(size - itemBytes(keys) - 1) } };
};

describe('units of DynamoDB', () => {
  it('counts names and values in UTF-8, numbers by their digits', () => {
    expect(itemBytes({ pk: { S: 'é' } })).toBe(4);
    expect(itemBytes({ n: { N: '1234' } })).toBe(1 + 3);
    expect(itemBytes({ n: { N: '-1200' } })).toBe(1 + 3);
    expect(itemBytes({ b: { BOOL: true }, o: { NULL: true } })).toBe(4);
    expect(itemBytes({ l: { L: [{ S: 'ab' }] } })).toBe(1 + 3 + 1 + 2);
    expect(itemBytes({ m: { M: { a: { S: 'b' } } } })).toBe(1 + 3 + 1 + 2);
  });

  it.each([
    [0, false, 0.5],
    [4096, false, 0.5],
    [4097, false, 1],
    [4097, true, 2],
  ])('reads %i bytes, consistent %s, for %d', (size, isConsistent, units) => {
    expect(readUnits(size, isConsistent)).toBe(units);
  });

  it('writes a unit for each KB of the larger of both states, twice in a transaction', () => {
    expect(writeUnits({ before: undefined, after: item(1024) }, false)).toBe(1);
    expect(writeUnits({ before: item(2049), after: item(100) }, false)).toBe(3);
    expect(writeUnits({ before: item(100), after: undefined }, true)).toBe(2);
    expect(writeUnits({ before: undefined, after: undefined }, false)).toBe(1);
  });

  it('writes an index for an entry that is new, changed or gone, twice for one that moves, never for one that stays', () => {
    const listed = (sk: string): Item => item(500, { l1pk: { S: 'L' }, l1sk: { S: sk } });
    const other: Item = { ...listed('a'), x: { S: 'y' } };

    const index = (before: Item | undefined, after: Item | undefined): number =>
      writeUnits({ before, after }, true) - 2;
    expect(index(undefined, listed('a'))).toBe(1);
    expect(index(listed('a'), other)).toBe(1);
    expect(index(listed('a'), listed('a'))).toBe(0);
    expect(index(listed('a'), listed('b'))).toBe(2);
    expect(index(listed('a'), item(500))).toBe(1);
  });

  it('counts a number as performance §7 does: number, row, route and audit in one transaction, six entries, 14 units', async () => {
    const wire = wireTable();
    const table = dynamoTable({ call: wire.call, tableName: 't', clock: testClock(new Date('2026-08-01T00:00:00Z')) });
    const key = (sk: string) => ({ pk: 'TEN#1', sk });
    const lists = { list1: key('1'), list2: key('2') };
    const sorts = { sort1: key('1'), sort2: key('2'), sort3: key('3'), sort4: key('4') };

    await table.write([
      { op: 'put', key: key('NUMBER'), data: { a: 1 }, indexes: lists },
      { op: 'put', key: key('ROW'), data: { a: 1 }, indexes: sorts },
      { op: 'put', key: key('ROUTE'), data: { a: 1 } },
      { op: 'put', key: key('AUD'), data: { a: 1 } },
    ]);
    await table.write([{ op: 'add', key: key('COUNT'), add: { calls: 1 } }]);
    await table.write([{ op: 'add', key: key('COUNT'), add: { calls: 2 } }]);

    expect(wire.take().writes).toBe(14 + 2 + 2);
    expect((await table.get(key('COUNT')))?.data).toEqual({ calls: 3 });
  });

  it('charges what is refused, and changes nothing', async () => {
    const wire = wireTable();
    const table = dynamoTable({ call: wire.call, tableName: 't', clock: testClock(new Date('2026-08-01T00:00:00Z')) });

    await wire.refusing(() => table.write([{ op: 'put', key: { pk: 'A', sk: 'B' }, data: {} }]));

    expect(wire.take().writes).toBe(1);
    expect(await table.get({ pk: 'A', sk: 'B' })).toBeUndefined();
  });
});

describe('prices', () => {
  const lean = { httpRequest: 1, invocation: 1, logByte: 300, readUnit: 0.5, gigabyteSecond: 0.25 * 0.006 };

  it('makes the sums of performance §6 of its counts', () => {
    expect(1e6 * dollars(lean)).toBeCloseTo(1.43, 2);
    expect(1e6 * dollars({ ...lean, writeUnit: 1 })).toBeCloseTo(2.06, 2);
  });

  it('names the dearest first', () => {
    expect(dollarsEach(lean, 1e6).map(([unit]) => unit)).toEqual([
      'httpRequest',
      'invocation',
      'logByte',
      'readUnit',
      'gigabyteSecond',
    ]);
  });
});
