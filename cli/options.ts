import { InvalidArgumentError, Option } from 'commander';
import { Feature, NumberType } from '../functions/domain/country.ts';
import type { Money } from '../functions/domain/money.ts';

/** `4.50` of the command line, in the currency given beside it. */
export const money = (amount: string, currency: string): Money => ({ amount, currency: currency.toUpperCase() });

export function decimal(text: string): string {
  if (!/^\d{1,9}(\.\d{1,6})?$/.test(text)) throw new InvalidArgumentError('A decimal like 4.50.');
  return text;
}

/** A whole number between two others. */
export const whole =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`A whole number from ${min} to ${max}.`);
    return value;
  };

export const country = (text: string): string => {
  if (!/^[a-z]{2}$/i.test(text)) throw new InvalidArgumentError('Two letters, like GB.');
  return text.toUpperCase();
};

export function features(text: string): Feature[] {
  return text.split(',').map((one) => {
    const feature = Feature.safeParse(one.trim().toLowerCase());
    if (!feature.success) throw new InvalidArgumentError(`One or several of ${Feature.options.join(', ')}.`);
    return feature.data;
  });
}

/** What search and request have in common: the wish. */
export const wishOptions = (): readonly Option[] => [
  new Option('--country <code>', 'ISO code, like GB').argParser(country).makeOptionMandatory(),
  new Option('--type <type>', 'kind of number').choices(NumberType.options),
  new Option('--area <code>', 'area code without the national 0'),
  new Option('--locality <place>', 'city or town'),
  new Option('--region <region>', 'state or region'),
  new Option('--contains <digits>', 'digits (or letters) it should hold'),
  new Option('--match <where>', 'where it should hold them').choices(['starts', 'anywhere', 'ends']),
  new Option('--features <list>', 'voice,sms,mms,fax').argParser(features),
  new Option('--max-monthly <amount>', 'dearest monthly price').argParser(decimal),
];
export interface WishOptions {
  readonly country: string;
  readonly type?: NumberType;
  readonly area?: string;
  readonly locality?: string;
  readonly region?: string;
  readonly contains?: string;
  readonly match?: 'starts' | 'anywhere' | 'ends';
  readonly features?: Feature[];
  readonly maxMonthly?: string;
}

/** The given ones of these values. */
export function given<T extends object>(values: T): { [Name in keyof T]?: NonNullable<T[Name]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: NonNullable<T[Name]>;
  };
}
