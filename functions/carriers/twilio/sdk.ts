import DomainModule from 'twilio/lib/base/Domain.js';
import VersionModule from 'twilio/lib/base/Version.js';
import { AddressListInstance } from 'twilio/lib/rest/api/v2010/account/address.js';
import { AvailablePhoneNumberCountryListInstance } from 'twilio/lib/rest/api/v2010/account/availablePhoneNumberCountry.js';
import { BalanceListInstance } from 'twilio/lib/rest/api/v2010/account/balance.js';
import { IncomingPhoneNumberListInstance } from 'twilio/lib/rest/api/v2010/account/incomingPhoneNumber.js';
import { BundleListInstance } from 'twilio/lib/rest/numbers/v2/regulatoryCompliance/bundle.js';
import { EndUserListInstance } from 'twilio/lib/rest/numbers/v2/regulatoryCompliance/endUser.js';
import { RegulationListInstance } from 'twilio/lib/rest/numbers/v2/regulatoryCompliance/regulation.js';
import { SupportingDocumentListInstance } from 'twilio/lib/rest/numbers/v2/regulatoryCompliance/supportingDocument.js';
import { CountryListInstance } from 'twilio/lib/rest/pricing/v1/phoneNumber/country.js';
import type { Exchange } from '../client.ts';
import { type Account, sdkRequest } from './transport.ts';

/**
 * The resource classes of Twilio's own SDK over our transport. Made anew for each call: they hold nothing but the way out.
 * Version and Domain are instantiated directly, because `BaseTwilio` brings a second HTTP client, retries and 400 KiB.
 */
export function twilioResources(account: Account, exchange: Exchange) {
  const client = { request: sdkRequest(account, exchange) };
  const [Domain, Version] = [unwrapped(DomainModule), unwrapped(VersionModule)];
  const version = (host: string, name: string) => {
    const domain = new Domain(client as unknown as DomainClient, host);
    return new Version(domain, name);
  };
  const api = version(account.hosts.api, '2010-04-01') as unknown as Api;
  const numbers = version(account.hosts.numbers, 'v2') as unknown as Numbers;
  const pricing = version(account.hosts.pricing, 'v1') as unknown as Pricing;
  return {
    available: AvailablePhoneNumberCountryListInstance(api, account.sid),
    numbers: IncomingPhoneNumberListInstance(api, account.sid),
    addresses: AddressListInstance(api, account.sid),
    balance: BalanceListInstance(api, account.sid),
    prices: CountryListInstance(pricing),
    regulations: RegulationListInstance(numbers),
    endUsers: EndUserListInstance(numbers),
    documents: SupportingDocumentListInstance(numbers),
    bundles: BundleListInstance(numbers),
  };
}
/** These two are CommonJS default exports: Node and the bundle keep them under `default`, other loaders unwrap them. */
function unwrapped<T>(module: { readonly default: T } | T): T {
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : (module as T);
}

export type TwilioResources = ReturnType<typeof twilioResources>;

type DomainClient = ConstructorParameters<typeof DomainModule.default>[0];
type Api = Parameters<typeof IncomingPhoneNumberListInstance>[0];
type Numbers = Parameters<typeof BundleListInstance>[0];
type Pricing = Parameters<typeof CountryListInstance>[0];
