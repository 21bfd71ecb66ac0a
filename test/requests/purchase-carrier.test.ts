import { describe, expect, it } from 'vitest';
import type { Refusal } from '../../functions/carriers/outcome.ts';
import { outboxWrite } from '../../functions/platform/outbox.ts';
import { TableUnavailable } from '../../functions/platform/table.ts';
import { buyingLab, named } from './buying.ts';
import { type Deed, numberOf, offerOf } from './scripted-carrier.ts';

const lab = buyingLab();

describe('the carrier', () => {
  it('P8: no credit: nothing was bought there, the next carrier is tried, the first passed over', async () => {
    const carrier = await lab.open({ carriersOf: ['telnyx', 'twilio'] });
    carrier.next.push({ kind: 'refused', refusal: { class: 'CarrierUnusable', code: 'insufficient_funds' } });

    const done = await lab.room.order({});
    const second = await lab.room.order({});

    expect(done).toMatchObject({ state: 'completed', numbers: [{ carrier: 'twilio' }] });
    expect(second).toMatchObject({ state: 'completed', numbers: [{ carrier: 'twilio' }] });
    expect(lab.room.facts.errors.join()).toContain('carrier_passed_over');
  });

  it('an answer documented as not processed is sent again after its wait, at most three times, then elsewhere', async () => {
    const carrier = await lab.open({ carriersOf: ['telnyx', 'twilio'] });
    const busy: Deed = {
      kind: 'refused',
      refusal: { class: 'CarrierBusy', code: 'rate_limited', notProcessed: true, retryAfterSeconds: 7 },
    };
    carrier.next.push(busy, busy, busy, busy);

    const made = await lab.room.order({});
    expect(carrier.orders).toHaveLength(1);
    await lab.room.pass(7);
    expect(carrier.orders).toHaveLength(2);
    await lab.room.pass(60);

    expect(carrier.orders).toHaveLength(3);
    expect(new Set(carrier.orders.map((order) => order.reference)).size).toBe(1);
    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ carrier: 'twilio' }] });
  });

  it('an order that never left is sent again', async () => {
    const carrier = await lab.open();
    carrier.next.push({ kind: 'not_sent' });

    const made = await lab.room.order({});
    await lab.room.pass(10);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(1) }] });
  });

  it('P10: accepted, then silence: found by asking', async () => {
    const carrier = await lab.open();
    carrier.next.push({ kind: 'accepted', after: 20 });

    const made = await lab.room.order({});
    expect(made).toMatchObject({ state: 'resolving', waitingFor: 'carrier', numbers: [{ state: 'pending' }] });
    await lab.room.pass(31);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed' });
  });

  it('P12: the event comes before the answer of the order, and twice: applied once', async () => {
    const carrier = await lab.open();
    const event = { kind: 'carrier_event', carrier: 'telnyx', subject: 'order', carrierId: 'x' } as const;
    const send = (reference: string) =>
      lab.room.deps.table.write([outboxWrite({ ...event, reference }, lab.room.clock.now())]);
    carrier.before = ({ reference }) => send(reference);
    carrier.next.push({ kind: 'accepted', after: 1 });
    const made = await lab.room.order({});

    await lab.room.pass(2);
    await send(`${made.id}.0.1`);
    await send(`${made.id}.0.1`);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed' });
  });

  it('P12: an event that comes while other orders are still on their way is not lost: no time passes', async () => {
    const carrier = await lab.open();
    carrier.next.push({ kind: 'accepted', after: 0 }, { kind: 'done' });
    const event = { kind: 'carrier_event', carrier: 'telnyx', subject: 'order', carrierId: 'x' } as const;
    carrier.before = ({ reference }) =>
      reference.endsWith('.1.1')
        ? lab.room.deps.table.write([
            outboxWrite({ ...event, reference: reference.replace('.1.1', '.0.1') }, lab.room.clock.now()),
          ])
        : undefined;

    expect(await lab.room.order({ quantity: 2 })).toMatchObject({ state: 'completed' });
    expect(carrier.probes).toBe(1);
  });

  it('P13: another number is confirmed than ordered: nobody gets it, a person looks; then the next one is bought', async () => {
    const carrier = await lab.open();
    carrier.stock.delete(numberOf(6));
    carrier.next.push({ kind: 'other_number', number: numberOf(99) });

    const made = await lab.room.order({});
    await lab.room.pass(1400);
    expect(await lab.room.request(made.id)).toMatchObject({ state: 'resolving', waitingFor: 'customer_success' });
    const [quarantine] = await lab.openTasks('quarantine');
    expect(quarantine?.detail).toContain(numberOf(99));
    const stranger = await lab.room.table.get({ pk: `NUM#${numberOf(99)}`, sk: 'NUMBER' });
    expect(stranger?.data).toMatchObject({ state: 'quarantined', attention: ['wrong_number'] });
    expect(stranger?.data).not.toHaveProperty('tenantId');
    await lab.resolve({ verdict: 'not_bought' });

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(2) }] });
    const closed = await lab.resolve({}, quarantine?.id);
    expect(closed.json).toMatchObject({ state: 'done', resolution: { verdict: 'done' } });
  });

  it('P18: bought without a feature that was asked for: told, kept, ticket open', async () => {
    const carrier = await lab.open();
    carrier.stock.set(numberOf(1), offerOf('telnyx', 1, '1.00', { features: ['voice'] }));

    const done = await lab.room.order({ features: ['sms'] });

    expect(done).toMatchObject({ state: 'completed_with_issue', failure: { code: 'feature_missing' } });
    expect((await lab.room.ask('customer', `GET /v1/tickets/${done.ticketId}`)).json.state).toBe('waiting');
  });

  it('P19: the carrier reviews by hand after accepting: shown as with the carrier, asked again till it ends', async () => {
    const carrier = await lab.open();
    carrier.next.push({ kind: 'accepted', after: 2 * 86_400, reviewing: true });

    const made = await lab.room.order({});
    await lab.room.pass(3600);
    expect(await lab.room.request(made.id)).toMatchObject({ state: 'resolving', waitingFor: 'carrier' });
    await lab.room.pass(4 * 86_400);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed' });
  });

  it('R4: refused for its papers: a person reads the words of the carrier, without a loop', async () => {
    const carrier = await lab.open();
    const papers: Refusal = { class: 'DocumentsRequired', code: 'documents_required', carrierText: 'bundle wanted' };
    carrier.next.push({ kind: 'refused', refusal: papers });

    const made = await lab.room.order(named(1));
    expect(made).toMatchObject({ state: 'documents_review', waitingFor: 'customer_success', cancellable: true });
    expect(carrier.orders).toHaveLength(1);
    const body = { documents: [], listComplete: true };
    expect((await lab.room.ask('cs', `POST /v1/number-requests/${made.id}/documents-review`, { body })).status).toBe(
      200,
    );

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(1) }] });
  });
});

