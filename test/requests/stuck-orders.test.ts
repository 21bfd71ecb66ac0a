import { describe, expect, it } from 'vitest';
import { E164 } from '../../functions/domain/e164.ts';
import { newId, QueueId, RequestId } from '../../functions/domain/ids.ts';
import { findNumber, findRow, numbers } from '../../functions/numbers/store.ts';
import { tenantScope } from '../../functions/platform/auth.ts';
import { closeRequest } from '../../functions/requests/close-request.ts';
import { continueElsewhere } from '../../functions/requests/continue-elsewhere.ts';
import { findClaim } from '../../functions/requests/intent-store.ts';
import { findRequest, requests } from '../../functions/requests/store.ts';
import { queues, readCounter } from '../../functions/tenants/store.ts';
import { buyingLab, named, unknown } from './buying.ts';
import { ACME, openRoom, type View } from './room.ts';
import { numberOf, offerOf, scriptedCarrier, usd } from './scripted-carrier.ts';

const lab = buyingLab();
const HOUR = 3600;
const DAY = 24 * HOUR;
const scope = tenantScope(ACME);
const act = (who: string, { id }: Pick<View, 'id'>, name: string, body: object = {}) =>
  lab.room.ask(who, `POST /v1/number-requests/${id}/${name}`, { body });
const now = (made: Pick<View, 'id'>, who = 'cs') => lab.room.request(made.id, who);
const counter = () => readCounter(lab.room.table, scope);

const byTest = (action: string) => {
  const actor = { kind: 'system', id: 'test', name: 'Test' } as const;
  return { action, actor, at: lab.room.clock.now() };
};

async function makeQueue() {
  const at = lab.room.clock.now();
  const stamp = { createdAt: at.toISOString(), updatedAt: at.toISOString() };
  const id = QueueId.parse(newId('que', at));
  const plain = { id, object: 'queue' as const, tenantId: ACME, name: 'Sales', members: [], timeoutSeconds: 60 };
  const change = byTest('created');
  const made = queues.create({ ...plain, ...stamp }, change);
  await lab.room.table.write(made.writes);
  return { record: made.record, change };
}

describe('accepted orders', () => {
  it('P10 I4: one that has not ended after a day lies in the inbox, and ends by itself all the same', async () => {
    const carrier = await lab.open();
    carrier.next.push({ kind: 'accepted', after: 6 * DAY });
    const made = await lab.room.order({});
    await lab.room.pass(HOUR);
    expect(await lab.openTasks('unclear_order')).toEqual([]);

    await lab.room.pass(2 * DAY);
    const [task] = await lab.openTasks('unclear_order');
    expect(task?.detail).toContain(numberOf(1));
    expect(await now(made)).toMatchObject({ state: 'resolving', waitingFor: 'customer_success' });
    // A verdict would change nothing: the carrier has it in hand.
    const refused = await lab.resolve({ verdict: 'not_bought' });
    expect(refused).toMatchObject({ status: 409, json: { code: 'wrong_state' } });
    expect(refused.json.detail).toContain(`${numberOf(1)} at telnyx`);
    expect(await lab.openTasks('unclear_order')).toHaveLength(1);
    // "The carrier says it takes a week": not asked again at once.
    await lab.resolve({ comment: 'takes a week' });
    await lab.room.pass(60);
    expect(await lab.openTasks('unclear_order')).toEqual([]);
    await lab.room.pass(3 * DAY);
    expect(await lab.openTasks('unclear_order')).toHaveLength(1);
    await lab.room.pass(8 * DAY);

    expect(await now(made)).toMatchObject({ state: 'completed' });
    expect(await lab.openTasks('unclear_order')).toEqual([]);
  });

  it('P19 I4: one the carrier reviews lies in the inbox from the beginning, due in two days', async () => {
    const carrier = await lab.open();
    carrier.next.push({ kind: 'accepted', after: 3 * DAY, reviewing: true });
    const began = lab.room.clock.now().getTime();

    const made = await lab.room.order({});

    expect(await now(made)).toMatchObject({ state: 'resolving', waitingFor: 'carrier' });
    const [task] = await lab.openTasks('unclear_order');
    expect(task?.detail).toContain('reviews');
    expect((Date.parse(task?.dueAt ?? '') - began) / HOUR / 1000).toBeCloseTo(48, 0);
    await lab.room.pass(6 * DAY);
    expect(await now(made)).toMatchObject({ state: 'completed' });
  });
});

