import { beforeAll, describe, expect, it, vi } from 'vitest';
import { callAll, textOnce } from '../../../local/demo/calls.ts';
import { listPurchases } from '../../../local/demo/closing.ts';
import { type People, signIn } from '../../../local/demo/people.ts';
import type { Bought, Watched } from '../../../local/demo/request.ts';
import { approveTwice, askRestricted, papersAndPurchase } from '../../../local/demo/restricted.ts';
import { type Offer, refuseRestrictedSearch, searchMarket } from '../../../local/demo/search.ts';
import { specialRequest } from '../../../local/demo/special.ts';
import { type Say, type Stage, stageOn } from '../../../local/demo/stage.ts';
import { namedRequest, standardRequest, survivedFault } from '../../../local/demo/standard.ts';
import type { World } from '../../../local/demo/world.ts';
import { quietTerminal } from '../../cli/console.ts';
import { type Deployed, openDeployed } from './installation.ts';
import { sentMails } from './mails.ts';
import { deployedWorld } from './world.ts';

/** The main job as `npm run demo` tells it on one machine, fact by fact, at the deployed gateway. */
describe('the main job', () => {
  const bought: Bought[] = [];
  const begun: { deployed?: Deployed; world?: World; stage?: Stage; people?: People; market?: readonly Offer[] } = {};
  const at = () => {
    const { deployed, world, stage, people, market = [] } = begun;
    if (!deployed || !world || !stage || !people) throw new Error('nobody signed in');
    return { deployed, world, stage, people, market };
  };
  const step = <T>(title: string, play: (say: Say) => Promise<T>): Promise<T> => at().stage.step(title, play);
  beforeAll(async () => {
    const terminal = quietTerminal({});
    const deployed = await openDeployed();
    const [world, stage] = [deployedWorld(deployed, terminal), stageOn(terminal)];
    Object.assign(begun, { deployed, world, stage });
    // The first call of a cold function on a busy machine may be told to come again, and does.
    const search = () => deployed.ask('GET /v1/available-numbers?country=GB&areaCode=1223', { as: 'customer' });
    await vi.waitFor(async () => expect((await search()).status).toBe(200), { timeout: 60_000, interval: 1000 });
    begun.people = await stage.step('sign-in', (say) => signIn(world, say));
  });

  it('all carriers are searched at once; a restricted country is not searched', async () => {
    const { world, people } = at();
    begun.market = await step('search', async (say) => {
      const offers = await searchMarket(world, say, people);
      await refuseRestrictedSearch(world, say, people);
      return offers;
    });

    expect(begun.market.length).toBeGreaterThan(0);
  });
  it('standard: a wish in the United Kingdom is bought, configured and assigned', async () => {
    bought.push(await step('standard', (say) => standardRequest(at().world, say, at().people)));
  });
  it('standard: one exact number', async () => {
    bought.push(await step('named', (say) => namedRequest(at().world, say, at().people, at().market)));
  });
  it('P3: an answer lost after execution: adopted by our reference, bought once', async () => {
    bought.push(await step('fault', (say) => survivedFault(at().world, say, at().people, at().market)));
  });
  it('special: terms, acceptance, papers, purchase', async () => {
    bought.push(await step('special', (say) => specialRequest(at().world, say, at().people)));
  });
  it('S0-42: restricted: no carrier before two approvals, then papers, review, purchase', async () => {
    const { world, people } = at();
    const waiting: Watched = await step('restricted', (say) => askRestricted(world, say, people));
    await step('approval', (say) => approveTwice(world, say, people, waiting));
    bought.push(await step('papers', (say) => papersAndPurchase(world, say, people, waiting)));
  });
  it('every number is called and answered in its carrier’s markup; unsigned calls are turned away', async () => {
    const { world, people } = at();
    expect(new Set(bought.map(({ carrier }) => carrier))).toEqual(new Set(['telnyx', 'twilio', 'vonage']));
    await step('calls', (say) => callAll(world, say, people, bought));
  });
  it('a text message is stored before its carrier is answered', async () => {
    const [first] = bought;
    if (!first) throw new Error('nothing was bought');
    await step('text', (say) => textOnce(at().world, say, at().people, first));
  });
  it('S0-44: everybody concerned gets each mail once', async () => {
    const mails = await sentMails(at().deployed);
    const told = (id: string, to: RegExp, subject: RegExp): number =>
      mails.filter((mail) => mail.text.includes(id) && to.test(mail.to.join()) && subject.test(mail.subject)).length;
    for (const { requestId } of bought) {
      expect(told(requestId, /^cs@/, /^New number request/), 'opened, customer success').toBe(1);
      expect(told(requestId, /^customer@/, /^Your request for/), 'opened, requester').toBe(1);
      expect(told(requestId, /^customer@/, /^Your numbers are ready/), 'closed, requester').toBe(1);
    }
  });
  it('the carriers’ books: one order for each number, and nothing else was bought', async () => {
    await step('books', (say) => listPurchases(at().world, say, bought));
  });
});
