import type { Call } from '../carriers/outcome.ts';
import type { Carriers } from '../carriers/port.ts';
import type { Deps } from '../platform/deps.ts';

/** What the states that talk to carriers get (the carriers function). */
export interface BuyDeps extends Deps {
  readonly carriers: Carriers;
}

/** Limits of one call to a carrier within a state that has 60 s or more. */
export const callWithin = (timeoutMs: number): Call => ({ signal: AbortSignal.timeout(timeoutMs), timeoutMs });
export const READ_MS = 10_000;
/** A write is given long: giving up early only makes it unclear. */
export const WRITE_MS = 30_000;
