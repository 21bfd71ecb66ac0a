import { CarrierError } from '../../domain/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Http } from '../../platform/http.ts';
import { type CarrierClient, carrierClient, type Exchange, type Observe, type Written } from '../client.ts';
import type { Timing } from '../exchange.ts';
import type { CarrierRefs, Outcome } from '../outcome.ts';
import type { Credentials } from '../port.ts';
import { twilioRefusal } from './errors.ts';
import { manifest } from './manifest.ts';
import type { TwilioResources } from './sdk.ts';
import { type Account, accountOf } from './transport.ts';

export interface TwilioOptions {
  /** `TWILIO_ACCOUNT_SID`, `TWILIO_AUTH_TOKEN`. */
  readonly credentials: Credentials;
  /** Root of a simulator, like `http://127.0.0.1:3001/twilio`; absent: the real hosts. */
  readonly baseUrl?: string;
}
export interface TwilioDeps {
  readonly http: Http;
  readonly clock: Clock;
  readonly observe?: Observe;
  /** Real time and chance unless a test gives its own. */
  readonly timing?: Timing;
}

/** What all operations share. */
export interface Connection {
  readonly account: Account;
  readonly client: CarrierClient;
  readonly clock: Clock;
  /** The SDK's resources over this exchange; the SDK is loaded with the first call. */
  sdk(exchange: Exchange): Promise<TwilioResources>;
}

/** Throws `CarrierUnusable` (`auth`) when a credential is missing. */
export function connect({ credentials, baseUrl }: TwilioOptions, deps: TwilioDeps): Connection {
  const { http, clock, observe, timing } = deps;
  const account = accountOf(credentials, baseUrl);
  const secrets = [account.authorization, credentials['TWILIO_AUTH_TOKEN'] ?? ''];
  const { id, concurrency } = manifest;
  return {
    account,
    clock,
    client: carrierClient(
      { id, concurrency, secrets, refusal: twilioRefusal, ...(timing === undefined ? {} : { timing }) },
      http,
      observe,
    ),
    sdk: async (exchange) => (await import('./sdk.ts')).twilioResources(account, exchange),
  };
}

/** A write's end in terms of the interface: an answer is `done`, everything else stays as it is. */
export function toOutcome<T, V>(
  end: Written<T>,
  done: (value: T) => { readonly value: V; readonly refs: CarrierRefs },
): Outcome<V> {
  return end.kind === 'answered' ? { kind: 'done', ...done(end.value) } : end;
}

/** Undefined where Twilio answers 404: it has no such country, or no such type there. */
export async function absentWhenUnknown<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof CarrierError && error.carrier?.carrierCode === '20404') return undefined;
    throw error;
  }
}
