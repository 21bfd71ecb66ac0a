import type { Hono } from 'hono';
import { fromMicros, type Money, toMicros } from '../../../functions/domain/money.ts';
import type { JsonObject, SimNumber, SimWorld } from '../kernel/simulator-port.ts';
import { nationalDigits } from '../kernel/stock.ts';
import { Refused } from './replies.ts';

/** Seconds a number counts as recently searched for. */
const RECENT = 1800;
const SEARCHED = 'searched';

export function searchRoutes(app: Hono, world: SimWorld): void {
  app.get('/v2/available_phone_numbers', (c) => {
    const filter = (name: string) => c.req.query(`filter${name}`) || undefined;
    const country = filter('[country_code]');
    if (country === undefined) throw new Refused(400, '10015', 'filter[country_code] is required');
    const found = world.transact(() => searched(world, country, filter));
    if (found === undefined) throw new Refused(400, '10031', `No coverage in ${country}`);
    const meta = { total_results: found.length, best_effort_results: 0 };
    return c.json({ data: found, meta });
  });
}

/** Whether an order for it is taken: the carrier wants to have shown the number lately. */
export function wasSearched(world: SimWorld, number: string): boolean {
  const at = world.records.get(SEARCHED, number)?.['at'];
  return typeof at === 'string' && world.clock.now().getTime() - Date.parse(at) <= RECENT * 1000;
}

type Filter = (name: string) => string | undefined;

/** Undefined where nothing is sold at all: the carrier answers that with an error, not with an empty list. */
function searched(world: SimWorld, country: string, filter: Filter): readonly JsonObject[] | undefined {
  const type = filter('[phone_number_type]') as SimNumber['type'] | undefined;
  const sold = world.numbers.search({ country, ...(type && { type }) });
  if (sold.length === 0) return undefined;
  const limit = Math.min(Number(filter('[limit]') ?? 100) || 100, 1000);
  const numbers = sold.filter((number) => isFree(number, filter) && isWanted(number, filter)).slice(0, limit);
  const raised = raisesPrice(world, filter) ? numbers.map((number) => raise(world, number)) : numbers;
  const at = world.clock.now().toISOString();
  for (const number of raised) world.records.put(SEARCHED, number.number, { at });
  return raised.map(shown);
}

/** Numbers this account holds are shown too, unless left out. */
function isFree(number: SimNumber, filter: Filter): boolean {
  if (number.state === 'reserved') return filter('[exclude_held_numbers]') !== 'true';
  return number.state === 'available';
}

function isWanted(number: SimNumber, filter: Filter): boolean {
  const ndc = filter('[national_destination_code]');
  const national = nationalDigits(number.number, number.country);
  if (ndc !== undefined && !national.startsWith(ndc)) return false;
  const digits = ndc === undefined ? national : national.slice(ndc.length);
  const equals = (name: string, value: string) => {
    const wanted = filter(name);
    return wanted === undefined || wanted.toLowerCase() === value.toLowerCase();
  };
  const features = filter('[features]')?.split(',') ?? [];
  return (
    equals('[locality]', number.locality) &&
    equals('[administrative_area]', number.region) &&
    features.every((feature) => number.features.some((each) => each === feature)) &&
    digits.startsWith(filter('[phone_number][starts_with]') ?? '') &&
    digits.endsWith(filter('[phone_number][ends_with]') ?? '') &&
    digits.includes(filter('[phone_number][contains]') ?? '')
  );
}

/** An order names no price here: a raise planned for the order shows when its number is asked for right before. */
function raisesPrice(world: SimWorld, filter: Filter): boolean {
  const isOneNumber = (filter('[phone_number][ends_with]') ?? '').length >= 6;
  return world.faults.take('price_raised', 'search') || (isOneNumber && world.faults.take('price_raised', 'order'));
}

function raise(world: SimWorld, number: SimNumber): SimNumber {
  const dearer = (money: Money) => ({ ...money, amount: fromMicros(toMicros(money.amount) * 2n) });
  const raised = { ...number, monthly: dearer(number.monthly) };
  world.numbers.save(raised);
  return raised;
}

function shown(number: SimNumber): JsonObject {
  return {
    record_type: 'available_phone_number',
    phone_number: number.number,
    vanity_format: '',
    best_effort: false,
    quickship: number.type === 'toll_free' && number.country === 'US',
    reservable: true,
    region_information: [
      { region_type: 'country_code', region_name: number.country },
      { region_type: 'state', region_name: number.region },
      { region_type: number.country === 'US' ? 'rate_center' : 'location', region_name: number.locality },
    ],
    cost_information: {
      upfront_cost: number.setup.amount,
      monthly_cost: number.monthly.amount,
      currency: number.monthly.currency,
    },
    features: number.features.map((name) => ({ name })),
  };
}
