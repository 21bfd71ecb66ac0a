import type { Hono } from 'hono';
import type { CarrierId } from '../../../functions/domain/carrier-id.ts';
import type { CountryCode, Feature, NumberType } from '../../../functions/domain/country.ts';
import type { Money } from '../../../functions/domain/money.ts';
import type { Clock } from '../../../functions/platform/clock.ts';
import type { Json, JsonObject } from '../../../functions/platform/table.ts';

/** Ways a simulated carrier can go wrong (reliability §3); names as in `_control/{carrier}/faults`. */
export const FAULTS = [
  'gone_at_purchase',
  'lost_after_execution',
  'lost_before_execution',
  'rate_limited',
  'server_error',
  'server_error_after_execution',
  'cut_body',
  'slow',
  'webhook_late',
  'webhook_twice',
  'webhook_reordered',
  'webhook_lost',
  'papers_rejected',
  'partial_bulk',
  'no_credit',
  'price_raised',
] as const;
export type Fault = (typeof FAULTS)[number];
/** What a request to the carrier is about; a fault acts on one of them, or on `any`. */
export const OPERATIONS = ['order', 'search', 'probe', 'configure', 'release', 'papers', 'other'] as const;
export type Operation = (typeof OPERATIONS)[number];

type SimNumberState = 'available' | 'reserved' | 'pending' | 'owned' | 'released';
export interface SimNumber {
  /** E.164 with plus sign. */
  readonly number: string;
  readonly country: CountryCode;
  readonly type: NumberType;
  /** Digits after the country code that name the place. */
  readonly areaCode: string;
  readonly locality: string;
  readonly region: string;
  readonly features: readonly Feature[];
  readonly monthly: Money;
  readonly setup: Money;
  readonly state: SimNumberState;
  /** Our reference as the carrier was told it. */
  readonly reference?: string;
  /** Executed orders. */
  readonly purchases: number;
  /** Whatever else this carrier keeps on a number: its own id, addresses, labels. */
  readonly data: JsonObject;
}
export interface SimSearch {
  readonly country?: string;
  readonly type?: NumberType;
  /** Beginning of the digits after the country code. */
  readonly areaCode?: string;
  readonly state?: SimNumberState;
  /** Any further condition. */
  readonly where?: (number: SimNumber) => boolean;
  readonly limit?: number;
  readonly offset?: number;
}

/** The carrier's numbers: the default stock with everything that happened to it. Each write is durable when it returns. */
export interface SimNumbers {
  search(wish: SimSearch): readonly SimNumber[];
  find(number: string): SimNumber | undefined;
  save(number: SimNumber): void;
  /**
   * Executes an order: state `owned`, one more purchase, reference and data taken over, price taken off the balance.
   * Only the count is unconditional: whether the number is still free is the carrier's own check before.
   */
  execute(number: SimNumber, order: { reference?: string; data?: JsonObject }): SimNumber;
}

/** Durable objects of the carrier's own kinds (orders, bundles, documents, applications …). */
export interface SimRecords {
  get<T extends JsonObject>(collection: string, id: string): T | undefined;
  put(collection: string, id: string, data: JsonObject): void;
  remove(collection: string, id: string): void;
  /** In order of creation. */
  list<T extends JsonObject>(collection: string): readonly T[];
}

/** One set of papers under review. The kernel runs the review; the carrier shows it in its own words. */
export interface SimPapers {
  /** The carrier's own id: bundle SID, requirement group id. */
  readonly id: string;
  /** Ours: the request's id. */
  readonly reference: string;
  readonly state: 'draft' | 'in_review' | 'approved' | 'rejected';
  readonly reason?: string;
  readonly data: JsonObject;
}
export interface SimPapersStore {
  find(idOrReference: string): SimPapers | undefined;
  list(): readonly SimPapers[];
  save(papers: SimPapers): void;
  /** Starts the review: a verdict after 2 s by itself, or from `_control` when reviewed by hand. */
  handIn(id: string): void;
}

