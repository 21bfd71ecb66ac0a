import type * as z from 'zod';
import { table } from '../../cli/table.ts';
import { searchNumbers } from '../../functions/carriers/routes.ts';
import type { AvailableNumber } from '../../functions/carriers/schema.ts';
import { ApiProblem } from '../../functions/contract/client.ts';
import type { CarrierId } from '../../functions/domain/carrier-id.ts';
import type { People } from './people.ts';
import { heard } from './request.ts';
import { NotHeld, type Say } from './stage.ts';
import type { Person, World } from './world.ts';

export type Offer = z.output<typeof AvailableNumber>;
const SHOWN = 2;

/** Cambridge numbers at all carriers at once; the answer names each carrier's outcome. */
export async function searchMarket(world: World, say: Say, { pam }: People): Promise<readonly Offer[]> {
  say.note('GET /v1/available-numbers?country=GB&areaCode=1223: every carrier is asked at once');
  const query = { country: 'GB', areaCode: '1223', limit: 100 };
  const { data, meta } = (await pam.client.call(searchNumbers, { query })).body;
  const some = meta.carriers.flatMap(({ carrier }) => data.filter((one) => one.carrier === carrier).slice(0, SHOWN));
  say.block(offerTable(world, some));
  say.note(`… ${data.length} in all, best price first`);
  for (const { carrier, outcome, count, latencyMs } of [...meta.carriers].sort(byName))
    say.holds(`${carrier} answered`, outcome, 'ok', `${count} numbers in ${latencyMs} ms`);
  say.holds('carriers asked', meta.carriers.map(({ carrier }) => carrier).sort(), ['telnyx', 'twilio', 'vonage']);
  return data;
}
const byName = (a: { carrier: string }, b: { carrier: string }) => a.carrier.localeCompare(b.carrier);

function offerTable(world: World, offers: readonly Offer[]): string {
  const columns = [
    { title: 'number' },
    { title: 'place' },
    { title: 'features' },
    { title: 'a month', align: 'right' },
    { title: 'set-up', align: 'right' },
    { title: 'carrier' },
  ] as const;
  const rows = offers.map((one) => [
    one.number,
    one.locality ?? one.areaCode ?? '',
    one.features.join(' '),
    one.monthly ? `${one.monthly.amount} ${one.monthly.currency}` : 'on request',
    one.setup ? `${one.setup.amount} ${one.setup.currency}` : '',
    one.carrier,
  ]);
  return table(columns, rows, { paint: world.terminal.paint });
}

/** A restricted country cannot be searched, and no carrier hears that somebody tried. */
export async function refuseRestrictedSearch(world: World, say: Say, { pam }: People): Promise<void> {
  const before = await heard(world);
  const code = await pam.client
    .call(searchNumbers, { query: { country: 'CO' } })
    .then(() => 'an answer')
    .catch((error: unknown) => (error instanceof ApiProblem ? error.code : String(error)));
  say.holds('a search in Colombia is refused', code, 'restricted_country');
  say.holds('no carrier heard of it', await heard(world), before, 'requests unchanged');
}

/** The best offer of one carrier. Throws NotHeld when it has none. */
export function offerOf(offers: readonly Offer[], carrier: string): Offer {
  const found = offers.find((one) => one.carrier === carrier && one.monthly);
  if (!found) throw new NotHeld(`an offer of ${carrier}`, 'a number with its price', 'none');
  return found;
}

/** An offer as a request names it: this very number, at the price seen, from this carrier. */
export const named = ({ number, monthly, setup, carrier }: Offer) => ({
  number,
  carrier,
  ...(monthly ? { monthly: { amount: monthly.amount, currency: monthly.currency } } : {}),
  ...(setup ? { setup: { amount: setup.amount, currency: setup.currency } } : {}),
});

/** What one carrier offers in a country. */
export async function searchAt(person: Person, country: string, carrier: CarrierId): Promise<readonly Offer[]> {
  return (await person.client.call(searchNumbers, { query: { country, carrier, limit: 5 } })).body.data;
}
