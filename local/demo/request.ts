import type * as z from 'zod';
import { follow, isSettled } from '../../cli/follow.ts';
import { timelineLine } from '../../cli/timeline.ts';
import { getNumberRoute } from '../../functions/numbers/routes.ts';
import { createNumberRequest, getNumberRequest } from '../../functions/requests/routes.ts';
import type { NewRequest } from '../../functions/requests/schema.ts';
import type { NumberRequestView } from '../../functions/requests/view-schema.ts';
import type { People } from './people.ts';
import { NotHeld, type Say } from './stage.ts';
import type { Person, World } from './world.ts';

/** A number the demo bought, and what it rings. */
export interface Bought {
  readonly id: string;
  readonly number: string;
  readonly carrier: string;
  readonly country: string;
  readonly requestId: string;
  readonly rings: string;
}
/** What one request is followed with; remembers how far its timeline was shown. */
export interface Watched {
  readonly id: string;
  now(): Promise<NumberRequestView>;
  /** Shows the timeline as it happens until the request is where it was to come to. */
  until(is: (request: NumberRequestView) => boolean): Promise<NumberRequestView>;
}

const EVERY_MS = 80;

/** Files a request and begins to watch it. */
export async function file(world: World, say: Say, person: Person, body: z.input<typeof NewRequest>): Promise<Watched> {
  const { body: made } = await person.client.call(createNumberRequest, { body });
  let shown: NumberRequestView['timeline'] = [];
  const read = async () => (await person.client.call(getNumberRequest, { params: { id: made.id } })).body;
  return {
    id: made.id,
    now: read,
    async until(is) {
      const signal = AbortSignal.timeout(world.patienceMs);
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

/**
 * Checks that a request ended with exactly one number that rings whom it should, ordered once at its carrier and ours there.
 * @param rings the target as the number shows it, like "Extension: Pam Beesly"
 */
export async function requireBought(
  world: World,
  say: Say,
  { alex }: People,
  request: NumberRequestView,
  rings: string,
): Promise<Bought> {
  say.holds('the request is', request.failure?.detail ?? request.state, 'completed');
  const [place] = request.numbers;
  if (!place?.carrier || !place.numberId) throw new NotHeld('a number', 'one with its carrier', JSON.stringify(place));
  const states = request.numbers.map(({ state }) => state);
  say.holds('numbers bought', states, ['active'], place.number);
  const { body: number } = await alex.client.call(getNumberRoute, { params: { id: place.number } });
  say.holds('it rings', number.routingObject?.label, rings);
  say.holds('its webhooks are set at the carrier', number.attention, [], 'yes');
  const entry = (await world.carriers.ledger(place.carrier)).find((one) => one.number === place.number);
  const books = `${entry?.state}, orders executed: ${entry?.purchases}`;
  say.holds(`${place.carrier}'s ledger`, books, 'owned, orders executed: 1');
  return {
    id: number.id,
    number: number.number,
    carrier: number.carrier,
    country: number.country,
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
