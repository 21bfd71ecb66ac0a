import {
  getCountryCallingCode,
  isSupportedCountry,
  type CountryCode as LibraryCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { CountryCode } from './country.ts';
import { asE164, type E164 } from './e164.ts';

/**
 * Reads any notation people use: national with the given country's rules (a leading 0 is the parser's matter, not a
 * prefix rule), or international with +. Undefined unless it is a valid number of some numbering plan (S4-3).
 */
export function parseNumber(text: string, country?: CountryCode): E164 | undefined {
  const home = country && isSupportedCountry(country) ? (country as LibraryCountry) : undefined;
  const parsed = parsePhoneNumberFromString(text, home ? { defaultCountry: home, extract: false } : { extract: false });
  return parsed?.isValid() && !parsed.ext ? asE164(parsed.number) : undefined;
}

/** The region a number belongs to by its plan, never by its dialling code alone; undefined for numbers without a region. */
export function countryOfNumber(number: E164): CountryCode | undefined {
  const region = parsePhoneNumberFromString(number)?.country;
  return region && CountryCode.parse(region);
}

/** As shown to people, S0-25: +44 1223 555010. */
export const displayNumber = (number: E164): string =>
  parsePhoneNumberFromString(number)?.formatInternational() ?? number;

/** Digits after the country code. */
export const nationalDigits = (number: E164): string =>
  parsePhoneNumberFromString(number)?.nationalNumber ?? number.slice(1);

/** Ranges that cost the caller's side dearly: never a forwarding target (A6). */
export const isPremiumRate = (number: E164): boolean =>
  parsePhoneNumberFromString(number)?.getType() === 'PREMIUM_RATE';

/** Digits of a country's calling code ("44"); undefined for a code that is no country of the numbering plans. */
export const callingCodeOf = (country: CountryCode): string | undefined =>
  isSupportedCountry(country) ? getCountryCallingCode(country) : undefined;