describe('in the middle', () => {
  it('P14: the record cannot be written for a day: bought is bought, recorded once it can be', async () => {
    const down = { is: false };
    const carrier = await lab.open({
      onWrite(writes) {
        const recording = writes.some((write) => write.op === 'put' && write.key.sk === 'NUMBER');
        if (down.is && recording) throw new TableUnavailable('down');
      },
    });
    down.is = true;

    const made = await lab.room.order({});
    await lab.room.pass(20 * 3600);
    expect(await lab.room.request(made.id)).toMatchObject({ state: 'resolving', numbers: [{ state: 'bought' }] });
    down.is = false;
    await lab.room.pass(20 * 3600);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed' });
    expect(carrier.orders).toHaveLength(1);
  });

  it('P15: the same key again gives the first answer, another body under it is refused', async () => {
    const carrier = await lab.open();
    const send = (body: object) => lab.room.ask('customer', 'POST /v1/number-requests', { key: 'one', body });

    const first = await send({ country: 'GB' });
    await lab.room.settle();
    const again = await send({ country: 'GB' });
    const other = await send({ country: 'GB', quantity: 2 });

    expect(again.json.id).toBe(first.json.id);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(other.json).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    expect(carrier.orders).toHaveLength(1);
  });

  it('P16: cancelled while numbers are being chosen: nothing is ordered, nothing stays claimed', async () => {
    const carrier = await lab.open();
    const cancelled: number[] = [];
    lab.room.carriers.onSearch = async () => {
      const [request] = (await lab.room.ask('customer', 'GET /v1/number-requests')).json.data;
      cancelled.push((await lab.room.ask('customer', `POST /v1/number-requests/${request.id}/cancellation`)).status);
    };

    const made = await lab.room.order({});

    expect(cancelled).toEqual([200]);
    expect(made).toMatchObject({ state: 'cancelled' });
    expect(carrier.orders).toEqual([]);
  });

  it('P16: once the order has left it is too late', async () => {
    const carrier = await lab.open();
    const answers: unknown[] = [];
    carrier.before = async ({ reference }) => {
      const id = reference.split('.')[0];
      answers.push((await lab.room.ask('customer', `POST /v1/number-requests/${id}/cancellation`)).json);
    };

    expect(await lab.room.order({})).toMatchObject({ state: 'completed' });
    expect(answers).toMatchObject([{ status: 409, code: 'too_late' }]);
  });

  it('P17: suspended between acceptance and order: on hold, looked at every hour, bought when it may', async () => {
    const carrier = await lab.open();
    lab.room.late.quiet = true;
    const made = await lab.room.order({});
    await lab.room.changeTenant({ state: 'suspended' });
    lab.room.late.quiet = false;
    await lab.room.pass(60);

    expect(await lab.room.request(made.id)).toMatchObject({
      waitingFor: 'customer_success',
      hold: { reason: 'tenant_suspended' },
    });
    await lab.room.pass(3700);
    expect(await lab.room.request(made.id)).toMatchObject({ hold: { reason: 'tenant_suspended' } });
    expect(carrier.orders).toEqual([]);
    await lab.room.changeTenant({ state: 'active' });
    await lab.room.pass(3700);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed' });
  });

  it('P17: past due right before the order: given up unsent, held, bought later', async () => {
    const carrier = await lab.open();
    const quote = carrier.quote;
    lab.room.carriers.onSearch = () => lab.room.changeTenant({ standing: 'past_due' });

    const made = await lab.room.order({});
    expect(made).toMatchObject({ hold: { reason: 'billing_not_in_good_standing' }, waitingFor: 'customer_success' });
    expect(carrier.orders).toEqual([]);
    delete lab.room.carriers.onSearch;
    await lab.room.changeTenant({ standing: 'good' });
    await lab.room.pass(3700);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(1) }] });
    expect(carrier.quote).toBe(quote);
  });

  it('a state that cannot run asks a person, who lets it go on', async () => {
    await lab.open();
    lab.room.carriers.onSearch = () => {
      throw new TypeError('a bug');
    };
    const made = await lab.room.order({});
    const [task] = await lab.openTasks('unclear_order');
    expect(task?.detail).toContain('ClaimNumbers');
    delete lab.room.carriers.onSearch;

    expect((await lab.resolve({})).json).toMatchObject({ state: 'done', resolution: { verdict: 'done' } });

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed' });
  });
});
