import { describe, expect, it } from 'vitest';
import { dynamoTable } from '../../../functions/platform/aws/table.ts';
import type { TableCall, WireObject } from '../../../functions/platform/aws/table-call.ts';
import { toPosition } from '../../../functions/platform/table-ranges.ts';
import { testClock } from '../../../local/engine/clock.ts';

const item = (sk: string, ttl?: number) => ({
  pk: { S: 'P' },
  sk: { S: sk },
  l1pk: { S: 'L' },
  l1sk: { S: sk },
  ...(ttl === undefined ? {} : { ttl: { N: String(ttl) } }),
});
function scripted(answer: WireObject = {}) {
  const asked: WireObject[] = [];
  const call: TableCall = async (_operation, input) => {
    asked.push(input);
    return answer;
  };
  return { table: dynamoTable({ call, tableName: 'numbers', clock: testClock() }), asked };
}

describe('pages the service would refuse', () => {
  it.each([
    ['an empty range', { from: 'B', to: 'A' }],
    ['a range of nothing', { from: 'B', to: 'B' }],
    ['a prefix outside the range', { prefix: 'C', to: 'B' }],
    ['a partition that cannot be', { pk: '' }],
    ['a position behind the range', { to: 'C', after: toPosition(['C']) }],
    ['a position before a descending range', { from: 'C', descending: true, after: toPosition(['B']) }],
  ])('%s: empty, and nobody is asked', async (_, range) => {
    const { table, asked } = scripted();
    expect(await table.query({ pk: 'P', limit: 5, ...range })).toEqual({ items: [] });
    expect(asked).toEqual([]);
  });

  it.each([
    ['before the range', { from: 'C', after: toPosition(['B']) }, undefined],
    ['at the end of a descending range', { to: 'C', descending: true, after: toPosition(['C']) }, undefined],
    ['inside', { from: 'A', after: toPosition(['B']) }, { pk: { S: 'P' }, sk: { S: 'B' } }],
    ['at the beginning', { prefix: 'B', after: toPosition(['B']) }, { pk: { S: 'P' }, sk: { S: 'B' } }],
  ])('a position %s starts where the service allows it', async (_, range, start) => {
    const { table, asked } = scripted();
    await table.query({ pk: 'P', limit: 5, ...range });
    expect(asked[0]?.['ExclusiveStartKey']).toEqual(start);
  });

  it('a position of an index names the keys of both, in the partition that is asked', async () => {
    const { table, asked } = scripted({ Items: [item('A')], LastEvaluatedKey: item('A') });
    const { next = '' } = await table.queryIndex('list1', { pk: 'L', limit: 1 });
    await table.queryIndex('list1', { pk: 'M', limit: 1, after: next });
    expect(asked[1]?.['ExclusiveStartKey']).toEqual({
      l1pk: { S: 'M' },
      l1sk: { S: 'A' },
      pk: { S: 'P' },
      sk: { S: 'A' },
    });
  });
});

describe('pages as they come', () => {
  it('leave out the excluded end and what has expired, and still go on', async () => {
    const now = Math.floor(testClock().now().getTime() / 1000);
    const Items = [item('A'), item('B', now), item('C', now + 1), item('D')];
    const { table } = scripted({ Items, LastEvaluatedKey: item('D') });
    const page = await table.query({ pk: 'P', from: 'A', to: 'D', limit: 4 });
    expect(page.items.map(({ key }) => key.sk)).toEqual(['A', 'C']);
    expect(page.next).toBe(toPosition(['D']));
  });

  it('are read consistently from the table, and from an index as it stands', async () => {
    const { table, asked } = scripted();
    await table.query({ pk: 'P', limit: 1 });
    await table.queryIndex('sort5', { pk: 'P', limit: 1 });
    await table.get({ pk: 'P', sk: 'A' });
    await table.get({ pk: 'P', sk: 'A' }, { eventual: true });
    expect(asked.map((one) => one['ConsistentRead'])).toEqual([true, undefined, true, false]);
    expect(asked[1]).toMatchObject({ IndexName: 'sort5', ScanIndexForward: true });
  });
});
