import type { CarrierId } from '../domain/carrier-id.ts';
import type { CountryCode, Feature, NumberType } from '../domain/country.ts';
import type { E164 } from '../domain/e164.ts';
import type { Money } from '../domain/money.ts';
import type { Call, CarrierRefs, Outcome, Refusal } from './outcome.ts';
import type { PapersRefs, PapersService } from './papers-port.ts';

/** Filters a search may carry; each page says who applied which. */
export type SearchFilter = 'type' | 'areaCode' | 'region' | 'locality' | 'pattern' | 'features';
export interface SearchWish {
  readonly country: CountryCode;
  readonly type: NumberType;
  /** Digits without the national prefix 0. */
  readonly areaCode?: string;
  readonly region?: string;
  readonly locality?: string;
  /** `text`: digits (2–15), letters where the carrier has them; matched on the national significant number. */
  readonly pattern?: { readonly text: string; readonly match: 'starts' | 'anywhere' | 'ends' };
  readonly features: readonly Feature[];
  readonly limit: number;
}
/** A number that may be bought now. */
export interface Offer {
  readonly number: E164;
  readonly country: CountryCode;
  readonly type: NumberType;
  readonly areaCode?: string;
  readonly locality?: string;
  readonly region?: string;
  readonly features: readonly Feature[];
  /** Absent: price on request. */
  readonly monthly?: Money;
  readonly setup?: Money;
  readonly premium: boolean;
  readonly holdable: boolean;
}
export interface SearchPage {
  readonly offers: readonly Offer[];
  /** Filters that were asked for, and who applied them. What the gateway applies, `search.ts` does. */
  readonly appliedBy: Partial<Record<SearchFilter, 'carrier' | 'gateway'>>;
  /** Rows left out: not valid E.164, negative price (S4). */
  readonly dropped: number;
}

/** Where a number's traffic goes at the carrier. */
export interface NumberWebhooks {
  readonly voiceUrl: string;
  /** Static document for the day we are unreachable (V4). */
  readonly voiceFallbackUrl: string;
  readonly statusUrl: string;
  readonly smsUrl: string;
  readonly ordersUrl: string;
}

export interface Order {
  readonly number: E164;
  readonly country: CountryCode;
  readonly type: NumberType;
  /** `requestId.item.attempt`: derived, unique per intent. The adapter maps it into the carrier's alphabet and length. */
  readonly reference: string;
  readonly webhooks: NumberWebhooks;
  readonly papers?: PapersRefs;
  readonly refs: CarrierRefs;
}
export interface Bought {
  readonly number: E164;
  /** The carrier's id of the number, for configure and release (Vonage: the number itself). */
  readonly carrierNumberId: string;
  readonly features: readonly Feature[];
  readonly monthly?: Money;
}
/** Answer to "did it happen?". Never mutates. */
export type Probe =
  | { readonly kind: 'ours'; readonly value: Bought; readonly refs: CarrierRefs }
  /** On this account, but under another reference. */
  | { readonly kind: 'theirs' }
  | {
      readonly kind: 'in_progress';
      readonly refs: CarrierRefs;
      readonly pollAfterSeconds: number;
      readonly reviewing?: boolean;
    }
  /** The order exists and ended without the number. */
  | { readonly kind: 'failed'; readonly refusal: Refusal }
  | { readonly kind: 'nothing' };

export interface OwnedNumber {
  readonly number: E164;
  readonly carrierNumberId: string;
  readonly reference?: string;
  readonly webhooks: Partial<NumberWebhooks>;
}

/** One carrier behind the interface. What it cannot do is absent here and absent in its manifest. Adapters keep no state. */
export interface Carrier {
  readonly id: CarrierId;
  /** Pages of offers. Leaving the loop or aborting ends the carrier's work. Throws the carrier error classes. */
  search(wish: SearchWish, call: Call): AsyncIterable<SearchPage>;
  /** Present price of a number, asked right before the order; undefined when the carrier names none. */
  quote(
    offer: { number: E164; country: CountryCode; type: NumberType },
    call: Call,
  ): Promise<{ monthly: Money; setup?: Money } | undefined>;
  /** Holds a number for a short time. */
  reserve?(order: Order, call: Call): Promise<Outcome<{ readonly expiresAt: string }>>;
  purchase(order: Order, call: Call): Promise<Outcome<Bought>>;
  probe(order: Order, call: Call): Promise<Probe>;
  /** Puts our webhook and fallback addresses (the complete wanted state) on a bought number. Repeating changes nothing. */
  configure(
    owned: { number: E164; country: CountryCode; carrierNumberId: string },
    webhooks: NumberWebhooks,
    call: Call,
  ): Promise<Outcome<undefined>>;
  listOwned(call: Call): AsyncIterable<readonly OwnedNumber[]>;
  /** A number already gone counts as done. */
  release(
    owned: { number: E164; country: CountryCode; carrierNumberId: string },
    call: Call,
  ): Promise<Outcome<undefined>>;
  /** Account balance, to refuse an order that cannot be paid. */
  balance?(call: Call): Promise<Money>;
  papers?: PapersService;
}

/** What a carrier can do, per country and type; read by the router, the console and the tests. */
export interface Capability {
  readonly countries: readonly string[] | '*';
  readonly types: readonly NumberType[];
  /** Filters the carrier applies itself. */
  readonly filters: readonly SearchFilter[];
  readonly reserve: false | { readonly ttlSeconds: number };
  readonly purchase: 'sync' | 'async';
  readonly papers: boolean;
  readonly features: readonly Feature[];
}
export interface Manifest {
  readonly id: CarrierId;
  readonly name: string;
  readonly sdk?: string;
  readonly capabilities: readonly Capability[];
  /** Environment names of the credentials; `inbound` ones are all that the inbound function may read. */
  readonly credentials: readonly { readonly name: string; readonly required: boolean; readonly inbound?: boolean }[];
  /** Requests at once to this carrier. */
  readonly concurrency: number;
  /** A person does what others have an interface for: orders and the review of papers lie in the inbox. */
  readonly manual?: true;
}
export type Credentials = Readonly<Record<string, string>>;

/** An offer with the carrier that makes it. */
export interface CarrierOffer extends Offer {
  readonly carrier: CarrierId;
}
/** How one carrier answered a search; every carrier asked or skipped is named (S1). */
export interface CarrierAnswer {
  readonly carrier: CarrierId;
  readonly outcome: 'ok' | 'empty' | 'timeout' | 'error' | 'skipped';
  readonly count: number;
  readonly latencyMs: number;
  readonly code?: string;
}
/** All carriers of this installation. */
export interface Carriers {
  readonly ids: readonly CarrierId[];
  manifest(id: CarrierId): Manifest;
  /** Loads the adapter on first use. Throws CarrierUnusable (`auth`) without credentials. */
  get(id: CarrierId): Promise<Carrier>;
  webhooks(id: CarrierId): NumberWebhooks;
  /** Carriers that sell this kind of number, best first (policy of the country, then the registry's order). */
  eligible(country: CountryCode, type: NumberType): readonly CarrierId[];
  /** Asks `ids` at once and ranks what they offer: price, wish, preference. Never throws for a carrier's failure. */
  search(
    wish: SearchWish,
    ids: readonly CarrierId[],
    options: {
      readonly signal: AbortSignal;
      readonly deadlineMs: number;
      readonly maxMonthly?: Money;
      readonly graceMs?: number;
    },
  ): Promise<{ readonly offers: readonly CarrierOffer[]; readonly answers: readonly CarrierAnswer[] }>;
}
