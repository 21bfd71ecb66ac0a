import { describe, expect, it } from 'vitest';
import { TableUnavailable } from '../../functions/platform/table.ts';
import { findClaim } from '../../functions/requests/intent-store.ts';
import { buyingLab } from './buying.ts';
import type { View } from './room.ts';
import { numberOf, usd } from './scripted-carrier.ts';
import { item, scriptedPapers } from './scripted-papers.ts';

const lab = buyingLab();
const HOUR = 3600;
const act = (who: string, { id }: Pick<View, 'id'>, name: string, body: object = {}) =>
  lab.room.ask(who, `POST /v1/number-requests/${id}/${name}`, { body });
const put = (made: View, requirementId: string) =>
  lab.room.ask('customer', `PUT /v1/number-requests/${made.id}/requirements/${requirementId}`, {
    body: { value: 'x' },
  });
const now = (made: Pick<View, 'id'>) => lab.room.request(made.id, 'cs');

const mailLines = (): number =>
  lab.room.table.scan().filter((one) => JSON.stringify(one.data['line'] ?? '').includes('"kind":"mail"')).length;

/** A request whose papers are with the carrier, at a tenant that was suspended then. */
async function heldInReview() {
  const papers = scriptedPapers([item('a')]);
  await lab.open({ carriers: papers.carriers });
  const made = await lab.room.order({});
  await put(made, 'a');
  await act('cs', made, 'documents-review', { documents: [{ id: 'a', verdict: 'accepted' }] });
  expect(await now(made)).toMatchObject({ state: 'documents_review', waitingFor: 'carrier' });
  const mails = mailLines();
  await lab.room.changeTenant({ state: 'suspended' });
  await lab.room.pass(1000);
  return { made, mails, ...papers };
}

