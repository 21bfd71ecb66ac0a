import { afterAll, describe, expect, it } from 'vitest';
import { everything, type Path, runPath } from './request-run.ts';
import type { Deed, Fault, Script, World } from './request-world.ts';

const DAY = 86_400;
const taken = new Set<string>();

const agree = (at: number, more: Partial<Deed> = {}): Deed => ({
  at,
  does: (world) => {
    world.agreed = true;
  },
  ...more,
});
const papers = (at: number, papers: World['papers']): Deed => ({
  at,
  does: (world) => {
    world.papers = papers;
  },
});
const ends = (at: number, state: string): Deed => ({
  at,
  does: (world) => {
    world.state = state;
  },
});
/** The carrier has executed all orders by then. */
const executed = (at: number, more: Partial<Deed> = {}): Deed => ({
  at,
  does: (world) => {
    for (const { item, attempt, intent } of world.items)
      if (intent === 'sent') world.owned.set(`${item}.${attempt}`, 0);
  },
  ...more,
});
const look = (at: number): Deed => ({ at, does: () => undefined });
const nothingBought = (at: number): Deed => ({
  at,
  does: (world) => {
    for (const item of world.items) item.notBought = true;
  },
});
const throttled = 'Lambda.TooManyRequestsException';
const crashed = 'Lambda.Unknown';
/** The table is out for so many hours from the first call on; undefined once it is back. */
const outage = (hours: number, error = 'TableUnavailable'): Fault => {
  let from: number | undefined;
  return (_, now) => {
    from ??= now;
    return now - from < hours * 3_600_000 ? error : undefined;
  };
};

interface Expected {
  readonly state?: string;
  readonly transitions?: number;
  readonly calls?: number;
  readonly orders?: readonly string[];
  readonly executions?: number;
}

/** Runs a path; whatever happened in it, no money was spent twice and no claim is left. */
async function path(script: Script, expected: Expected = {}): Promise<Path> {
  const run = await runPath(script);
  for (const name of run.taken) taken.add(name);
  const { world } = run;
  expect(world.orders).toEqual([...new Set(world.orders)]);
  expect(world.owned.size).toBeLessThanOrEqual(world.quantity);
  expect(run.longestDays).toBeLessThan(365);
  expect(run.mostEvents).toBeLessThan(25_000);
  if (run.status === 'succeeded') expect(world.claims).toBe(0);
  const { state = 'completed', orders, ...counts } = expected;
  expect({ status: run.status, state: world.state }).toEqual({ status: 'succeeded', state });
  if (orders) expect(world.orders).toEqual(orders);
  expect(run).toMatchObject(counts);
  return run;
}

describe('Request Number: the usual ways', () => {
  it('standard: 11 transitions, 6 calls', () => path({}, { transitions: 11, calls: 6, orders: ['0.1'] }));
  it('special: 12 transitions, 7 calls', () =>
    path({ class: 'special', people: [agree(2 * DAY)] }, { transitions: 12, calls: 7 }));
  it('unsupported: one wait covers quote, terms and acceptance', () =>
    path({ class: 'unsupported', people: [agree(9 * DAY)] }, { transitions: 12, calls: 7 }));
  it('restricted, with papers and the carrier’s review: 18 transitions, 11 calls', () =>
    path(
      {
        class: 'restricted',
        papers: 'missing',
        people: [agree(3 * DAY), papers(4 * DAY, 'accepted'), papers(20 * DAY, 'approved')],
      },
      { transitions: 18, calls: 11 },
    ));
  it('R1: papers rejected once and handed in again', () =>
    path({
      papers: 'missing',
      people: [
        papers(DAY, 'accepted'),
        papers(2 * DAY, 'missing'),
        papers(3 * DAY, 'accepted'),
        papers(4 * DAY, 'approved'),
      ],
    }));
  it('asynchronous carrier, webhook after 10 minutes: 6 transitions, 2 calls more', () =>
    path({ order: () => 'accepted', people: [executed(600)] }, { transitions: 17, calls: 8 }));
  it('P10: webhook lost, the poll finds it', () =>
    path({ order: () => 'accepted', people: [executed(600, { signalIsLost: true })] }, { orders: ['0.1'] }));
});

