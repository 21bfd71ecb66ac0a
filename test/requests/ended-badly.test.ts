import { describe, expect, it } from 'vitest';
import { tenantScope } from '../../functions/platform/auth.ts';
import type { Write } from '../../functions/platform/table.ts';
import { endedBadly } from '../../functions/requests/ended-badly.ts';
import { goOnIfDead } from '../../functions/requests/go-on.ts';
import { readCounter } from '../../functions/tenants/store.ts';
import { buyingLab } from './buying.ts';
import { ACME, type View } from './room.ts';

const lab = buyingLab();
const HOUR = 3600;
const now = (made: Pick<View, 'id'>) => lab.room.request(made.id, 'cs');
const status = async (name: string) => (await lab.room.workflows.find('request-number', name))?.status;
const counter = () => readCounter(lab.room.table, tenantScope(ACME));

/** Somebody ends its execution; the rule tells of it as AWS does. */
async function die(made: Pick<View, 'id'>, { as = 'ABORTED', seconds = 60, name = made.id as string } = {}) {
  expect(await lab.room.workflows.stop('request-number', name, 'by hand')).toBe('done');
  await endedBadly(lab.room.deps, { execution: name, status: as, seconds });
  await lab.room.settle();
}

describe('a request whose execution has died', () => {
  it('I4: is put before a person, whose word starts it again', async () => {
    await lab.open();
    const made = await lab.room.order({ country: 'CO', areaCode: undefined });
    expect(made.state).toBe('approval_pending');

    await die(made);
    expect((await lab.openTasks('unclear_order')).map((task) => task.detail)).toEqual([
      `Its workflow ${made.id} ended before the request did (aborted); resolve to start it again.`,
    ]);
    expect(await status(`${made.id}.2`)).toBeUndefined();
    await lab.resolve({ comment: 'go on' });
    await lab.room.settle();

    expect(await status(`${made.id}.2`)).toBe('running');
    expect(await lab.openTasks('unclear_order')).toEqual([]);
  });

  it('I4 I8: that is cancelled meanwhile is closed by a fresh one: slot and ticket do not stay', async () => {
    const carrier = await lab.open();
    carrier.next.push({ kind: 'accepted', after: HOUR });
    const before = await counter();
    const made = await lab.room.order({ country: 'CO', areaCode: undefined });
    await die(made);

    await lab.room.ask('customer', `POST /v1/number-requests/${made.id}/cancellation`, { body: {} });
    await lab.room.settle();

    const after = await now(made);
    expect(after.state).toBe('cancelled');
    expect(after.timeline.map((one) => one.step)).toContain('closed');
    expect(await counter()).toEqual(before);
  });

  it('I1 P5: with an order on its way goes on after long; the order is asked for, not sent again', async () => {
    const carrier = await lab.open();
    carrier.next.push({ kind: 'accepted', after: 2 * HOUR });
    const made = await lab.room.order({});
    await lab.room.pass(60);
    expect(carrier.orders).toHaveLength(1);

    await die(made, { as: 'FAILED', seconds: HOUR });
    await lab.room.pass(6 * HOUR);
    await lab.room.pass(6 * HOUR);

    expect(await now(made)).toMatchObject({ state: 'completed' });
    expect(carrier.orders).toHaveLength(1);
    expect(carrier.bought()).toHaveLength(1);
    expect(await lab.openTasks('unclear_order')).toEqual([]);
  });

  it('that a later execution carries is left alone', async () => {
    await lab.open();
    const made = await lab.room.order({ country: 'CO', areaCode: undefined });
    await die(made, { as: 'TIMED_OUT', seconds: HOUR });
    expect(await status(`${made.id}.2`)).toBe('running');

    await endedBadly(lab.room.deps, { execution: made.id, status: 'FAILED', seconds: HOUR });
    await lab.room.settle();

    expect(await status(`${made.id}.3`)).toBeUndefined();
    expect(await lab.openTasks('unclear_order')).toEqual([]);
  });
});

it('N7: a signal that meets no wait starts nothing beside an execution that runs, or one that has closed its request', async () => {
  await lab.open();
  const made = await lab.room.order({});
  expect(made.state).toBe('completed');

  await goOnIfDead(lab.room.deps, made.id as Parameters<typeof goOnIfDead>[1]);
  const waiting = await lab.room.order({ country: 'CO', areaCode: undefined });
  await goOnIfDead(lab.room.deps, waiting.id as Parameters<typeof goOnIfDead>[1]);
  await lab.room.settle();

  expect(await status(`${made.id}.2`)).toBeUndefined();
  expect(await status(`${waiting.id}.2`)).toBeUndefined();
});

describe('on one machine, whose engine tells of bad ends by itself', () => {
  const failing = { now: false };
  /** By a fault of ours no state can store a wait or call for help: all ends in `Stuck`. */
  const fault = (writes: readonly Write[]): void => {
    const isOfState = (one: Write): boolean =>
      one.op === 'put' && (one.key.pk.startsWith('WAIT#') || String(one.data['detail']).startsWith('The step'));
    if (failing.now && writes.some(isOfState)) throw new TypeError('a bug');
  };
  const open = (isFailing: boolean) => {
    failing.now = isFailing;
    return lab.open({ tellsBadEnds: true, onWrite: fault });
  };
  const details = async () => (await lab.openTasks('unclear_order')).map((task) => task.detail);

  it('I4: one that is stopped is put before a person, whose word starts it again', async () => {
    await open(false);
    const made = await lab.room.order({ country: 'CO', areaCode: undefined });

    expect(await lab.room.workflows.stop('request-number', made.id, 'by hand')).toBe('done');
    await lab.room.settle();
    expect(await details()).toEqual([
      `Its workflow ${made.id} ended before the request did (aborted); resolve to start it again.`,
    ]);
    await lab.resolve({});
    await lab.room.settle();

    expect(await status(`${made.id}.2`)).toBe('running');
  });
  it('I4: one that fails at once is put before a person', async () => {
    await open(true);
    const made = await lab.room.order({ country: 'CO', areaCode: undefined });

    expect(await status(made.id)).toBe('failed');
    expect(await details()).toEqual([expect.stringContaining(`${made.id} ended before the request did (failed)`)]);
    expect(await status(`${made.id}.2`)).toBeUndefined();
    failing.now = false;
    await lab.resolve({});
    await lab.room.settle();
    expect(await status(`${made.id}.2`)).toBe('running');
  });
  it('I4: one that fails after long goes on in a fresh one, which is put before a person should it fail as well', async () => {
    await open(false);
    const made = await lab.room.order({ country: 'CO', areaCode: undefined });
    failing.now = true;

    await lab.room.pass(31 * 24 * HOUR);

    expect(await status(made.id)).toBe('failed');
    expect(await status(`${made.id}.2`)).toBe('failed');
    expect(await status(`${made.id}.3`)).toBeUndefined();
    expect(await details()).toEqual([expect.stringContaining(`${made.id}.2 ended before the request did (failed)`)]);
    failing.now = false;
    await lab.resolve({});
    await lab.room.settle();
    // Expired meanwhile: the one that the word began has closed it.
    expect(await now(made)).toMatchObject({ state: 'expired' });
    expect(await status(`${made.id}.3`)).toBe('succeeded');
  });
  it('one that ends by its own last state is told of to nobody', async () => {
    await open(false);
    const made = await lab.room.order({});

    expect(await now(made)).toMatchObject({ state: 'completed' });
    expect(await status(`${made.id}.2`)).toBeUndefined();
    expect(await lab.openTasks('unclear_order')).toEqual([]);
  });
});
