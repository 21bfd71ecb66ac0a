import { deepStrictEqual } from 'node:assert/strict';
import { dynamoTable } from '../../../functions/platform/aws/table.ts';
import type { Clock } from '../../../functions/platform/clock.ts';
import { ConditionFailed, type Page, type Table } from '../../../functions/platform/table.ts';
import type { LocalTable } from '../../../local/engine/table.ts';
import { itemBytes, readUnits } from './units.ts';
import { type Spent, wireTable } from './wire-table.ts';

/** What the rooms took from the table, and what the sweep did, which runs each minute whether or not there is a request. */
export interface TableSpent {
  readonly rooms: Spent;
  readonly sweepReads: number;
}
export interface MeteredTable {
  readonly table: LocalTable;
  take(): TableSpent;
}
/** What only the engine of one machine keeps in the table: workflows and mails lie elsewhere on AWS. */
const NOT_ON_AWS = /^(WFX#|WFD#|MAILS$|MAIL#|SIGNIN#|DUE#workflow)/;

/**
 * The table of one machine with a meter: every request is built by the code that runs on AWS and carried out a second time
 * on a table behind DynamoDB's wire, which counts units by item size. Both must give the same items.
 */
export function meteredTable(real: LocalTable, clock: Clock): MeteredTable {
  const wire = wireTable();
  const mirror = dynamoTable({ call: wire.call, tableName: 'bench', clock });
  let sweepReads = 0;
  const pageUnits = ({ items }: Page, isConsistent: boolean): number => {
    const sizes = items.map(({ key }) => itemBytes(wire.item(key.pk, key.sk) ?? {}));
    return readUnits(
      sizes.reduce((sum, size) => sum + size, 0),
      isConsistent,
    );
  };
  const inTurn = turns();
  const metered: Table = {
    get: (key, options) =>
      inTurn(async () => {
        const found = await real.get(key, options);
        if (!NOT_ON_AWS.test(key.pk)) deepStrictEqual(await mirror.get(key, options), found);
        return found;
      }),
    write: (writes) =>
      inTurn(async () => {
        const charged = writes.filter(({ key }) => !NOT_ON_AWS.test(key.pk));
        await real.write(writes).catch(async (error: unknown) => {
          if (error instanceof ConditionFailed) await wire.refusing(() => mirror.write(charged));
          throw error;
        });
        await mirror.write(charged);
      }),
    query: (query) =>
      inTurn(async () => {
        const page = await real.query(query);
        if (!NOT_ON_AWS.test(query.pk)) wire.chargeRead(pageUnits(page, true));
        return page;
      }),
    queryIndex: (index, query) =>
      inTurn(async () => {
        const page = await real.queryIndex(index, query);
        if (query.pk.startsWith('DUE#')) sweepReads += pageUnits(page, false);
        else if (!NOT_ON_AWS.test(query.pk)) wire.chargeRead(pageUnits(page, false));
        return page;
      }),
  };
  return {
    table: { ...real, ...metered },
    take() {
      const taken = { rooms: wire.take(), sweepReads };
      sweepReads = 0;
      return taken;
    },
  };
}

/** One after the other: between the two tables nobody may read. */
function turns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
