import { afterEach, describe, expect, it } from 'vitest';
import type { Refusal } from '../../functions/carriers/outcome.ts';
import { onTask } from '../../functions/platform/on-task.ts';
import { outboxWrite } from '../../functions/platform/outbox.ts';
import { TableUnavailable } from '../../functions/platform/table.ts';
import { carrierTasks } from '../../functions/requests/tasks.ts';
import { expectSound } from './invariants.ts';
import { ACME, openRoom, type Room, type RoomOptions } from './room.ts';
import { type Deed, numberOf, offerOf, scriptedCarrier, usd } from './scripted-carrier.ts';

const NUMBERS = [1, 2, 3, 4, 5, 6];
const gone: Refusal = { class: 'NumberUnavailable', code: 'not_available' };
const unknown: Deed = { kind: 'unknown' };
let room: Room;

async function open(options: Partial<RoomOptions> & { carriersOf?: readonly ('telnyx' | 'twilio')[] } = {}) {
  const { carriersOf = ['telnyx'], ...more } = options;
  room = await openRoom({
    carriers: (clock) =>
      carriersOf.map((id, at) =>
        scriptedCarrier(
          id,
          clock,
          NUMBERS.map((n) => offerOf(id, n + 20 * at, at === 0 ? '1.00' : '2.00')),
        ),
      ),
    ...more,
  });
  return room.carrier('telnyx');
}
afterEach(async () => {
  await expectSound(room);
  await room.close();
});

const named = (n: number, monthly = '1.00') => ({
  areaCode: undefined,
  numbers: [{ number: numberOf(n), monthly: usd(monthly) }],
});
const openTasks = async (kind: string) =>
  (await room.ask('cs', `GET /v1/tasks?kind=${kind}`, { tenant: false })).json.data as {
    id: string;
    detail: string;
    dueAt: string;
  }[];
const resolve = async (body: object, id?: string) => {
  const [task] = await openTasks('unclear_order');
  const answer = await room.ask('cs', `POST /v1/tasks/${id ?? task?.id}/resolution`, { body, tenant: false });
  await room.settle();
  return answer;
};

describe('the number is gone', () => {
  it('P1: before the order, the next one of the wish is taken, and nothing was ordered for the first', async () => {
    const carrier = await open();
    carrier.prices.set(numberOf(1), 'gone');

    const done = await room.order({});

    expect(done).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(2), state: 'active' }] });
    expect(carrier.orders.map((order) => order.number)).toEqual([numberOf(2)]);
  });

  it('P1: a named one is asked about, and its replacement bought', async () => {
    const carrier = await open();
    carrier.prices.set(numberOf(1), 'gone');

    const asked = await room.order(named(1));

    expect(asked).toMatchObject({
      state: 'info_requested',
      waitingFor: 'customer',
      cancellable: true,
      question: { code: 'choose_another_number', text: expect.stringContaining(numberOf(1)) },
    });
    const body = { answer: 'then this one', fields: { numbers: [{ number: numberOf(3), monthly: usd('1.00') }] } };
    await room.ask('customer', `POST /v1/number-requests/${asked.id}/information`, { body });
    expect(await room.request(asked.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(3) }] });
  });

  it('P1: refused at the order and nothing found: claim freed, another bought', async () => {
    const carrier = await open();
    carrier.script.set(numberOf(1), [{ kind: 'refused', refusal: gone }]);

    const done = await room.order({});

    expect(done.state).toBe('completed');
    expect(carrier.orders.map((order) => order.reference)).toEqual([`${done.id}.0.1`, `${done.id}.0.2`]);
  });

  it('P1: three named, two gone: two are asked for, and the third is kept', async () => {
    const carrier = await open();
    carrier.stock.delete(numberOf(1));
    carrier.stock.delete(numberOf(3));
    const numbers = [1, 2, 3].map((n) => ({ number: numberOf(n), monthly: usd('1.00') }));

    const asked = await room.order({ areaCode: undefined, numbers });

    const answer = (list: readonly number[]) => ({
      body: { answer: 'others', fields: { numbers: list.map((n) => ({ number: numberOf(n), monthly: usd('1.00') })) } },
    });
    const path = `POST /v1/number-requests/${asked.id}/information`;
    expect((await room.ask('customer', path, answer([4]))).status).toBe(422);
    expect((await room.ask('customer', path, answer([4, 5]))).status).toBe(200);
    const done = await room.request(asked.id);
    expect(done).toMatchObject({ state: 'completed', quantity: 3 });
    expect(done.numbers.map(({ number }) => number)).toEqual([numberOf(4), numberOf(2), numberOf(5)]);
  });

  it('nobody chooses another one in 7 days: expired, nothing bought', async () => {
    const carrier = await open();
    carrier.stock.delete(numberOf(1));
    const asked = await room.order(named(1));

    await room.pass(7 * 86_400 + 60);

    expect(await room.request(asked.id)).toMatchObject({ state: 'expired', waitingFor: 'nobody' });
    expect(carrier.orders).toEqual([]);
  });
});

