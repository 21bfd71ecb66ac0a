import { CallRefused, type TableCall, type WireObject } from '../../../functions/platform/aws/table-call.ts';
import type { Attribute, Item } from '../../../functions/platform/aws/table-item.ts';
import { TABLE } from '../../../functions/platform/aws/table-shape.ts';
import { itemBytes, readUnits, type Units, writeUnits } from './units.ts';

export interface Spent extends Units {
  /** Write units by kind of item: the words of its keys without their ids. */
  readonly writesOf: Readonly<Record<string, number>>;
}
/** A table behind the wire of DynamoDB, kept in memory, that counts what it would be charged for. */
export interface WireTable {
  readonly call: TableCall;
  /** Units since the last time this was asked. */
  take(): Spent;
  /** The item of a key, as it is stored. */
  item(pk: string, sk: string): Item | undefined;
  /** Charges a read that was answered elsewhere. */
  chargeRead(units: number): void;
  /** Carries the work out for its price only: nothing changes, as when a condition fails. */
  refusing(work: () => Promise<void>): Promise<void>;
}

/**
 * The operations the gateway uses, but queries. Conditions are taken as held: it stands beside a table that judges them, or
 * takes part in a scenario where they do hold.
 */
export function wireTable(): WireTable {
  const items = new Map<string, Item>();
  let spent = nothing();
  let isRefusing = false;
  const change = (key: string, after: Item | undefined, inTransaction: boolean): void => {
    const units = writeUnits({ before: items.get(key), after }, inTransaction);
    spent.writes += units;
    spent.writesOf[kindOf(key)] = (spent.writesOf[kindOf(key)] ?? 0) + units;
    if (isRefusing) return;
    if (after) items.set(key, after);
    else items.delete(key);
  };
  const carryOut = (operation: string, input: WireObject, inTransaction = false): WireObject => {
    const key = keyOf((input['Item'] ?? input['Key']) as Item | undefined);
    switch (operation) {
      case 'GetItem': {
        const found = items.get(key);
        spent.reads += readUnits(found ? itemBytes(found) : 0, input['ConsistentRead'] !== false);
        return found ? { Item: found } : {};
      }
      case 'PutItem':
      case 'Put':
        change(key, input['Item'] as Item, inTransaction);
        return {};
      case 'DeleteItem':
      case 'Delete':
        change(key, undefined, inTransaction);
        return {};
      case 'Update':
        change(key, added(items.get(key), input), inTransaction);
        return {};
      case 'ConditionCheck':
        change(key, items.get(key), inTransaction);
        return {};
      case 'TransactWriteItems':
        for (const member of input['TransactItems'] as readonly WireObject[])
          for (const [kind, request] of Object.entries(member)) carryOut(kind, request as WireObject, true);
        return {};
      default:
        throw new CallRefused({ code: 'UnknownOperationException', message: operation });
    }
  };
  return {
    call: async (operation, input) => carryOut(operation, input),
    take() {
      const taken = spent;
      spent = nothing();
      return taken;
    },
    item: (pk, sk) => items.get(`${pk}\n${sk}`),
    chargeRead: (units) => {
      spent.reads += units;
    },
    async refusing(work) {
      isRefusing = true;
      await work().finally(() => {
        isRefusing = false;
      });
    },
  };
}

const nothing = (): { reads: number; writes: number; writesOf: Record<string, number> } => ({
  reads: 0,
  writes: 0,
  writesOf: {},
});
/** `TEN REQ` of `TEN#ten_1` / `REQ#req_1`. */
const kindOf = (key: string): string =>
  key
    .split('\n')
    .map((part) => part.split('#', 1)[0])
    .filter((word) => /^[A-Z]+$/.test(word ?? ''))
    .join(' ');

function keyOf(item: Item | undefined): string {
  return item ? `${textOf(item[TABLE.partitionKey])}\n${textOf(item[TABLE.sortKey])}` : '';
}
const textOf = (value: Attribute | undefined): string => (value && 'S' in value ? value.S : '');

/** The item after `ADD #0 :0, #1 :1`. */
function added(before: Item | undefined, input: WireObject): Item {
  const names = input['ExpressionAttributeNames'] as Readonly<Record<string, string>>;
  const values = input['ExpressionAttributeValues'] as Item;
  const sums = String(input['UpdateExpression']).replace(/^ADD /, '').split(', ');
  const after: Record<string, Attribute> = { ...(before ?? (input['Key'] as Item)) };
  for (const sum of sums) {
    const [name = '', value = ''] = sum.split(' ');
    const field = names[name] ?? '';
    after[field] = { N: String(amount(after[field]) + amount(values[value])) };
  }
  return after;
}
const amount = (value: Attribute | undefined): number => (value && 'N' in value ? Number(value.N) : 0);
