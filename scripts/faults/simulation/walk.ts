import { callTask } from './engine.ts';
import type { World } from './world.ts';

interface Item {
  readonly item: number;
  readonly attempt: number;
}
interface Open extends Item {
  readonly outcome: string;
  readonly pollAfter: number;
}
interface Walk {
  readonly world: World;
  readonly who: string;
  readonly place: { readonly tenantId: string; readonly requestId: string };
  batch: readonly Item[];
  open: readonly Open[];
  claim: string;
  lost: number;
  picks: number;
  probes: number;
  laters: number;
  follows: number;
  helps: number;
  waits: number;
  agreeAgain: boolean;
  papersAgain: boolean;
}
type Next =
  | 'CheckPapers'
  | 'ClaimNumbers'
  | 'OrderNumbers'
  | 'Settled'
  | 'WaitToOrder'
  | 'WaitToProbe'
  | 'AwaitOrders'
  | 'AwaitAgreement'
  | 'AwaitPapers'
  | 'CloseRequest'
  | 'End';

/** More states than any request needs in these days: it turns in a circle. */
const MOST_STATES = 250;
const MOST_HELPS = 6;
const PROBES_S = [2, 10, 60, 300, 900];

/** Walks one request through the states of `statemachines/request-number.asl.json`, without the interpreter. */
export async function walk(world: World, place: Walk['place']): Promise<void> {
  const who = world.nameOf(place.requestId);
  const counters = { lost: 0, picks: 0, probes: 0, laters: 0, follows: 0, helps: 0, waits: 0 };
  const on: Walk = {
    world,
    who,
    place,
    batch: [],
    open: [],
    claim: 'none',
    ...counters,
    agreeAgain: false,
    papersAgain: false,
  };
  let next: Next = 'CheckPapers';
  for (let states = 0; next !== 'End'; states++) {
    if (states > MOST_STATES) {
      world.wrong.push(`I4 ${who} turns in circles at ${next}`);
      return;
    }
    next = await enter(on, next);
  }
}

async function enter(on: Walk, state: Next): Promise<Next> {
  switch (state) {
    case 'CheckPapers':
      return checkPapers(on);
    case 'ClaimNumbers':
      return claim(on);
    case 'OrderNumbers':
      return order(on);
    case 'Settled':
      return settled(on);
    case 'WaitToOrder':
      on.laters++;
      on.batch = on.open.filter(({ outcome }) => outcome === 'later');
      await pause(on, Math.min(900, Math.max(...on.batch.map((one) => (one as Open).pollAfter))));
      return 'OrderNumbers';
    case 'WaitToProbe':
      await pause(on, PROBES_S[on.probes] ?? 900);
      on.probes++;
      on.batch = on.open.filter(({ outcome }) => outcome === 'unclear');
      return 'OrderNumbers';
    case 'AwaitOrders': {
      const seconds = Math.min(2_592_000, Math.min(...on.open.map(({ pollAfter }) => pollAfter)) * 2 ** on.follows);
      if ((await wait(on, 'AwaitOrders', seconds)) === 'timeout') on.follows = Math.min(on.follows + 1, 12);
      on.batch = on.open;
      return 'OrderNumbers';
    }
    case 'AwaitAgreement':
      on.agreeAgain = false;
      await wait(on, 'AwaitAgreement', 2_592_000);
      return 'CheckPapers';
    case 'AwaitPapers':
      await wait(on, 'AwaitPapers', 2_592_000);
      return 'CheckPapers';
    case 'CloseRequest':
      return (await callTask(on.world, on.who, 'CloseRequest', on.place, 6)) && 'End';
    case 'End':
      return 'End';
  }
}

const pause = (on: Walk, seconds: number): Promise<void> =>
  on.world.scheduler.sleep(on.world.scheduler.actor(`engine of ${on.who}`), seconds * 1000);

async function checkPapers(on: Walk): Promise<Next> {
  const called = await callTask(on.world, on.who, 'CheckPapers', on.place, 6);
  on.papersAgain = false;
  if ('error' in called) return help(on, 'CheckPapers');
  const { outcome } = called.output;
  if (outcome === 'ready') return 'ClaimNumbers';
  if (outcome === 'missing' || outcome === 'in_review') return 'AwaitPapers';
  return outcome === 'not_agreed' || outcome === 'hold' ? 'AwaitAgreement' : 'CloseRequest';
}

