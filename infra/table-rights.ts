import type { IndexName } from '../functions/platform/table.ts';

/** The functions of the gateway (house style §1): split only where privileges, timeout or bundle differ. */
export const FUNCTION_NAMES = ['api', 'carriers', 'requests', 'inbound', 'jobs'] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

export const ITEM_ACTIONS = ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'] as const;
export type ItemAction = (typeof ITEM_ACTIONS)[number];

/** Partitions by action: a key of its own or the beginning of keys (`TEN#*`). */
export type ItemRights = Readonly<Partial<Record<ItemAction, readonly string[]>>>;
export interface TableRights {
  readonly items: ItemRights;
  /** What may be asked of each index; its partitions are the index's own. */
  readonly lists?: Readonly<Partial<Record<IndexName, readonly string[]>>>;
}

/** From a token or key to the caller and the tenant: what every function that answers people reads. */
const SIGNED_IN = ['SUB#*', 'KEY#*', 'STAFF', 'TEN#*'] as const;

/**
 * What each function may do in the one table, by partition: all that a role can be limited by. A test holds
 * the main job against this list. Audit entries are put and, for people, read; nobody updates or deletes them.
 */
export const TABLE_RIGHTS: Readonly<Record<FunctionName, TableRights>> = {
  inbound: {
    items: {
      GetItem: ['ROUTE#*', 'EVT#*', 'CALL#*', 'MSG#*'],
      PutItem: ['EVT#*', 'CALL#*', 'MSG#*', 'OUT#*'],
      ConditionCheckItem: ['CALL#*'],
    },
  },
  api: {
    items: {
      GetItem: [...SIGNED_IN, 'EMAIL#*', 'NUM#*', 'ROUTE#*', 'TASK#*', 'IDEM#*', 'RATE#*', 'USE#*', 'HEALTH'],
      Query: ['TEN#*', 'POLICY', 'CALL#*', 'MSG#*', 'AUD#*'],
      PutItem: [
        'TEN#*',
        'KEY#*',
        'BLOB#*',
        'EMAIL#*',
        'NUM#*',
        'ROUTE#*',
        'REQ#*',
        'TASK#*',
        'POLICY',
        'IDEM#*',
        'RATE#*',
        'USE#*',
        'OUT#*',
        'AUD#*',
      ],
      UpdateItem: ['TEN#*', 'RATE#*'],
      DeleteItem: ['TEN#*', 'KEY#*', 'EMAIL#*', 'POLICY', 'IDEM#*'],
      ConditionCheckItem: ['TEN#*'],
    },
    lists: {
      list1: ['DUE#outbox#*'],
      list2: ['TEN#*', 'TENANTS', 'INBOX#*'],
      list3: ['TEN#*', 'PEOPLE'],
      sort1: ['TEN#*'],
      sort2: ['TEN#*'],
      sort3: ['TEN#*'],
      sort4: ['TEN#*'],
      sort5: ['TEN#*'],
    },
  },
  carriers: {
    items: {
      GetItem: [...SIGNED_IN, 'NUM#*', 'TASK#*', 'CARRIER#*', 'RATE#*'],
      Query: ['TEN#*', 'POLICY'],
      PutItem: ['TEN#*', 'KEY#*', 'NUM#*', 'CARRIER#*', 'CREF#*', 'TASK#*', 'RATE#*', 'OUT#*', 'AUD#*'],
      UpdateItem: ['TEN#*', 'RATE#*'],
      DeleteItem: ['TEN#*', 'NUM#*'],
      ConditionCheckItem: ['TEN#*', 'NUM#*'],
    },
  },
  requests: {
    items: {
      GetItem: ['TEN#*', 'NUM#*', 'TASK#*', 'WAIT#*'],
      Query: ['TEN#*'],
      PutItem: ['TEN#*', 'NUM#*', 'ROUTE#*', 'WAIT#*', 'TASK#*', 'OUT#*', 'AUD#*'],
      UpdateItem: ['TEN#*'],
      DeleteItem: ['NUM#*', 'WAIT#*'],
      ConditionCheckItem: ['TEN#*'],
    },
    lists: { list3: ['TEN#*'] },
  },
  // Tenants and people besides: the tasks of the installation's owner, before anybody can sign in.
  jobs: {
    items: {
      GetItem: ['OUT#*', 'TEN#*', 'REQ#*', 'CREF#*', 'WAIT#*', 'TASK#*', 'BLOB#*', 'SUB#*'],
      Query: ['TEN#*'],
      PutItem: ['OUT#*', 'TEN#*', 'WAIT#*', 'TASK#*', 'AUD#*', 'STAFF', 'SUB#*', 'EMAIL#*'],
    },
    lists: { list1: ['DUE#outbox#*', 'DUE#request#*', 'DUE#task#*', 'DUE#bundle#*'], list3: ['PEOPLE'] },
  },
};
