import { describe, expect, it } from 'vitest';
import { onTask } from '../../functions/platform/on-task.ts';
import { carrierTasks } from '../../functions/requests/tasks.ts';
import { buyingLab, gone, unknown } from './buying.ts';
import { ACME } from './room.ts';
import { numberOf } from './scripted-carrier.ts';

const lab = buyingLab();

describe('the answer is unclear', () => {
  it('P2: lost after execution: adopted by the probe, ordered once', async () => {
    const carrier = await lab.open();
    carrier.next.push({ kind: 'unknown', executedAfter: 0 });

    const made = await lab.room.order({});
    expect(made).toMatchObject({ state: 'resolving', waitingFor: 'carrier', numbers: [{ state: 'being_confirmed' }] });
    expect(made.cancellable).toBe(false);
    await lab.room.pass(2);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed' });
    expect(carrier.orders).toHaveLength(1);
  });

  it('P2 P4: a refusal is not believed when the probe says that it is ours', async () => {
    const carrier = await lab.open();
    carrier.next.push({ kind: 'refused', refusal: gone, executed: true });

    expect(await lab.room.order({})).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(1) }] });
    expect(carrier.orders).toHaveLength(1);
  });

  it('P3: executed long after we gave up: never a second number; the task of the inbox goes away by itself', async () => {
    const carrier = await lab.open();
    carrier.next.push({ kind: 'unknown', executedAfter: 3600 });

    const made = await lab.room.order({});
    await lab.room.pass(1400);
    expect(await lab.room.request(made.id)).toMatchObject({ state: 'resolving', waitingFor: 'customer_success' });
    const [task] = await lab.openTasks('unclear_order');
    expect(task?.detail).toContain(numberOf(1));
    await lab.room.pass(7 * 3600);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(1) }] });
    expect(carrier.orders).toHaveLength(1);
    expect(await lab.openTasks('unclear_order')).toEqual([]);
  });

  it('step 8: the unclear order is due in 4 hours, reminded, escalated 4 hours later', async () => {
    const carrier = await lab.open();
    carrier.next.push(unknown);
    const made = await lab.room.order({});
    expect(await lab.room.request(made.id)).not.toHaveProperty('dueAt');
    await lab.room.pass(1400);

    const [task] = await lab.openTasks('unclear_order');
    // §13: the due date is on the request whenever a person is waited for.
    expect(await lab.room.request(made.id)).toMatchObject({ waitingFor: 'customer_success', dueAt: task?.dueAt });
    await lab.room.pass(4 * 3600 + 60);
    await lab.room.pass(4 * 3600 + 60);

    const keys = (await lab.room.mails()).map((mail) => mail.messageKey);
    expect(keys).toContain(`${task?.id}.reminder.customer_success`);
    expect(keys).toContain(`${task?.id}.escalated.customer_success`);
  });

  it('a person says "not bought": the claim is freed and the next wish is taken', async () => {
    const carrier = await lab.open();
    carrier.next.push(unknown);
    const made = await lab.room.order({});
    await lab.room.pass(1400);

    expect((await lab.resolve({})).json).toMatchObject({ code: 'verdict_required' });
    expect((await lab.resolve({ verdict: 'not_bought', number: numberOf(9) })).json).toMatchObject({
      code: 'unknown_number',
    });
    const answer = await lab.resolve({ verdict: 'not_bought', comment: 'asked them' });

    expect(answer.json).toMatchObject({ state: 'done', resolution: { verdict: 'not_bought', detail: 'asked them' } });
    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(2) }] });
    expect((await lab.resolve({ verdict: 'bought' }, answer.json.id)).json).toMatchObject({ code: 'already_decided' });
  });

  it('a person says "bought" but the carrier shows nothing: nothing is guessed, the person is asked again', async () => {
    const carrier = await lab.open();
    carrier.next.push(unknown);
    const made = await lab.room.order({});
    await lab.room.pass(1400);
    const before = carrier.probes;

    await lab.resolve({ verdict: 'bought' });

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'resolving', waitingFor: 'customer_success' });
    expect(carrier.probes - before).toBe(1);
    expect(await lab.openTasks('unclear_order')).toHaveLength(1);
    await lab.resolve({ verdict: 'not_bought' });
    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed' });
  });

  it('step 8: "bought", but on our account without our reference: nothing is given up, the person is asked again', async () => {
    const carrier = await lab.open();
    carrier.next.push(unknown);
    const made = await lab.room.order({});
    await lab.room.pass(1400);
    carrier.theirs.add(numberOf(1));

    await lab.resolve({ verdict: 'bought' });

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'resolving', numbers: [{ number: numberOf(1) }] });
    expect(carrier.orders).toHaveLength(1);
    expect(await lab.openTasks('unclear_order')).toHaveLength(1);
    await lab.resolve({ verdict: 'not_bought' });
  });

  it('a word given while the carrier does not answer waits for its answer, without a storm', async () => {
    const carrier = await lab.open();
    carrier.next.push(unknown);
    const made = await lab.room.order({});
    await lab.room.pass(1400);
    const before = carrier.probes;
    carrier.probesLost = 3;

    await lab.resolve({ verdict: 'not_bought' });
    expect(carrier.probes - before).toBe(1);
    await lab.room.pass(1800);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(2) }] });
  });

  it('of two unclear orders each has its own verdict', async () => {
    const carrier = await lab.open();
    carrier.next.push(unknown, unknown);
    const made = await lab.room.order({ quantity: 2 });
    await lab.room.pass(1400);

    await lab.resolve({ verdict: 'not_bought', number: numberOf(1) });
    expect(await lab.openTasks('unclear_order')).toHaveLength(1);
    await lab.resolve({ verdict: 'not_bought', number: numberOf(2) });

    const done = await lab.room.request(made.id);
    expect(done.numbers.map(({ number }) => number)).toEqual([numberOf(3), numberOf(4)]);
  });

  it('P4: two attempts at the same moment order once and come to one result', async () => {
    const carrier = await lab.open();
    const run = onTask([...carrierTasks], lab.room.deps);
    lab.room.late.quiet = true;
    const made = await lab.room.order({});
    const place = { tenantId: ACME, requestId: made.id };
    await run({ task: 'CheckPapers', input: place });
    await run({ task: 'ClaimNumbers', input: place });

    const event = { task: 'PurchaseNumber', input: { ...place, item: 0, attempt: 1 } };
    await Promise.all([run(event), run(event), run(event)]);

    expect(carrier.orders).toHaveLength(1);
    expect(await lab.room.intents(made.id)).toMatchObject([{ state: 'bought', sends: 1 }]);
    lab.room.late.quiet = false;
    await lab.room.pass(60);
    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed' });
  });

  it.each([
    ['bought at once', []],
    ['lost after execution', [{ kind: 'unknown', executedAfter: 0 }]],
    ['gone, then bought', [{ kind: 'refused', refusal: gone }]],
    ['accepted', [{ kind: 'accepted' }]],
  ] as const)('P5: every state run twice (%s) changes nothing', async (_name, deeds) => {
    const carrier = await lab.open({ twice: true });
    carrier.next.push(...deeds);

    const made = await lab.room.order({ quantity: 2 });
    await lab.room.pass(120);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed' });
    expect(carrier.bought()).toHaveLength(2);
    expect(await lab.room.mails()).toHaveLength(3);
  });
});