describe('the answer is unclear', () => {
  it('P2: lost after execution: adopted by the probe, ordered once', async () => {
    const carrier = await open();
    carrier.next.push({ kind: 'unknown', executedAfter: 0 });

    const made = await room.order({});
    expect(made).toMatchObject({ state: 'ordering', numbers: [{ state: 'being_confirmed' }], cancellable: false });
    await room.pass(2);

    expect(await room.request(made.id)).toMatchObject({ state: 'completed' });
    expect(carrier.orders).toHaveLength(1);
  });

  it('P2 P4: a refusal is not believed when the probe says that it is ours', async () => {
    const carrier = await open();
    carrier.next.push({ kind: 'refused', refusal: gone, executed: true });

    expect(await room.order({})).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(1) }] });
    expect(carrier.orders).toHaveLength(1);
  });

  it('P3: executed long after we gave up: never a second number; the task of the inbox goes away by itself', async () => {
    const carrier = await open();
    carrier.next.push({ kind: 'unknown', executedAfter: 3600 });

    const made = await room.order({});
    await room.pass(1400);
    expect(await room.request(made.id)).toMatchObject({ state: 'resolving', waitingFor: 'customer_success' });
    const [task] = await openTasks('unclear_order');
    expect(task?.detail).toContain(numberOf(1));
    await room.pass(7 * 3600);

    expect(await room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(1) }] });
    expect(carrier.orders).toHaveLength(1);
    expect(await openTasks('unclear_order')).toEqual([]);
  });

  it('step 8: the unclear order is due in 4 hours, reminded, escalated 4 hours later', async () => {
    const carrier = await open();
    carrier.next.push(unknown);
    await room.order({});
    await room.pass(1400);

    const [task] = await openTasks('unclear_order');
    await room.pass(4 * 3600 + 60);
    await room.pass(4 * 3600 + 60);

    const keys = (await room.mails()).map((mail) => mail.messageKey);
    expect(keys).toContain(`${task?.id}.reminder.customer_success`);
    expect(keys).toContain(`${task?.id}.escalated.customer_success`);
  });

  it('a person says "not bought": the claim is freed and the next wish is taken', async () => {
    const carrier = await open();
    carrier.next.push(unknown);
    const made = await room.order({});
    await room.pass(1400);

    expect((await resolve({})).json).toMatchObject({ code: 'verdict_required' });
    expect((await resolve({ verdict: 'not_bought', number: numberOf(9) })).json).toMatchObject({
      code: 'unknown_number',
    });
    const answer = await resolve({ verdict: 'not_bought', comment: 'asked them' });

    expect(answer.json).toMatchObject({ state: 'done', resolution: { verdict: 'not_bought', detail: 'asked them' } });
    expect(await room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(2) }] });
    expect((await resolve({ verdict: 'bought' }, answer.json.id)).json).toMatchObject({ code: 'already_decided' });
  });

  it('a person says "bought" but the carrier shows nothing: nothing is guessed, the person is asked again', async () => {
    const carrier = await open();
    carrier.next.push(unknown);
    const made = await room.order({});
    await room.pass(1400);
    const before = carrier.probes;

    await resolve({ verdict: 'bought' });

    expect(await room.request(made.id)).toMatchObject({ state: 'resolving', waitingFor: 'customer_success' });
    expect(carrier.probes - before).toBe(1);
    expect(await openTasks('unclear_order')).toHaveLength(1);
    await resolve({ verdict: 'not_bought' });
    expect(await room.request(made.id)).toMatchObject({ state: 'completed' });
  });

  it('a word given while the carrier does not answer waits for its answer, without a storm', async () => {
    const carrier = await open();
    carrier.next.push(unknown);
    const made = await room.order({});
    await room.pass(1400);
    const before = carrier.probes;
    carrier.probesLost = 3;

    await resolve({ verdict: 'not_bought' });
    expect(carrier.probes - before).toBe(1);
    await room.pass(1800);

    expect(await room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(2) }] });
  });

  it('of two unclear orders each has its own verdict', async () => {
    const carrier = await open();
    carrier.next.push(unknown, unknown);
    const made = await room.order({ quantity: 2 });
    await room.pass(1400);

    await resolve({ verdict: 'not_bought', number: numberOf(1) });
    expect(await openTasks('unclear_order')).toHaveLength(1);
    await resolve({ verdict: 'not_bought', number: numberOf(2) });

    const done = await room.request(made.id);
    expect(done.numbers.map(({ number }) => number)).toEqual([numberOf(3), numberOf(4)]);
  });

  it('P4: two attempts at the same moment order once and come to one result', async () => {
    const carrier = await open();
    const run = onTask([...carrierTasks], room.deps);
    room.late.quiet = true;
    const made = await room.order({});
    const place = { tenantId: ACME, requestId: made.id };
    await run({ task: 'CheckPapers', input: place });
    await run({ task: 'ClaimNumbers', input: place });

    const event = { task: 'PurchaseNumber', input: { ...place, item: 0, attempt: 1 } };
    await Promise.all([run(event), run(event), run(event)]);

    expect(carrier.orders).toHaveLength(1);
    expect(await room.intents(made.id)).toMatchObject([{ state: 'bought', sends: 1 }]);
    room.late.quiet = false;
    await room.pass(60);
    expect(await room.request(made.id)).toMatchObject({ state: 'completed' });
  });

  it.each([
    ['bought at once', []],
    ['lost after execution', [{ kind: 'unknown', executedAfter: 0 }]],
    ['gone, then bought', [{ kind: 'refused', refusal: gone }]],
    ['accepted', [{ kind: 'accepted' }]],
  ] as const)('P5: every state run twice (%s) changes nothing', async (_name, deeds) => {
    const carrier = await open({ twice: true });
    carrier.next.push(...deeds);

    const made = await room.order({ quantity: 2 });
    await room.pass(120);

    expect(await room.request(made.id)).toMatchObject({ state: 'completed' });
    expect(carrier.bought()).toHaveLength(2);
    expect(await room.mails()).toHaveLength(3);
  });
});

