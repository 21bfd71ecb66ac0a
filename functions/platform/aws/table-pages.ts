import type { IndexName, Page, Position, Query } from '../table.ts';
import { isKey } from '../table-checks.ts';
import { asked, isBefore, LAST, placeOf, toPosition } from '../table-ranges.ts';
import type { TableCall, WireObject } from './table-call.ts';
import { expiryOf, type Item, textOf, toStored } from './table-item.ts';
import { vocabulary } from './table-requests.ts';
import { TABLE } from './table-shape.ts';

interface PagesOptions {
  readonly call: TableCall;
  readonly tableName: string;
  readonly query: Query;
  /** Absent: the table itself, read consistently. */
  readonly index?: IndexName;
  /** Epoch seconds. */
  readonly now: number;
}
type Names = { readonly pk: string; readonly sk: string };
const KEYS: Names = { pk: TABLE.partitionKey, sk: TABLE.sortKey };

/** One page: one request. Expired items and the excluded end of a range leave it shorter than asked. */
export async function readPage({ call, tableName, query, index, now }: PagesOptions): Promise<Page> {
  const names = index ? TABLE.indexes[index] : KEYS;
  const start = query.after === undefined ? undefined : startKey(query, query.after, index);
  const range = rangeOf(query, start && textOf(start, names.sk));
  if (!range) return { items: [] };
  const answer = await call('Query', {
    TableName: tableName,
    ...(index ? { IndexName: index } : { ConsistentRead: true }),
    ...condition(query, names),
    ScanIndexForward: !query.descending,
    Limit: query.limit,
    ...(start && range.isInside ? { ExclusiveStartKey: start } : {}),
  });
  const found = (answer['Items'] ?? []) as readonly Item[];
  const last = answer['LastEvaluatedKey'] as Item | undefined;
  const shown = found.filter(
    (item) => (expiryOf(item) ?? Number.POSITIVE_INFINITY) > now && isShown(item, names, query),
  );
  return { items: shown.map(toStored), ...(last ? { next: positionOf(last, index) } : {}) };
}

/** The key the position stands for, with the partition that is asked: a position says nothing of other partitions. */
function startKey(query: Query, after: Position, index: IndexName | undefined): Item {
  if (!index) {
    const [sk = ''] = placeOf(after, 1);
    return { [KEYS.pk]: { S: query.pk }, [KEYS.sk]: { S: sk } };
  }
  const [isk = '', pk = '', sk = ''] = placeOf(after, 3);
  const names = TABLE.indexes[index];
  return { [names.pk]: { S: query.pk }, [names.sk]: { S: isk }, [KEYS.pk]: { S: pk }, [KEYS.sk]: { S: sk } };
}

function positionOf(last: Item, index: IndexName | undefined): Position {
  const isk = index ? [textOf(last, TABLE.indexes[index].sk)] : [];
  return toPosition(index ? [...isk, textOf(last, KEYS.pk), textOf(last, KEYS.sk)] : [textOf(last, KEYS.sk)]);
}

/**
 * Nothing when no key can match: the service refuses an empty range, an impossible key, and a start outside the range.
 * A start before the range means its beginning, one behind it means that it is over.
 */
function rangeOf(query: Query, after: string | undefined): { readonly isInside: boolean } | undefined {
  const { low, high } = asked(query);
  if (!isBefore(low, high) || !isKey({ pk: query.pk, sk: 'X' })) return undefined;
  if (after === undefined) return { isInside: true };
  const isBelow = isBefore(after, low);
  const isAbove = !isBefore(after, high);
  if (query.descending ? isBelow : isAbove) return undefined;
  return { isInside: !isBelow && !isAbove };
}

function condition(query: Query, { pk, sk }: Names): WireObject {
  const words = vocabulary();
  const text = [`${words.name(pk)} = ${words.value({ S: query.pk })}`];
  const { low, high } = asked(query);
  const bound = (value: string) => words.value({ S: value });
  if (query.prefix && query.from === undefined && query.to === undefined)
    text.push(`begins_with(${words.name(sk)}, ${bound(query.prefix)})`);
  else if (low !== '' && high !== LAST) text.push(`${words.name(sk)} BETWEEN ${bound(low)} AND ${bound(high)}`);
  else if (low !== '') text.push(`${words.name(sk)} >= ${bound(low)}`);
  else if (high !== LAST) text.push(`${words.name(sk)} < ${bound(high)}`);
  return { KeyConditionExpression: text.join(' AND '), ...words.members() };
}

/** BETWEEN includes its end, a query does not. */
function isShown(item: Item, names: Names, query: Query): boolean {
  return query.to === undefined || textOf(item, names.sk) !== query.to;
}
