import type { Clock } from '../../platform/clock.ts';
import type { Http } from '../../platform/http.ts';
import { carrierClient, type Observe } from '../client.ts';
import type { Timing } from '../exchange.ts';
import type { Carrier, Credentials } from '../port.ts';
import { applicationApi } from './application.ts';
import { readBalance } from './balance.ts';
import { configure } from './configure.ts';
import { refusal } from './errors.ts';
import { manifest } from './manifest.ts';
import { findOwned, listOwned } from './owned.ts';
import { purchase } from './purchase.ts';
import { release } from './release.ts';
import { basicAuth, vonageSdk } from './sdk.ts';
import { quote, type SearchParts, search } from './search.ts';
import { toBought, toOwned } from './wire.ts';

export interface VonageOptions {
  /** VONAGE_API_KEY, VONAGE_API_SECRET, VONAGE_APPLICATION_ID, VONAGE_SIGNATURE_SECRET. */
  readonly credentials: Credentials;
  /** Root that serves the paths of both hosts (a simulator); absent: rest.nexmo.com and api.nexmo.com. */
  readonly baseUrl?: string;
}

export interface VonageDeps {
  readonly http: Http;
  readonly clock?: Clock;
  readonly observe?: Observe;
  readonly timing?: Timing;
}

/**
 * Vonage behind the carrier interface, through the official SDK. No reservation and no papers exist at this carrier. It has
 * no reference field either: a number found on the account is ours, the gateway's claim keeps two requests apart.
 */
export function vonage(options: VonageOptions, deps: VonageDeps): Carrier {
  const account = accountOf(options);
  const authorization = basicAuth(account);
  const secrets = [account.apiSecret, authorization.slice('Basic '.length)];
  const api = carrierClient(
    { id: 'vonage', concurrency: manifest.concurrency, refusal, secrets, ...(deps.timing && { timing: deps.timing }) },
    deps.http,
    deps.observe,
  );
  const parts: SearchParts = { api, sdk: vonageSdk(account) };
  const application = applicationApi(api, account, authorization);
  return {
    id: 'vonage',
    search: (wish, call) => search(parts, wish, call),
    quote: (offer, call) => quote(parts, offer, call),
    purchase: (order, call) => purchase(parts, order, call),
    async probe({ number }, call) {
      const owned = await findOwned(parts, number, call);
      if (owned === undefined) return { kind: 'nothing' };
      return { kind: 'ours', value: toBought(number, owned), refs: { numberId: owned.msisdn } };
    },
    configure: (owned, webhooks, call) => configure(parts, application, owned, webhooks, call),
    async *listOwned(call) {
      const ours = { id: application.id, webhooks: await application.webhooks(call) };
      for await (const rows of listOwned(parts, call)) {
        yield rows.map((row) => toOwned(row, ours)).filter((owned) => owned !== undefined);
      }
    },
    release: (owned, call) => release(parts, owned, call),
    balance: (call) => readBalance(parts, call),
  };
}

function accountOf({ credentials, baseUrl }: VonageOptions) {
  const root = baseUrl?.replace(/\/$/, '');
  return {
    apiKey: credentials['VONAGE_API_KEY'] ?? '',
    apiSecret: credentials['VONAGE_API_SECRET'] ?? '',
    applicationId: credentials['VONAGE_APPLICATION_ID'] ?? '',
    restHost: root ?? 'https://rest.nexmo.com',
    apiHost: root ?? 'https://api.nexmo.com',
  };
}
