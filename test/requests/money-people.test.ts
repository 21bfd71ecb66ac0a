import { describe, expect, it } from 'vitest';
import { buyingLab } from './buying.ts';
import { moneyActs } from './money.ts';
import type { View } from './room.ts';
import { usd } from './scripted-carrier.ts';

const lab = buyingLab();
const money = moneyActs(lab);
const shown = (id: string) => lab.room.request(id, 'cs');
const etagOf = async (id: string) =>
  (await lab.room.ask('customer', `GET /v1/number-requests/${id}`)).headers.get('etag') ?? '';

/** A request for a restricted country that one person has approved. */
async function approvedByOne(wish: object, approval: object): Promise<View['id']> {
  await lab.open();
  await money.treatAs('restricted');
  const made = await lab.room.order({ ...wish });
  expect((await money.approve(made.id, approval)).status).toBe(200);
  return made.id;
}
const change = async (id: string, body: object) =>
  lab.room.ask('customer', `PATCH /v1/number-requests/${id}`, { body, ifMatch: await etagOf(id) });

describe('a price that asks for two people (DESIGN section 9)', () => {
  it.each([
    ['a higher limit', { maxMonthly: usd('900.00') }],
    ['no limit any more', { maxMonthly: null }],
    ['a dearer alternative', { alternatives: [{ areaCode: '20', maxMonthly: usd('900.00') }] }],
    ['an alternative without a limit', { alternatives: [{ areaCode: '20' }] }],
  ])('N3: %s after the approval of one is not the customer’s to make', async (_name, body) => {
    const id = await approvedByOne({ maxMonthly: usd('10.00') }, { undoSeconds: 30 });

    const answer = await change(id, body);

    expect(answer).toMatchObject({ status: 409, json: { code: 'wrong_state' } });
    await lab.room.pass(60);
    expect(await shown(id)).toMatchObject({ state: 'completed', wish: { maxMonthly: usd('10.00') } });
  });

  it('N3: what the approval covers may change', async () => {
    const id = await approvedByOne({ maxMonthly: usd('10.00') }, { undoSeconds: 30 });

    expect((await change(id, { maxMonthly: usd('20.00'), name: 'Sales' })).status).toBe(200);
    await lab.room.pass(60);

    expect(await shown(id)).toMatchObject({ state: 'completed', name: 'Sales' });
  });

  it('the cap of an alternative counts as the wish’s own does', async () => {
    await lab.open();
    await money.treatAs('restricted');
    const made = await lab.room.order({ maxMonthly: usd('1.00'), alternatives: [{ maxMonthly: usd('60.00') }] });
    await money.approve(made.id);

    expect(await shown(made.id)).toMatchObject({ state: 'approval_pending', approvalsMissing: 1 });
  });

  it('dearer terms offered after the approval of one wait for a second person, who is not who offers them', async () => {
    const id = await approvedByOne({}, { terms: money.terms('10.00') });

    await money.act('cs', id, 'terms', money.terms('500.00'));
    expect(await shown(id)).toMatchObject({ state: 'approval_pending', approvalsMissing: 1 });
    expect((await money.accept(id, 2)).status).toBe(409);
    expect((await money.approve(id)).json).toMatchObject({ code: 'own_approval' });
    expect((await money.approve(id, {}, 'cs2')).json).toMatchObject({ state: 'terms_pending', terms: { version: 2 } });
    expect((await money.accept(id, 2)).status).toBe(200);

    expect(await shown(id)).toMatchObject({ state: 'completed', numbers: [{ monthly: { amount: '500.00' } }] });
  });

  it('cheaper terms and those below the price go to the customer at once', async () => {
    const id = await approvedByOne({}, { terms: money.terms('10.00') });

    const offered = await money.act('cs', id, 'terms', money.terms('20.00'));

    expect(offered.json).toMatchObject({ state: 'terms_pending', waitingFor: 'customer', terms: { version: 2 } });
  });

  it('P9: a raise by the carrier over that price needs the second person too', async () => {
    const id = await approvedByOne({}, { undoSeconds: 30 });
    const carrier = lab.room.carrier('telnyx');
    for (const number of carrier.stock.keys()) carrier.prices.set(number, usd('60.00'));
    await lab.room.pass(60);
    expect(await shown(id)).toMatchObject({ state: 'terms_pending', terms: { reason: 'price_changed' } });

    expect((await money.accept(id, 1)).json).toMatchObject({ state: 'approval_pending' });
    expect(carrier.orders).toEqual([]);
    await money.approve(id);
    expect(await shown(id)).toMatchObject({ state: 'approval_pending' });
    await money.approve(id, {}, 'cs2');

    expect(await shown(id)).toMatchObject({ state: 'completed', numbers: [{ monthly: { amount: '60.00' } }] });
  });
});