describe('several at once', () => {
  it('P6: two requests want one number: one has it, the other is asked', async () => {
    const carrier = await open();
    const body = { country: 'GB', ...named(1) };
    const [one, two] = await Promise.all(
      ['customer', 'admin'].map((who) => room.ask(who, 'POST /v1/number-requests', { body })),
    );
    await room.settle();

    const states = [await room.request(one?.json.id, 'admin'), await room.request(two?.json.id, 'admin')].map(
      (it) => it.state,
    );
    expect(states.toSorted()).toEqual(['completed', 'info_requested']);
    expect(carrier.orders).toHaveLength(1);
  });

  it('P7: two requests accepted at once for the last slot: one fails with the limit, nothing is left held', async () => {
    await open();
    await room.changeTenant({ numberLimit: 1 });
    room.late.quiet = true;
    const one = await room.order({});
    const two = await room.order({});
    room.late.quiet = false;
    await room.pass(60);

    const ends = [await room.request(one.id), await room.request(two.id)];
    expect(ends.map(({ state }) => state).toSorted()).toEqual(['completed', 'failed']);
    expect(ends.find(({ state }) => state === 'failed')?.failure).toMatchObject({ code: 'number_limit_reached' });
    const third = await room.ask('customer', 'POST /v1/number-requests', { body: { country: 'GB' } });
    expect(third.json).toMatchObject({ status: 422, code: 'number_limit_reached', limit: 1, used: 1 });
  });

  it('P11: an accepted order fails later: only that place is chosen again', async () => {
    const carrier = await open();
    carrier.next.push({ kind: 'accepted', after: 5 }, { kind: 'accepted', after: 5, fails: gone }, { kind: 'done' });

    const made = await room.order({ quantity: 3 });
    expect(made.numbers.map(({ state }) => state)).toEqual(['pending', 'pending', 'active']);
    await room.pass(300);

    const done = await room.request(made.id);
    expect(done).toMatchObject({ state: 'completed' });
    expect(carrier.orders.map((order) => order.reference.split('.').slice(1).join('.'))).toEqual([
      '0.1',
      '1.1',
      '2.1',
      '1.2',
    ]);
  });

  it.each([
    ['all_or_nothing', 'failed', 0],
    ['best_effort', 'partially_completed', 6],
    ['exact_count', 'partially_completed', 6],
  ] as const)('Quantity: eight wanted, six there: %s ends %s', async (policy, state, count) => {
    const carrier = await open();

    const done = await room.order({ quantity: 8, policy });

    expect(done).toMatchObject({ state, failure: { code: 'not_enough_numbers' } });
    expect(carrier.orders).toHaveLength(count);
    expect(await openTasks('manual_order')).toHaveLength(policy === 'exact_count' ? 1 : 0);
    const ticket = await room.ask('customer', `GET /v1/tickets/${done.ticketId}`);
    expect(ticket.json.state).toBe(state === 'failed' ? 'closed' : 'waiting');
  });

  it('Quantity: nothing there at all fails under every policy', async () => {
    const carrier = await open();
    carrier.stock.clear();

    for (const policy of ['all_or_nothing', 'best_effort', 'exact_count'])
      expect(await room.order({ quantity: 2, policy })).toMatchObject({
        state: 'failed',
        failure: { code: 'not_enough_numbers' },
      });
  });

  it('thirty numbers stay within twelve items a transaction', async () => {
    room = await openRoom({
      carriers: (clock) => [
        scriptedCarrier(
          'telnyx',
          clock,
          Array.from({ length: 40 }, (_, n) => offerOf('telnyx', n + 10)),
        ),
      ],
    });

    expect(await room.order({ quantity: 30 })).toMatchObject({ state: 'completed' });
  });
});