describe('Request Number: money', () => {
  it('P2: answer lost after execution, the first probe finds it: 5 transitions, 1 call more', () =>
    path({ order: (_, __, tries) => (tries === 1 ? 'lost' : 'done') }, { orders: ['0.1'], transitions: 16, calls: 7 }));
  it('P3: the carrier’s list lags six minutes', () => path({ lag: 360_000, order: () => 'lost' }, { orders: ['0.1'] }));
  it('unclear to the end of the window, a person finds it was not bought: chooses again', () =>
    path(
      { order: (_, attempt) => (attempt === 1 ? 'never' : 'done'), people: [nothingBought(3600)] },
      { orders: ['0.1', '0.2'] },
    ));
  it('unclear to the end of the window, a person finds it was bought', () =>
    path({ order: () => 'never', people: [executed(3600)] }, { orders: ['0.1'], calls: 13 }));
  it('unclear and nobody answers: asks ever more rarely, in a new execution within the year', async () => {
    const run = await path({ order: () => 'never', people: [executed(500 * DAY)] }, { orders: ['0.1'], executions: 2 });
    expect(run.transitions).toBeLessThan(260);
  });
  it('P1: confirmed refusal twice, the third number is bought', () =>
    path({ order: (_, attempt) => (attempt < 3 ? 'refused' : 'done') }, { orders: ['0.1', '0.2', '0.3'] }));
  it('always refused: ends after 10 choices', async () => {
    const { world } = await path({ order: () => 'refused' }, { state: 'failed' });
    expect(world.orders).toHaveLength(10);
  });
  it('nothing in stock', () => path({ stock: 0 }, { state: 'failed', orders: [] }));
  it('P9: price rose at the order, the customer agrees', () =>
    path({ order: (_, attempt) => (attempt === 1 ? 'price' : 'done'), people: [agree(3600)] }, { orders: ['0.2'] }));
  it('P9: price rose at the claim, the customer agrees', () =>
    path({ claim: once('price_changed', (w) => (w.agreed = false)), people: [agree(3600)] }, { orders: ['0.1'] }));
  it('papers found missing at the claim', () =>
    path({ claim: once('papers_missing', (w) => (w.papers = 'missing')), people: [papers(DAY, 'approved')] }));
  it('papers found missing at the order', () =>
    path(
      { order: (_, attempt) => (attempt === 1 ? 'papers' : 'done'), people: [papers(DAY, 'approved')] },
      { orders: ['0.2'] },
    ));
  it('P17: on hold before the papers, and again at the claim', async () => {
    const hold = { check: (times: number) => (times === 1 ? 'hold' : undefined), claim: once('hold', () => undefined) };
    const { world } = await path({ ...hold, people: [look(DAY), look(2 * DAY)] });
    expect(world.calls.filter((task) => task === 'AwaitAgreement')).toHaveLength(2);
  });
  it('the named number is gone: the customer chooses another', async () => {
    const { world } = await path({ claim: once('choose_again', (w) => (w.agreed = false)), people: [agree(DAY)] });
    expect(world.calls).toContain('AwaitAgreement');
  });
  it('on hold while an order is open: the order is settled first', async () => {
    const claim = (times: number, world: World) =>
      times === 2
        ? { outcome: 'hold', items: world.items.flatMap((i) => (i.intent === 'sent' ? [i] : [])) }
        : undefined;
    const { world } = await path({
      quantity: 2,
      claim,
      order: (item, attempt) => (item === 0 ? 'accepted' : attempt === 1 ? 'refused' : 'done'),
      people: [executed(600), look(DAY)],
    });
    expect(world.calls.indexOf('AwaitOrders')).toBeLessThan(world.calls.indexOf('AwaitAgreement'));
  });
  it('not processed by the carrier: the same number is ordered again after the carrier’s pause, and is never unclear', async () => {
    const { world, transitions } = await path(
      { order: (_, __, tries) => (tries < 4 ? 'later' : 'done') },
      { orders: ['0.1'] },
    );
    expect(world.calls.filter((task) => task === 'PurchaseNumber')).toHaveLength(4);
    expect(transitions).toBe(11 + 3 * 6);
  });
  it('never processed: after ten pauses a person is told, and the order is tried on rarely', async () => {
    const { world } = await path({ order: (_, __, tries) => (tries < 13 ? 'later' : 'done') }, { orders: ['0.1'] });
    expect(world.calls.filter((task) => task === 'AwaitOrders')).toHaveLength(2);
  });
  it('one is refused while another is not processed: both get their number', () =>
    path(
      {
        quantity: 2,
        order: (item, attempt, tries) =>
          item === 0 && tries < 3 ? 'later' : item === 1 && attempt === 1 ? 'refused' : 'done',
      },
      { orders: ['1.1', '0.1', '1.2'] },
    ));
});

