import { createHash, randomUUID } from 'node:crypto';
import jsonata from 'jsonata';
import type { Clock } from '../../../functions/platform/clock.ts';
import { queryError } from './state-error.ts';

const HASHES = ['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];
const LONGEST_RANGE = 1000;

function partition(list: readonly unknown[], size: number): unknown[][] {
  if (!Number.isInteger(size) || size < 1) throw queryError(`$partition: ${size} is not a size`);
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));
}

function range(first: number, last: number, step: number): number[] {
  if (![first, last, step].every(Number.isInteger) || step === 0) throw queryError('$range: needs whole numbers');
  const count = Math.max(0, Math.floor((last - first) / step) + 1);
  if (count > LONGEST_RANGE) throw queryError(`$range: more than ${LONGEST_RANGE} elements`);
  return Array.from({ length: count }, (_, at) => first + at * step);
}

function hash(text: string, algorithm: string): string {
  if (!HASHES.includes(algorithm)) throw queryError(`$hash: ${algorithm} is not one of ${HASHES.join(', ')}`);
  return createHash(algorithm.replace('-', '')).update(text).digest('hex');
}

/** The same seed gives the same number, in [0, 1). */
function random(seed?: number): number {
  if (seed === undefined) return Math.random();
  return createHash('sha256').update(String(seed)).digest().readUInt32BE(0) / 2 ** 32;
}

/** What Step Functions adds to JSONata or changes in it: name, function, JSONata signature. */
export const STEP_FUNCTIONS_EXTRAS: readonly (readonly [string, (...args: never[]) => unknown, string])[] = [
  ['partition', partition, '<an:a>'],
  ['range', range, '<nnn:a<n>>'],
  ['hash', hash, '<ss:s>'],
  ['random', random, '<n?:n>'],
  ['uuid', () => randomUUID(), '<:s>'],
  ['parse', (text: string): unknown => JSON.parse(text), '<s:j>'],
];

const fromMillis = jsonata('$fromMillis($at, $picture, $zone)');

/** `$now()` and `$millis()` of a clock, so that a test's clock moves them. */
export function timeFunctions(clock: Pick<Clock, 'now'>): Readonly<Record<string, unknown>> {
  return {
    millis: () => clock.now().getTime(),
    now: (picture?: string, zone?: string) =>
      fromMillis.evaluate(undefined, { at: clock.now().getTime(), picture, zone }),
  };
}