async function claim(on: Walk): Promise<Next> {
  const called = await callTask(on.world, on.who, 'ClaimNumbers', on.place, 6);
  if ('error' in called) return help(on, 'ClaimNumbers');
  on.claim = String(called.output['outcome']);
  on.batch = called.output['items'] as readonly Item[];
  on.picks++;
  on.lost = 0;
  on.laters = 0;
  on.follows = 0;
  if (!on.open.some(({ outcome }) => outcome === 'unclear')) on.probes = 0;
  return 'OrderNumbers';
}

async function order(on: Walk): Promise<Next> {
  const ended = await Promise.all(on.batch.map((item) => iterate(on, item)));
  on.open = [
    ...on.open.filter(({ item }) => !ended.some((one) => one.item === item)),
    ...ended.filter(({ outcome }) => ['unclear', 'accepted', 'later'].includes(outcome)),
  ];
  const count = (outcome: string) => ended.filter((one) => one.outcome === outcome).length;
  on.lost += count('refused');
  on.agreeAgain ||= ['price_changed', 'hold', 'choose_again'].includes(on.claim) || count('price_changed') > 0;
  on.papersAgain ||= on.claim === 'papers_missing' || count('papers_missing') > 0;
  return 'Settled';
}

/** One place of the Map: an iteration never fails, and never waits. */
async function iterate(on: Walk, { item, attempt }: Item): Promise<Open> {
  const place = { ...on.place, item, attempt };
  const who = `${on.who}.${item}.${attempt}`;
  const unclear = { item, attempt, outcome: 'unclear', pollAfter: 900 };
  const bought = await callTask(on.world, who, 'PurchaseNumber', place, 0);
  if ('error' in bought) return unclear;
  const { outcome, pollAfter } = bought.output as { readonly outcome: string; readonly pollAfter?: number };
  if (outcome !== 'bought')
    return { item, attempt, outcome, pollAfter: Math.ceil(pollAfter ?? (outcome === 'later' ? 60 : 900)) };
  if ('error' in (await callTask(on.world, who, 'RecordNumber', place, 3))) return unclear;
  await callTask(on.world, who, 'ConfigureNumber', place, 3);
  return { item, attempt, outcome: 'done', pollAfter: 900 };
}

async function settled(on: Walk): Promise<Next> {
  const isOpen = (outcome: string) => on.open.some((one) => one.outcome === outcome);
  if (isOpen('later') && on.laters < 10) return 'WaitToOrder';
  if (on.lost > 0 && on.claim === 'claimed' && on.picks < 10) return 'ClaimNumbers';
  if (isOpen('unclear') && on.probes < PROBES_S.length) return 'WaitToProbe';
  if (on.open.length > 0) return 'AwaitOrders';
  if (on.papersAgain) return 'CheckPapers';
  if (!on.agreeAgain) return 'CloseRequest';
  on.claim = 'none';
  return 'AwaitAgreement';
}

/** Waits for a signal, or for the time to pass; the token is good from the moment the state is entered. */
async function wait(on: Walk, task: string, seconds: number): Promise<'signal' | 'timeout'> {
  const { world } = on;
  on.waits++;
  const token = `${on.who}-wait-${on.waits}`;
  const engine = world.scheduler.actor(`engine of ${on.who}`);
  const signal = new Promise<'signal'>((resolve) =>
    world.waits.set(token, () => {
      world.waits.delete(token);
      world.scheduler.wake(engine, 'signal', () => resolve('signal'));
    }),
  );
  const stored = await callTask(world, on.who, task, { ...on.place, token }, 6);
  if ('error' in stored) {
    world.waits.delete(token);
    await help(on, 'CheckPapers');
    return 'timeout';
  }
  const timeout = world.scheduler.sleep(engine, seconds * 1000).then(() => 'timeout' as const);
  const end = await Promise.race([signal, timeout]);
  world.waits.delete(token);
  return end;
}

/** A state that could not run: a person looks after an hour, and it goes on where it stood. */
async function help(on: Walk, stuckAt: Next): Promise<Next> {
  on.helps++;
  if (on.helps > MOST_HELPS) {
    on.world.wrong.push(`I4 ${on.who} cannot get past ${stuckAt}`);
    return 'End';
  }
  await callTask(on.world, on.who, 'AwaitHelp', { ...on.place, token: `${on.who}-help-${on.helps}`, stuckAt }, 6);
  await pause(on, 3600);
  return stuckAt;
}