describe('while people are waited for', () => {
  it('step 6: a raised price frees claims and slots of what was not ordered', async () => {
    const carrier = await lab.open();
    carrier.stock.set(numberOf(2), offerOf('telnyx', 2, '3.00'));
    const wanted = [1, 2].map((n) => ({ number: numberOf(n), monthly: usd('1.00') }));
    carrier.prices.set(numberOf(1), usd('2.00'));

    const made = await lab.room.order({ areaCode: undefined, numbers: wanted });

    expect(made).toMatchObject({ state: 'terms_pending', cancellable: true });
    expect(await counter()).toMatchObject({ used: 0, held: 0 });
    for (const n of [1, 2]) expect(await findClaim(lab.room.table, numberOf(n))).toBeUndefined();
    await act('customer', made, 'acceptance', { termsVersion: 1 });
    expect(await now(made)).toMatchObject({ state: 'completed' });
  });

  it('step 6: with one bought and one dearer only the slot of the bought one stays taken', async () => {
    const carrier = await lab.open();
    carrier.prices.set(numberOf(2), usd('3.00'));
    const wanted = [1, 2].map((n) => ({ number: numberOf(n), monthly: usd('1.00') }));

    const made = await lab.room.order({ areaCode: undefined, numbers: wanted });

    expect(made).toMatchObject({ state: 'terms_pending', cancellable: false });
    expect(await counter()).toEqual({ used: 1, held: 0, taken: 1 });
    await act('customer', made, 'acceptance', { termsVersion: 1 });
    expect(await now(made)).toMatchObject({ state: 'completed' });
    expect(await counter()).toEqual({ used: 2, held: 0, taken: 2 });
  });

  it('P1: of two the one that was held is free while another is asked for, and kept in the end', async () => {
    const carrier = await lab.open();
    carrier.reserve = async ({ number }) =>
      number === numberOf(2)
        ? { kind: 'refused', refusal: { class: 'NumberUnavailable', code: 'not_available' } }
        : { kind: 'done', value: { expiresAt: lab.room.clock.now().toISOString() }, refs: {} };
    const wanted = [1, 2].map((n) => ({ number: numberOf(n), monthly: usd('1.00') }));

    const made = await lab.room.order({ areaCode: undefined, numbers: wanted });

    expect(made).toMatchObject({ state: 'info_requested' });
    expect(await findClaim(lab.room.table, numberOf(1))).toBeUndefined();
    const fields = { numbers: [{ number: numberOf(3), monthly: usd('1.00') }] };
    await act('customer', made, 'information', { answer: 'this', fields });
    const done = await now(made);
    expect(done).toMatchObject({ state: 'completed' });
    expect(done.numbers.map(({ number }) => number)).toEqual([numberOf(1), numberOf(3)]);
  });

  it('P1: asked for another number, the slots are free and what others named is bought in the end', async () => {
    const carrier = await lab.open();
    carrier.prices.set(numberOf(1), 'gone');

    const made = await lab.room.order(named(1));

    expect(made).toMatchObject({ state: 'info_requested', cancellable: true });
    expect(await counter()).toMatchObject({ held: 0, taken: 0 });
    const fields = { numbers: [{ number: numberOf(3), monthly: usd('1.00') }] };
    await act('customer', made, 'information', { answer: 'this', fields });
    expect(await now(made)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(3) }] });
  });

  it('P17 P16: on hold before the order: nothing stays taken, and it can be cancelled', async () => {
    await lab.open();
    lab.room.carriers.onSearch = () => lab.room.changeTenant({ standing: 'past_due' });

    const made = await lab.room.order({});

    expect(made).toMatchObject({ hold: { reason: 'billing_not_in_good_standing' }, cancellable: true });
    expect(await counter()).toMatchObject({ held: 0, taken: 0 });
    expect((await act('customer', made, 'cancellation')).status).toBe(200);
    await lab.room.settle();
  });
});

