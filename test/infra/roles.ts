import { AsyncLocalStorage } from 'node:async_hooks';
import type { Table, Write } from '../../functions/platform/table.ts';
import { type FunctionName, type ItemAction, TABLE_RIGHTS } from '../../infra/table-rights.ts';

/** Whose turn it is: which function the code that runs now would be part of on AWS. */
const running = new AsyncLocalStorage<FunctionName>();
export const asFunction = <T>(name: FunctionName, run: () => T): T => running.run(name, run);

const ACTIONS = { put: 'PutItem', delete: 'DeleteItem', check: 'ConditionCheckItem', add: 'UpdateItem' } as const;
/** What the one-machine engine keeps in the same table and AWS keeps elsewhere: executions, mails, people of its own issuer. */
const ELSEWHERE = /^(WFX|WFD|MAIL)#|^MAILS$|^DUE#workflow#/;
const OWN_ISSUER = /^SUB#/;

/** Uses of rights so far, and those nobody has. */
export const used = new Set<string>();
export const refused = new Set<string>();

function judge(right: ItemAction | `list ${string}`, pk: string, allowed: readonly string[] | undefined): void {
  const name = running.getStore();
  if (!name || ELSEWHERE.test(pk)) return;
  const found = allowed?.find((one) => (one.endsWith('*') ? pk.startsWith(one.slice(0, -1)) : pk === one));
  if (found) used.add(`${name} ${right} ${found}`);
  else refused.add(`${name} ${right} ${pk.split('#')[0]}`);
}
const item = (action: ItemAction, pk: string): void => {
  const name = running.getStore();
  judge(action, pk, name && TABLE_RIGHTS[name].items[action]);
};

/** The table with every use held against the rights of the function that runs. */
export const watched = <T extends Table>(table: T): T => ({
  ...table,
  get(...[key, options]: Parameters<Table['get']>) {
    item('GetItem', key.pk);
    return table.get(key, options);
  },
  write(writes: readonly Write[]) {
    for (const { op, key } of writes) if (!OWN_ISSUER.test(key.pk)) item(ACTIONS[op], key.pk);
    return table.write(writes);
  },
  query(query: Parameters<Table['query']>[0]) {
    item('Query', query.pk);
    return table.query(query);
  },
  queryIndex(...[index, query]: Parameters<Table['queryIndex']>) {
    const name = running.getStore();
    judge(`list ${index}`, query.pk, name && TABLE_RIGHTS[name].lists?.[index]);
    return table.queryIndex(index, query);
  },
});