describe('on hold', () => {
  it('P17 I4: during the review of the carrier: no bogus task or mail, looked at hourly, lifted and bought', async () => {
    const { made, facts, mails } = await heldInReview();

    const held = await now(made);
    expect(held).toMatchObject({ hold: { reason: 'tenant_suspended' }, waitingFor: 'customer_success' });
    expect(held.dueAt).toBeUndefined();
    expect(await lab.openTasks('documents_review')).toEqual([]);
    facts.review = { state: 'approved', rejections: [] };
    for (let day = 0; day < 5; day++) await lab.room.pass(24 * HOUR);
    expect(await now(made)).toMatchObject({ state: 'documents_review', hold: { reason: 'tenant_suspended' } });
    expect(mailLines()).toBe(mails);
    await lab.room.changeTenant({ state: 'active' });
    await lab.room.pass(HOUR + 60);

    const done = await now(made);
    expect(done).toMatchObject({ state: 'completed' });
    expect(done.hold).toBeUndefined();
  });

  it('P17: nothing expires meanwhile, and the clocks begin anew when it is lifted', async () => {
    const { carriers } = scriptedPapers([item('a')]);
    await lab.open({ carriers });
    const made = await lab.room.order({});
    expect(made).toMatchObject({ state: 'documents_pending', waitingFor: 'customer' });
    await lab.room.changeTenant({ standing: 'past_due' });
    await put(made, 'a');
    await act('cs', made, 'documents-review', { documents: [{ id: 'a', verdict: 'rejected', reason: 'unreadable' }] });
    expect(await now(made)).toMatchObject({
      state: 'documents_pending',
      hold: { reason: 'billing_not_in_good_standing' },
    });

    for (let day = 0; day < 40; day++) await lab.room.pass(24 * HOUR);
    expect(await now(made)).toMatchObject({
      state: 'documents_pending',
      hold: { reason: 'billing_not_in_good_standing' },
    });
    await lab.room.changeTenant({ standing: 'good' });
    await lab.room.pass(HOUR + 60);

    const lifted = await now(made);
    expect(lifted).toMatchObject({ state: 'documents_pending', waitingFor: 'customer' });
    const left = Date.parse(lifted.expiresAt ?? '') - lab.room.clock.now().getTime();
    expect(left / 86_400_000).toBeCloseTo(30, 0);
    await act('cs', made, 'cancellation');
  });

  it('P17: a hold that is over is lifted though a question is open, and the question keeps its clock', async () => {
    const { made } = await heldInReview();
    await act('cs', made, 'information-request', { question: 'Who uses it?' });
    await lab.room.changeTenant({ state: 'active' });
    await lab.room.pass(HOUR + 60);

    const asked = await now(made);
    expect(asked).toMatchObject({ state: 'info_requested', waitingFor: 'customer' });
    expect(asked.hold).toBeUndefined();
    expect(asked.dueAt).toBeDefined();
    await act('cs', made, 'cancellation');
  });

  it('P17: while a raised price waits for the customer no hold is set, and its clock runs on', async () => {
    const carrier = await lab.open();
    const [first] = [...carrier.stock.keys()];
    carrier.prices.set(first ?? '', { amount: '3.00', currency: 'USD' });
    const numbers = [{ number: first, monthly: { amount: '1.00', currency: 'USD' } }];
    const made = await lab.room.order({ areaCode: undefined, numbers });
    await lab.room.changeTenant({ state: 'suspended' });
    await lab.room.pass(2 * HOUR);

    const offered = await now(made);
    expect(offered).toMatchObject({ state: 'terms_pending', waitingFor: 'customer' });
    expect(offered.hold).toBeUndefined();
    await act('customer', made, 'acceptance', { termsVersion: 1 });
    expect(await now(made)).toMatchObject({ hold: { reason: 'tenant_suspended' } });
    await lab.room.changeTenant({ state: 'active' });
    await lab.room.pass(HOUR + 60);

    expect(await now(made)).toMatchObject({ state: 'completed' });
  });

  it('P17: suspended beside a price that has just risen: the offer stays, no hold hides it', async () => {
    const carrier = await lab.open();
    const { quote } = carrier;
    carrier.prices.set(numberOf(1), usd('3.00'));
    carrier.quote = async (offer, call) => {
      if (offer.number === numberOf(1)) await lab.room.changeTenant({ state: 'suspended' });
      else await expect.poll(async () => (await shown()).state).toBe('terms_pending');
      return quote(offer, call);
    };
    // Five are ordered at a time: the sixth is looked at when the offer has been made.
    const numbers = [1, 2, 3, 4, 5, 6].map((n) => ({ number: numberOf(n), monthly: usd('1.00') }));
    const { id } = (await lab.room.ask('customer', 'POST /v1/number-requests', { body: { country: 'GB', numbers } }))
      .json;
    const shown = async () => (await lab.room.ask('customer', `GET /v1/number-requests/${id}`)).json;

    const offered = await now({ id });
    expect(offered).toMatchObject({ state: 'terms_pending', waitingFor: 'customer' });
    expect(offered.hold).toBeUndefined();
    expect(offered.numbers[5]).toMatchObject({ state: 'withdrawn' });
    await lab.room.changeTenant({ state: 'active' });
    await act('customer', { id }, 'acceptance', { termsVersion: 1 });
    carrier.quote = quote;

    expect(await now({ id })).toMatchObject({ state: 'completed' });
  });

  it('P5 P17: what a broken run had claimed is given back during a hold, and had again after it', async () => {
    const broken = { is: true };
    const carrier = await lab.open({
      onWrite(writes) {
        const ordering = writes.some((one) => one.op === 'put' && one.data['state'] === 'ordering');
        if (ordering && broken.is) throw new TableUnavailable('down');
      },
    });
    const numbers = [1, 2].map((n) => ({ number: numberOf(n), monthly: usd('1.00') }));
    const made = await lab.room.order({ areaCode: undefined, numbers });
    expect(await findClaim(lab.room.table, numberOf(1))).toBeDefined();
    await lab.room.changeTenant({ state: 'suspended' });
    broken.is = false;
    await lab.room.pass(10);

    expect(await now(made)).toMatchObject({ hold: { reason: 'tenant_suspended' } });
    expect(await findClaim(lab.room.table, numberOf(1))).toBeUndefined();
    await lab.room.changeTenant({ state: 'active' });
    await lab.room.pass(HOUR + 60);
    expect(await now(made)).toMatchObject({ state: 'completed' });
    expect(carrier.bought().map(({ number }) => number)).toEqual([numberOf(1), numberOf(2)]);
  });

  it('P17: an account that is put right between the hold and the wait is seen at once', async () => {
    await lab.open();
    lab.room.late.quiet = true;
    const made = await lab.room.order({});
    await lab.room.changeTenant({ state: 'suspended' });
    lab.room.late.quiet = false;
    const { write } = lab.room.table;
    const holding = { is: true };
    // The suspension ends right after the hold was written.
    lab.room.table.write = async (writes) => {
      await write(writes);
      const isHold = writes.some((one) => one.op === 'put' && one.key.sk === `REQ#${made.id}` && one.data['hold']);
      if (!isHold || !holding.is) return;
      holding.is = false;
      await lab.room.changeTenant({ state: 'active' });
    };
    await lab.room.pass(60);

    expect(await now(made)).toMatchObject({ state: 'completed' });
  });
});
