import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Observe, Observed } from '../../functions/carriers/client.ts';
import type { Timing } from '../../functions/carriers/exchange.ts';
import type { Call } from '../../functions/carriers/outcome.ts';
import type { Capability, Carrier, Manifest, NumberWebhooks, Offer, Order } from '../../functions/carriers/port.ts';
import type { CountryCode, NumberType } from '../../functions/domain/country.ts';
import { CountryCode as Country } from '../../functions/domain/country.ts';
import { E164 } from '../../functions/domain/e164.ts';
import type { Clock } from '../../functions/platform/clock.ts';
import { fetchHttp } from '../../functions/platform/fetch-http.ts';
import type { Http, HttpAnswer, HttpRequest } from '../../functions/platform/http.ts';
import type { CarrierSimulator, Fault, Operation, SimWorld } from '../../local/carriers/kernel/simulator-port.ts';
import { startSimulators } from '../../local/simulator.ts';

/** A clock that moves only when told; waking happens in order of time. */
export interface TestClock extends Clock {
  advance(seconds: number): void;
}
export function testClock(start = '2026-11-20T10:00:00.000Z'): TestClock {
  let now = new Date(start);
  const waiting = new Set<{ at: Date; wake: () => void }>();
  return {
    now: () => new Date(now),
    wakeAt(at, wake) {
      const entry = { at, wake };
      waiting.add(entry);
      return () => void waiting.delete(entry);
    },
    advance(seconds) {
      const end = new Date(now.getTime() + seconds * 1000);
      for (;;) {
        const [next] = [...waiting].sort((a, b) => a.at.getTime() - b.at.getTime());
        if (!next || next.at > end) break;
        waiting.delete(next);
        if (next.at > now) now = next.at;
        next.wake();
      }
      now = end;
    },
  };
}

/** Real measuring, but no real waiting and no chance. */
const quickTiming: Timing = {
  monotonicMs: () => performance.now(),
  epochMs: () => Date.parse('2026-11-20T10:00:00.000Z'),
  random: () => 0.5,
  wait: () => new Promise((resolve) => setImmediate(resolve)),
};

export interface AdapterParts {
  readonly credentials: Readonly<Record<string, string>>;
  /** Root of this carrier's simulator, `http://127.0.0.1:…/{carrier}`. */
  readonly baseUrl: string;
  readonly http: Http;
  readonly observe: Observe;
  readonly timing: Timing;
}
/** Changes an answer on its way to the adapter. */
type Spoil = (answer: HttpAnswer, request: HttpRequest) => HttpAnswer;

/** What a carrier's test hands to the contract. */
export interface CarrierSubject {
  readonly manifest: Manifest;
  readonly simulator: CarrierSimulator;
  readonly credentials: Readonly<Record<string, string>>;
  adapter(parts: AdapterParts): Carrier;
  /** Where ordering needs no papers; default GB local, area 1223. */
  readonly market?: { readonly country: string; readonly type: NumberType; readonly areaCode: string };
  /** Where ordering needs papers; default DE local. Only used when the manifest declares papers. */
  readonly papersMarket?: { readonly country: string; readonly type: NumberType };
  /** Which addresses `listOwned` can show; default all but `ordersUrl`. */
  readonly shownWebhooks?: readonly (keyof NumberWebhooks)[];
  /** False where the carrier has no field for our reference, so that `theirs` cannot be told from `ours`. */
  readonly keepsReference?: boolean;
}
export interface StartedCarrier {
  readonly carrier: Carrier;
  readonly manifest: Manifest;
  readonly subject: CarrierSubject;
  readonly world: SimWorld;
  readonly clock: TestClock;
  readonly observed: Observed[];
  readonly market: { readonly country: CountryCode; readonly type: NumberType; readonly areaCode: string };
  /** Spoils the next answers on their way to the adapter; undefined lets them through again. */
  spoil(change: Spoil | undefined): void;
  /** Requests given to the transport so far. */
  sent(): number;
  fault(fault: Fault, on?: Operation | 'any', times?: number): Promise<void>;
  control<T>(method: string, path: string, body?: unknown): Promise<T>;
  numbers(state?: string): Promise<{ number: string; state: string; purchases: number; reference?: string }[]>;
  requests(): Promise<{ method: string; path: string; body: unknown }[]>;
  close(): Promise<void>;
}

