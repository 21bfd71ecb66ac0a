import { randomBytes, randomUUID } from 'node:crypto';
import type { CarrierId } from '../../../functions/domain/carrier-id.ts';
import type { Clock } from '../../../functions/platform/clock.ts';
import type { Http } from '../../../functions/platform/http.ts';
import type { Area } from './areas.ts';
import type { SimDatabase } from './database.ts';
import { type Deliveries, deliveries } from './deliveries.ts';
import { type SimFaults, simFaults } from './faults.ts';
import { simNumbers } from './numbers.ts';
import { type PapersReview, papersReview } from './papers.ts';
import { simAccount, simRecords } from './records.ts';
import type { CarrierSimulator, JsonObject, SimWorld } from './simulator-port.ts';
import { type DefaultStock, defaultStock } from './stock.ts';
import { type SimTimers, simTimers } from './timers.ts';

export interface WorldParts {
  readonly database: SimDatabase;
  readonly clock: () => Clock;
  readonly http: Http;
  readonly areas: readonly Area[];
  readonly credentials: Readonly<Record<string, string>>;
  /** Root of all simulators. */
  readonly url: string;
  gatewayUrl(): string | undefined;
}
/** A carrier's world with the parts only the kernel and `_control` touch. */
export interface RunningWorld {
  readonly id: CarrierId;
  readonly simulator: CarrierSimulator;
  readonly world: SimWorld;
  readonly faults: SimFaults;
  readonly papers: PapersReview;
  readonly stock: DefaultStock;
  readonly timers: SimTimers;
  readonly deliveries: Deliveries;
}

/** Puts one carrier's world together. */
export function runningWorld(simulator: CarrierSimulator, parts: WorldParts): RunningWorld {
  const { id } = simulator;
  const { database, clock } = parts;
  const records = simRecords(id, database);
  const faults = simFaults(id, database);
  const account = simAccount(records, simulator.balance);
  const stock = defaultStock(id, simulator.stock, parts.areas);
  const timers = simTimers(id, database, clock, (name, data) => wake(name, data));
  const after = (seconds: number, name: string, data: JsonObject) => timers.after(seconds, name, data);
  const sending = deliveries({
    ...{ http: parts.http, clock, faults, timers: () => timers, gatewayUrl: parts.gatewayUrl },
    sign: (hook, at) => simulator.sign(world, hook, at),
  });
  const papers = papersReview({ records, faults, after, reviewed: (judged) => simulator.reviewed(world, judged) });
  const world: SimWorld = {
    ...{ carrier: id, numbers: simNumbers(id, database, stock, account.charge), records, papers, faults, account },
    clock: { now: () => clock().now(), wakeAt: (at, ring) => clock().wakeAt(at, ring) },
    credentials: parts.credentials,
    publicUrl: `${parts.url}/${id}`,
    gatewayUrl: parts.gatewayUrl,
    transact: (work) => database.transact(work),
    after,
    deliver: (hook) => sending.deliver(hook),
    notify: (hook) => sending.notify(hook),
    hex: (length) =>
      randomBytes(Math.ceil(length / 2))
        .toString('hex')
        .slice(0, length),
    uuid: () => randomUUID(),
  };
  const wake = (name: string, data: JsonObject) => {
    if (sending.wake(name, data) || papers.wake(name, data)) return;
    simulator.wake(world, name, data);
  };
  return { id, simulator, world, faults, papers, stock, timers, deliveries: sending };
}
