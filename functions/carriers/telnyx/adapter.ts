import { CarrierUnusable } from '../../domain/errors.ts';
import { type Money, readMoney } from '../../domain/money.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Http } from '../../platform/http.ts';
import { carrierClient, type Observe } from '../client.ts';
import type { Timing } from '../exchange.ts';
import type { Call } from '../outcome.ts';
import type { Carrier, Credentials } from '../port.ts';
import { refusal } from './errors.ts';
import { manifest } from './manifest.ts';
import { type Placement, probe, purchase, reserve } from './orders.ts';
import { telnyxPapers } from './papers.ts';
import { type TelnyxApi, telnyxApi } from './sdk.ts';
import { quote, search } from './search.ts';
import { configure, listOwned, release } from './settings.ts';
import { BalanceReply } from './wire.ts';

interface TelnyxOptions {
  /** TELNYX_API_KEY, TELNYX_PUBLIC_KEY, TELNYX_CONNECTION_ID (a TeXML application), TELNYX_MESSAGING_PROFILE_ID. */
  readonly credentials: Credentials;
  /** Root without `/v2`, as of a simulator; absent: the carrier's own. */
  readonly baseUrl?: string;
}
interface TelnyxDeps {
  readonly http: Http;
  readonly clock: Clock;
  readonly observe?: Observe;
  /** Waits and chance of the shared client; tests give their own. */
  readonly timing?: Timing;
}

/** Telnyx through its official SDK. Throws `CarrierUnusable` when a credential is missing. */
export function telnyx(options: TelnyxOptions, deps: TelnyxDeps): Carrier {
  const { credentials, baseUrl = 'https://api.telnyx.com' } = options;
  const apiKey = credential(credentials, 'TELNYX_API_KEY');
  const to: Placement = {
    connectionId: credential(credentials, 'TELNYX_CONNECTION_ID'),
    messagingProfileId: credential(credentials, 'TELNYX_MESSAGING_PROFILE_ID'),
  };
  const { id, concurrency } = manifest;
  const client = carrierClient(
    { id, concurrency, secrets: [apiKey], refusal, ...(deps.timing && { timing: deps.timing }) },
    deps.http,
    deps.observe,
  );
  const api = telnyxApi({ apiKey, root: baseUrl.replace(/\/$/, '') }, client);
  return {
    id,
    search: (wish, call) => search(api, wish, call),
    quote: (offer, call) => quote(api, offer, call),
    reserve: (order, call) => reserve(api, order, call, deps.clock.now()),
    purchase: (order, call) => purchase(api, order, to, call),
    probe: (order, call) => probe(api, order, call),
    configure: (owned, webhooks, call) => configure(api, owned.carrierNumberId, webhooks, to, call),
    listOwned: (call) => listOwned(api, to, call),
    release: (owned, call) => release(api, owned.carrierNumberId, call),
    balance: (call) => balance(api, call),
    papers: telnyxPapers(api),
  };
}

/** What may be spent: prepaid money and credit line. Overdrawn is nothing. */
async function balance(api: TelnyxApi, call: Call): Promise<Money> {
  const { data } = await api.read(call, 'balance', BalanceReply, (sdk) => sdk.balance.retrieve());
  const money = readMoney(data.available_credit.replace(/^-.*/, '0'), data.currency);
  if (money) return money;
  throw new CarrierUnusable({ code: 'malformed_reply', detail: 'telnyx: a balance that is no amount' });
}

function credential(credentials: Credentials, name: string): string {
  const value = credentials[name];
  if (value) return value;
  throw new CarrierUnusable({ code: 'auth', detail: `telnyx: ${name} is not set` });
}
