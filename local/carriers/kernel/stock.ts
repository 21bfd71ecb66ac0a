import {
  getCountryCallingCode,
  type CountryCode as LibCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { CarrierId } from '../../../functions/domain/carrier-id.ts';
import { CountryCode, type NumberType } from '../../../functions/domain/country.ts';
import type { Area } from './areas.ts';
import type { SimNumber, StockPlan } from './simulator-port.ts';

const PER_AREA = 24;
/** Carriers take every sixteenth candidate, each from its own place, so no two ever have the same number. */
const STRIDE = 16;
/** Numbering plans' words for our kinds of number. */
const PLAN_TYPES: Readonly<Record<NumberType, readonly string[]>> = {
  local: ['FIXED_LINE', 'FIXED_LINE_OR_MOBILE'],
  national: ['FIXED_LINE', 'FIXED_LINE_OR_MOBILE', 'UAN', 'VOIP', 'SHARED_COST', 'PERSONAL_NUMBER'],
  mobile: ['MOBILE', 'FIXED_LINE_OR_MOBILE'],
  toll_free: ['TOLL_FREE'],
  shared_cost: ['SHARED_COST', 'UAN'],
};

/** A carrier's default stock: computed, the same at every start, kept in memory per country and kind. */
export interface DefaultStock {
  list(country: string, type: NumberType): readonly SimNumber[];
  find(number: string): SimNumber | undefined;
  /** Makes a number of ours out of a bare one: kind, place and features derived. */
  describe(number: { number: string; country: string; type: NumberType }): SimNumber;
  countries(): readonly string[];
}

/** The default stock of one carrier by its plan. */
export function defaultStock(id: CarrierId, plan: StockPlan, areas: readonly Area[]): DefaultStock {
  const made = new Map<string, readonly SimNumber[]>();
  const sold = areas.filter(
    (area) => (plan.countries === '*' || plan.countries.includes(area.country)) && plan.types.includes(area.type),
  );
  const list = (country: string, type: NumberType) => {
    const key = `${country}/${type}`;
    const known = made.get(key);
    if (known) return known;
    const here = sold.filter((area) => area.country === country && area.type === type);
    const fresh = here.flatMap((area) => numbersOf(area, here, id).map((number) => simNumber(number, area, plan)));
    made.set(key, fresh);
    return fresh;
  };
  return {
    list,
    countries: () => [...new Set(sold.map((area) => area.country))],
    find(number) {
      const place = longestArea(sold, number);
      return place && list(place.country, place.type).find((candidate) => candidate.number === number);
    },
    describe({ number, country, type }) {
      const here = areas.filter((area) => area.country === country && area.type === type);
      const digits = nationalDigits(number, country);
      const place = longestArea(here, number);
      const area = place ?? { areaCode: digits.slice(0, 3), locality: '', region: '' };
      return simNumber(number, { ...area, country, type, length: digits.length }, plan);
    },
  };
}

/** The calling code of a country, digits only. */
function callingCode(country: string): string {
  return getCountryCallingCode(country as LibCountry);
}

/** Digits after the country code. */
export function nationalDigits(number: string, country: string): string {
  return number.slice(1 + callingCode(country).length);
}

function longestArea(areas: readonly Area[], number: string): Area | undefined {
  return areas
    .filter((area) => number.startsWith(`+${callingCode(area.country)}${area.areaCode}`))
    .sort((a, b) => b.areaCode.length - a.areaCode.length)[0];
}

function numbersOf(area: Area, siblings: readonly Area[], id: CarrierId): string[] {
  const digits = area.length - area.areaCode.length;
  const space = 10 ** digits;
  // Odd and not ending in 5: steps through the whole space without meeting a number twice.
  const step = Math.floor((0.381966 * space) / 10) * 10 + 1;
  const found: string[] = [];
  for (let j = CarrierId.options.indexOf(id); j < space && found.length < PER_AREA; j += STRIDE) {
    const subscriber = String((Math.floor(0.555 * space) + j * step) % space).padStart(digits, '0');
    const number = `+${callingCode(area.country)}${area.areaCode}${subscriber}`;
    if (longestArea(siblings, number) === area && isOfKind(number, area)) found.push(number);
  }
  return found;
}

function isOfKind(number: string, area: Area): boolean {
  const parsed = parsePhoneNumberFromString(number);
  return parsed?.isValid() === true && PLAN_TYPES[area.type].includes(parsed.getType() ?? '');
}

function simNumber(number: string, area: Area, plan: StockPlan): SimNumber {
  return {
    number,
    country: CountryCode.parse(area.country),
    type: area.type,
    areaCode: area.areaCode,
    locality: area.locality,
    region: area.region,
    features: plan.features(area.country, area.type),
    ...plan.price(area.country, area.type),
    state: 'available',
    purchases: 0,
    data: {},
  };
}