describe('Request Number: people', () => {
  it('declined by customer success: no carrier was touched', () =>
    path({ class: 'restricted', people: [ends(DAY, 'declined')] }, { state: 'declined', orders: [] }));
  it('N5: nobody answers, the sweep expires it', () =>
    path({ class: 'special', people: [ends(21 * DAY, 'expired')] }, { state: 'expired' }));
  it('a lost signal: the timeout looks again', () =>
    path({ class: 'special', people: [agree(DAY, { signalIsLost: true })] }));
  it('decided in the second of the timeout', () => path({ class: 'special', people: [agree(30 * DAY)] }));
  it('agreement given before the wait was stored', () => path({ class: 'special', people: [agree(0)] }));
  it('P16: cancelled while papers are missing', () =>
    path({ papers: 'missing', people: [ends(DAY, 'cancelled')] }, { state: 'cancelled', orders: [] }));
  it('P16: cancelled between papers and claim', () =>
    path({ claim: once('ended', (w) => (w.state = 'cancelled')) }, { state: 'cancelled', orders: [] }));
  it('papers never come: goes on in a new execution within the year', () =>
    path({ papers: 'missing', people: [papers(400 * DAY, 'approved')] }, { executions: 2 }));
  it('papers are looked at so late that it goes on elsewhere', () =>
    path(
      {
        papers: 'missing',
        people: [...Array.from({ length: 12 }, (_, at) => look(at * 29 * DAY)), papers(400 * DAY, 'approved')],
      },
      { executions: 2 },
    ));
  it('help never comes: goes on in a new execution', () =>
    path(
      { faults: { CheckPapers: (times) => (times < 3 ? 'TypeError' : undefined) }, people: [look(400 * DAY)] },
      { executions: 2 },
    ));
});

describe('Request Number: faults', () => {
  it('X2: throttled before the order left: probed and ordered once', () =>
    path({ faults: { PurchaseNumber: [throttled] } }, { orders: ['0.1'] }));
  it('P5: killed in the order, then throttled for a while', () =>
    path({ faults: { PurchaseNumber: [throttled, throttled, throttled] } }, { orders: ['0.1'] }));
  it('P14: the record fails for an hour', () =>
    path({ faults: { RecordNumber: (times) => (times < 20 ? 'Lambda.Unknown' : undefined) } }, { orders: ['0.1'] }));
  it('A4: configure fails for good: the number is ours all the same', () =>
    path({ faults: { ConfigureNumber: () => 'CarrierBusy' } }));
  it.each([
    ['CheckPapers', {}],
    ['ClaimNumbers', {}],
    ['CloseRequest', {}],
    ['AwaitAgreement', { class: 'special' }],
    ['AwaitPapers', { papers: 'missing' }],
    ['AwaitOrders', { order: () => 'accepted' }],
    ['ContinueElsewhere', { papers: 'missing' }],
  ] as [string, Script][])('%s has a bug: a person resumes there', async (task, script) => {
    const late = task === 'ContinueElsewhere' ? 331 : 0;
    const people = [
      look((late + 1) * DAY),
      agree((late + 2) * DAY),
      papers((late + 3) * DAY, 'approved'),
      executed((late + 4) * DAY),
    ];
    const { world } = await path({ ...script, faults: { [task]: ['TypeError'] }, people });
    expect(world.help[0]).toBe(task);
  });
  /** Takes every state but those of faults; each wait lasts longer than the outages below. */
  const allStates = (task: string): Script =>
    task === 'ContinueElsewhere'
      ? { papers: 'missing', people: [papers(400 * DAY, 'approved')] }
      : {
          class: 'special',
          papers: 'missing',
          order: () => 'accepted',
          people: [
            agree(DAY),
            papers(2 * DAY, 'approved'),
            executed(3 * DAY),
            look(4 * DAY),
            executed(5 * DAY),
            executed(6 * DAY),
          ],
        };
  const outsideTheMap = [
    'CheckPapers',
    'ClaimNumbers',
    'CloseRequest',
    'AwaitAgreement',
    'AwaitPapers',
    'AwaitOrders',
    'ContinueElsewhere',
  ];
  describe.each([throttled, crashed])('%s', (error) => {
    it.each([...outsideTheMap, 'RecordNumber', 'ConfigureNumber', 'AwaitHelp'])('%s is repeated', async (task) => {
      const faults = { [task]: [error], ...(task === 'AwaitHelp' ? { ClaimNumbers: ['TypeError'] } : {}) };
      await path({ ...allStates(task), faults });
    });
  });
  it.each(outsideTheMap)('%s: the table is out for eight hours, and it goes on by itself', async (task) => {
    const { world } = await path({ ...allStates(task), faults: { [task]: outage(8) } });
    expect(world.help).toEqual([]);
    expect(world.calls).not.toContain('AwaitHelp');
  });
  it.each(outsideTheMap)('%s cannot be called for eight hours, and it goes on by itself', async (task) => {
    const { world } = await path({ ...allStates(task), faults: { [task]: outage(8, 'Lambda.ServiceException') } });
    expect(world.help).toEqual([]);
  });
  it('P14: the table goes out between claim and order: nobody is asked, and one order leaves', async () => {
    const ordering = outage(8);
    let wasReached = false;
    const afterwards: Fault = (times, now) => (wasReached ? ordering(times, now) : undefined);
    const first: Fault = (times, now) => {
      wasReached = true;
      return ordering(times, now);
    };
    const others = ['ClaimNumbers', 'RecordNumber', 'AwaitOrders', 'CloseRequest'].map((task) => [task, afterwards]);
    const { world } = await path(
      { faults: { PurchaseNumber: first, ...Object.fromEntries(others) } },
      { orders: ['0.1'] },
    );
    expect(world.help).toEqual([]);
    expect(world.calls.filter((task) => task === 'AwaitOrders').length).toBeGreaterThan(10);
  });
  it('the table is out for longer than a day: then a person resumes', async () => {
    const { world } = await path({ faults: { ClaimNumbers: outage(5 * 24) }, people: [look(6 * DAY)] });
    expect(world.help).toEqual(['ClaimNumbers']);
  });
  it('a crash of our own is brought to a person within minutes', async () => {
    const { world } = await path({ faults: { ClaimNumbers: outage(8, crashed) }, people: [look(DAY)] });
    expect(world.help).toEqual(['ClaimNumbers']);
  });
  it('ClaimNumbers: a busy carrier is asked again', () =>
    path({ faults: { ClaimNumbers: ['CarrierBusy'] } }, { orders: ['0.1'] }));
  it('the claim answers nonsense: a person, and nothing is ordered before', async () => {
    const { world } = await path({
      claim: (times) => (times === 1 ? { outcome: 'claimed', items: [{}] } : undefined),
      people: [look(DAY)],
    });
    expect(world.help).toEqual(['ClaimNumbers']);
  });
  it('everything that waits is broken: the execution fails, which the rule on failed executions brings to a person', async () => {
    const faults = { AwaitAgreement: () => 'TypeError', AwaitHelp: () => 'TypeError' };
    const run = await runPath({ class: 'special', faults });
    for (const name of run.taken) taken.add(name);
    expect(run).toMatchObject({ status: 'failed', error: 'Stuck' });
  });
});

