import { describe, expect, it } from 'vitest';
import { RequestId } from '../../functions/domain/ids.ts';
import { tenantScope } from '../../functions/platform/auth.ts';
import { continueElsewhere } from '../../functions/requests/continue-elsewhere.ts';
import type { NumberRequest } from '../../functions/requests/schema.ts';
import { findRequest, requests } from '../../functions/requests/store.ts';
import { buyingLab, gone, unknown } from './buying.ts';
import { moneyActs } from './money.ts';
import { ACME } from './room.ts';
import { numberOf, usd } from './scripted-carrier.ts';

const lab = buyingLab();
const money = moneyActs(lab);
const DAY = 86_400;
const scope = tenantScope(ACME);
const papers = { class: 'DocumentsRequired', code: 'documents_required', carrierText: 'bundle wanted' } as const;

async function rewrite(id: string, fields: Partial<NumberRequest>): Promise<void> {
  const before = await findRequest(lab.room.table, scope, RequestId.parse(id));
  if (!before) throw new Error('no request');
  const actor = { kind: 'system', id: 'test', name: 'Test' } as const;
  const change = { action: 'rewritten', actor, at: lab.room.clock.now() };
  await lab.room.table.write(requests.replace(before, { ...before, ...fields }, change).writes);
}

/** The first execution has come to its size (reliability 4.8): the next one begins with what lies in the table. */
async function goOnElsewhere(id: string): Promise<void> {
  await lab.room.workflows.stop('request-number', id, 'its size');
  const place = { tenantId: ACME, requestId: RequestId.parse(id), execution: id };
  await continueElsewhere.run(place, lab.room.deps);
  await lab.room.settle();
}

describe('each order has what it needs', () => {
  it('step 7: the window of probes belongs to each order, not to the request', async () => {
    const carrier = await lab.open();
    carrier.next.push(unknown, { kind: 'unknown', executedAfter: 1 });
    const made = await lab.room.order({});
    await lab.room.pass(1400);
    await lab.resolve({ verdict: 'not_bought' });
    await lab.room.pass(15);

    expect(await lab.room.request(made.id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(2) }] });
    expect(await lab.openTasks('unclear_order')).toEqual([]);
  });

  it('R4: one refused for its papers is not ordered again beside one that is gone; a person looks first', async () => {
    const carrier = await lab.open();
    carrier.script.set(numberOf(1), [{ kind: 'refused', refusal: papers }]);
    carrier.script.set(numberOf(2), [{ kind: 'refused', refusal: gone }]);
    const { id } = await lab.room.order({ quantity: 2 });

    expect(await lab.room.request(id)).toMatchObject({ state: 'documents_review', waitingFor: 'customer_success' });
    expect(carrier.orders.map((order) => order.number)).toEqual([numberOf(1), numberOf(2)]);
    await money.act('cs', id, 'documents-review', { documents: [], listComplete: true });

    const done = await lab.room.request(id);
    expect(done).toMatchObject({ state: 'completed' });
    expect(done.numbers.map(({ number }) => number)).toEqual([numberOf(1), numberOf(3)]);
  });
});

describe('a fresh execution', () => {
  it.each(['standard', 'special'] as const)(
    'P10 4.8: follows what was ordered though a raised price waits for the customer (%s)',
    async (kind) => {
      const carrier = await lab.open();
      if (kind === 'special') await money.treatAs('special');
      carrier.script.set(numberOf(1), [{ kind: 'accepted', after: 3600 }]);
      carrier.prices.set(numberOf(2), usd('3.00'));
      const { id } = await lab.room.order(money.several('1.00', '1.00'));
      if (kind === 'special') {
        await money.act('cs', id, 'terms', money.terms('2.00'));
        await money.accept(id, 1);
      }
      expect(await lab.room.request(id)).toMatchObject({ state: 'terms_pending', waitingFor: 'customer' });
      await goOnElsewhere(id);
      await lab.room.pass(7200);

      expect(await lab.room.request(id)).toMatchObject({
        state: 'terms_pending',
        numbers: [{ state: 'active' }, { state: 'withdrawn' }],
      });
      expect((await money.accept(id, kind === 'special' ? 2 : 1)).status).toBe(200);
      expect(await lab.room.request(id)).toMatchObject({ state: 'completed' });
    },
  );

  it('P10 R4: likewise though papers of another number wait for a person', async () => {
    const carrier = await lab.open();
    carrier.script.set(numberOf(1), [{ kind: 'accepted', after: 3600 }]);
    carrier.script.set(numberOf(2), [{ kind: 'refused', refusal: papers }]);
    const { id } = await lab.room.order(money.several('1.00', '1.00'));
    expect(await lab.room.request(id)).toMatchObject({ state: 'documents_review' });
    await goOnElsewhere(id);
    await lab.room.pass(7200);

    expect(await lab.room.request(id)).toMatchObject({ numbers: [{ state: 'active' }, { state: 'refused' }] });
    expect(carrier.orders).toHaveLength(2);
    await money.act('cs', id, 'documents-review', { documents: [], listComplete: true });
    expect(await lab.room.request(id)).toMatchObject({ state: 'completed' });
  });
});

describe('a clock that is behind', () => {
  const inMs = (ms: number) => new Date(lab.room.clock.now().getTime() + ms).toISOString();

  it('X1 I4: what was agreed by a clock ahead of ours is agreed', async () => {
    await lab.open();
    lab.room.late.quiet = true;
    const { id } = await lab.room.order({});
    await rewrite(id, { agreedAt: inMs(600_000) });
    lab.room.late.quiet = false;
    await lab.room.pass(60);

    expect(await lab.room.request(id)).toMatchObject({ state: 'completed' });
  });

  it('X1 I4: an undo window that is still open by our clock is waited out, not slept over', async () => {
    await lab.open();
    await money.treatAs('restricted');
    const { id } = await lab.room.order({});
    await money.approve(id, { undoSeconds: 30 });
    const until = inMs(600_000);
    await rewrite(id, { agreedAt: until, undoUntil: until });
    // The approval's signal is delivered by a clock that is ahead; it wakes the execution too early.
    await lab.room.pass(60);
    expect(await lab.room.request(id)).toMatchObject({ state: 'classified' });
    await lab.room.pass(DAY);

    expect(await lab.room.request(id)).toMatchObject({ state: 'completed' });
  });
});