describe('price', () => {
  it('P9: a named number is dearer already when looked for: offered, not bought; bought once accepted', async () => {
    const carrier = await open();

    const asked = await room.order(named(1, '0.50'));
    expect(asked).toMatchObject({
      state: 'terms_pending',
      waitingFor: 'customer',
      cancellable: true,
      terms: { reason: 'price_changed', monthly: { amount: '1.00' }, state: 'offered', version: 1 },
    });
    expect(asked.actions).toContain('acceptance');
    expect(carrier.orders).toEqual([]);
    await room.ask('customer', `POST /v1/number-requests/${asked.id}/acceptance`, { body: { termsVersion: 1 } });

    expect(await room.request(asked.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(1) }] });
  });

  it('P9: dearer at the order itself: offered, not bought; the accepted price is the new cap', async () => {
    const carrier = await open();
    carrier.prices.set(numberOf(1), usd('3.00'));

    const asked = await room.order(named(1));
    expect(asked).toMatchObject({ state: 'terms_pending', terms: { monthly: { amount: '3.00' } }, cancellable: true });
    expect(carrier.orders).toEqual([]);
    carrier.prices.set(numberOf(1), usd('3.50'));
    await room.ask('customer', `POST /v1/number-requests/${asked.id}/acceptance`, { body: { termsVersion: 1 } });

    const again = await room.request(asked.id);
    expect(again).toMatchObject({ state: 'terms_pending', terms: { version: 2, monthly: { amount: '3.50' } } });
    await room.ask('customer', `POST /v1/number-requests/${asked.id}/acceptance`, { body: { termsVersion: 2 } });
    expect(await room.request(asked.id)).toMatchObject({ state: 'completed' });
  });

  it('P9: one of three rises while the others are bought: the customer decides, and cannot cancel what was bought', async () => {
    const carrier = await open();
    carrier.prices.set(numberOf(2), usd('3.00'));
    const numbers = [1, 2, 3].map((n) => ({ number: numberOf(n), monthly: usd('1.00') }));

    const asked = await room.order({ areaCode: undefined, numbers });
    expect(asked).toMatchObject({ state: 'terms_pending', waitingFor: 'customer', cancellable: false });
    const late = await room.ask('customer', `POST /v1/number-requests/${asked.id}/cancellation`);
    expect(late.json).toMatchObject({ code: 'too_late' });
    await room.ask('customer', `POST /v1/number-requests/${asked.id}/refusal`);

    expect(await room.request(asked.id)).toMatchObject({ state: 'declined' });
    expect(carrier.bought()).toHaveLength(2);
  });

  it('P9: one rises while another is unclear: the new price stays on offer, and both come to an end', async () => {
    const carrier = await open();
    carrier.prices.set(numberOf(2), usd('3.00'));
    carrier.script.set(numberOf(1), [{ kind: 'unknown', executedAfter: 3600 }]);
    const numbers = [1, 2].map((n) => ({ number: numberOf(n), monthly: usd('1.00') }));

    const asked = await room.order({ areaCode: undefined, numbers });
    await room.pass(1500);
    const waiting = await room.request(asked.id);
    expect(waiting).toMatchObject({ state: 'terms_pending', waitingFor: 'customer' });
    expect(await openTasks('unclear_order')).toHaveLength(1);
    await room.ask('customer', `POST /v1/number-requests/${asked.id}/acceptance`, { body: { termsVersion: 1 } });
    await room.pass(8 * 3600);

    expect(await room.request(asked.id)).toMatchObject({ state: 'completed' });
  });

  it('of two that rise at once the dearest price is offered', async () => {
    const carrier = await open();
    carrier.prices.set(numberOf(1), usd('4.00')).set(numberOf(2), usd('3.00'));
    const numbers = [1, 2].map((n) => ({ number: numberOf(n), monthly: usd('1.00') }));

    const asked = await room.order({ areaCode: undefined, numbers });

    expect(asked).toMatchObject({ state: 'terms_pending', terms: { monthly: { amount: '4.00' } } });
  });
});