/** Starts one simulated carrier on its own data folder, and the adapter against it. */
export async function startCarrier(subject: CarrierSubject, gatewayUrl?: string): Promise<StartedCarrier> {
  const { id } = subject.simulator;
  const dataDir = mkdtempSync(join(tmpdir(), `carrier-${id}-`));
  const clock = testClock();
  const observed: Observed[] = [];
  const wire: { spoil: Spoil | undefined; closed: boolean; sent: number } = {
    spoil: undefined,
    closed: false,
    sent: 0,
  };
  const { credentials } = subject;
  const simulators = await startSimulators({
    ...{ dataDir, port: 0, clock, carriers: [subject.simulator], credentials },
    ...(gatewayUrl === undefined ? {} : { gatewayUrl }),
  });
  const plain = fetchHttp();
  const http: Http = async (request, limits) => {
    wire.sent += 1;
    const answer = await plain(request, limits);
    return wire.spoil?.(answer, request) ?? answer;
  };
  const observe = (seen: Observed) => void observed.push(seen);
  const baseUrl = `${simulators.url}/${id}`;
  const carrier = subject.adapter({ credentials, baseUrl, http, observe, timing: quickTiming });
  const control = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const init =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await fetch(`${simulators.url}/_control/${path}`, { method, ...init });
    if (!answer.ok) throw new Error(`_control ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const world = simulators.worlds.get(id)?.world;
  if (!world) throw new Error('the simulator did not start');
  const market = subject.market ?? { country: 'GB', type: 'local', areaCode: '1223' };
  const listed = async <T>(path: string) => (await control<{ data: T[] }>('GET', `${id}/${path}`)).data;
  return {
    ...{ carrier, manifest: subject.manifest, subject, world, clock, observed, control },
    market: { ...market, country: Country.parse(market.country) },
    sent: () => wire.sent,
    spoil: (change) => {
      wire.spoil = change;
    },
    fault: async (fault, on = 'order', times = 1) => void (await control('POST', `${id}/faults`, { fault, on, times })),
    numbers: (state) => listed(state ? `numbers?state=${state}` : 'numbers'),
    requests: () => listed('requests'),
    async close() {
      if (wire.closed) return;
      wire.closed = true;
      await simulators.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export function call(timeoutMs = 5_000, signal: AbortSignal = new AbortController().signal): Call {
  return { signal, timeoutMs };
}

export function webhooks(path = 'a'): NumberWebhooks {
  const root = 'https://gateway.example/inbound';
  return {
    voiceUrl: `${root}/${path}/voice`,
    voiceFallbackUrl: `https://gateway.example/fallback/${path}.xml`,
    statusUrl: `${root}/${path}/status`,
    smsUrl: `${root}/${path}/sms`,
    ordersUrl: `${root}/${path}/orders`,
  };
}

/** An order for a number; references look as the gateway makes them. */
export function orderFor(offer: Pick<Offer, 'number' | 'country' | 'type'>, reference: string): Order {
  const { number, country, type } = offer;
  return { number, country, type, reference, webhooks: webhooks(), refs: {} };
}

export function referenceOf(n: number): string {
  return `req_01k${String(n).padStart(23, '0')}.0.1`;
}

/** Free numbers of the started carrier's paperless market, straight from its stock. */
export function freeNumbers(
  { world, market }: StartedCarrier,
  count: number,
): Pick<Offer, 'number' | 'country' | 'type'>[] {
  const { country, type } = market;
  const found = world.numbers.search({ country, type, state: 'available', limit: count });
  return found.map((number) => ({ number: E164.parse(number.number), country, type }));
}

/** The declared capability for a market. */
export function capabilityFor(manifest: Manifest, country: string, type: NumberType): Capability | undefined {
  return manifest.capabilities.find(
    (row) => row.types.includes(type) && (row.countries === '*' || row.countries.includes(country)),
  );
}

/** Advances the simulator's clock and probes until the order has ended one way or another. */
export async function settledProbe(started: StartedCarrier, order: Order) {
  for (let step = 0; step < 20; step++) {
    const probe = await started.carrier.probe(order, call());
    if (probe.kind !== 'in_progress') return probe;
    started.clock.advance(5);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error('the order never ended');
}
