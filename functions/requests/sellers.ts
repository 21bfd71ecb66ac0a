import { unpaused } from '../carriers/pause-store.ts';
import type { CarrierAnswer } from '../carriers/port.ts';
import type { CarrierId } from '../domain/carrier-id.ts';
import { CarrierBusy } from '../domain/errors.ts';
import type { BuyDeps } from './buy-deps.ts';
import type { Intent } from './intent-schema.ts';
import type { NumberRequest } from './schema.ts';

/** Minutes a carrier that was too busy for an order of this request is passed over by it. */
const REST_MINUTES = 5;

export interface Sellers {
  readonly usable: readonly CarrierId[];
  /** They sell this too, but cannot be ordered from just now: without them nothing counts as sold out. */
  readonly away: readonly CarrierId[];
}

/**
 * Where the request may be bought: the carrier its papers were made for, else all that sell this kind; those that are paused
 * or were too busy a moment ago are away. Throws CarrierBusy when all are: it waits, it does not fail (P8).
 */
export async function sellersOf(deps: BuyDeps, request: NumberRequest, intents: readonly Intent[]): Promise<Sellers> {
  const bound = request.requirements.length > 0 ? request.papers?.carrier : undefined;
  const eligible = bound ? [bound] : deps.carriers.eligible(request.country, request.type);
  const resting = restingFor(intents, deps.clock.now());
  const usable = (await unpaused(deps.table, eligible)).filter((id) => !resting.has(id));
  if (usable.length === 0 && eligible.length > 0)
    throw busy('No carrier that sells this can be ordered from just now.');
  return { usable, away: eligible.filter((id) => !usable.includes(id)) };
}

function restingFor(intents: readonly Intent[], at: Date): ReadonlySet<CarrierId> {
  const since = at.getTime() - REST_MINUTES * 60_000;
  const busyOnes = intents.filter((one) => one.refusalClass === 'CarrierBusy' && Date.parse(one.updatedAt) > since);
  return new Set(busyOnes.map((one) => one.carrier));
}

export const busy = (detail: string): CarrierBusy => new CarrierBusy({ code: 'carrier_down', detail });

const PASSING: readonly (string | undefined)[] = ['timeout', 'carrier_down', 'rate_limited'];
/** True when a carrier gave no answer for a reason that passes: the page is incomplete, the market not empty (S1). Pure. */
export const isIncomplete = (answers: readonly CarrierAnswer[]): boolean =>
  answers.some(({ outcome, code }) => outcome === 'timeout' || (outcome === 'error' && PASSING.includes(code)));
