import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Hono } from 'hono';
import type { Clock } from '../functions/platform/clock.ts';
import { fetchHttp } from '../functions/platform/fetch-http.ts';
import { readAreas } from './carriers/kernel/areas.ts';
import { controlRoutes } from './carriers/kernel/control.ts';
import { openDatabase, type SimDatabase } from './carriers/kernel/database.ts';
import { requestLog } from './carriers/kernel/request-log.ts';
import { type Boundary, bodyOf, type Door, send, serveCarrier, webRequest } from './carriers/kernel/serve.ts';
import type { CarrierSimulator } from './carriers/kernel/simulator-port.ts';
import { type RunningWorld, runningWorld } from './carriers/kernel/world.ts';

export interface SimulatorsOptions {
  /** `simulators.sqlite` lies here. */
  readonly dataDir: string;
  /** 0: any free one. Bound to 127.0.0.1. */
  readonly port: number;
  readonly clock: Clock;
  /** Root of the gateway, no trailing slash; a function when it is known only later. */
  readonly gatewayUrl?: string | (() => string | undefined);
  readonly carriers: readonly CarrierSimulator[];
  /** By environment name, for all carriers together. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly boundary?: Boundary;
}
export interface Simulators {
  /** `http://127.0.0.1:…`; each carrier under `/{carrier}`, `_control` beside them. */
  readonly url: string;
  readonly worlds: ReadonlyMap<string, RunningWorld>;
  /** From now on this clock counts; timers that are due by it fire. */
  clockFollows(clock: Clock): void;
  close(): Promise<void>;
}

/** Starts the simulated carriers: own stock, ledger, papers and faults, durable under `dataDir`. */
export async function startSimulators(options: SimulatorsOptions): Promise<Simulators> {
  const database = openDatabase(options.dataDir);
  const time = { clock: options.clock, closed: false };
  const clock: Clock = { now: () => time.clock.now(), wakeAt: (at, wake) => time.clock.wakeAt(at, wake) };
  const { server, url } = await listening(options.port);
  const worlds = openWorlds(options, database, clock, url);
  const doors = openDoors(options, database, clock, worlds);
  const control = new Hono().route(
    '/_control',
    controlRoutes({
      worlds,
      requests: (carrier) => doors.get(carrier)?.log.list() ?? [],
      reset: () => reset(database, worlds),
    }),
  );
  server.on('request', (incoming, outgoing) => void answer(doors, control, time, incoming, outgoing));
  for (const world of worlds.values()) world.timers.arm();
  return {
    url,
    worlds,
    clockFollows(next) {
      time.clock = next;
      for (const world of worlds.values()) world.timers.arm();
    },
    async close() {
      time.closed = true;
      for (const world of worlds.values()) world.timers.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await Promise.all([...worlds.values()].map((world) => world.deliveries.settled()));
      for (const world of worlds.values()) world.timers.stop();
      database.close();
    },
  };
}

async function listening(port: number) {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function openWorlds(options: SimulatorsOptions, database: SimDatabase, clock: Clock, url: string) {
  const { gatewayUrl, credentials } = options;
  const areas = readAreas();
  const http = fetchHttp();
  const parts = {
    ...{ database, http, areas, credentials, url, clock: () => clock },
    gatewayUrl: () => (typeof gatewayUrl === 'function' ? gatewayUrl() : gatewayUrl),
  };
  return new Map<string, RunningWorld>(
    options.carriers.map((simulator) => [simulator.id, runningWorld(simulator, parts)]),
  );
}

function openDoors(
  options: SimulatorsOptions,
  database: SimDatabase,
  clock: Clock,
  worlds: ReadonlyMap<string, RunningWorld>,
): ReadonlyMap<string, Door> {
  const door = (running: RunningWorld): Door => ({
    running,
    routes: running.simulator.routes(running.world),
    log: requestLog(running.id, database),
    clock,
    boundary: options.boundary,
  });
  return new Map([...worlds].map(([id, running]) => [id, door(running)]));
}

async function answer(
  doors: ReadonlyMap<string, Door>,
  control: Hono,
  life: { readonly closed: boolean },
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const path = incoming.url ?? '/';
  const [, carrier = '', rest = '/'] = /^\/([^/?]+)(.*)$/s.exec(path) ?? [];
  const door = doors.get(carrier);
  try {
    if (door) await serveCarrier(door, rest.startsWith('/') ? rest : `/${rest}`, incoming, outgoing);
    else await send(outgoing, await control.fetch(webRequest(path, incoming, await bodyOf(incoming))));
  } catch (error) {
    if (life.closed) return void outgoing.destroy(); // a slow request outlived its carrier
    // A bug in a simulator must look like one, not like a carrier's fault.
    console.error('simulator', incoming.method, path, error);
    if (!outgoing.headersSent) outgoing.writeHead(500, { 'content-type': 'text/plain' });
    outgoing.end(`simulator bug: ${error instanceof Error ? error.stack : String(error)}`);
  }
}

/** Back to the default stock: no order, fault, timer or record is left. */
function reset(database: SimDatabase, worlds: ReadonlyMap<string, RunningWorld>): void {
  for (const world of worlds.values()) world.timers.stop();
  database.transact(() => {
    for (const table of ['numbers', 'records', 'faults', 'timers', 'requests']) database.run(`DELETE FROM ${table}`);
  });
}
