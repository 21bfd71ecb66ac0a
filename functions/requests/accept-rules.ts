import type { E164 } from '../domain/e164.ts';
import { InvalidInput, NotAllowed } from '../domain/errors.ts';
import { fromMicros, type Money, toMicros } from '../domain/money.ts';
import { countryOfNumber, parseNumber } from '../domain/number-parsing.ts';
import { type NumberCounter, standingProblem, type Tenant } from '../tenants/schema.ts';
import type { NewRequest, NumberRequest } from './schema.ts';

/** Throws when the tenant may not buy now: suspended 403; payment or standing 422 (S2-8, P17). */
export function requireGoodStanding(tenant: Tenant): void {
  const refused = standingProblem(tenant);
  if (refused === undefined) return;
  if (refused.code === 'tenant_suspended') throw new NotAllowed(refused);
  throw new InvalidInput(refused);
}

/** Throws 422 when used + held + wanted exceeds the limit (S2-6). */
export function requireRoom(counter: NumberCounter, limit: number, wanted: number): void {
  if (counter.used + counter.held + wanted <= limit) return;
  throw new InvalidInput({
    code: 'number_limit_reached',
    detail: `The limit is ${limit} numbers: ${counter.used} used, ${counter.held} held, ${wanted} asked for. Raise the limit or release numbers.`,
    extra: { limit, used: counter.used, held: counter.held },
  });
}

export type Named = NumberRequest['named'][number];
/** The exact numbers asked for, in E.164 with their reviewed prices. 422 `invalid_number`, `price_required`. */
export function readNamed(input: Pick<NewRequest, 'numbers' | 'country'>): readonly Named[] {
  const seen = new Set<E164>();
  return (input.numbers ?? []).map((wanted, index) => {
    const pointer = `#/numbers/${index}/number`;
    const number = parseNumber(wanted.number, input.country);
    if (!number || countryOfNumber(number) !== input.country)
      throw invalid(
        'invalid_number',
        pointer,
        `"${wanted.number.slice(0, 60)}" is not a valid number of ${input.country}.`,
      );
    if (seen.has(number)) throw invalid('invalid_number', pointer, `${number} is named twice.`);
    seen.add(number);
    if (!wanted.monthly)
      throw invalid(
        'price_required',
        `#/numbers/${index}/monthly`,
        'Give the monthly price you reviewed: a dearer number is not bought.',
      );
    return {
      number,
      monthly: { amount: wanted.monthly.amount, currency: wanted.monthly.currency },
      ...(wanted.setup ? { setup: wanted.setup } : {}),
      ...(wanted.carrier ? { carrier: wanted.carrier } : {}),
    };
  });
}

/** Either exact numbers or a quantity with a wish; both is 422. */
export function requireOneForm(input: NewRequest): void {
  const wishes = [
    'areaCode',
    'locality',
    'region',
    'contains',
    'match',
    'features',
    'maxMonthly',
    'alternatives',
    'quantity',
  ] as const;
  if (!input.numbers) return;
  const both = wishes.find((name) => input[name] !== undefined && name !== 'alternatives' && name !== 'features');
  if (both)
    throw invalid('numbers_or_wish', `#/${both}`, 'Name exact numbers, or give a quantity with a wish; not both.');
  if (input.quantity !== undefined)
    throw invalid('numbers_or_wish', '#/quantity', 'The quantity follows from the numbers named.');
}

/**
 * Money a tenant may commit in one day (Fraud, reliability §6): 422 `purchase_cap_reached`. A price in another currency
 * cannot be measured; one that is not known is measured when numbers are claimed.
 * @param spent committed today, whole micro-units of the tenant's currency
 */
export function requireUnderCap(tenant: Tenant, total: Money | undefined, spent = 0n): void {
  if (!tenant.dailyPurchaseCap) return;
  const left = toMicros(tenant.dailyPurchaseCap) - spent;
  const fits = total ? total.currency === tenant.currency && toMicros(total.amount) <= left : left > 0n;
  if (fits) return;
  const asked = total ? `${total.amount} ${total.currency} a month` : 'Any price';
  const of = `${fromMicros(left > 0n ? left : 0n)} ${tenant.currency} left today of the daily cap of ${tenant.dailyPurchaseCap}`;
  throw new InvalidInput({
    code: 'purchase_cap_reached',
    detail: `${asked} is more than the ${of}; ask customer success.`,
  });
}

const invalid = (code: string, pointer: string, detail: string): InvalidInput =>
  new InvalidInput({ code, detail, errors: [{ pointer, code, detail }] });
