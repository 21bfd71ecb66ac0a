import type { Offer, Bought as Sold } from '../../../functions/carriers/port.ts';
import type { CarrierId } from '../../../functions/domain/carrier-id.ts';
import { CountryCode } from '../../../functions/domain/country.ts';
import { E164 } from '../../../functions/domain/e164.ts';
import type { Money } from '../../../functions/domain/money.ts';

/** Three ways carriers are: at once and with our reference; later, after an order; at once and without any reference. */
export const SELLERS = ['twilio', 'telnyx', 'vonage'] as const satisfies readonly CarrierId[];
export type Seller = (typeof SELLERS)[number];
export const GB = CountryCode.parse('GB');

/** A number as its carrier has it. */
export interface Line {
  readonly number: E164;
  readonly seller: Seller;
  state: 'free' | 'pending' | 'owned' | 'foreign';
  reference?: string;
  purchases: number;
  monthly: Money;
  /** When the carrier's lists begin to show that it is ours. */
  shownFrom: number;
}

/** @param cheapest place of the carrier that is asked first; -1: all cost the same */
export function stock(each: number, cheapest: number): Line[] {
  return SELLERS.flatMap((seller, at) =>
    Array.from({ length: each }, (_, n) => ({
      number: E164.parse(`+4412239876${at}${n}`),
      seller,
      state: 'free' as const,
      purchases: 0,
      monthly: { amount: at === cheapest ? '0.90' : '1.00', currency: 'USD' },
      shownFrom: 0,
    })),
  );
}

/** What its buyer is told of a number. */
export const sold = (line: Line): Sold => ({
  number: line.number,
  carrierNumberId: `at-${line.seller}-${line.number}`,
  features: ['voice', 'sms'],
  monthly: line.monthly,
});

/** What a search shows of a number. */
export const offerOf = (line: Line): Offer => ({
  number: line.number,
  country: GB,
  type: 'local',
  areaCode: '1223',
  features: ['voice', 'sms'],
  monthly: line.monthly,
  premium: false,
  holdable: line.seller === 'telnyx',
});
