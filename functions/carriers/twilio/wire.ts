import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Feature, type NumberType } from '../../domain/country.ts';
import { asE164 } from '../../domain/e164.ts';
import { type Money, readMoney } from '../../domain/money.ts';
import type { Bought, NumberWebhooks, Offer, OwnedNumber, SearchWish } from '../port.ts';

const Text = z.string().nullish();
const Capabilities = z.record(z.string(), z.boolean().nullish()).nullish();

/** As the SDK hands a row of a search over; only what we read. */
export const AvailableRow = z.object({
  phoneNumber: z.string(),
  locality: Text,
  region: Text,
  capabilities: Capabilities,
});
export type AvailableRow = z.infer<typeof AvailableRow>;

/** A number of the account. */
export const OwnedRow = z.object({
  sid: z.string().regex(/^PN[0-9a-fA-F]{32}$/),
  phoneNumber: z.string(),
  friendlyName: Text,
  capabilities: Capabilities,
  voiceUrl: Text,
  voiceFallbackUrl: Text,
  statusCallback: Text,
  smsUrl: Text,
});
export type OwnedRow = z.infer<typeof OwnedRow>;

/** Monthly prices of a country, by type; not per number. */
export const CountryPrices = z.object({
  priceUnit: z.string(),
  phoneNumberPrices: z
    .array(z.object({ numberType: z.string(), currentPrice: z.union([z.string(), z.number()]).nullish() }))
    .nullish(),
});
export type CountryPrices = z.infer<typeof CountryPrices>;
export const BalanceReply = z.object({ balance: z.string(), currency: z.string() });

/** Names of the search's sub-resources in the SDK. */
export const SUB_RESOURCES = {
  local: 'local',
  national: 'national',
  mobile: 'mobile',
  toll_free: 'tollFree',
  shared_cost: 'sharedCost',
} as const satisfies Record<NumberType, string>;

const PRICE_NAMES: Readonly<Record<NumberType, string>> = {
  local: 'local',
  national: 'national',
  mobile: 'mobile',
  toll_free: 'toll free',
  shared_cost: 'shared cost',
};

/** The monthly price of a type, the account's discount included: undefined when none is named, null when it is negative (S4). */
export function monthlyPrice(prices: CountryPrices | undefined, type: NumberType): Money | undefined | null {
  const row = prices?.phoneNumberPrices?.find((price) => price.numberType.replace('-', ' ') === PRICE_NAMES[type]);
  if (String(row?.currentPrice ?? '').startsWith('-')) return null;
  return prices && readMoney(row?.currentPrice, prices.priceUnit.toUpperCase());
}

/** Capabilities as features. The case of the keys differs between Twilio's resources, so it is not read. */
function featuresOf(capabilities: z.infer<typeof Capabilities>): readonly Feature[] {
  const able = Object.entries(capabilities ?? {}).filter(([, value]) => value === true);
  const names = new Set(able.map(([name]) => name.toLowerCase()));
  return Feature.options.filter((feature) => names.has(feature));
}

/** One found number; undefined when it is no E.164 number. Price by type, no set-up fee (pricing v1). */
export function toOffer(row: AvailableRow, wish: SearchWish, monthly: Money | undefined): Offer | undefined {
  const number = asE164(row.phoneNumber);
  if (number === undefined) return undefined;
  const areaCode = wish.areaCode ?? (number.startsWith('+1') ? number.slice(2, 5) : undefined);
  return {
    number,
    country: wish.country,
    type: wish.type,
    ...(areaCode === undefined ? {} : { areaCode }),
    ...(row.locality ? { locality: row.locality } : {}),
    ...(row.region ? { region: row.region } : {}),
    features: featuresOf(row.capabilities),
    ...(monthly === undefined ? {} : { monthly }),
    premium: false,
    holdable: false,
  };
}

/** Throws `TypeError` when the carrier names a number that is none: the answer is then unusable. */
export function toBought(row: OwnedRow): Bought {
  const number = asE164(row.phoneNumber);
  if (number === undefined) throw new TypeError('the number bought is not in E.164');
  return { number, carrierNumberId: row.sid, features: featuresOf(row.capabilities) };
}

export function toOwned(row: OwnedRow): OwnedNumber | undefined {
  const number = asE164(row.phoneNumber);
  if (number === undefined) return undefined;
  return {
    number,
    carrierNumberId: row.sid,
    ...(row.friendlyName ? { reference: row.friendlyName } : {}),
    webhooks: {
      ...(row.voiceUrl ? { voiceUrl: row.voiceUrl } : {}),
      ...(row.voiceFallbackUrl ? { voiceFallbackUrl: row.voiceFallbackUrl } : {}),
      ...(row.statusCallback ? { statusUrl: row.statusCallback } : {}),
      ...(row.smsUrl ? { smsUrl: row.smsUrl } : {}),
    },
  };
}

/** Our addresses in Twilio's terms. The fallback is a static file, hence GET; everything signed is POST. */
export function toUrls(webhooks: NumberWebhooks) {
  return {
    voiceUrl: webhooks.voiceUrl,
    voiceMethod: 'POST',
    voiceFallbackUrl: webhooks.voiceFallbackUrl,
    voiceFallbackMethod: 'GET',
    statusCallback: webhooks.statusUrl,
    statusCallbackMethod: 'POST',
    smsUrl: webhooks.smsUrl,
    smsMethod: 'POST',
  };
}

/** Below zero there is nothing to spend either. Throws `TypeError` on anything that is no amount. */
export function toBalance({ balance, currency }: z.infer<typeof BalanceReply>): Money {
  const money = readMoney(balance.startsWith('-') ? '0' : balance, currency.toUpperCase());
  if (money === undefined) throw new TypeError('the balance is no amount');
  return money;
}

const NAME_LENGTH = 64;

/** Our reference as a friendly name (64 characters): itself, or shortened with a hash so that it stays unique. */
export function toFriendlyName(reference: string): string {
  if (reference.length <= NAME_LENGTH) return reference;
  const hash = createHash('sha256').update(reference).digest('hex').slice(0, 24);
  return `${reference.slice(0, NAME_LENGTH - 25)}.${hash}`;
}
