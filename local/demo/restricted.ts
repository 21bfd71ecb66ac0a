import { ApiProblem } from '../../functions/contract/client.ts';
import { approveNumberRequest } from '../../functions/requests/decision-routes.ts';
import { getNumberRequest } from '../../functions/requests/routes.ts';
import { acceptPapers, handIn } from './handing-in.ts';
import type { People } from './people.ts';
import { type Bought, file, heard, requireBought, settled, type Watched } from './request.ts';
import type { Say } from './stage.ts';
import type { Person, World } from './world.ts';

const BOGOTA = { lines: ['Carrera 7 # 71-21'], city: 'Bogotá', postalCode: '110231', country: 'CO' };
const ANSWERS = { address: BOGOTA, company: 'Acme Colombia S.A.S.' };
const UNREADABLE = 'The proof of address cannot be read.';

/** Colombia is restricted: the request waits for customer success, and no carrier may even be asked before. */
export async function askRestricted(world: World, say: Say, { pam, pamId }: People): Promise<Watched> {
  const before = await heard(world);
  const watched = await file(world, say, pam, {
    country: 'CO',
    locality: 'Bogotá',
    maxMonthly: { amount: '60.00', currency: 'USD' },
    purpose: 'compliance',
    assignment: { ownership: 'shared', target: { type: 'voicemail', id: pamId } },
  });
  const request = await watched.until(settled);
  say.holds('class of the country', request.class, 'restricted');
  say.holds('the request waits for', `${request.state}, ${request.waitingFor}`, 'approval_pending, customer_success');
  const after = await heard(world);
  for (const [carrier, count] of Object.entries(after))
    say.holds(`requests to ${carrier} for it`, count - (before[carrier] ?? 0), 0);
  return watched;
}

/** Up to 60 USD a month: two different people of customer success have to approve. */
export async function approveTwice(world: World, say: Say, people: People, watched: Watched): Promise<void> {
  const { pam, chris, sam } = people;
  const before = await heard(world);
  say.holds(`${pam.name} may not approve`, await refusal(pam, watched), 'not_allowed');
  await approve(chris, watched);
  const first = await watched.until((request) => request.approvalsMissing !== undefined);
  say.holds(`${chris.name} approves; still missing`, first.approvalsMissing, 1);
  say.holds(`${chris.name} cannot be the second one`, await refusal(chris, watched), 'own_approval');
  say.holds('still no carrier has been asked', await heard(world), before, 'requests unchanged');
  await approve(sam, watched);
  const approved = await watched.until((request) => request.state === 'documents_pending');
  say.holds(`${sam.name} approves`, approved.decision?.verdict, 'approved');
  const asked = (await heard(world))['telnyx'] ?? 0;
  say.holds(
    'only now a carrier is asked what it needs',
    asked > (before['telnyx'] ?? 0),
    true,
    'telnyx, for its papers',
  );
}

/** Approval names the version that was read: nobody approves what changed meanwhile. */
async function approve({ client }: Person, { id }: Watched): Promise<void> {
  const { headers } = await client.call(getNumberRequest, { params: { id } });
  const ifMatch = headers.get('etag') ?? '';
  await client.call(approveNumberRequest, { params: { id }, ifMatch, body: { comment: 'Contract on file.' } });
}

const refusal = (person: Person, watched: Watched): Promise<string> =>
  approve(person, watched)
    .then(() => 'taken')
    .catch((error: unknown) => (error instanceof ApiProblem ? error.code : String(error)));

/** Papers for the carrier: refused once with a reason, corrected, approved; then the number is bought. */
export async function papersAndPurchase(world: World, say: Say, people: People, watched: Watched): Promise<Bought> {
  const { carriers } = world;
  const { pam, chris } = people;
  await carriers.papersByHand('telnyx', true);
  await handIn(world, say, pam, watched, ANSWERS);
  await reviewedBy(world, say, chris, watched);
  await carriers.verdict('telnyx', { reference: watched.id, verdict: 'rejected', reason: UNREADABLE });
  const rejected = await watched.until((request) => request.state === 'documents_pending');
  const remarks = new Set(rejected.requirements.flatMap(({ remark }) => remark ?? []));
  say.holds('telnyx refuses the papers, with its reason', [...remarks], [UNREADABLE]);
  say.note(`${pam.name} scans again and hands in again; it stays the same request`);
  await handIn(world, say, pam, watched, ANSWERS);
  await reviewedBy(world, say, chris, watched);
  await carriers.verdict('telnyx', { reference: watched.id, verdict: 'approved' });
  await carriers.papersByHand('telnyx', false);
  const request = await watched.until((one) => settled(one) && one.state !== 'documents_review');
  return requireBought(world, say, people, request, 'Voicemail: Pam Beesly');
}

async function reviewedBy(world: World, say: Say, person: Person, watched: Watched): Promise<void> {
  await acceptPapers(person, watched);
  const request = await watched.until(
    ({ timeline, state }) =>
      state !== 'documents_review' || timeline.findLast(({ step }) => step === 'documents')?.detail === 'with telnyx',
  );
  say.holds(
    `${person.name} accepts them; now they are with`,
    `${request.state}, ${request.waitingFor}`,
    'documents_review, carrier',
  );
  const [group] = (await world.carriers.papers('telnyx')).filter(({ reference }) => reference === watched.id);
  say.holds('telnyx has them under review', group?.state, 'in_review');
}
