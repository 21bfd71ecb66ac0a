import type { CarrierId } from '../../../functions/domain/carrier-id.ts';
import { NumberType } from '../../../functions/domain/country.ts';
import type { Money } from '../../../functions/domain/money.ts';
import { dataOf, type SimDatabase } from './database.ts';
import type { SimNumber, SimNumbers, SimSearch } from './simulator-port.ts';
import { type DefaultStock, nationalDigits } from './stock.ts';

/** The numbers of one carrier: rows that were touched or added, over the default stock. */
export function simNumbers(
  id: CarrierId,
  database: SimDatabase,
  stock: DefaultStock,
  charge: (money: Money) => void,
): SimNumbers {
  const row = (number: string) => database.get('SELECT data FROM numbers WHERE carrier = ? AND number = ?', id, number);
  const find = (number: string) => {
    const saved = row(number);
    return saved ? dataOf<SimNumber>(saved) : stock.find(number);
  };
  const save = (number: SimNumber) => {
    const added = stock.find(number.number) === undefined ? 1 : 0;
    database.run(
      `INSERT INTO numbers (carrier, number, country, type, state, added, data) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET country = excluded.country, type = excluded.type, state = excluded.state, data = excluded.data`,
      ...[id, number.number, number.country, number.type, number.state, added, JSON.stringify(number)],
    );
  };
  return {
    find,
    save,
    search: (wish) =>
      page(
        candidates(id, database, stock, wish).filter((number) => matches(number, wish)),
        wish,
      ),
    execute: (number, order) =>
      database.transact(() => {
        const present = find(number.number) ?? number;
        const owned: SimNumber = {
          ...present,
          state: 'owned',
          purchases: present.purchases + 1,
          ...(order.reference === undefined ? {} : { reference: order.reference }),
          data: { ...present.data, ...order.data },
        };
        save(owned);
        charge(owned.setup);
        charge(owned.monthly);
        return owned;
      }),
  };
}

/** Numbers added by hand come first, so that they are found; then the default stock in its order. */
function candidates(id: CarrierId, database: SimDatabase, stock: DefaultStock, wish: SimSearch): SimNumber[] {
  // Anything but free numbers has a row of its own.
  if (wish.state !== undefined && wish.state !== 'available')
    return database
      .all('SELECT data FROM numbers WHERE carrier = ? AND state = ? ORDER BY rowid', id, wish.state)
      .map((row) => dataOf<SimNumber>(row));
  const rows = database
    .all(
      'SELECT data, added FROM numbers WHERE carrier = ? AND country LIKE ? AND type LIKE ? ORDER BY rowid',
      id,
      wish.country ?? '%',
      wish.type ?? '%',
    )
    .map((row) => ({ number: dataOf<SimNumber>(row), isAdded: row['added'] === 1 }));
  const touched = new Map(rows.map(({ number }) => [number.number, number]));
  const added = rows.filter((row) => row.isAdded).map((row) => row.number);
  const types = wish.type ? [wish.type] : NumberType.options;
  const countries = wish.country ? [wish.country] : stock.countries();
  const standing = countries.flatMap((country) => types.flatMap((type) => stock.list(country, type)));
  return [...added, ...standing.map((number) => touched.get(number.number) ?? number)];
}

function matches(number: SimNumber, wish: SimSearch): boolean {
  if (wish.country && number.country !== wish.country) return false;
  if (wish.type && number.type !== wish.type) return false;
  if (wish.areaCode && !nationalDigits(number.number, number.country).startsWith(wish.areaCode)) return false;
  if (wish.state && number.state !== wish.state) return false;
  return wish.where?.(number) ?? true;
}

function page(numbers: readonly SimNumber[], { offset = 0, limit }: SimSearch): readonly SimNumber[] {
  return numbers.slice(offset, limit === undefined ? undefined : offset + limit);
}
