import { describe, expect, it } from 'vitest';
import { onTask } from '../../functions/platform/on-task.ts';
import { carrierTasks } from '../../functions/requests/tasks.ts';
import { buyingLab, gone } from './buying.ts';
import { gate, moneyActs } from './money.ts';
import { ACME } from './room.ts';
import { numberOf, usd } from './scripted-carrier.ts';

const lab = buyingLab();
const money = moneyActs(lab);

/** One number is dearer at once, the prices of the others are asked until the gate opens. */
async function dearerFirst(prices: readonly string[]) {
  const carrier = await lab.open();
  const others = gate();
  const quote = carrier.quote;
  carrier.prices.set(numberOf(1), usd('3.00'));
  carrier.quote = async (offer, call) => {
    if (offer.number !== numberOf(1)) await others.opened;
    return quote(offer, call);
  };
  const body = { country: 'GB', ...money.several(...prices) };
  const made = (await lab.room.ask('customer', 'POST /v1/number-requests', { body })).json;
  const view = async () => (await lab.room.ask('customer', `GET /v1/number-requests/${made.id}`)).json;
  await expect.poll(async () => (await view()).state, { timeout: 4000 }).toBe('terms_pending');
  return { carrier, id: made.id as string, view, others };
}

describe('cancelled, declined or lapsed beside other orders', () => {
  it('P16 I1: while others may still be ordered it is too late to cancel, and what was agreed is bought', async () => {
    const { id, view, others } = await dearerFirst(['1.00', '1.00', '1.00']);

    expect(await view()).toMatchObject({ cancellable: false });
    const late = await money.act('customer', id, 'cancellation');
    expect(late.json).toMatchObject({ status: 409, code: 'too_late' });
    others.open();
    await lab.room.settle();
    await money.act('customer', id, 'refusal');

    const done = await lab.room.request(id);
    expect(done).toMatchObject({ state: 'partially_completed' });
    expect(done.numbers.map(({ state }) => state)).toEqual(['withdrawn', 'active', 'active']);
  });

  it('P16: an ended request orders nothing, whatever was claimed for it', async () => {
    const carrier = await lab.open();
    const run = onTask([...carrierTasks], lab.room.deps);
    lab.room.late.quiet = true;
    const made = await lab.room.order({});
    const place = { tenantId: ACME, requestId: made.id };
    await run({ task: 'CheckPapers', input: place });
    await run({ task: 'ClaimNumbers', input: place });
    const stored = await lab.room.table.get({ pk: `TEN#${ACME}`, sk: `REQ#${made.id}` });
    if (!stored) throw new Error('no request');
    const ended = (state: string) =>
      lab.room.table.write([{ op: 'put', key: stored.key, data: { ...stored.data, state } }]);
    await ended('cancelled');

    const answer = await run({ task: 'PurchaseNumber', input: { ...place, item: 0, attempt: 1 } });

    expect(answer).toMatchObject({ outcome: 'refused' });
    expect(carrier.orders).toEqual([]);
    await ended('ordering');
    lab.room.late.quiet = false;
    await lab.room.pass(60);
    await lab.room.pass(60);
  });

  it('P16: a raised price refused at once keeps what has not left from leaving', async () => {
    const { carrier, id, others } = await dearerFirst(['1.00', '1.00']);

    await money.act('customer', id, 'refusal');
    others.open();
    const done = await lab.room.request(id);

    expect(done).toMatchObject({ state: 'declined', decision: { verdict: 'declined' } });
    expect(carrier.orders).toEqual([]);
    expect(await money.counter()).toEqual({ used: 0, held: 0, taken: 0 });
  });

  it.each([
    ['refused by the customer', 'refusal'],
    ['rejected by customer success', 'rejection'],
    ['nobody answers, nor offers anew', 'expiry'],
  ])('Quantity: one bought, the raised price of the other %s: partially completed, ticket open', async (_, how) => {
    const carrier = await lab.open();
    carrier.prices.set(numberOf(2), usd('3.00'));
    const made = await lab.room.order(money.several('1.00', '1.00'));
    expect(made).toMatchObject({ state: 'terms_pending' });

    if (how === 'refusal') await money.act('customer', made.id, 'refusal');
    else if (how === 'rejection') await money.act('cs', made.id, 'rejection', { reason: 'other', comment: 'too much' });
    else for (const days of [14, 30]) await lab.room.pass(days * 86_400 + 60);

    const done = await lab.room.request(made.id);
    expect(done).toMatchObject({ state: 'partially_completed', waitingFor: 'nobody' });
    expect(done.numbers.map(({ state }) => state)).toEqual(['active', 'withdrawn']);
    expect((await lab.room.ask('customer', `GET /v1/tickets/${done.ticketId}`)).json.state).toBe('waiting');
    expect(await money.mailsOf(made.id)).toContain('closed.requester');
    expect(await money.counter()).toEqual({ used: 1, held: 0, taken: 1 });
  });

  it('I4: refused while another order is unclear: that order is followed to its end first', async () => {
    const carrier = await lab.open();
    carrier.prices.set(numberOf(2), usd('3.00'));
    carrier.script.set(numberOf(1), [{ kind: 'unknown', executedAfter: 3600 }]);
    const made = await lab.room.order(money.several('1.00', '1.00'));
    await lab.room.pass(1500);
    expect(await lab.openTasks('unclear_order')).toHaveLength(1);

    await money.act('customer', made.id, 'refusal');
    expect(['ordering', 'resolving']).toContain((await lab.room.request(made.id)).state);
    await lab.room.pass(8 * 3600);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'partially_completed' });
    expect(await lab.openTasks('unclear_order')).toEqual([]);
  });

  it('P7: the limit is hit at a second choice after something was bought: partially completed', async () => {
    const carrier = await lab.open();
    await lab.room.changeTenant({ numberLimit: 3 });
    carrier.next.push({ kind: 'refused', refusal: gone });
    carrier.before = async () => {
      delete carrier.before;
      for (const n of [3, 4, 5, 6]) carrier.stock.set(numberOf(n), held.get(numberOf(n)) as never);
      await lab.room.changeTenant({ numberLimit: 2 });
    };
    const held = new Map([3, 4, 5, 6].map((n) => [numberOf(n), carrier.stock.get(numberOf(n))] as const));
    for (const n of [3, 4, 5, 6]) carrier.stock.delete(numberOf(n));

    const done = await lab.room.order({ quantity: 3, policy: 'best_effort' });

    expect(done).toMatchObject({ state: 'partially_completed' });
    expect(carrier.bought()).toHaveLength(1);
    expect(await money.counter()).toEqual({ used: 1, held: 0, taken: 1 });
  });
});

