import type { CarrierId } from '../../../functions/domain/carrier-id.ts';
import type { SimDatabase } from './database.ts';
import { FAULTS, type Fault, OPERATIONS, type Operation } from './simulator-port.ts';

/** What goes wrong at a carrier, on which calls, and how often. */
export interface PlantedFault {
  readonly fault: Fault;
  readonly times: number;
  readonly on: Operation | 'any';
}
export interface SimFaults {
  plant(fault: PlantedFault): void;
  list(): readonly PlantedFault[];
  clear(): void;
  take(fault: Fault, on: Operation): boolean;
  /** The first planted one of these for this operation; uses one of its times up. */
  takeFirst(among: readonly Fault[], on: Operation | undefined): Fault | undefined;
}

/** A carrier's planted faults; durable, used up one by one in the order of planting. */
export function simFaults(id: CarrierId, database: SimDatabase): SimFaults {
  const rows = () =>
    database.all('SELECT seq, fault, acts_on, times FROM faults WHERE carrier = ? ORDER BY seq', id).map((row) => ({
      seq: Number(row['seq']),
      fault: FAULTS.find((fault) => fault === row['fault']) ?? 'slow',
      on: OPERATIONS.find((operation) => operation === row['acts_on']) ?? ('any' as const),
      times: Number(row['times']),
    }));
  const takeFirst = (among: readonly Fault[], on: Operation | undefined) =>
    database.transact(() => {
      const acts = (row: PlantedFault) => on === undefined || row.on === 'any' || row.on === on;
      const found = rows().find((row) => among.includes(row.fault) && acts(row));
      if (!found) return undefined;
      if (found.times <= 1) database.run('DELETE FROM faults WHERE seq = ?', found.seq);
      else database.run('UPDATE faults SET times = times - 1 WHERE seq = ?', found.seq);
      return found.fault;
    });
  return {
    plant: ({ fault, times, on }) =>
      database.run('INSERT INTO faults (carrier, fault, acts_on, times) VALUES (?, ?, ?, ?)', id, fault, on, times),
    list: () => rows().map(({ fault, times, on }) => ({ fault, times, on })),
    clear: () => database.run('DELETE FROM faults WHERE carrier = ?', id),
    take: (fault, on) => takeFirst([fault], on) !== undefined,
    takeFirst,
  };
}
