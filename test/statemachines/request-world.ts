import { named } from '../local/workflows-lab.ts';

/** What a carrier does with an order: `lost` is executed, but the answer never comes; `never` stays unclear. */
type Order = 'done' | 'lost' | 'never' | 'refused' | 'price' | 'accepted' | 'later' | 'papers';
interface Item {
  readonly item: number;
  attempt: number;
  intent: 'none' | 'recorded' | 'sent' | 'refused' | 'settled';
  accepted?: boolean;
  tries: number;
  notBought?: boolean;
}
type Outcome = { readonly outcome: string };
type Claimed = Outcome & { readonly items: readonly object[] };
type Input = { readonly item: number; readonly attempt: number; readonly token: string; readonly execution: string };

export type Fault = (times: number, now: number) => string | undefined;

export interface Script {
  readonly class?: 'standard' | 'special' | 'restricted' | 'unsupported';
  readonly quantity?: number;
  /** none needed, missing, handed in and accepted by us, in the carrier's review, approved. */
  readonly papers?: World['papers'];
  readonly stock?: number;
  readonly order?: (item: number, attempt: number, tries: number) => Order;
  /** Milliseconds by which the carrier's list lags its orders. */
  readonly lag?: number;
  readonly claim?: (times: number, world: World) => Claimed | undefined;
  readonly check?: (times: number, world: World) => string | undefined;
  /** Names thrown by a task: for its first runs, or by their number and the moment (ms). */
  readonly faults?: Readonly<Record<string, readonly (string | undefined)[] | Fault>>;
  readonly people?: readonly Deed[];
}
/** What a person or a webhook does at a moment (seconds from the start); a signal follows unless it is lost. */
export interface Deed {
  readonly at: number;
  readonly does: (world: World) => void;
  readonly signalIsLost?: boolean;
}

const FINAL = ['completed', 'partially_completed', 'declined', 'expired', 'cancelled', 'failed'];

/** Stand-ins for the tasks: a tiny table, a carrier that follows a script, and a ledger of what was ordered. */
export interface World {
  state: string;
  agreed: boolean;
  papers: 'none' | 'missing' | 'accepted' | 'in_review' | 'approved';
  readonly quantity: number;
  readonly items: Item[];
  /** Orders that left, as `item.attempt`. */
  readonly orders: string[];
  readonly owned: Map<string, number>;
  claims: number;
  token: string | undefined;
  /** A person is asked for: how often, and where it got stuck. */
  readonly help: string[];
  readonly calls: string[];
  readonly started: string[];
  /** Runs one task; throws what the script says. */
  run(functionName: string, event: { readonly task: string; readonly input: object }, now: number): unknown;
}

const tokenOwners = ['AwaitAgreement', 'AwaitPapers', 'AwaitOrders', 'AwaitHelp'];
const ofCarriers = ['CheckPapers', 'ClaimNumbers', 'PurchaseNumber', 'ConfigureNumber'];

export function createWorld(script: Script, signalAtOnce: () => void): World {
  const byClass = {
    standard: 'classified',
    special: 'terms_pending',
    restricted: 'approval_pending',
    unsupported: 'quote_pending',
  };
  const kind = script.class ?? 'standard';
  const world: World = {
    state: byClass[kind],
    agreed: kind === 'standard',
    papers: script.papers ?? 'none',
    quantity: script.quantity ?? 1,
    items: [],
    orders: [],
    owned: new Map(),
    claims: 0,
    token: undefined,
    help: [],
    calls: [],
    started: [],
    run(functionName, { task, input }, now) {
      world.calls.push(task);
      const times = world.calls.filter((each) => each === task).length;
      const { tenantId, requestId, ...rest } = input as Record<string, unknown>;
      if (tenantId !== 'ten_1' || requestId !== 'req_1') throw named('WrongRequest');
      if (functionName !== (ofCarriers.includes(task) ? 'carriers' : 'requests')) throw named('WrongFunction');
      if (tokenOwners.includes(task)) store(world, task, rest as Input);
      const fault = script.faults?.[task];
      const error = typeof fault === 'function' ? fault(times, now) : fault?.[times - 1];
      if (error) throw named(error);
      if (ofCarriers.includes(task) && !world.agreed && task !== 'CheckPapers') throw named('TouchedCarrierTooEarly');
      return tasks[task]?.(rest as Input, now, times);
    },
  };
  const final = () => FINAL.includes(world.state);
  const tasks: Readonly<Record<string, (input: Input, now: number, times: number) => Outcome>> = {
    AwaitAgreement: () => {
      if (world.agreed || final()) signalAtOnce();
      return { outcome: 'waiting' };
    },
    AwaitPapers: () => {
      if (final()) signalAtOnce();
      return { outcome: 'waiting' };
    },
    AwaitOrders: () => ({ outcome: 'waiting' }),
    AwaitHelp: () => ({ outcome: 'waiting' }),
    CheckPapers: (_, __, times) => ({ outcome: script.check?.(times, world) ?? checkPapers(world, final()) }),
    ClaimNumbers: (_, __, times) => script.claim?.(times, world) ?? claimNumbers(world, script.stock, final()),
    PurchaseNumber: ({ item, attempt }, now) => purchase(world, script, { item, attempt }, now),
    RecordNumber: ({ item }) => {
      const recorded = world.items[item];
      if (recorded && recorded.intent !== 'settled') {
        recorded.intent = 'settled';
        world.claims--;
      }
      return { outcome: 'recorded' };
    },
    ConfigureNumber: () => ({ outcome: 'configured' }),
    CloseRequest: () => close(world, final()),
    ContinueElsewhere: ({ execution }) => {
      const [, round = '1'] = execution.split('.');
      const next = `req_1.${Number(round) + 1}`;
      if (!world.started.includes(next)) world.started.push(next);
      return { outcome: 'continued' };
    },
  };
  return world;
}

