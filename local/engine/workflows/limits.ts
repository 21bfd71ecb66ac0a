import type { Json } from '../../../functions/platform/table.ts';
import { StateError } from './state-error.ts';

/** Bytes of JSON an input, an output or a frame's variables may take. */
const MAX_DATA_BYTES = 262_144;
/** Iterations of an inline Map that run at once, whatever MaxConcurrency says. */
export const MAX_ITERATIONS_AT_ONCE = 40;
/** History events of one execution. */
export const MAX_EVENTS = 25_000;
/** The longest an execution may run. */
export const MAX_RUN_MS = 365 * 86_400_000;
/** How long a name stays used and an ended execution readable. */
export const KEPT_AFTER_END_MS = 90 * 86_400_000;

export function isTooLarge(value: Json): boolean {
  const text = JSON.stringify(value);
  return text.length > MAX_DATA_BYTES || (text.length > MAX_DATA_BYTES / 3 && Buffer.byteLength(text) > MAX_DATA_BYTES);
}

/** Returns the value if it is within 256 KiB. Throws States.DataLimitExceeded. */
export function withinLimit<T extends Json>(value: T, what: string): T {
  if (isTooLarge(value)) throw new StateError('States.DataLimitExceeded', `${what} is over 256 KiB`);
  return value;
}
