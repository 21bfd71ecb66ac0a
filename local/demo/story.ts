import { callAll, textOnce } from './calls.ts';
import { listMails, listPurchases } from './closing.ts';
import { signIn } from './people.ts';
import { approveTwice, askRestricted, papersAndPurchase } from './restricted.ts';
import { refuseRestrictedSearch, searchMarket } from './search.ts';
import { specialRequest } from './special.ts';
import type { Stage } from './stage.ts';
import { namedRequest, standardRequest, survivedFault } from './standard.ts';
import type { World } from './world.ts';

/** The main job, from a number request to an answered call, at three carriers. Throws where a fact does not hold. */
export async function tell(stage: Stage, world: World): Promise<void> {
  const people = await stage.step('Four people sign in', (say) => signIn(world, say));
  const market = await stage.step('Search all carriers at once', async (say) => {
    const offers = await searchMarket(world, say, people);
    await refuseRestrictedSearch(world, say, people);
    return offers;
  });
  const standard = await stage.step('Standard: a wish in the United Kingdom', (say) =>
    standardRequest(world, say, people),
  );
  const named = await stage.step('Standard: one exact number', (say) => namedRequest(world, say, people, market));
  const adopted = await stage.step('A fault: the order is executed, its answer is lost', (say) =>
    survivedFault(world, say, people, market),
  );
  const special = await stage.step('Special: France, with terms and papers', (say) =>
    specialRequest(world, say, people),
  );
  const waiting = await stage.step('Restricted: Colombia, before approval', (say) => askRestricted(world, say, people));
  await stage.step('Restricted: two people approve', (say) => approveTwice(world, say, people, waiting));
  const restricted = await stage.step('Restricted: papers, refused once, then approved', (say) =>
    papersAndPurchase(world, say, people, waiting),
  );
  const numbers = [standard, named, adopted, special, restricted];
  await stage.step('Every number is called by its carrier', (say) => callAll(world, say, people, numbers));
  await stage.step('A text message arrives', (say) => textOnce(world, say, people, standard));
  await stage.step('Mails', (say) => listMails(world, say, numbers));
  await stage.step('What was bought, by the books of the carriers', (say) => listPurchases(world, say, numbers));
}
