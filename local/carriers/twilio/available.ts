import { type Context, Hono } from 'hono';
import type { NumberType } from '../../../functions/domain/country.ts';
import { fromMicros, type Money, toMicros } from '../../../functions/domain/money.ts';
import type { SimNumber, SimWorld } from '../kernel/simulator-port.ts';
import { listPage, notFound, problem } from './answers.ts';
import { availableRow } from './number-rows.ts';

/** Sub-resources by type; those Twilio has besides are never in stock. */
const TYPES: Readonly<Record<string, NumberType>> = {
  Local: 'local',
  National: 'national',
  Mobile: 'mobile',
  TollFree: 'toll_free',
  SharedCost: 'shared_cost',
};
const PRICE_NAMES: Readonly<Record<NumberType, string>> = {
  local: 'local',
  national: 'national',
  mobile: 'mobile',
  toll_free: 'toll free',
  shared_cost: 'shared cost',
};

/** `AvailablePhoneNumbers`: what a country has, and the search per type. */
export function availableRoutes(world: SimWorld): Hono {
  const app = new Hono();
  app.get('/:country{[A-Z]{2}\\.json}', (c) => {
    const country = c.req.param('country').slice(0, 2);
    const here = Object.entries(TYPES).filter(([, type]) => isSold(world, country, type));
    if (here.length === 0) return notFound(c.req.path);
    const base = c.req.path.replace(/\.json$/, '');
    const links = here.map(([name, type]) => [type, `${base}/${name}.json`]);
    return c.json({
      country_code: country,
      country: nameOf(country),
      uri: c.req.path,
      beta: false,
      subresource_uris: Object.fromEntries(links),
    });
  });
  app.get('/:country{[A-Z]{2}}/:resource', (c) => {
    const country = c.req.param('country');
    const type = TYPES[c.req.param('resource').replace(/\.json$/, '')];
    if (type === undefined || !isSold(world, country, type)) return notFound(c.req.path);
    const contains = containsRule(c.req.query('Contains'));
    if (contains === 'bad') return problem(400, 20001, 'Invalid Parameter Contains');
    const found = world.numbers.search({
      country,
      type,
      state: 'available',
      where: (number) => (contains === undefined || contains.test(number.number)) && fits(c, number),
      limit: Number(c.req.query('PageSize') ?? 50),
    });
    return listPage(c, 'available_phone_numbers', found.map(availableRow));
  });
  return app;
}

function isSold(world: SimWorld, country: string, type: NumberType): boolean {
  return world.numbers.search({ country, type, limit: 1 }).length > 0;
}

function nameOf(country: string): string {
  return new Intl.DisplayNames('en', { type: 'region' }).of(country) ?? country;
}

function fits(c: Context, number: SimNumber): boolean {
  const isAmerican = number.country === 'US' || number.country === 'CA';
  const areaCode = c.req.query('AreaCode');
  if (isAmerican && areaCode !== undefined && number.number.slice(2, 5) !== areaCode) return false;
  const region = c.req.query('InRegion');
  if (isAmerican && region !== undefined && !isSame(number.region, region)) return false;
  const locality = c.req.query('InLocality');
  if (locality !== undefined && !isSame(number.locality, locality)) return false;
  return (['voice', 'sms', 'mms', 'fax'] as const).every((feature) => {
    const wanted = c.req.query(`${feature.charAt(0).toUpperCase()}${feature.slice(1)}Enabled`);
    return wanted !== 'true' || number.features.includes(feature);
  });
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

const KEYPAD = 'abc2def3ghi4jkl5mno6pqrs7tuv8wxyz9';

/** `Contains` as Twilio reads it: 2–16 characters, `*` one digit, `%` any, `+` anchors the start, `$` the end. */
function containsRule(text: string | undefined): RegExp | undefined | 'bad' {
  if (text === undefined) return undefined;
  if (!/^\+?[0-9a-zA-Z*%]+\$?$/.test(text) || text.length > 16) return 'bad';
  if (text.replace(/[^0-9a-zA-Z]/g, '').length < 2) return 'bad';
  if (/[0-9a-zA-Z][*%]+[0-9a-zA-Z]/.test(text)) return 'bad'; // no wildcard between real characters
  const digits = text.replace(
    /[a-zA-Z]/g,
    (letter) => /\d/.exec(KEYPAD.slice(KEYPAD.indexOf(letter.toLowerCase())))?.[0] ?? '',
  );
  const rule = digits.replace(/\*/g, '\\d').replace(/%/g, '\\d*').replace(/^\+/, '^\\+');
  return new RegExp(rule);
}

/** Prices: per country and type. A raised price stays raised. */
export function pricingRoutes(world: SimWorld): Hono {
  const app = new Hono();
  app.get('/PhoneNumbers/Countries/:country', (c) => {
    const country = c.req.param('country');
    if (world.faults.take('price_raised', 'order')) world.records.put('prices', country, { raised: true });
    const rows = Object.values(TYPES).flatMap((type) => {
      const number = world.numbers.search({ country, type, limit: 1 })[0];
      return number === undefined ? [] : [{ type, monthly: priceNow(world, number) }];
    });
    if (rows.length === 0) return notFound(c.req.path);
    return c.json({
      country: nameOf(country),
      iso_country: country,
      price_unit: 'USD',
      phone_number_prices: rows.map(({ type, monthly }) => ({
        number_type: PRICE_NAMES[type],
        base_price: monthly.amount,
        current_price: monthly.amount,
      })),
      url: `${world.publicUrl}${c.req.path}`,
    });
  });
  return app;
}

/** What a number costs a month at present. */
export function priceNow(world: SimWorld, number: SimNumber): Money {
  const isRaised = world.records.get('prices', number.country)?.['raised'] === true;
  const { amount, currency } = number.monthly;
  return isRaised ? { amount: fromMicros((toMicros(amount) * 3n) / 2n), currency } : number.monthly;
}