function store(world: World, task: string, { token, stuckAt }: Input & { readonly stuckAt?: string }): void {
  world.token = token;
  if (task === 'AwaitHelp') world.help.push(String(stuckAt));
}

function checkPapers(world: World, isFinal: boolean): string {
  if (isFinal) return 'ended';
  if (!world.agreed) return 'not_agreed';
  if (world.papers === 'none' || world.papers === 'approved') return 'ready';
  if (world.papers === 'accepted') world.papers = 'in_review';
  return world.papers;
}

function claimNumbers(world: World, stock = Number.POSITIVE_INFINITY, isFinal = false): Claimed {
  if (isFinal) return { outcome: 'ended', items: [] };
  const items: object[] = [];
  for (let at = 0; at < world.quantity; at++) {
    const item: Item = world.items[at] ?? { item: at, attempt: 0, intent: 'none', tries: 0 };
    world.items[at] = item;
    if (item.intent === 'settled') continue;
    if (item.intent === 'none' || item.intent === 'refused') {
      const taken = world.items.reduce((sum, each) => sum + each.attempt, 0);
      if (taken >= stock || item.attempt >= 10) continue;
      item.attempt++;
      item.intent = 'recorded';
      delete item.notBought;
      world.claims++;
    }
    items.push({ item: at, attempt: item.attempt });
  }
  world.state = 'ordering';
  return { outcome: items.length > 0 ? 'claimed' : 'nothing_left', items };
}

type Answer = Outcome & { readonly pollAfter?: number };
function purchase(world: World, script: Script, at: { item: number; attempt: number }, now: number): Answer {
  const item = world.items[at.item];
  if (!item || item.attempt !== at.attempt) throw named('NoSuchIntent');
  const key = `${at.item}.${at.attempt}`;
  item.tries++;
  const order = script.order?.(at.item, at.attempt, item.tries) ?? 'done';
  const refuse = (outcome: string): Answer => {
    item.intent = 'refused';
    world.claims--;
    return { outcome };
  };
  if (item.intent === 'recorded') {
    if (order === 'later') return { outcome: 'later', pollAfter: 29.5 };
    item.intent = 'sent';
    return send(world, item, key, order, now + (script.lag ?? 0), refuse);
  }
  if (item.intent === 'settled') return { outcome: 'bought' };
  if (item.intent === 'refused') return { outcome: 'refused' };
  if ((world.owned.get(key) ?? Number.POSITIVE_INFINITY) <= now) return { outcome: 'bought' };
  if (item.notBought) return refuse('refused');
  return item.accepted ? { outcome: 'accepted', pollAfter: 3600 } : { outcome: 'unclear', pollAfter: 21_600 };
}

function send(
  world: World,
  item: Item,
  key: string,
  order: Order,
  visibleAt: number,
  refuse: (as: string) => Answer,
): Answer {
  if (order === 'price') {
    world.agreed = false;
    return refuse('price_changed');
  }
  if (order === 'papers') {
    world.papers = 'missing';
    return refuse('papers_missing');
  }
  world.orders.push(key);
  if (order === 'refused') return refuse('refused');
  if (order === 'never') return { outcome: 'unclear' };
  if (order === 'accepted') {
    item.accepted = true;
    return { outcome: 'accepted', pollAfter: 3600 };
  }
  world.owned.set(key, visibleAt);
  if (order === 'lost') throw named('Lambda.Unknown', 'killed after the order');
  return { outcome: 'bought' };
}

function close(world: World, isFinal: boolean): Outcome {
  if (!isFinal) {
    const bought = world.items.filter(({ intent }) => intent === 'settled').length;
    world.state = bought === world.quantity ? 'completed' : bought > 0 ? 'partially_completed' : 'failed';
  }
  for (const item of world.items.filter(({ intent }) => intent === 'recorded')) {
    item.intent = 'none';
    world.claims--;
  }
  return { outcome: world.state };
}