describe('what is known of an order', () => {
  it('step 7: a refusal is kept while its probe gets no answer, and believed at the next that finds nothing', async () => {
    const carrier = await lab.open();
    carrier.next.push({ kind: 'refused', refusal: gone });
    carrier.probesLost = 1;

    const made = await lab.room.order({});
    expect(made).toMatchObject({ numbers: [{ state: 'being_confirmed' }] });
    await lab.room.pass(3);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(2) }] });
    expect(await lab.openTasks('unclear_order')).toEqual([]);
  });

  it('P2: a refusal whose probe later finds the number is not believed', async () => {
    const carrier = await lab.open();
    carrier.next.push({ kind: 'refused', refusal: gone, executed: true });
    carrier.probesLost = 1;

    const made = await lab.room.order({});
    await lab.room.pass(3);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(1) }] });
    expect(carrier.orders).toHaveLength(1);
  });

  it('P4 P7: a twin that has taken the last slot of its own request does not fail it', async () => {
    await lab.open();
    await lab.room.changeTenant({ numberLimit: 1 });
    const run = onTask([...carrierTasks], lab.room.deps);
    lab.room.late.quiet = true;
    const made = await lab.room.order({});
    const place = { tenantId: ACME, requestId: made.id };
    await run({ task: 'CheckPapers', input: place });

    const both = await Promise.all([1, 2].map(() => run({ task: 'ClaimNumbers', input: place })));

    expect(both).toMatchObject([{ outcome: 'claimed' }, { outcome: 'claimed' }]);
    lab.room.late.quiet = false;
    await lab.room.pass(60);
    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed' });
  });

  it('P13 I2: the wrong number lies in quarantine, nobody can buy or see it', async () => {
    const carrier = await lab.open();
    carrier.next.push({ kind: 'other_number', number: numberOf(6) });

    const made = await lab.room.order({});

    const record = await money.number(6);
    expect(record).toMatchObject({ state: 'quarantined', carrier: 'telnyx', carrierReference: `${made.id}.0.1` });
    expect(record).not.toHaveProperty('tenantId');
    expect(await lab.room.table.get({ pk: `NUM#${numberOf(6)}`, sk: 'ROUTE' })).toBeUndefined();
    expect(await lab.openTasks('quarantine')).toHaveLength(1);
    const other = await lab.room.order({
      areaCode: undefined,
      numbers: [{ number: numberOf(6), monthly: usd('1.00') }],
    });
    expect(other).toMatchObject({ state: 'info_requested' });
    await lab.room.pass(1400);
    await lab.resolve({ verdict: 'not_bought' });
    const done = await lab.room.request(made.id);
    expect(done).toMatchObject({ state: 'completed', numbers: [{ state: 'active' }] });
    carrier.ledger.splice(0, 1); // given back by hand
  });
});
