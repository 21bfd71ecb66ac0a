import type * as z from 'zod';
import { follow, isSettled } from '../../cli/follow.ts';
import { timelineLine } from '../../cli/timeline.ts';
import { createNumberRequest, getNumberRequest } from '../../functions/requests/routes.ts';
import type { NewRequest } from '../../functions/requests/schema.ts';
import type { NumberRequestView } from '../../functions/requests/view-schema.ts';
import { NotHeld, type Say } from './stage.ts';
import type { Person, World } from './world.ts';

/** A number the demo bought, and what it rings. */
export interface Bought {
  readonly id: string;
  readonly number: string;
  readonly carrier: string;
  readonly country: string;
  readonly monthly: string;
  readonly requestId: string;
  readonly rings: string;
}
/** What one request is followed with; remembers how far its timeline was shown. */
export interface Watched {
  readonly id: string;
  now(): Promise<NumberRequestView>;
  /** Shows the timeline as it happens until the request is where it was to come to; 20 s at most. */
  until(is: (request: NumberRequestView) => boolean): Promise<NumberRequestView>;
}

const EVERY_MS = 80;
const LONGEST_MS = 20_000;

/** Files a request and begins to watch it. */
export async function file(world: World, say: Say, person: Person, body: z.input<typeof NewRequest>): Promise<Watched> {
  const { body: made } = await person.client.call(createNumberRequest, { body });
  let shown: NumberRequestView['timeline'] = [];
  const read = async () => (await person.client.call(getNumberRequest, { params: { id: made.id } })).body;
  return {
    id: made.id,
    now: read,
    async until(is) {
      const signal = AbortSignal.timeout(LONGEST_MS);
      const request = await follow({
        read,
        told: (entry) => entry.state !== 'current' && say.block(timelineLine(entry, world.terminal.paint)),
        until: is,
        everyMs: EVERY_MS,
        from: shown,
        signal,
      });
      shown = request.timeline;
      if (!is(request)) throw new NotHeld('the request goes on', 'another state', describe(request));
      return request;
    },
  };
}

/** The request waits for people or has ended. */
export const settled = isSettled;

const describe = (request: NumberRequestView): string =>
  `${request.state}, waiting for ${request.waitingFor} (${request.id})`;

/** Checks that a request ended with exactly one number, once ordered at its carrier and ours there; gives that number back. */
export async function requireBought(
  world: World,
  say: Say,
  request: NumberRequestView,
  rings: string,
): Promise<Bought> {
  say.holds('the request is', request.failure?.detail ?? request.state, 'completed');
  const [number, ...others] = request.numbers;
  if (!number?.carrier || !number.numberId)
    throw new NotHeld('a number', 'one with its carrier', JSON.stringify(number));
  say.holds(
    'numbers bought',
    [number, ...others].map(({ state }) => state),
    ['active'],
    number.number,
  );
  const ledger = await world.carriers.ledger(number.carrier);
  const entry = ledger.find((one) => one.number === number.number);
  say.holds(
    `${number.carrier}'s ledger`,
    `${entry?.state}, ${entry?.purchases} order executed`,
    'owned, 1 order executed',
  );
  return {
    id: number.numberId,
    number: number.number,
    carrier: number.carrier,
    country: request.country,
    monthly: number.monthly ? `${number.monthly.amount} ${number.monthly.currency}` : 'on request',
    requestId: request.id,
    rings,
  };
}

const CARRIERS = ['telnyx', 'twilio', 'vonage'] as const;
/** How many requests each carrier has had so far. */
export async function heard(world: World): Promise<Readonly<Record<string, number>>> {
  const counts = CARRIERS.map(async (id) => [id, (await world.carriers.requests(id)).length] as const);
  return Object.fromEntries(await Promise.all(counts));
}
