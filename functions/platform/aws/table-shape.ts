import type { IndexName } from '../table.ts';

/** Attributes of a partition and a sort key. */
interface KeyNames {
  readonly pk: string;
  readonly sk: string;
}

const indexKey = (prefix: string): KeyNames => ({ pk: `${prefix}pk`, sk: `${prefix}sk` });

/**
 * Shape of the DynamoDB table, for the code that reads it and the infrastructure that makes it: all keys are strings, each
 * index projects everything (a list shows the items themselves). Names are short: each is stored and billed with every item.
 */
export const TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Epoch seconds; DynamoDB removes expired items within days, readers ignore them at once. */
  ttl: 'ttl',
  indexes: {
    list1: indexKey('l1'),
    list2: indexKey('l2'),
    list3: indexKey('l3'),
    sort1: indexKey('s1'),
    sort2: indexKey('s2'),
    sort3: indexKey('s3'),
    sort4: indexKey('s4'),
    sort5: indexKey('s5'),
  } satisfies Readonly<Record<IndexName, KeyNames>>,
} as const;

/** Random mark of a conditional put, by which a repeat after a lost answer knows that the first try was written. */
export const MARK = 'w';

/** Attributes that are not data. */
export const RESERVED: ReadonlySet<string> = new Set([
  TABLE.partitionKey,
  TABLE.sortKey,
  TABLE.ttl,
  MARK,
  ...Object.values(TABLE.indexes).flatMap(({ pk, sk }) => [pk, sk]),
]);
