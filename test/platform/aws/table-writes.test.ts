import { describe, expect, it, vi } from 'vitest';
import { dynamoTable } from '../../../functions/platform/aws/table.ts';
import { CallRefused, type TableCall, type WireObject } from '../../../functions/platform/aws/table-call.ts';
import { ConditionFailed, InvalidWrite, TableUnavailable, type Write } from '../../../functions/platform/table.ts';
import { testClock } from '../../../local/engine/clock.ts';

const KEY = { pk: 'C', sk: 'C' };
const NOW = 1_768_467_600;
const EXPIRED = { pk: { S: 'C' }, sk: { S: 'C' }, used: { N: '7' }, ttl: { N: String(NOW) } };
const put: Write = { op: 'put', key: { pk: 'P', sk: 'P' }, data: { a: 1 } };
const add: Write = { op: 'add', key: KEY, add: { used: 1 } };

interface Asked {
  readonly operation: string;
  readonly input: WireObject;
}
/** A table over answers given by a list; a refusal is thrown. */
function scripted(...ends: readonly (WireObject | CallRefused)[]) {
  const asked: Asked[] = [];
  const call: TableCall = async (operation, input) => {
    const end = ends[asked.length] ?? ends.at(-1) ?? {};
    asked.push({ operation, input });
    if (end instanceof CallRefused) throw end;
    return end;
  };
  return { table: dynamoTable({ call, tableName: 'numbers', clock: testClock() }), asked };
}
const cancelled = (...reasons: WireObject[]) =>
  new CallRefused({ code: 'TransactionCanceledException', message: 'no', members: { CancellationReasons: reasons } });
const none = { Code: 'None' };
const failed = (Item?: WireObject) => ({ Code: 'ConditionalCheckFailed', ...(Item ? { Item } : {}) });
const operations = (asked: readonly Asked[]) => asked.map(({ operation }) => operation);

describe('W2: a write costs no transaction where a repeat of it is harmless', () => {
  it.each<[string, readonly Write[], string]>([
    ['a put', [put], 'PutItem'],
    ['a conditional put', [{ ...put, when: [{ is: 'absent' }] }], 'PutItem'],
    ['a delete', [{ op: 'delete', key: KEY }], 'DeleteItem'],
    ['a conditional delete', [{ op: 'delete', key: KEY, when: [{ is: 'present' }] }], 'TransactWriteItems'],
    ['an add, which would count twice', [add], 'TransactWriteItems'],
    ['a check', [{ op: 'check', key: KEY, when: [{ is: 'present' }] }], 'TransactWriteItems'],
    ['two puts', [put, { ...put, key: KEY }], 'TransactWriteItems'],
  ])('%s', async (_, writes, operation) => {
    const { table, asked } = scripted({});
    await table.write(writes);
    expect(operations(asked)).toEqual([operation]);
  });
});

describe('an expired counter', () => {
  it('begins anew in the same transaction as its neighbours', async () => {
    const { table, asked } = scripted(cancelled(none, failed(EXPIRED)), {});
    await table.write([put, add]);
    const items = asked.map(({ input }) => input['TransactItems'] as readonly WireObject[]);
    expect(items[1]?.[0]).toEqual(items[0]?.[0]);
    expect(items[1]?.[1]).toMatchObject({ Put: { Item: { pk: { S: 'C' }, used: { N: '1' } } } });
    expect(items[1]?.[1]?.['Put']).not.toHaveProperty('Item.ttl');
    expect(asked[1]?.input['ClientRequestToken']).not.toBe(asked[0]?.input['ClientRequestToken']);
  });

  it('is added to when somebody else began it anew meanwhile', async () => {
    const { table, asked } = scripted(
      cancelled(failed(EXPIRED)),
      new CallRefused({ code: 'ConditionalCheckFailedException', message: 'no' }),
      {},
    );
    await table.write([add]);
    expect(operations(asked)).toEqual(['TransactWriteItems', 'PutItem', 'TransactWriteItems']);
  });

  it('meets conditions as an absent one does', async () => {
    const limited: Write = { ...add, when: [{ is: 'at_most', field: 'used', value: 9 }] } as Write;
    await expect(scripted(cancelled(failed(EXPIRED))).table.write([limited])).rejects.toEqual(new ConditionFailed([0]));
    const fresh = scripted(cancelled(failed(EXPIRED)), {});
    await fresh.table.write([{ ...add, when: [{ is: 'absent_or_equals', field: 'used', value: 3 }] } as Write]);
    expect(operations(fresh.asked)).toEqual(['TransactWriteItems', 'PutItem']);
  });

  it('does not hide the condition of another write that failed', async () => {
    const { table } = scripted(cancelled(failed(), failed(EXPIRED)));
    await expect(table.write([put, add])).rejects.toEqual(new ConditionFailed([0]));
  });

  it('ends as unavailable when it changes under every try', async () => {
    const lost = new CallRefused({ code: 'ConditionalCheckFailedException', message: 'no' });
    const expired = cancelled(failed(EXPIRED));
    const { table } = scripted(...Array.from({ length: 20 }, (_, n) => (n % 2 ? lost : expired)));
    await expect(table.write([add])).rejects.toBeInstanceOf(TableUnavailable);
  });
});

