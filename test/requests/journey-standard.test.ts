import { describe, expect, it } from 'vitest';
import { gatewayLab } from './gateway-lab.ts';

const lab = gatewayLab();
const usd = (amount: string) => ({ amount, currency: 'USD' });
const order = (body: object, who = 'customer') =>
  lab.ask(who, 'POST /v1/number-requests', { body: { country: 'GB', ...body }, prefer: 'wait=20' });

describe('standard country', () => {
  it('S0-43 S0-44 S0-45: one form, one ticket with its purpose, one mail to each side, the number is assigned', async () => {
    const assignment = { ownership: 'private', target: { type: 'extension', id: 'ext_00000000000000000000000001' } };
    const made = await order({
      areaCode: '1223',
      purpose: 'local_presence',
      channel: 'sales',
      name: 'Front desk',
      assignment,
    });

    expect(made.status).toBe(202);
    expect(made.headers.get('location')).toBe(`/v1/number-requests/${made.json.id}`);
    expect(made.json).toMatchObject({
      state: 'completed',
      class: 'standard',
      waitingFor: 'nobody',
      channel: 'sales',
      numbers: [{ state: 'active', number: expect.stringMatching(/^\+441223/) }],
    });
    const steps = made.json.timeline.map(({ step, state }: { step: string; state: string }) => `${step} ${state}`);
    expect(steps).toEqual([
      'submitted done',
      'classified done',
      'ticket_opened done',
      'sourcing done',
      'purchase done',
      'activation done',
      'assignment done',
      'closed done',
    ]);
    await lab.gateway.idle();
    expect((await lab.mails(made.json.id)).toSorted()).toEqual([
      'closed.requester',
      'opened.customer_success',
      'opened.requester',
    ]);
    const ticket = await lab.ask('customer', `GET /v1/tickets/${made.json.ticketId}`);
    expect(ticket.json).toMatchObject({ kind: 'number_request', purpose: 'local_presence', state: 'closed' });
  });

  it('is validated without anything stored on a dry run', async () => {
    const before = (await lab.ask('customer', 'GET /v1/number-requests')).json.data.length;
    const answer = await lab.ask('customer', 'POST /v1/number-requests?dryRun=true', { body: { country: 'CO' } });

    expect(answer).toMatchObject({ status: 200, json: { class: 'restricted', state: 'approval_pending' } });
    expect((await lab.ask('customer', 'GET /v1/number-requests')).json.data).toHaveLength(before);
  });

  it.each([
    [{ numbers: [{ number: '+441223', monthly: usd('1.00') }] }, 'invalid_number'],
    [{ numbers: [{ number: '+33123456789', monthly: usd('1.00') }] }, 'invalid_number'],
    [{ numbers: [{ number: '01223 555010' }] }, 'price_required'],
    [{ numbers: [{ number: '01223 555010', monthly: usd('1.00') }], areaCode: '1223' }, 'numbers_or_wish'],
    [{ quantity: 51 }, 'number_limit_reached'],
    [{ endUserId: 'eus_00000000000000000000000001' }, 'unknown_end_user'],
    [
      { assignment: { ownership: 'shared', target: { type: 'queue', id: 'que_00000000000000000000000001' } } },
      'unknown_target',
    ],
  ])('is refused at once: %j', async (body, code) => {
    expect(await order(body)).toMatchObject({ status: 422, json: { code } });
  });

  it.each([
    ['tenant_suspended', 403, { state: 'suspended' }, { state: 'active' }],
    ['payment_method_missing', 422, { paymentMethod: 'expired' }, { paymentMethod: 'valid' }],
    ['billing_not_in_good_standing', 422, { standing: 'past_due' }, { standing: 'good' }],
  ] as const)('S2-8: %s is refused at once', async (code, status, bad, good) => {
    await lab.changeTenant(bad);
    const answer = await order({});
    await lab.changeTenant(good);

    expect(answer).toMatchObject({ status, json: { code } });
  });

  it('S2-11: no stock and no wish left: failed, nothing bought, with words', async () => {
    const made = await order({ areaCode: '1954' });

    expect(made.json).toMatchObject({ state: 'failed', failure: { code: 'not_enough_numbers' }, numbers: [] });
  });

  it('takes the second wish when the first has no stock', async () => {
    const made = await order({ areaCode: '1954', alternatives: [{ areaCode: '161' }] });

    expect(made.json).toMatchObject({ state: 'completed', numbers: [{ number: expect.stringMatching(/^\+44161/) }] });
  });

  it.each(['all_or_nothing', 'best_effort', 'exact_count'])('quantity 5, %s', async (policy) => {
    const made = await order({ areaCode: '20', quantity: 5, policy });

    expect(made.json).toMatchObject({ state: 'completed', quantity: 5 });
    expect(new Set(made.json.numbers.map(({ number }: { number: string }) => number)).size).toBe(5);
  });
});

