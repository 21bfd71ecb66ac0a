import type { CarrierId } from '../../../functions/domain/carrier-id.ts';
import { compareMoney, fromMicros, type Money, toMicros } from '../../../functions/domain/money.ts';
import { dataOf, type SimDatabase } from './database.ts';
import type { JsonObject, SimRecords, SimWorld } from './simulator-port.ts';

/** Durable objects of one carrier. */
export function simRecords(id: CarrierId, database: SimDatabase): SimRecords {
  return {
    get<T extends JsonObject>(collection: string, key: string) {
      const row = database.get(
        'SELECT data FROM records WHERE carrier = ? AND collection = ? AND id = ?',
        id,
        collection,
        key,
      );
      return row && dataOf<T>(row);
    },
    put(collection, key, data) {
      database.run(
        `INSERT INTO records (carrier, collection, id, data) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET data = excluded.data`,
        ...[id, collection, key, JSON.stringify(data)],
      );
    },
    remove(collection, key) {
      database.run('DELETE FROM records WHERE carrier = ? AND collection = ? AND id = ?', id, collection, key);
    },
    list<T extends JsonObject>(collection: string) {
      return database
        .all('SELECT data FROM records WHERE carrier = ? AND collection = ? ORDER BY seq', id, collection)
        .map((row) => dataOf<T>(row));
    },
  };
}

/** The money the gateway has with this carrier. */
export function simAccount(records: SimRecords, initial: Money): SimWorld['account'] & { charge(money: Money): void } {
  const balance = (): Money => ({
    amount: String(records.get('_account', 'balance')?.['amount'] ?? initial.amount),
    currency: initial.currency,
  });
  return {
    balance,
    covers(number) {
      const price = { amount: fromMicros(toMicros(number.monthly.amount) + toMicros(number.setup.amount)) };
      return compareMoney(balance(), { ...price, currency: initial.currency }) !== -1;
    },
    charge(money) {
      const left = toMicros(balance().amount) - toMicros(money.amount);
      records.put('_account', 'balance', { amount: fromMicros(left < 0n ? 0n : left) });
    },
  };
}
