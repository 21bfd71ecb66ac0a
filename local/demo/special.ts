import { acceptTerms, offerTerms } from '../../functions/requests/decision-routes.ts';
import { acceptPapers, handIn } from './handing-in.ts';
import type { People } from './people.ts';
import { type Bought, file, requireBought, settled } from './request.ts';
import { named, offerOf, searchAt } from './search.ts';
import type { Say } from './stage.ts';
import type { World } from './world.ts';

const DAY = 86_400_000;
const PARIS = { lines: ['12 rue de la Paix'], city: 'Paris', postalCode: '75002', country: 'FR' };

/** France is special: customer success makes an offer, the customer accepts it, and the carrier wants papers. */
export async function specialRequest(world: World, say: Say, people: People): Promise<Bought> {
  const { pam, chris } = people;
  const offer = offerOf(await searchAt(pam, 'FR', 'twilio'), 'twilio');
  const watched = await file(world, say, pam, {
    country: 'FR',
    numbers: [named(offer)],
    purpose: 'new_region',
    assignment: { ownership: 'shared', target: { type: 'forward', number: '+33199001234' } },
  });
  const asked = await watched.until(settled);
  say.holds('class of the country', asked.class, 'special');
  say.holds('the request waits for', `${asked.state}, ${asked.waitingFor}`, 'terms_pending, customer_success');

  await chris.client.call(offerTerms, {
    params: { id: watched.id },
    body: {
      monthly: { amount: '4.50', currency: 'USD' },
      setup: { amount: '10.00', currency: 'USD' },
      text: 'Delivered within two working days once the papers are approved.',
      validUntil: new Date(Date.now() + 14 * DAY).toISOString(),
    },
  });
  const offered = await watched.until((request) => request.terms?.state === 'offered');
  const { terms } = offered;
  say.holds(`${chris.name} offers`, terms?.monthly.amount, '4.50', '4.50 USD a month, 10.00 USD set-up');
  await pam.client.call(acceptTerms, { params: { id: watched.id }, body: { termsVersion: terms?.version ?? 0 } });
  const agreed = await watched.until((request) => request.state === 'documents_pending');
  say.holds(`${pam.name} accepts`, agreed.terms?.state, 'accepted');
  await handIn(world, say, pam, watched, { address: PARIS, company: 'Acme SARL' });
  await acceptPapers(chris, watched);
  say.note(`${chris.name} accepts the papers; twilio reviews them as a bundle`);
  const request = await watched.until((one) => settled(one) && one.state !== 'documents_review');
  const [bundle] = (await world.carriers.papers('twilio')).filter(({ reference }) => reference === watched.id);
  say.holds("twilio's review of the bundle", bundle?.state, 'approved', `approved, ${bundle?.id}`);
  return requireBought(world, say, people, request, 'Forward: +33199001234');
}
