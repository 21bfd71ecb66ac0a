import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { MANIFESTS } from '../../functions/carriers/registry.ts';
import { requestOfReference } from '../../functions/requests/intent-store.ts';
import { credentialsOf, secretRules, withSimulatedKeys } from '../../local/credentials.ts';
import { type TestClock, testClock } from '../../local/engine/clock.ts';
import { openSecrets } from '../../local/engine/secrets.ts';
import { startSimulators } from '../../local/simulator.ts';
import { SIMULATORS } from '../../local/start-carriers.ts';
import type { Bought } from './facts.ts';
import type { CarrierScript } from './scripts.ts';

/** The simulated carriers of one lane: in the harness's own process, so that they outlive every kill. */
export interface Carriers {
  readonly url: string;
  /** Forgets everything, then plants the stock and the faults of a script. */
  begin(script: CarrierScript): void;
  /** Everything as it stands; the function puts it back, as often as it is called. */
  keep(): () => void;
  now(): number;
  /** When a carrier does something next, epoch milliseconds. */
  nextDue(): number | undefined;
  advance(seconds: number): void;
  /** Resolves when no request is being answered and no webhook is on its way. */
  quiet(): Promise<void>;
  ledger(): readonly Bought[];
  close(): Promise<void>;
}

/** @param secretsFolder data folder of the gateway whose simulated credentials count */
export async function startCarriers(folder: string, secretsFolder: string, gatewayUrl: string): Promise<Carriers> {
  mkdirSync(folder, { recursive: true });
  const path = join(secretsFolder, 'secrets.json');
  const secrets = withSimulatedKeys(openSecrets({ env: {}, path, local: true, rules: secretRules({}) }));
  const credentials = Object.assign({}, ...(await Promise.all(MANIFESTS.map((one) => credentialsOf(one, secrets)))));
  let clock: TestClock = testClock(new Date(), { runs: true });
  let answering = 0;
  const boundary = (point: string): void => {
    answering += point.endsWith('.before') ? 1 : -1;
  };
  const simulators = await startSimulators({
    dataDir: folder,
    port: 0,
    clock,
    gatewayUrl,
    carriers: SIMULATORS(),
    credentials,
    boundary,
  });
  const file = new DatabaseSync(join(folder, 'simulators.sqlite'));
  const due = file.prepare('SELECT min(due) AS due FROM timers');
  const tables = ['numbers', 'records', 'faults', 'timers', 'requests'];
  const nextDue = (): number | undefined => {
    const found = due.get()?.['due'];
    return typeof found === 'string' ? Date.parse(found) : undefined;
  };
  const isQuiet = () => answering === 0 && (nextDue() ?? Number.POSITIVE_INFINITY) > clock.now().getTime();
  /** Replaces all there is, and goes on at this distance from the machine's clock. */
  const replace = (rows: readonly (readonly Record<string, SQLOutputValue>[])[], shiftMs: number): void => {
    for (const { timers } of simulators.worlds.values()) timers.stop();
    for (const [at, table] of tables.entries()) {
      file.exec(`DELETE FROM ${table}`);
      for (const row of rows[at] ?? []) {
        const names = Object.keys(row);
        file
          .prepare(`INSERT INTO ${table} (${names.join()}) VALUES (${names.map(() => '?').join()})`)
          .run(...Object.values(row));
      }
    }
    clock = testClock(new Date(Date.now() + shiftMs), { runs: true });
    simulators.clockFollows(clock);
  };
  return {
    url: simulators.url,
    keep() {
      const rows = tables.map((table) => file.prepare(`SELECT * FROM ${table}`).all());
      const shiftMs = clock.now().getTime() - Date.now();
      return () => replace(rows, shiftMs);
    },
    begin(script) {
      replace([], 0);
      const running = simulators.worlds.get(script.carrier);
      if (!running) throw new Error(`no simulated carrier ${script.carrier}`);
      for (const number of script.stock)
        running.world.numbers.save({ ...running.stock.describe(number), monthly: script.price });
      for (const fault of script.faults) running.faults.plant(fault);
    },
    now: () => clock.now().getTime(),
    nextDue,
    advance: (seconds) => clock.advance(seconds),
    async quiet() {
      for (let calm = 0; calm < 2; calm = isQuiet() ? calm + 1 : 0) {
        await Promise.all([...simulators.worlds.values()].map(({ deliveries }) => deliveries.settled()));
        await new Promise((done) => setTimeout(done, isQuiet() ? 0 : 3));
      }
    },
    ledger: () => [...simulators.worlds.values()].flatMap(({ id, world }) => boughtAt(id, world)),
    async close() {
      file.close();
      await simulators.close();
    },
  };
}

type World = Parameters<ReturnType<typeof SIMULATORS>[number]['routes']>[0];
function boughtAt(carrier: string, { numbers }: World): Bought[] {
  return (['owned', 'pending'] as const).flatMap((state) =>
    numbers.search({ state }).map(({ number, purchases, reference }) => {
      const request = reference === undefined ? undefined : requestOfReference(reference);
      return { carrier, number, purchases, state, ...(request ? { request } : {}) };
    }),
  );
}