describe('X2: other writers at the same items', () => {
  it.each([
    cancelled({ Code: 'TransactionConflict' }, none),
    cancelled({ Code: 'ThrottlingError' }, failed()),
    new CallRefused({ code: 'TransactionInProgressException', message: 'no' }),
  ])('gives up as unavailable after a bounded number of repeats (%#)', async (refusal) => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const { table, asked } = scripted(refusal);
    await expect(table.write([put, add])).rejects.toBeInstanceOf(TableUnavailable);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.length).toBeLessThan(20);
    expect(new Set(asked.map(({ input }) => JSON.stringify(input))).size).toBe(1);
    vi.restoreAllMocks();
  });

  it('repeats a single put that meets a transaction', async () => {
    const { table, asked } = scripted(new CallRefused({ code: 'TransactionConflictException', message: 'no' }), {});
    await table.write([put]);
    expect(asked).toHaveLength(2);
  });
});

describe('requests', () => {
  it('keep to the rules the emulator does not check: no redundant brackets, no unused or empty names and values', async () => {
    const { table, asked } = scripted({});
    const conditions = [
      { is: 'absent' },
      { is: 'present' },
      { is: 'equals', field: 'pk', value: true },
      { is: 'at_most', field: 'size', value: 3 },
      { is: 'absent_or_equals', field: 'name', value: 'x' },
    ] as const;
    for (const when of [...conditions.map((one) => [one]), conditions]) {
      await table.write([{ ...put, when }]);
      await table.write([{ ...add, when }]);
    }
    await table.write([put]);
    for (const query of [
      {},
      { prefix: 'A' },
      { from: 'A' },
      { to: 'B' },
      { from: 'A', to: 'B' },
      { prefix: 'A', to: 'B' },
    ])
      await table.query({ pk: 'P', limit: 1, ...query });
    for (const { input } of asked) for (const request of requestsIn(input)) requireSound(request);
    expect(asked).toHaveLength(19);
  });

  it('an item the service finds too large is a wrong write', async () => {
    const large = new CallRefused({ code: 'ValidationException', message: 'Item size has exceeded' });
    await expect(scripted(large).table.write([put])).rejects.toBeInstanceOf(InvalidWrite);
  });

  it('a condition refused for a reason we do not know is not taken for one of ours', async () => {
    await expect(scripted(cancelled({ Code: 'AccessDenied' })).table.write([put, add])).rejects.toBeInstanceOf(
      TableUnavailable,
    );
  });
});

function requestsIn(input: WireObject): readonly WireObject[] {
  const items = input['TransactItems'] as readonly WireObject[] | undefined;
  return items ? items.flatMap((item) => Object.values(item) as WireObject[]) : [input];
}

function requireSound(request: WireObject): void {
  const texts = ['ConditionExpression', 'UpdateExpression', 'KeyConditionExpression'].flatMap(
    (name) => request[name] ?? [],
  );
  const text = texts.join(' ');
  expect(text).not.toMatch(/\(\(/);
  for (const member of ['ExpressionAttributeNames', 'ExpressionAttributeValues']) {
    const words = Object.keys((request[member] as object | undefined) ?? { none: 0 }).filter((one) => one !== 'none');
    if (request[member]) expect(words.length).toBeGreaterThan(0);
    for (const word of words) expect(text).toMatch(new RegExp(`${word}(?!\\d)`));
  }
  expect(new Set(text.match(/[#:]\d+/g) ?? [])).toEqual(
    new Set(
      ['ExpressionAttributeNames', 'ExpressionAttributeValues'].flatMap((member) =>
        Object.keys((request[member] as object | undefined) ?? {}),
      ),
    ),
  );
}