describe.each([2, 100])('Request Number: %i at once', (quantity) => {
  const script = (more: Script): Script => ({ quantity, ...more });
  it('all bought', async () => {
    const { world, transitions, calls } = await path(script({}));
    expect(world.orders).toHaveLength(quantity);
    expect(transitions).toBe(7 + 4 * quantity);
    expect(calls).toBe(3 + 3 * quantity);
  });
  it('P11: one in five refused, only those are chosen again', async () => {
    const { world } = await path(
      script({ order: (item, attempt) => (item % 5 === 0 && attempt === 1 ? 'refused' : 'done') }),
    );
    expect(world.orders).toHaveLength(quantity + Math.ceil(quantity / 5));
  });
  it('asynchronous, one webhook', () => path(script({ order: () => 'accepted', people: [executed(600)] })));
  it('mixed: unclear, refused, accepted', () =>
    path(
      script({
        order: (item, attempt, tries) =>
          item % 4 === 1 && attempt === 1
            ? 'refused'
            : item % 4 === 2 && tries === 1
              ? 'lost'
              : item % 4 === 3
                ? 'accepted'
                : 'done',
        people: [executed(7200)],
      }),
    ));
  it('every item unclear to the end, then a person', () =>
    path(script({ order: () => 'never', people: [executed(3600)] })));
  it('every choice refused ten times', () => path(script({ order: () => 'refused' }), { state: 'failed' }));
  it('stock for half', () => path(script({ stock: quantity / 2 }), { state: 'partially_completed' }));
});

/** The claim answers so the first time, after something has changed. */
function once(outcome: string, change: (world: World) => unknown) {
  return (times: number, world: World) => {
    if (times > 1) return undefined;
    change(world);
    return { outcome, items: [] };
  };
}

afterAll(() => {
  const never = everything().filter((name) => !taken.has(name));
  expect(never, 'states, ways and retries that no path has taken').toEqual([]);
});
