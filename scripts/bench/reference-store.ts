import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { NUMBERS, numberAt, SIP } from './load-numbers.ts';

export interface Route {
  readonly sip: string;
  readonly timeout: number;
}
export type FindRoute = (number: string) => Route | undefined;
export type FindRouteLater = (number: string) => Promise<Route | undefined>;

/** The reference's own table of routes on disk, as one writes it: one prepared statement. */
export function routesOnDisk(folder: string): FindRoute {
  const file = new DatabaseSync(join(folder, 'reference.sqlite'));
  file.exec('pragma journal_mode = wal; create table if not exists route (number text primary key, data text) strict');
  const insert = file.prepare('insert or replace into route values (?, ?)');
  file.exec('begin');
  for (let i = 0; i < NUMBERS; i++) insert.run(numberAt(i), JSON.stringify({ sip: SIP, timeout: 20 }));
  file.exec('commit');
  const select = file.prepare('select data from route where number = ?');
  return (number) => {
    const found = select.get(number);
    return found && (JSON.parse(String(found['data'])) as Route);
  };
}
