import type { Context, Hono } from 'hono';
import type { NumberType } from '../../../functions/domain/country.ts';
import type { SimNumber, SimWorld } from '../kernel/simulator-port.ts';
import { METHOD_FAILED, result } from './answers.ts';

const LINE_TYPES: Readonly<Record<string, NumberType>> = {
  landline: 'local',
  'mobile-lvn': 'mobile',
  'landline-toll-free': 'toll_free',
};
const FEATURE_LISTS = ['SMS', 'VOICE', 'SMS,VOICE', 'MMS', 'SMS,MMS', 'VOICE,MMS', 'SMS,MMS,VOICE'];
const MOST_ROWS = 100;

/** `GET /number/search` and `GET /account/numbers`. */
export function inventoryRoutes(app: Hono, world: SimWorld): void {
  app.get('/number/search', (c) => {
    const filter = readFilter(c);
    if (filter === undefined || filter.country === undefined) return result(c, 420, METHOD_FAILED);
    if (raisesPrice(world, filter)) raise(world, filter.pattern);
    const { country, type } = filter;
    const found = world.numbers.search({
      country,
      ...(type && { type }),
      state: 'available',
      where: (number) => matches(number, filter),
    });
    return c.json(page(found, filter, toAvailable));
  });
  app.get('/account/numbers', (c) => {
    const filter = readFilter(c);
    if (filter === undefined) return result(c, 420, METHOD_FAILED);
    const found = world.numbers.search({
      state: 'owned',
      where: (number) =>
        (filter.country === undefined || number.country === filter.country) &&
        matches(number, filter) &&
        (filter.application === undefined || number.data['app_id'] === filter.application) &&
        (filter.hasApplication === undefined || (number.data['app_id'] !== undefined) === filter.hasApplication),
    });
    return c.json(page(found, filter, toOwned));
  });
}

interface Filter {
  readonly country: string | undefined;
  readonly type: NumberType | undefined;
  readonly pattern: string;
  readonly search: string;
  readonly features: readonly string[];
  readonly application: string | undefined;
  readonly hasApplication: boolean | undefined;
  readonly size: number;
  readonly index: number;
}

/** Undefined when a parameter is out of its range. */
function readFilter(c: Context): Filter | undefined {
  const query = c.req.query();
  const { type, features, pattern = '', search_pattern: search = '0', size = '10', index = '1' } = query;
  const isKnown =
    (type === undefined || LINE_TYPES[type] !== undefined) &&
    (features === undefined || FEATURE_LISTS.includes(features)) &&
    /^\d*$/.test(pattern) &&
    /^[012]$/.test(search) &&
    [size, index].every((number) => /^[1-9]\d{0,5}$/.test(number)) &&
    Number(size) <= MOST_ROWS;
  if (!isKnown) return undefined;
  return {
    country: query['country'],
    type: type === undefined ? undefined : LINE_TYPES[type],
    pattern,
    search,
    features: features?.split(',') ?? [],
    application: query['application_id'],
    hasApplication: query['has_application'] === undefined ? undefined : query['has_application'] === 'true',
    size: Number(size),
    index: Number(index),
  };
}

function matches(number: SimNumber, { pattern, search, features }: Filter): boolean {
  const msisdn = number.number.slice(1);
  const fits = { '0': msisdn.startsWith(pattern), '1': msisdn.includes(pattern), '2': msisdn.endsWith(pattern) };
  if (!fits[search as keyof typeof fits]) return false;
  return features.every((name) => number.features.some((feature) => feature.toUpperCase() === name));
}

/** No hit is an empty object. */
function page(numbers: readonly SimNumber[], { size, index }: Filter, show: (number: SimNumber) => object): object {
  if (numbers.length === 0) return {};
  return { count: numbers.length, numbers: numbers.slice((index - 1) * size, index * size).map(show) };
}

function toAvailable(number: SimNumber): object {
  return { ...common(number), cost: number.monthly.amount };
}

function toOwned(number: SimNumber): object {
  const { app_id: app, moHttpUrl, voiceCallbackType, voiceCallbackValue } = number.data;
  return {
    ...common(number),
    ...(moHttpUrl !== undefined && { moHttpUrl }),
    ...(app !== undefined && { app_id: app, messagesCallbackType: 'app', messagesCallbackValue: app }),
    ...(voiceCallbackType !== undefined && { voiceCallbackType, voiceCallbackValue }),
  };
}

function common({ country, number, type, features }: SimNumber) {
  const line = Object.entries(LINE_TYPES).find(([, ours]) => ours === type)?.[0];
  return { country, msisdn: number.slice(1), type: line, features: features.map((name) => name.toUpperCase()) };
}

/** The one place where this carrier names a price is the search, so that is where a raised one shows (P9). */
function raisesPrice(world: SimWorld, { pattern }: Filter): boolean {
  if (world.numbers.find(`+${pattern}`) === undefined) return false;
  return world.faults.take('price_raised', 'order') || world.faults.take('price_raised', 'search');
}

function raise(world: SimWorld, msisdn: string): void {
  const number = world.numbers.find(`+${msisdn}`);
  if (number === undefined) return;
  world.numbers.save({
    ...number,
    monthly: { ...number.monthly, amount: (Number(number.monthly.amount) + 10).toFixed(2) },
  });
}