describe('the carrier', () => {
  it('P8: no credit: nothing was bought there, the next carrier is tried, the first passed over', async () => {
    const carrier = await open({ carriersOf: ['telnyx', 'twilio'] });
    carrier.next.push({ kind: 'refused', refusal: { class: 'CarrierUnusable', code: 'insufficient_funds' } });

    const done = await room.order({});
    const second = await room.order({});

    expect(done).toMatchObject({ state: 'completed', numbers: [{ carrier: 'twilio' }] });
    expect(second).toMatchObject({ state: 'completed', numbers: [{ carrier: 'twilio' }] });
    expect(room.facts.errors.join()).toContain('carrier_passed_over');
  });

  it('an answer documented as not processed is sent again after its wait, at most three times, then elsewhere', async () => {
    const carrier = await open({ carriersOf: ['telnyx', 'twilio'] });
    const busy: Deed = {
      kind: 'refused',
      refusal: { class: 'CarrierBusy', code: 'rate_limited', notProcessed: true, retryAfterSeconds: 7 },
    };
    carrier.next.push(busy, busy, busy, busy);

    const made = await room.order({});
    expect(carrier.orders).toHaveLength(1);
    await room.pass(7);
    expect(carrier.orders).toHaveLength(2);
    await room.pass(60);

    expect(carrier.orders).toHaveLength(3);
    expect(new Set(carrier.orders.map((order) => order.reference)).size).toBe(1);
    expect(await room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ carrier: 'twilio' }] });
  });

  it('an order that never left is sent again', async () => {
    const carrier = await open();
    carrier.next.push({ kind: 'not_sent' });

    const made = await room.order({});
    await room.pass(10);

    expect(await room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(1) }] });
  });

  it('P10: accepted, then silence: found by asking', async () => {
    const carrier = await open();
    carrier.next.push({ kind: 'accepted', after: 20 });

    const made = await room.order({});
    expect(made).toMatchObject({ state: 'resolving', waitingFor: 'carrier', numbers: [{ state: 'pending' }] });
    await room.pass(31);

    expect(await room.request(made.id)).toMatchObject({ state: 'completed' });
  });

  it('P12: the event comes before the answer of the order, and twice: applied once', async () => {
    const carrier = await open();
    const event = { kind: 'carrier_event', carrier: 'telnyx', subject: 'order', carrierId: 'x' } as const;
    const send = (reference: string) => room.deps.table.write([outboxWrite({ ...event, reference }, room.clock.now())]);
    carrier.before = ({ reference }) => send(reference);
    carrier.next.push({ kind: 'accepted', after: 1 });
    const made = await room.order({});

    await room.pass(2);
    await send(`${made.id}.0.1`);
    await send(`${made.id}.0.1`);

    expect(await room.request(made.id)).toMatchObject({ state: 'completed' });
  });

  it('P13: another number is confirmed than ordered: nobody gets it, a person looks; then the next one is bought', async () => {
    const carrier = await open();
    carrier.stock.delete(numberOf(6));
    carrier.next.push({ kind: 'other_number', number: numberOf(99) });

    const made = await room.order({});
    await room.pass(1400);
    expect(await room.request(made.id)).toMatchObject({ state: 'resolving', waitingFor: 'customer_success' });
    const [quarantine] = await openTasks('quarantine');
    expect(quarantine?.detail).toContain(numberOf(99));
    expect(await room.table.get({ pk: `NUM#${numberOf(99)}`, sk: 'NUMBER' })).toBeUndefined();
    carrier.ledger.length = 0; // given back to the carrier by hand
    await resolve({ verdict: 'not_bought' });

    expect(await room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(2) }] });
    const closed = await resolve({}, quarantine?.id);
    expect(closed.json).toMatchObject({ state: 'done', resolution: { verdict: 'done' } });
  });

  it('P18: bought without a feature that was asked for: told, kept, ticket open', async () => {
    const carrier = await open();
    carrier.stock.set(numberOf(1), offerOf('telnyx', 1, '1.00', { features: ['voice'] }));

    const done = await room.order({ features: ['sms'] });

    expect(done).toMatchObject({ state: 'completed_with_issue', failure: { code: 'feature_missing' } });
    expect((await room.ask('customer', `GET /v1/tickets/${done.ticketId}`)).json.state).toBe('waiting');
  });

  it('P19: the carrier reviews by hand after accepting: shown as with the carrier, asked again till it ends', async () => {
    const carrier = await open();
    carrier.next.push({ kind: 'accepted', after: 2 * 86_400, reviewing: true });

    const made = await room.order({});
    await room.pass(3600);
    expect(await room.request(made.id)).toMatchObject({ state: 'resolving', waitingFor: 'carrier' });
    await room.pass(4 * 86_400);

    expect(await room.request(made.id)).toMatchObject({ state: 'completed' });
  });

  it('R4: refused for its papers: a person reads the words of the carrier, without a loop', async () => {
    const carrier = await open();
    const papers: Refusal = { class: 'DocumentsRequired', code: 'documents_required', carrierText: 'bundle wanted' };
    carrier.next.push({ kind: 'refused', refusal: papers });

    const made = await room.order(named(1));
    expect(made).toMatchObject({ state: 'documents_review', waitingFor: 'customer_success', cancellable: true });
    expect(carrier.orders).toHaveLength(1);
    const body = { documents: [], listComplete: true };
    expect((await room.ask('cs', `POST /v1/number-requests/${made.id}/documents-review`, { body })).status).toBe(200);

    expect(await room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(1) }] });
  });
});

