import type { People } from './people.ts';
import { type Bought, file, requireBought, settled } from './request.ts';
import { named, type Offer, offerOf } from './search.ts';
import type { Say } from './stage.ts';
import type { World } from './world.ts';

/** A wish in a standard country: bought, configured and ringing Pam's extension without anybody's help. */
export async function standardRequest(world: World, say: Say, people: People): Promise<Bought> {
  say.note('Pam wishes for any Cambridge number; the cheapest that fits is taken');
  const watched = await file(world, say, people.pam, {
    country: 'GB',
    areaCode: '1223',
    purpose: 'local_presence',
    name: 'Cambridge office',
    assignment: { ownership: 'private', target: { type: 'extension', id: people.pamsExtension } },
  });
  const request = await watched.until(settled);
  say.holds('class of the country', request.class, 'standard');
  return requireBought(world, say, people, request, 'Extension: Pam Beesly');
}

/** The very number Pam has seen, from the carrier she has seen it at; it takes messages for her. */
export async function namedRequest(world: World, say: Say, people: People, market: readonly Offer[]): Promise<Bought> {
  const offer = offerOf(market, 'vonage');
  say.note(`Pam names ${offer.number} at ${offer.carrier}, at the price she has seen`);
  const watched = await file(world, say, people.pam, {
    country: 'GB',
    numbers: [named(offer)],
    purpose: 'separate_functions',
    assignment: { ownership: 'shared', target: { type: 'voicemail', id: people.pamId } },
  });
  const bought = await requireBought(world, say, people, await watched.until(settled), 'Voicemail: Pam Beesly');
  say.holds('it is the number she named', bought.number, offer.number);
  return bought;
}

/** The order is executed and its answer lost: the number is found by our reference and adopted, never ordered again. */
export async function survivedFault(world: World, say: Say, people: People, market: readonly Offer[]): Promise<Bought> {
  const offer = offerOf(market, 'twilio');
  const { carriers } = world;
  say.note(`twilio will execute the order for ${offer.number} and drop the line before it answers`);
  await carriers.fault('twilio', { fault: 'lost_after_execution', on: 'order' });
  const before = (await carriers.requests('twilio')).length;
  const watched = await file(world, say, people.pam, {
    country: 'GB',
    numbers: [named(offer)],
    purpose: 'answer_rates',
    assignment: { ownership: 'shared', target: { type: 'forward', number: '+442079460018' } },
  });
  const request = await watched.until(settled);
  say.holds('the answer was lost (fault used up)', await carriers.faults('twilio'), [], 'yes');
  const sent = (await carriers.requests('twilio')).slice(before);
  const orders = sent.filter(({ method, path }) => method === 'POST' && /IncomingPhoneNumbers\.json/.test(path));
  const probes = sent.filter(({ method, path }) => method === 'GET' && /IncomingPhoneNumbers\.json/.test(path));
  say.holds('orders that left', orders.length, 1);
  say.holds(
    'asked instead of ordered again',
    probes.length > 0,
    true,
    `${probes.length} ${probes.length === 1 ? 'probe' : 'probes'}`,
  );
  return requireBought(world, say, people, request, 'Forward: +442079460018');
}