describe('going on in a fresh execution', () => {
  it('4.8: a request that has ended with an open order goes on; the order is followed, slots and ticket are settled', async () => {
    const carrier = await lab.open();
    carrier.prices.set(numberOf(2), usd('3.00'));
    carrier.script.set(numberOf(1), [{ kind: 'accepted', after: 2 * DAY }]);
    const wanted = [1, 2].map((n) => ({ number: numberOf(n), monthly: usd('1.00') }));
    const made = await lab.room.order({ areaCode: undefined, numbers: wanted });
    const before = await findRequest(lab.room.table, scope, RequestId.parse(made.id));
    if (!before) throw new Error('no request');
    // Ended while its order is open, as a request was before orders were waited for.
    const ended = { ...before, state: 'declined', waitingFor: 'nobody' } as const;
    await lab.room.table.write(requests.replace(before, ended, byTest('declined')).writes);

    await closeRequest.run({ tenantId: ACME, requestId: before.id }, lab.room.deps);
    expect(await counter(), 'the order may still come').toEqual({ used: 0, held: 1, taken: 1 });

    const place = { tenantId: ACME, requestId: before.id, execution: made.id };
    for (let twice = 0; twice < 2; twice++) await continueElsewhere.run(place, lab.room.deps);
    await lab.room.settle();

    expect(await findRequest(lab.room.table, scope, before.id)).toMatchObject({ executions: 2 });
    expect(await lab.room.workflows.find('request-number', `${made.id}.2`)).toMatchObject({ status: 'running' });
    await lab.room.pass(5 * DAY);
    expect(await lab.room.workflows.find('request-number', `${made.id}.2`)).toMatchObject({ status: 'succeeded' });
    expect(await counter()).toEqual({ used: 1, held: 0, taken: 1 });
    expect((await lab.room.ask('cs', `GET /v1/tickets/${made.ticketId}`)).json.state).not.toBe('open');
  });

  it('step 8 I4: an unclear order of a request that has ended is still put before a person', async () => {
    const carrier = await lab.open();
    carrier.prices.set(numberOf(2), usd('3.00'));
    carrier.script.set(numberOf(1), [unknown]);
    const wanted = [1, 2].map((n) => ({ number: numberOf(n), monthly: usd('1.00') }));
    const made = await lab.room.order({ areaCode: undefined, numbers: wanted });
    await act('customer', made, 'refusal');
    await lab.room.pass(2000);

    expect(await lab.openTasks('unclear_order')).toHaveLength(1);
    await lab.resolve({ verdict: 'not_bought' });
    await lab.room.settle();
    expect(await counter()).toEqual({ used: 0, held: 0, taken: 0 });
  });
});

describe('the number itself', () => {
  it.each(['released', 'ported_out', 'failed'] as const)('S2-31: one that is %s can be bought again', async (state) => {
    const room = await openRoom({ carriers: (clock) => [scriptedCarrier('telnyx', clock, [offerOf('telnyx', 1)])] });
    await room.order(named(1));
    const record = await findNumber(room.table, scope, numberOf(1));
    if (!record) throw new Error('not bought');
    const actor = { kind: 'system', id: 'test', name: 'Test' } as const;
    const change = { action: state, actor, at: room.clock.now() };
    await room.table.write(numbers.replace(record, { ...record, state }, change).writes);
    room.carrier('telnyx').ledger.splice(0);

    const again = await room.order(named(1));

    expect(again).toMatchObject({ state: 'completed' });
    expect(await findNumber(room.table, scope, numberOf(1))).toMatchObject({ state: 'active', generation: 2 });
    await room.close();
  });

  it('A4: the list no longer says that the addresses are missing once they stand', async () => {
    await lab.open();

    const made = await lab.room.order({});

    const record = await findNumber(lab.room.table, scope, E164.parse(made.numbers[0]?.number));
    expect(record).toMatchObject({ configured: true, attention: [] });
    expect(record && (await findRow(lab.room.table, scope, record.id))).toMatchObject({ attention: [] });
  });

  it('A1 I11: a queue deleted in the instant of recording takes no number with it', async () => {
    const state = { removed: false };
    await lab.open();
    const { record: queue, change } = await makeQueue();
    const { write } = lab.room.table;
    lab.room.table.write = async (writes) => {
      const recording = writes.some((one) => one.op === 'put' && one.key.sk === 'NUMBER');
      if (recording && !state.removed) {
        state.removed = true;
        await write(queues.remove(queue, change));
      }
      return write(writes);
    };

    const done = await lab.room.order({ assignment: { ownership: 'shared', target: { type: 'queue', id: queue.id } } });

    expect(done).toMatchObject({ state: 'completed_with_issue', failure: { code: 'assignment_failed' } });
    const record = await findNumber(lab.room.table, scope, E164.parse(done.numbers[0]?.number));
    expect(record?.assignment).toEqual({ ownership: 'pre_provisioned' });
    expect(await lab.room.table.get({ pk: `TEN#${ACME}`, sk: `USES#${queue.id}` })).toBeUndefined();
  });

  it('A1: a number bought for a target counts as its use', async () => {
    await lab.open();
    const { id } = (await makeQueue()).record;

    await lab.room.order({ quantity: 2, assignment: { ownership: 'shared', target: { type: 'queue', id } } });

    const uses = await lab.room.table.get({ pk: `TEN#${ACME}`, sk: `USES#${id}` });
    expect(uses?.data).toMatchObject({ changes: 2 });
  });
});