describe('in the middle', () => {
  it('P14: the record cannot be written for a day: bought is bought, recorded once it can be', async () => {
    const down = { is: false };
    const carrier = await open({
      onWrite(writes) {
        const recording = writes.some((write) => write.key.sk === 'NUMBER');
        if (down.is && recording) throw new TableUnavailable('down');
      },
    });
    down.is = true;

    const made = await room.order({});
    await room.pass(20 * 3600);
    expect(await room.request(made.id)).toMatchObject({ state: 'resolving', numbers: [{ state: 'bought' }] });
    down.is = false;
    await room.pass(20 * 3600);

    expect(await room.request(made.id)).toMatchObject({ state: 'completed' });
    expect(carrier.orders).toHaveLength(1);
  });

  it('P15: the same key again gives the first answer, another body under it is refused', async () => {
    const carrier = await open();
    const send = (body: object) => room.ask('customer', 'POST /v1/number-requests', { key: 'one', body });

    const first = await send({ country: 'GB' });
    await room.settle();
    const again = await send({ country: 'GB' });
    const other = await send({ country: 'GB', quantity: 2 });

    expect(again.json.id).toBe(first.json.id);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(other.json).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    expect(carrier.orders).toHaveLength(1);
  });

  it('P16: cancelled while numbers are being chosen: nothing is ordered, nothing stays claimed', async () => {
    const carrier = await open();
    const cancelled: number[] = [];
    room.carriers.onSearch = async () => {
      const [request] = (await room.ask('customer', 'GET /v1/number-requests')).json.data;
      cancelled.push((await room.ask('customer', `POST /v1/number-requests/${request.id}/cancellation`)).status);
    };

    const made = await room.order({});

    expect(cancelled).toEqual([200]);
    expect(made).toMatchObject({ state: 'cancelled' });
    expect(carrier.orders).toEqual([]);
  });

  it('P16: once the order has left it is too late', async () => {
    const carrier = await open();
    const answers: unknown[] = [];
    carrier.before = async ({ reference }) => {
      const id = reference.split('.')[0];
      answers.push((await room.ask('customer', `POST /v1/number-requests/${id}/cancellation`)).json);
    };

    expect(await room.order({})).toMatchObject({ state: 'completed' });
    expect(answers).toMatchObject([{ status: 409, code: 'too_late' }]);
  });

  it('P17: suspended between acceptance and order: on hold, looked at every hour, bought when it may', async () => {
    const carrier = await open();
    room.late.quiet = true;
    const made = await room.order({});
    await room.changeTenant({ state: 'suspended' });
    room.late.quiet = false;
    await room.pass(60);

    expect(await room.request(made.id)).toMatchObject({
      waitingFor: 'customer_success',
      hold: { reason: 'tenant_suspended' },
    });
    await room.pass(3700);
    expect(await room.request(made.id)).toMatchObject({ hold: { reason: 'tenant_suspended' } });
    expect(carrier.orders).toEqual([]);
    await room.changeTenant({ state: 'active' });
    await room.pass(3700);

    expect(await room.request(made.id)).toMatchObject({ state: 'completed' });
  });

  it('P17: past due right before the order: given up unsent, held, bought later', async () => {
    const carrier = await open();
    const quote = carrier.quote;
    room.carriers.onSearch = () => room.changeTenant({ standing: 'past_due' });

    const made = await room.order({});
    expect(made).toMatchObject({ hold: { reason: 'billing_not_in_good_standing' }, waitingFor: 'customer_success' });
    expect(carrier.orders).toEqual([]);
    delete room.carriers.onSearch;
    await room.changeTenant({ standing: 'good' });
    await room.pass(3700);

    expect(await room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(1) }] });
    expect(carrier.quote).toBe(quote);
  });

  it('a state that cannot run asks a person, who lets it go on', async () => {
    await open();
    room.carriers.onSearch = () => {
      throw new TypeError('a bug');
    };
    const made = await room.order({});
    const [task] = await openTasks('unclear_order');
    expect(task?.detail).toContain('ClaimNumbers');
    delete room.carriers.onSearch;

    expect((await resolve({})).json).toMatchObject({ state: 'done', resolution: { verdict: 'done' } });

    expect(await room.request(made.id)).toMatchObject({ state: 'completed' });
  });
});
