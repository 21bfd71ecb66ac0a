import { describe, expect, it } from 'vitest';
import { onTask } from '../../functions/platform/on-task.ts';
import { ConditionFailed, type Write } from '../../functions/platform/table.ts';
import { carrierTasks, requestTasks } from '../../functions/requests/tasks.ts';
import { buyingLab, named } from './buying.ts';
import { gate, moneyActs } from './money.ts';
import { ACME } from './room.ts';
import { numberOf } from './scripted-carrier.ts';

const lab = buyingLab();
const money = moneyActs(lab);

const all = [...carrierTasks, ...requestTasks];

/** A request whose papers are checked; states are called by hand, as a platform does that calls at least once. */
async function readyToClaim(body: object) {
  const carrier = await lab.open();
  const run = onTask(all, lab.room.deps);
  lab.room.late.quiet = true;
  const made = await lab.room.order(body);
  const place = { tenantId: ACME, requestId: made.id };
  await run({ task: 'CheckPapers', input: place });
  return {
    carrier,
    place,
    id: made.id,
    call: (task: string, more: object = {}) => run({ task, input: { ...place, ...more } }),
  };
}
/** From here on the outbox is delivered again, and the execution goes its own way. */
async function goOn(): Promise<void> {
  lab.room.late.quiet = false;
  await lab.room.pass(60);
  await lab.room.pass(60);
}
/** The carrier takes its time with a hold, and does not tell in the end whether it is one. */
function holdReserve(carrier: Awaited<ReturnType<typeof readyToClaim>>['carrier']) {
  const { opened, open } = gate();
  const held = { reserves: 0, open };
  carrier.reserve = async () => {
    held.reserves++;
    await opened;
    return { kind: 'unknown', reason: 'timeout', refs: {} };
  };
  return held;
}
const claimOf = (n: number) => lab.room.table.get({ pk: `NUM#${numberOf(n)}`, sk: 'CLAIM' });

describe('a state that still runs while it is run again', () => {
  it('P4: a slow choice finds its number held by its own twin and goes on with it, nobody is asked for another', async () => {
    const { id, place, call } = await readyToClaim(named(1));
    const { table } = lab.room.deps;
    const held = gate();
    let looks = 0;
    const get: typeof table.get = async (key) => {
      if (key.sk === 'CLAIM' && looks++ === 0) await held.opened;
      return table.get(key);
    };
    const slowly = onTask(all, { ...lab.room.deps, table: { ...table, get } });

    const slow = slowly({ task: 'ClaimNumbers', input: place });
    await expect.poll(() => looks).toBe(1);
    const quick = await call('ClaimNumbers');
    held.open();

    expect(quick).toMatchObject({ outcome: 'claimed', items: [{ item: 0, attempt: 1 }] });
    expect(await slow).toEqual(quick);
    expect(await lab.room.request(id)).toMatchObject({ state: 'ordering', waitingFor: 'carrier' });
    await goOn();
    expect(await lab.room.request(id)).toMatchObject({ state: 'completed', numbers: [{ number: numberOf(1) }] });
  });

  it('P16 I8: a choice that outlives its request holds no further number for it', async () => {
    const { carrier, id, call } = await readyToClaim({ quantity: 2 });
    const held = holdReserve(carrier);

    const slow = call('ClaimNumbers');
    await expect.poll(() => held.reserves).toBe(1);
    await money.act('customer', id, 'cancellation');
    await call('CloseRequest');
    held.open();

    expect(await slow).toMatchObject({ outcome: 'ended', items: [] });
    expect([await claimOf(1), await claimOf(2)]).toEqual([undefined, undefined]);
    expect(await money.counter()).toEqual({ used: 0, held: 0, taken: 0 });
    await goOn();
  });

  it('P4 I4: an end that meets a late twin is judged anew, nobody is called for it', async () => {
    let conflicts = 0;
    const onWrite = (writes: readonly Write[]) => {
      const isWithdrawal = writes.some((one) => one.op === 'put' && one.data['state'] === 'withdrawn');
      if (isWithdrawal && conflicts++ === 0) throw new ConditionFailed([0]);
    };
    const carrier = await lab.open({ onWrite });
    const held = holdReserve(carrier);
    const body = { country: 'GB', areaCode: '1223', quantity: 2 };
    const { id } = (await lab.room.ask('customer', 'POST /v1/number-requests', { body })).json;
    await expect.poll(() => held.reserves).toBe(1);
    expect((await money.act('customer', id, 'cancellation')).status).toBe(200);
    held.open();
    await lab.room.pass(60);

    expect(conflicts).toBe(2);
    expect(await lab.openTasks('unclear_order')).toEqual([]);
    expect([await claimOf(1), await claimOf(2)]).toEqual([undefined, undefined]);
    expect(await money.counter()).toEqual({ used: 0, held: 0, taken: 0 });
  });

  it('I8 P17: a choice that comes late holds nothing once its slots were given back', async () => {
    const { place, call } = await readyToClaim(named(1));
    const { table } = lab.room.deps;
    const held = gate();
    let holds = 0;
    const write: typeof table.write = async (writes) => {
      if (writes.some(({ key }) => key.sk === 'CLAIM') && holds++ === 0) await held.opened;
      return table.write(writes);
    };
    const slowly = onTask(all, { ...lab.room.deps, table: { ...table, write } });
    const slow = slowly({ task: 'ClaimNumbers', input: place });
    await expect.poll(() => holds).toBe(1);
    expect(await money.counter()).toMatchObject({ held: 1 });

    await lab.room.changeTenant({ state: 'suspended' });
    expect(await call('ClaimNumbers')).toMatchObject({ outcome: 'hold' });
    await call('AwaitAgreement', { token: 'none' });
    held.open();

    expect(await slow).toMatchObject({ outcome: 'hold', items: [] });
    expect(await claimOf(1)).toBeUndefined();
    expect(await money.counter()).toEqual({ used: 0, held: 0, taken: 0 });
    await lab.room.changeTenant({ state: 'active' });
    await goOn();
  });

  it('P13 P4: another number than ordered goes to a person, though a twin asked and found nothing meanwhile', async () => {
    const { carrier, call } = await readyToClaim(named(1));
    await call('ClaimNumbers');
    carrier.next.push({ kind: 'other_number', number: numberOf(5) });
    carrier.before = async () => void (await call('PurchaseNumber', { item: 0, attempt: 1 }));

    await call('PurchaseNumber', { item: 0, attempt: 1 });

    const [task] = await lab.openTasks('quarantine');
    expect(task?.detail).toContain(numberOf(5));
    await goOn();
  });
});