describe('what is shown', () => {
  it('P8: of our account with a carrier the customer hears nothing', async () => {
    const carrier = await lab.open();
    const carrierText = 'Insufficient funds on account AC123';
    const refusal = { class: 'CarrierUnusable', code: 'insufficient_funds', carrierText } as const;
    carrier.next.push({ kind: 'refused', refusal });

    const made = await lab.room.order({});

    const shown = await lab.room.ask('customer', `GET /v1/number-requests/${made.id}`);
    expect(JSON.stringify(shown.json)).not.toMatch(/AC123|insufficient/i);
    expect(shown.json.numbers[0]?.failure).toMatchObject({
      code: 'carrier_down',
      detail: expect.stringContaining('we are on it'),
    });
    if (shown.json.cancellable) await act('customer', made, 'cancellation');
  });

  it('N6: terms of a first approval are no offer to the customer until the second person approves', async () => {
    await lab.open();
    const made = await lab.room.order({ country: 'CO', areaCode: undefined });
    const terms = {
      monthly: usd('99.00'),
      setup: usd('0.00'),
      text: 'One year',
      validUntil: '2026-12-20T10:00:00.000Z',
    };
    const approve = async (who: string, body: object = {}) => {
      const { headers } = await lab.room.ask('cs', `GET /v1/number-requests/${made.id}`);
      const ifMatch = headers.get('etag') ?? '';
      return lab.room.ask(who, `POST /v1/number-requests/${made.id}/approval`, { body, ifMatch });
    };
    expect((await approve('cs', { terms })).json).toMatchObject({ state: 'approval_pending', approvalsMissing: 1 });

    expect((await now(made, 'customer')).terms).toBeUndefined();
    expect((await now(made, 'cs2')).terms).toMatchObject({ state: 'offered' });
    await approve('cs2');
    expect(await now(made, 'customer')).toMatchObject({ state: 'terms_pending', terms: { version: 1 } });
    await act('cs', made, 'cancellation');
  });
});

describe('a hundred at once', () => {
  it('step 3: a hundred named numbers at a slow carrier are looked for ten at a time, each once', async () => {
    await lab.open({
      carriers: (clock) => [
        scriptedCarrier(
          'telnyx',
          clock,
          Array.from({ length: 100 }, (_, n) => offerOf('telnyx', n)),
        ),
      ],
    });
    await lab.room.changeTenant({ numberLimit: 200 });
    const seen = { now: 0, most: 0 };
    lab.room.carriers.onSearch = async () => {
      seen.now += 1;
      seen.most = Math.max(seen.most, seen.now);
      await new Promise((resolve) => setImmediate(resolve));
      seen.now -= 1;
    };
    const wanted = Array.from({ length: 100 }, (_, n) => ({ number: numberOf(n), monthly: usd('1.00') }));

    expect(await lab.room.order({ areaCode: undefined, numbers: wanted })).toMatchObject({ state: 'completed' });
    expect(seen.most).toBe(10);
    expect(lab.room.carriers.searches).toBe(100);
  });

  it('P1: where a longer number begins with the same digits, the exact one is found all the same', async () => {
    const longer = E164.parse(`${numberOf(1)}7`);
    const other = { ...offerOf('telnyx', 1, '0.50'), number: longer };
    await lab.open({ carriers: (clock) => [scriptedCarrier('telnyx', clock, [other, offerOf('telnyx', 1)])] });

    expect(await lab.room.order(named(1))).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(1) }] });
  });
});
