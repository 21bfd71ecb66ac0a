import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { JsonObject } from '../../../functions/platform/table.ts';

type Row = Readonly<Record<string, unknown>>;

/** The simulators' file. Every commit is on disk before it returns (WAL, synchronous FULL). */
export interface SimDatabase {
  all(sql: string, ...values: readonly SQLInputValue[]): readonly Row[];
  get(sql: string, ...values: readonly SQLInputValue[]): Row | undefined;
  run(sql: string, ...values: readonly SQLInputValue[]): void;
  /** One commit for all writes of `work`; inside another one it joins it. */
  transact<T>(work: () => T): T;
  close(): void;
}

const TABLES = `
CREATE TABLE IF NOT EXISTS numbers (carrier TEXT, number TEXT, country TEXT, type TEXT, state TEXT, added INTEGER, data TEXT,
  PRIMARY KEY (carrier, number));
CREATE INDEX IF NOT EXISTS numbers_by_kind ON numbers (carrier, country, type);
CREATE INDEX IF NOT EXISTS numbers_by_state ON numbers (carrier, state);
CREATE TABLE IF NOT EXISTS records (seq INTEGER PRIMARY KEY AUTOINCREMENT, carrier TEXT, collection TEXT, id TEXT, data TEXT,
  UNIQUE (carrier, collection, id));
CREATE TABLE IF NOT EXISTS faults (seq INTEGER PRIMARY KEY AUTOINCREMENT, carrier TEXT, fault TEXT, acts_on TEXT, times INTEGER);
CREATE TABLE IF NOT EXISTS timers (seq INTEGER PRIMARY KEY AUTOINCREMENT, carrier TEXT, due TEXT, name TEXT, data TEXT);
CREATE TABLE IF NOT EXISTS requests (seq INTEGER PRIMARY KEY AUTOINCREMENT, carrier TEXT, data TEXT);
`;

/** Opens (or makes) `simulators.sqlite` under this folder. */
export function openDatabase(dataDir: string): SimDatabase {
  mkdirSync(dataDir, { recursive: true });
  const database = new DatabaseSync(join(dataDir, 'simulators.sqlite'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000');
  database.exec(TABLES);
  const prepared = new Map<string, ReturnType<DatabaseSync['prepare']>>();
  const statement = (sql: string) => {
    const known = prepared.get(sql) ?? database.prepare(sql);
    prepared.set(sql, known);
    return known;
  };
  return {
    all: (sql, ...values) => statement(sql).all(...values),
    get: (sql, ...values) => statement(sql).get(...values),
    run: (sql, ...values) => void statement(sql).run(...values),
    transact: (work) => transaction(database, work),
    close: () => database.close(),
  };
}

function transaction<T>(database: DatabaseSync, work: () => T): T {
  if (database.isTransaction) return work();
  database.exec('BEGIN IMMEDIATE');
  try {
    const value = work();
    database.exec('COMMIT');
    return value;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

/** The `data` column of a row as it was saved. */
export function dataOf<T = JsonObject>(row: Row): T {
  return JSON.parse(String(row['data'])) as T;
}