describe('exact numbers', () => {
  const offered = async (areaCode: string, index: number) => {
    const found = await fetch(`${lab.gateway.simulatorsUrl}/_control/telnyx/numbers?state=available`);
    const { data } = (await found.json()) as {
      data: { number: string; areaCode: string; country: string; type: string; monthly: { amount: string } }[];
    };
    const fit = data.filter((one) => one.country === 'GB' && one.type === 'local' && one.areaCode === areaCode);
    const one = fit[index];
    if (!one) throw new Error('no stock');
    return { number: one.number, monthly: usd(one.monthly.amount), carrier: 'telnyx' };
  };

  it('S2-9 P9: dearer at the order than reviewed: not bought, offered anew, bought once accepted', async () => {
    const wanted = await offered('161', 5);
    await lab.control('telnyx/faults', { fault: 'price_raised', times: 1, on: 'search' });
    const made = await order({ numbers: [{ ...wanted, monthly: usd('0.10') }] });

    expect(made.json).toMatchObject({
      state: 'terms_pending',
      terms: { reason: 'price_changed' },
      numbers: [{ state: 'wanted' }],
    });
    const path = `POST /v1/number-requests/${made.json.id}/acceptance`;
    expect((await lab.ask('customer', path, { body: { termsVersion: 7 } })).json).toMatchObject({
      code: 'terms_changed',
    });
    expect((await lab.ask('customer', path, { body: { termsVersion: 1 } })).status).toBe(200);
    await lab.advance(120);

    const done = await lab.until(made.json.id, (view) => view.state === 'completed');
    expect(done.numbers).toMatchObject([{ number: wanted.number, state: 'active' }]);
  });

  it('P9: dearer at the order itself: what the carrier holds for us by then is bought once accepted', async () => {
    const wanted = await offered('161', 11);
    await lab.control('telnyx/faults', { fault: 'price_raised', times: 1, on: 'order' });
    const made = await order({ numbers: [wanted] });
    expect(made.json).toMatchObject({ state: 'terms_pending', numbers: [{ state: 'withdrawn' }] });

    const path = `POST /v1/number-requests/${made.json.id}/acceptance`;
    expect((await lab.ask('customer', path, { body: { termsVersion: 1 } })).status).toBe(200);

    const done = await lab.until(made.json.id, ({ state }) => state === 'completed' || state === 'info_requested');
    expect(done).toMatchObject({ state: 'completed', numbers: [{ number: wanted.number, state: 'active' }] });
  });

  it('P1: gone at the order: another is asked for', async () => {
    const wanted = await offered('161', 6);
    await lab.control('telnyx/faults', { fault: 'gone_at_purchase', times: 1 });
    const made = await order({ numbers: [wanted] });

    expect(made.json).toMatchObject({ state: 'info_requested', question: { code: 'choose_another_number' } });
    const body = { answer: 'this one', fields: { numbers: [await offered('161', 8)] } };
    await lab.ask('customer', `POST /v1/number-requests/${made.json.id}/information`, { body });
    expect((await lab.until(made.json.id, (view) => view.state === 'completed')).numbers).toHaveLength(1);
  });

  it('P2: the answer is lost after execution: adopted, bought once', async () => {
    const wanted = await offered('161', 9);
    await lab.control('telnyx/faults', { fault: 'lost_after_execution', times: 1 });
    const made = await lab.ask('customer', 'POST /v1/number-requests', { body: { country: 'GB', numbers: [wanted] } });
    await lab.until(made.json.id, (view) => view.state === 'resolving' && view.waitingFor === 'carrier');
    await lab.advance(3);

    await lab.until(made.json.id, (view) => view.state === 'completed');
    const { data } = (await (
      await fetch(`${lab.gateway.simulatorsUrl}/_control/telnyx/numbers?state=owned`)
    ).json()) as {
      data: { number: string; purchases: number }[];
    };
    expect(data.find((one) => one.number === wanted.number)).toMatchObject({ purchases: 1 });
  });
});
