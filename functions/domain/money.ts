import * as z from 'zod';

const AMOUNT = /^\d{1,9}(\.\d{1,6})?$/;
/** Sums are larger than what may be named as a price: a hundred numbers, a day's orders. */
const SUM = /^\d{1,15}(\.\d{1,6})?$/;

/** ISO 4217 code. */
export const Currency = z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code, like USD');
/** An amount as decimal text with its currency; never negative, at most six decimals. */
export const Money = z.strictObject({ amount: z.string().regex(AMOUNT, 'a decimal like 1.15'), currency: Currency });
export type Money = z.infer<typeof Money>;
/** A price that recurs. */
export const MonthlyPrice = z.strictObject({ ...Money.shape, interval: z.literal('month').optional() });
export type MonthlyPrice = z.infer<typeof MonthlyPrice>;

/** Whole micro-units (1.15 → 1 150 000n). Throws RangeError on anything but a non-negative decimal with ≤ 6 decimals. */
export function toMicros(amount: string): bigint {
  if (!SUM.test(amount)) throw new RangeError(`not an amount: ${amount}`);
  const [whole = '0', fraction = ''] = amount.split('.');
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}

/** Decimal text of micro-units, at least two decimals, no needless zeros beyond (1 150 000n → "1.15"). */
export function fromMicros(micros: bigint): string {
  const fraction = (micros % 1_000_000n)
    .toString()
    .padStart(6, '0')
    .replace(/0{1,4}$/, '');
  return `${micros / 1_000_000n}.${fraction}`;
}

/** Money of an amount a carrier wrote ("1", "1.1500", 1.15); undefined when it is none or negative (S4). */
export function readMoney(amount: string | number | null | undefined, currency: string): Money | undefined {
  const text = typeof amount === 'number' ? amount.toFixed(6) : amount?.trim();
  const found = text === undefined ? null : /^(\d{1,9})(?:\.(\d*))?$/.exec(text);
  if (!found || !/^[A-Z]{3}$/.test(currency)) return undefined;
  return { amount: fromMicros(toMicros(`${found[1]}.${(found[2] ?? '').slice(0, 6).padEnd(1, '0')}`)), currency };
}

/** −1, 0 or 1; undefined when the currencies differ, since nothing may then be concluded. */
export function compareMoney(a: Money, b: Money): -1 | 0 | 1 | undefined {
  if (a.currency !== b.currency) return undefined;
  const difference = toMicros(a.amount) - toMicros(b.amount);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** `money` taken `times` times. */
export function timesMoney(money: Money, times: number): Money {
  return { amount: fromMicros(toMicros(money.amount) * BigInt(times)), currency: money.currency };
}
