import type { CarrierId } from '../domain/carrier-id.ts';
import type { Clock } from '../platform/clock.ts';
import type { Http } from '../platform/http.ts';
import type { Observe } from './client.ts';
import type { Carrier, Credentials } from './port.ts';

// Apart, so that who only reads what carriers can do has no way to their adapters.
export { MANIFESTS } from './manifests.ts';

export interface AdapterOptions {
  readonly credentials: Credentials;
  /** Root of a simulator; absent: the carrier's own hosts. */
  readonly baseUrl?: string;
}
export interface AdapterDeps {
  readonly http: Http;
  readonly clock: Clock;
  readonly observe?: Observe;
}
type MakeAdapter = (options: AdapterOptions, deps: AdapterDeps) => Carrier;

/** One line a carrier: its SDK is loaded on first use, in a chunk of its own. */
const ADAPTERS: Readonly<Partial<Record<CarrierId, () => Promise<MakeAdapter>>>> = {
  twilio: async () => (await import('./twilio/adapter.ts')).twilio,
  telnyx: async () => (await import('./telnyx/adapter.ts')).telnyx,
  vonage: async () => (await import('./vonage/adapter.ts')).vonage,
};

/** The adapter's maker; undefined for a carrier that is not built in. */
export const loadAdapter = (id: CarrierId): Promise<MakeAdapter> | undefined => ADAPTERS[id]?.();
