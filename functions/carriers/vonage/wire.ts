import * as z from 'zod';
import type { Feature, NumberType } from '../../domain/country.ts';
import { asE164, type E164 } from '../../domain/e164.ts';
import { type Money, readMoney } from '../../domain/money.ts';
import type { Bought, Offer, OwnedNumber, SearchWish } from '../port.ts';

/** Vonage writes numbers without the plus sign. */
export function toMsisdn(number: E164): string {
  return number.slice(1);
}

/** The kinds Vonage has; national and shared-cost numbers it does not sell as such. */
export const LINE_TYPES: Readonly<Partial<Record<NumberType, string>>> = {
  local: 'landline',
  mobile: 'mobile-lvn',
  toll_free: 'landline-toll-free',
};
const FEATURES: Readonly<Record<string, Feature>> = { VOICE: 'voice', SMS: 'sms', MMS: 'mms' };

/** No hit is `{}`: neither `count` nor `numbers`. Rows are read one by one, so that a bad one costs only itself (S4). */
export const NumbersPage = z.object({
  count: z.int().nonnegative().default(0),
  numbers: z.array(z.unknown()).default([]),
});

const AvailableRow = z.object({
  msisdn: z.string(),
  cost: z.union([z.string(), z.number()]).nullish(),
  features: z.array(z.string()).default([]),
});
const OwnedRow = z.object({
  msisdn: z.string(),
  features: z.array(z.string()).default([]),
  app_id: z.string().optional(),
  voiceCallbackType: z.string().optional(),
  voiceCallbackValue: z.string().optional(),
});
export type OwnedRow = z.infer<typeof OwnedRow>;

export const BalanceReply = z.object({ value: z.number() });

/** An offer, or `undefined` for a row to leave out: no E.164, negative or unreadable price. */
export function toOffer(row: unknown, wish: Pick<SearchWish, 'country' | 'type'>): Offer | undefined {
  const parsed = AvailableRow.safeParse(row);
  if (!parsed.success) return undefined;
  const { msisdn, cost, features } = parsed.data;
  const number = asE164(`+${msisdn}`);
  const monthly = toEuros(cost);
  if (number === undefined || (cost !== undefined && cost !== null && monthly === undefined)) return undefined;
  return {
    number,
    country: wish.country,
    type: wish.type,
    features: toFeatures(features),
    ...(monthly !== undefined && { monthly }),
    premium: false,
    holdable: false,
  };
}

export function toOwnedRow(row: unknown): OwnedRow | undefined {
  return OwnedRow.safeParse(row).data;
}

export function toBought(number: E164, row: OwnedRow): Bought {
  return { number, carrierNumberId: row.msisdn, features: toFeatures(row.features) };
}

/**
 * A number on the account. Its webhooks are those of the application it points to; a `sip` or `tel` callback beats the
 * application, so such a number has none of them.
 */
export function toOwned(
  row: OwnedRow,
  application: { readonly id: string; readonly webhooks: OwnedNumber['webhooks'] },
): OwnedNumber | undefined {
  const number = asE164(`+${row.msisdn}`);
  if (number === undefined) return undefined;
  const isDiverted = row.voiceCallbackType === 'sip' || row.voiceCallbackType === 'tel';
  const isOurs = !isDiverted && (row.app_id ?? row.voiceCallbackValue) === application.id;
  return { number, carrierNumberId: row.msisdn, webhooks: isOurs ? application.webhooks : {} };
}

/** `cost` and balance are in euros, according to the vendor's description; a balance below zero is no money. */
export function toEuros(amount: string | number | null | undefined): Money | undefined {
  return readMoney(amount, 'EUR');
}

function toFeatures(names: readonly string[]): readonly Feature[] {
  return names.map((name) => FEATURES[name.toUpperCase()]).filter((feature) => feature !== undefined);
}
