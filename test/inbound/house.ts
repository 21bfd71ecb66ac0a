import { inboundApp } from '../../functions/inbound/app.ts';
import type { InboundDeps } from '../../functions/inbound/deps.ts';
import { inboundDialects } from '../../functions/inbound/dialects.ts';
import type { Log, LogFields } from '../../functions/platform/log.ts';
import type { Table } from '../../functions/platform/table.ts';
import { RouteEntry } from '../../functions/routing/schema.ts';
import { routeWrite } from '../../functions/routing/store.ts';
import { testClock } from '../../local/engine/clock.ts';
import { type LocalTable, openTable } from '../../local/engine/table.ts';
import { PUBLIC_URL, SECRETS, secretsOf } from './signed.ts';

export const NUMBER = '+441223555010';
export const CALLER = '+447700900123';
export const NUMBER_ID = 'num_01k0000000000000000000000a';
export const TENANT_ID = 'ten_01k0000000000000000000000a';

export interface Line {
  readonly level: string;
  readonly event: string;
  readonly fields: LogFields;
}

/** A log that keeps its lines. */
export function keptLog() {
  const lines: Line[] = [];
  const log: Log = {
    info: (event, fields = {}) => void lines.push({ level: 'info', event, fields }),
    warn: (event, fields = {}) => void lines.push({ level: 'warn', event, fields }),
    error: (event, cause, fields = {}) =>
      void lines.push({ level: 'error', event, fields: { ...fields, cause: String(cause) } }),
  };
  return { ...log, lines };
}

/** The real table behind a switch: it counts, and hangs or refuses when told. */
export function faultyTable(table: LocalTable) {
  const faults = {
    mode: 'well' as 'well' | 'hangs' | 'down' | 'down once' | 'down for writes',
    gets: 0,
    writes: 0,
    options: [] as unknown[],
  };
  const blocked = async (isWrite: boolean): Promise<void> => {
    if (faults.mode === 'hangs') await new Promise(() => undefined);
    if (faults.mode === 'down once') {
      faults.mode = 'well';
      throw new Error('throttled');
    }
    if (faults.mode === 'down' || (isWrite && faults.mode === 'down for writes')) throw new Error('table down');
  };
  const front: Table = {
    async get(key, options) {
      faults.gets++;
      faults.options.push(options);
      await blocked(false);
      return await table.get(key, options);
    },
    async write(writes) {
      faults.writes++;
      await blocked(true);
      await table.write(writes);
    },
    query: (query) => table.query(query),
    queryIndex: (index, query) => table.queryIndex(index, query),
  };
  return { front, faults };
}

/** Inbound with the real dialects over the real embedded table. */
export function house(changes: Partial<InboundDeps> = {}) {
  const clock = testClock(new Date('2026-11-21T10:00:00.000Z'));
  const table = openTable({ path: ':memory:', clock });
  const { front, faults } = faultyTable(table);
  const secrets = secretsOf({ ...SECRETS });
  const log = keptLog();
  const deps: InboundDeps = {
    table: front,
    secrets,
    clock,
    log,
    settings: { publicUrl: PUBLIC_URL },
    dialects: inboundDialects(PUBLIC_URL),
    ...changes,
  };
  return { clock, table, faults, secrets, log, deps, inbound: inboundApp(deps) };
}

type Entry = (typeof RouteEntry)['_zod']['input'];

/** A routing entry; by default a private number that rings an extension. */
export function entry(changes: Partial<Entry> = {}): RouteEntry {
  return RouteEntry.parse({
    number: NUMBER,
    carrier: 'twilio',
    tenantId: TENANT_ID,
    numberId: NUMBER_ID,
    state: 'active',
    ownership: 'private',
    target: { type: 'extension', id: 'ext_1', name: 'Pam B.', sipUri: 'sip:100@pbx.example.com', timeoutSeconds: 20 },
    fallback: { type: 'announce', text: 'Nobody of Acme can take your call.' },
    version: 1,
    ...changes,
  });
}

/** Puts routing entries into the table. */
export async function route(table: Table, ...entries: readonly RouteEntry[]): Promise<void> {
  await table.write(entries.map(routeWrite));
}
