import { mkdirSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Observe } from '../functions/carriers/client.ts';
import { type Inbound, inboundApp } from '../functions/inbound/app.ts';
import { inboundDialects } from '../functions/inbound/dialects.ts';
import { inboundListener, isInbound } from '../functions/inbound/on-node.ts';
import type { Clock } from '../functions/platform/clock.ts';
import { jsonLog } from '../functions/platform/json-log.ts';
import type { Write } from '../functions/platform/table.ts';
import { composeApp } from './compose-app.ts';
import { composeRooms } from './compose-rooms.ts';
import { secretRules, withSimulatedKeys } from './credentials.ts';
import { shiftedClock, systemClock } from './engine/clock.ts';
import { openSecrets } from './engine/secrets.ts';
import { type LocalTable, openTable } from './engine/table.ts';
import { seedPeople } from './people.ts';
import { outboxPump } from './pump.ts';
import type { LocalSettings } from './settings.ts';
import { startCarriers } from './start-carriers.ts';

export interface GatewayOptions {
  readonly settings: LocalSettings;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where log lines go. */
  readonly logStream: { write(text: string): unknown };
  /** Told of every exchange with a carrier, secrets blanked (`--verbose`). */
  readonly observe?: Observe;
  /** Called before and after every durable write, call of a state and exchange with a carrier: where tests end the process. */
  readonly boundary?: (name: string, writes?: readonly Write[]) => void;
  /** Stands between the rooms and the table: where reads and writes are counted. */
  readonly aroundTable?: (table: LocalTable, clock: Clock) => LocalTable;
}
export interface Gateway {
  readonly url: string;
  readonly simulatorsUrl: string | undefined;
  readonly table: LocalTable;
  readonly clock: Clock;
  /** Resolves when nothing is under way but waits for people, carriers or the clock. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the whole gateway on loopback: table, workflows, outbox, inbound, HTTP interface, simulated carriers. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { settings, env } = options;
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 });
  const shifted = settings.testClock ? shiftedClock(join(settings.dataDir, 'clock.json')) : undefined;
  const clock = shifted ?? systemClock();
  const log = jsonLog({ stream: options.logStream as never, clock });
  const opened = openSecrets({
    env,
    path: join(settings.dataDir, 'secrets.json'),
    local: true,
    rules: secretRules(env),
  });
  const secrets = withSimulatedKeys(opened);
  const { server, url, answerWith } = await listen(settings.port);
  const publicUrl = settings.publicUrl ?? url;
  const simulators = await startCarriers({ settings, env, secrets, clock, gatewayUrl: publicUrl });
  const late = { wrote: (_writes: readonly Write[]): void => undefined };
  const table = openWith(options, clock, (writes) => late.wrote(writes));
  const rooms = composeRooms({ ...options, table, clock, log, secrets, publicUrl, simulatorsUrl: simulators?.url });
  const pump = outboxPump(() => rooms.jobs);
  late.wrote = pump.wrote;
  await seedPeople({ table, clock }, publicUrl);
  const app = await composeApp({ rooms, publicUrl, secrets: opened, shifted, env });
  const dialects = inboundDialects(publicUrl);
  const inbound = inboundApp({ table, secrets, clock, log, settings: { publicUrl }, dialects });
  answerWith(listenerOf(app, inbound));
  await rooms.workflows.recover();
  await pump.start();
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await pump.close();
    await rooms.workflows.close();
    await simulators?.close();
    table.close();
  };
  const idle = async () => {
    await pump.idle();
    await rooms.workflows.idle();
    await pump.idle();
  };
  return { url, simulatorsUrl: simulators?.url, table, clock, idle, close };
}

function openWith(options: GatewayOptions, clock: Clock, onWrite: (writes: readonly Write[]) => void): LocalTable {
  const { settings, boundary, aroundTable } = options;
  const path = join(settings.dataDir, 'numbergate.sqlite');
  const table = openTable({ path, clock, onWrite, ...(boundary ? { boundary } : {}) });
  return aroundTable?.(table, clock) ?? table;
}

/** Carriers' webhooks reach their room byte for byte; everything else goes through the app. */
function listenerOf(app: Hono, inbound: Inbound): RequestListener {
  const answerInbound = inboundListener(inbound);
  const answerApi = getRequestListener(app.fetch);
  return (incoming, outgoing) =>
    isInbound(incoming.url) ? answerInbound(incoming, outgoing) : void answerApi(incoming, outgoing);
}

interface Listening {
  readonly server: Server;
  readonly url: string;
  readonly answerWith: (listener: RequestListener) => void;
}

/** The address must be known before the rooms are made: who calls that early waits until they are, and is answered then. */
async function listen(port: number): Promise<Listening> {
  const server = createServer();
  const early: Parameters<RequestListener>[] = [];
  const keep: RequestListener = (...call) => void early.push(call);
  server.on('request', keep);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  const answerWith = (listener: RequestListener) => {
    server.off('request', keep).on('request', listener);
    for (const call of early.splice(0)) listener(...call);
  };
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, answerWith };
}