/** A request of the carrier to the gateway. */
export interface SimWebhook {
  readonly topic: 'voice' | 'status' | 'message' | 'order' | 'papers';
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Repeats on anything but 2xx, five seconds apart; 0 when absent. */
  readonly retries?: number;
}
/** What the gateway answered; status 0: no connection, or held back by a fault. */
export interface SimAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Everything a carrier's simulator may use. One per carrier. */
export interface SimWorld {
  readonly carrier: CarrierId;
  readonly numbers: SimNumbers;
  readonly records: SimRecords;
  readonly papers: SimPapersStore;
  readonly faults: {
    /** True when this fault is planted for this operation; uses one of its times up. Generic ones the kernel takes itself. */
    take(fault: Fault, on: Operation): boolean;
  };
  readonly account: {
    balance(): Money;
    /** Whether the balance pays for this number; `numbers.execute` is what takes the money. */
    covers(number: SimNumber): boolean;
  };
  readonly clock: Clock;
  /** By the environment names of the carrier's manifest. */
  readonly credentials: Readonly<Record<string, string>>;
  /** This simulator's own root, `http://127.0.0.1:…/{carrier}`. */
  readonly publicUrl: string;
  /** Root of the gateway, no trailing slash; undefined while there is none. */
  gatewayUrl(): string | undefined;
  /** All of it or none of it, in one durable commit. Must not await. */
  transact<T>(work: () => T): T;
  /** Calls `CarrierSimulator.wake` with this name and data later, also after a restart. */
  after(seconds: number, name: string, data: JsonObject): void;
  /** Sends now and gives back the gateway's answer; webhook faults apply to all topics but `voice`. */
  deliver(hook: SimWebhook): Promise<SimAnswer>;
  /** Queues durably (also inside `transact`) and sends right after the present answer; webhook faults apply. */
  notify(hook: SimWebhook): void;
  /** A fresh lower-case hexadecimal text of this length, for the carrier's ids. */
  hex(length: number): string;
  /** A fresh UUID. */
  uuid(): string;
}

/** Which default stock a carrier has. Countries it does not name it does not sell. */
export interface StockPlan {
  readonly countries: readonly string[] | '*';
  readonly types: readonly NumberType[];
  features(country: string, type: NumberType): readonly Feature[];
  price(country: string, type: NumberType): { readonly monthly: Money; readonly setup: Money };
}
export interface SimCall {
  readonly from: string;
  readonly to: string;
}
export interface SimAnswerText {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One simulated carrier: its real paths and formats on top of the kernel's world. */
export interface CarrierSimulator {
  readonly id: CarrierId;
  readonly stock: StockPlan;
  readonly balance: Money;
  /** The carrier's real paths; the kernel mounts them under `/{carrier}` and gives the path without it. */
  routes(world: SimWorld): Hono;
  /** What a request is about, for faults. `path` without query. */
  operationOf(request: { readonly method: string; readonly path: string; readonly query: URLSearchParams }): Operation;
  /** The carrier's own wording of 429 (a `Retry-After: 1` is added when absent) and 5xx, for the generic faults. */
  problem(kind: 'rate_limited' | 'server_error'): SimAnswerText;
  /** Headers that sign a webhook, made when it is sent (time and nonce belong to the sending). */
  sign(world: SimWorld, hook: SimWebhook, at: Date): Readonly<Record<string, string>>;
  /** Sends the inbound call to the address set on the number, then (by `notify`) its status event; gives back our answer. */
  call(world: SimWorld, call: SimCall): Promise<SimAnswer>;
  message(world: SimWorld, message: SimCall & { readonly text: string }): Promise<SimAnswer>;
  /** The review has ended (the record is already saved): tell the gateway as the carrier does. */
  reviewed(world: SimWorld, papers: SimPapers): void;
  /** A timer set by `after` is due; runs inside one transaction with the timer's removal. */
  wake(world: SimWorld, name: string, data: JsonObject): void;
}
export type { Json, JsonObject };
