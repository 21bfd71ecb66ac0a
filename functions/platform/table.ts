export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Primary key. Parts are parsed ids joined by `#`; no part may contain `#` itself (reliability 4.6). */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** Overloaded, sparse list indexes: `list1`–`list3` for all kinds, `sort1`–`sort5` for the orders of number rows. */
export const INDEXES = ['list1', 'list2', 'list3', 'sort1', 'sort2', 'sort3', 'sort4', 'sort5'] as const;
export type IndexName = (typeof INDEXES)[number];
export type IndexKeys = Partial<Record<IndexName, Key>>;

export interface Stored {
  readonly key: Key;
  readonly data: JsonObject;
  /** Epoch seconds. An expired item is never returned, whether or not it was already removed. */
  readonly expiresAt?: number;
}

/** Condition on the item as it stands. `equals` and `atMost` read one top-level field; an absent item satisfies neither. */
export type Condition =
  | { readonly is: 'absent' }
  | { readonly is: 'present' }
  | { readonly is: 'equals'; readonly field: string; readonly value: string | number | boolean }
  | { readonly is: 'at_most'; readonly field: string; readonly value: number }
  | { readonly is: 'absent_or_equals'; readonly field: string; readonly value: string | number | boolean };

/** One write of one item; several conditions must all hold. An expired item counts as absent. */
export type Write =
  | {
      readonly op: 'put';
      readonly key: Key;
      readonly data: JsonObject;
      readonly indexes?: IndexKeys;
      readonly expiresAt?: number;
      readonly when?: readonly Condition[];
    }
  | { readonly op: 'delete'; readonly key: Key; readonly when?: readonly Condition[] }
  | { readonly op: 'check'; readonly key: Key; readonly when: readonly Condition[] }
  /** Adds to number fields (absent counts as 0), creating the item if need be; indexes and other fields stay. */
  | {
      readonly op: 'add';
      readonly key: Key;
      readonly add: Readonly<Record<string, number>>;
      readonly when?: readonly Condition[];
    };

/** A place in a list, handed back to go on after it; opaque to rooms, sealed before it leaves the gateway. */
export type Position = string;

export interface Query {
  readonly pk: string;
  /** Only sort keys that begin with this. */
  readonly prefix?: string;
  /** Only sort keys ≥ from and < to (either may be absent). */
  readonly from?: string;
  readonly to?: string;
  readonly descending?: boolean;
  readonly after?: Position;
  /** Items at most; a page may be shorter although `next` is there (1 MB of work a page). */
  readonly limit: number;
}
export interface Page {
  readonly items: readonly Stored[];
  /** Present while there may be more. */
  readonly next?: Position;
}

/** The one table. Reads by key are consistent unless `eventual`; index queries always lag a little. */
export interface Table {
  get(key: Key, options?: { readonly eventual?: boolean }): Promise<Stored | undefined>;
  /**
   * All writes or none, at most 100 items of at most 400 KB, each key once (an `InvalidWrite` otherwise).
   * Throws `ConditionFailed` naming the writes whose condition did not hold; conflicts with other writers are repeated inside.
   */
  write(writes: readonly Write[]): Promise<void>;
  query(query: Query): Promise<Page>;
  queryIndex(index: IndexName, query: Query): Promise<Page>;
}

/** Some conditions did not hold: `failed` are positions in the list of writes. Nothing was written. */
export class ConditionFailed extends Error {
  override readonly name = 'ConditionFailed';
  readonly failed: readonly number[];
  constructor(failed: readonly number[]) {
    super(`condition of write ${failed.join(', ')} did not hold`);
    this.failed = failed;
  }
}
/** A write no engine could take: too many items, too large, one key twice, an empty key part. A bug in a store. */
export class InvalidWrite extends Error {
  override readonly name = 'InvalidWrite';
}
/** The table cannot be reached or is full; nothing was acknowledged (V1, X4). */
export class TableUnavailable extends Error {
  override readonly name = 'TableUnavailable';
}
