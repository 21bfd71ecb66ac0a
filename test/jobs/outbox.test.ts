import { afterEach, describe, expect, it } from 'vitest';
import { RequestId } from '../../functions/domain/ids.ts';
import { bucketOf } from '../../functions/domain/mint.ts';
import { deliverLine } from '../../functions/jobs/deliver.ts';
import { sweep } from '../../functions/jobs/sweep.ts';
import type { Mail } from '../../functions/platform/mailer.ts';
import { type OutboxLine, outboxKey, outboxWrite, putLine, type StoredLine } from '../../functions/platform/outbox.ts';
import { InboxTask } from '../../functions/requests/inbox-schema.ts';
import { outboxPump } from '../../local/pump.ts';
import { openRoom, type Room } from '../requests/room.ts';
import { offerOf, scriptedCarrier } from '../requests/scripted-carrier.ts';

let room: Room | undefined;
afterEach(async () => {
  await room?.close();
  room = undefined;
});
async function open(): Promise<Room> {
  room = await openRoom({ carriers: (clock) => [scriptedCarrier('telnyx', clock, [offerOf('telnyx', 1)])] });
  room.late.quiet = true;
  return room;
}
const mail = (messageKey = 'req_x.opened.requester', more: Partial<Mail> = {}): OutboxLine => ({
  kind: 'mail',
  mail: { to: ['pam@acme.example'], subject: 'Hello', text: 'x', html: '<p>x</p>', messageKey, ...more },
});

async function put(at: Room, line: OutboxLine): Promise<string> {
  const write = outboxWrite(line, at.clock.now());
  await at.table.write([write]);
  return write.key.pk.slice('OUT#'.length);
}
const lineOf = async (at: Room, id: string) =>
  (await at.table.get(outboxKey(id)))?.data as unknown as StoredLine | undefined;
const tasksOf = (at: Room): InboxTask[] =>
  at.table
    .scan()
    .filter((one) => one.key.sk === 'TASK')
    .map((one) => InboxTask.parse(one.data));

/** Tries until the line is no longer tried, or `hours` have passed. Gives back the hours it took. */
async function tryAll(at: Room, id: string, deps: Room['jobs'], hours = 40): Promise<number> {
  const began = at.clock.now().getTime();
  const past = () => (at.clock.now().getTime() - began) / 3_600_000;
  while (past() < hours) {
    await deliverLine(deps, id);
    const line = await lineOf(at, id);
    if (line?.state !== 'open') return past();
    await at.clock.pass(Math.max(1, (Date.parse(line.dueAt) - at.clock.now().getTime()) / 1000));
  }
  return past();
}
const down = async () => {
  throw new Error('the provider is down');
};

describe('a line that cannot be delivered', () => {
  it('N1: a mail is tried for a day, then lies in the inbox', async () => {
    const at = await open();
    const id = await put(at, mail());

    const hours = await tryAll(at, id, { ...at.jobs, mailer: { send: down } });

    expect(hours).toBeGreaterThan(24);
    expect(hours).toBeLessThan(30);
    expect(await lineOf(at, id)).toMatchObject({ state: 'gave_up' });
    expect(tasksOf(at)).toMatchObject([{ kind: 'mail_failed', state: 'open', subject: { object: 'mail' } }]);
    expect(tasksOf(at)[0]?.detail).toContain('"Hello" to pam@acme.example');
  });

  it('N1: a mail about a task makes no further task', async () => {
    const at = await open();
    const id = await put(at, mail('tsk_00000000000000000000000001.reminder.customer_success'));

    await tryAll(at, id, { ...at.jobs, mailer: { send: down } });

    expect(await lineOf(at, id)).toMatchObject({ state: 'gave_up' });
    expect(tasksOf(at)).toEqual([]);
  });

  it('N1: of a mail about a request the task names the request and its tenant', async () => {
    const at = await open();
    const made = await at.order({});
    const id = await put(at, mail(`${made.id}.closed.requester`, { numberRequestId: made.id }));

    await tryAll(at, id, { ...at.jobs, mailer: { send: down } });

    expect(tasksOf(at)).toMatchObject([
      { kind: 'mail_failed', subject: { object: 'number_request', id: made.id }, tenantId: made.tenantId },
    ]);
  });

  it('I5: a start is never given up; after a day a person is told, and it starts once it can', async () => {
    const at = await open();
    const made = await at.order({});
    const start = at.table.scan().find((one) => JSON.stringify(one.data).includes('"start_workflow"'));
    const id = start?.key.pk.slice('OUT#'.length) ?? '';
    const broken = { ...at.jobs, workflows: { ...at.workflows, start: down } };

    await tryAll(at, id, broken, 60);

    expect(await lineOf(at, id)).toMatchObject({ state: 'open' });
    expect(tasksOf(at)).toMatchObject([{ kind: 'unclear_order', state: 'open', subject: { id: made.id } }]);
    await deliverLine(at.jobs, id);
    expect(await lineOf(at, id)).toMatchObject({ state: 'delivered' });
    await at.settle();
    expect(await at.request(made.id)).toMatchObject({ state: 'completed' });
  });

  it('I4: a signal that cannot be given puts its request before a person', async () => {
    const at = await open();
    at.late.quiet = false;
    const made = await at.order({ country: 'CO', areaCode: undefined });
    at.late.quiet = true;
    const { tenantId } = made;
    const id = await put(at, { kind: 'signal', tenantId, numberRequestId: RequestId.parse(made.id) });

    await tryAll(at, id, { ...at.jobs, workflows: { ...at.workflows, succeedTask: down } });

    expect(await lineOf(at, id)).toMatchObject({ state: 'gave_up' });
    expect(tasksOf(at).filter((task) => task.kind === 'unclear_order')).toMatchObject([{ state: 'open' }]);
  });
});

it('X3: a line of a kind that a newer release has written is kept for it, not taken for delivered', async () => {
  const at = await open();
  const id = await put(at, { kind: 'fax', to: 'nobody' } as unknown as OutboxLine);

  await deliverLine(at.jobs, id);

  expect(await lineOf(at, id)).toMatchObject({ state: 'open', lastError: 'a line of no known kind: fax' });
});

describe('leases', () => {
  const killed = async (at: Room, id: string) => {
    const line = await lineOf(at, id);
    if (!line) throw new Error(id);
    const leasedUntil = new Date(at.clock.now().getTime() + 60_000).toISOString();
    await at.table.write([putLine({ ...line, lease: 1, attempts: 1, leasedUntil }, [])]);
  };

  it('P5: what a killed process had leased is delivered when the next one starts', async () => {
    const at = await open();
    const id = await put(at, mail());
    await killed(at, id);
    await at.clock.pass(2);
    expect(await deliverLine(at.jobs, id)).toBe(false);

    const pump = outboxPump(() => at.jobs);
    await pump.start();

    expect(await lineOf(at, id)).toMatchObject({ state: 'delivered' });
    expect((await at.mails()).map((one) => one.messageKey)).toEqual(['req_x.opened.requester']);
    await pump.close();
  });

  it('I12: what this process is delivering is not delivered twice by its start', async () => {
    const at = await open();
    const sent: string[] = [];
    const id = await put(at, mail());
    const gate = Promise.withResolvers<void>();
    const slow = {
      send: async (one: Mail) => {
        sent.push(one.messageKey);
        await gate.promise;
      },
    };
    const delivering = deliverLine({ ...at.jobs, mailer: slow }, id);
    await expect.poll(() => sent.length).toBe(1);

    expect(await deliverLine({ ...at.jobs, mailer: slow }, id, at.clock.now())).toBe(false);
    gate.resolve();
    await delivering;
    expect(sent).toHaveLength(1);
  });
});

describe('the sweep', () => {
  it('X5: a line that throws keeps neither other lines nor requests waiting', async () => {
    const at = await open();
    at.late.quiet = false;
    const made = await at.order({ country: 'CO', areaCode: undefined });
    at.late.quiet = true;
    const bad = await put(at, mail('bad'));
    const good = await put(at, mail('good'));
    await at.clock.pass(49 * 3600);
    const { table } = at;
    const failing = {
      ...table,
      get: async (key: Parameters<typeof table.get>[0]) => {
        if (key.pk === `OUT#${bad}`) throw new Error('damaged');
        return table.get(key);
      },
      write: table.write,
      query: table.query,
      queryIndex: table.queryIndex,
    };

    await sweep({ ...at.jobs, table: failing });

    expect(await lineOf(at, good)).toMatchObject({ state: 'delivered' });
    const shown = await at.ask('cs', `GET /v1/number-requests/${made.id}`);
    expect(shown.json.state).toBe('approval_pending');
    const reminders = at.table.scan().filter((one) => JSON.stringify(one.data).includes('.reminder_approval'));
    expect(reminders.length).toBeGreaterThan(0);
  });

  it('X5: lines whose provider does not answer cost the due dates their turn in no minute', async () => {
    const at = await open();
    at.late.quiet = false;
    const made = await at.order({ country: 'CO', areaCode: undefined });
    at.late.quiet = true;
    for (let count = 0; count < 40; count++) await put(at, mail(`slow_${count}`));
    await at.clock.pass(49 * 3600);
    let tried = 0;
    const hangs = async () => {
      tried += 1;
      await at.clock.pass(10);
      throw new Error('no answer of the provider');
    };

    await sweep({ ...at.jobs, mailer: { send: hangs } });

    expect(tried).toBeLessThan(15);
    const reminders = at.table.scan().filter((one) => JSON.stringify(one.data).includes('.reminder_approval'));
    expect([made.state, reminders.length > 0]).toEqual(['approval_pending', true]);
  });

  /** Lines of one bucket of the due index, so many as are wanted. */
  async function fill(at: Room, bucket: number, count: number): Promise<readonly string[]> {
    const ids: string[] = [];
    while (ids.length < count) {
      const write = outboxWrite(mail(`${bucket}_${ids.length}`), at.clock.now());
      const id = write.key.pk.slice('OUT#'.length);
      if (bucketOf(id) !== bucket) continue;
      await at.table.write([write]);
      ids.push(id);
    }
    return ids;
  }

  it('X5: lines of one bucket that are slow keep those of the others waiting for eight minutes at most', async () => {
    const at = await open();
    await fill(at, 0, 60);
    const good = await Promise.all([1, 4, 7].map((bucket) => fill(at, bucket, 1)));
    const slow = async ({ messageKey }: Mail) => {
      if (!messageKey.startsWith('0_')) return;
      await at.clock.pass(10);
      throw new Error('no answer of the provider');
    };

    for (let minute = 0; minute < 8; minute++) {
      await sweep({ ...at.jobs, mailer: { send: slow } });
      await at.clock.pass(60);
    }

    for (const [id = ''] of good) expect(await lineOf(at, id)).toMatchObject({ state: 'delivered' });
  });

  it('X5: a flood in one bucket lets a page of each other pass before its second', async () => {
    const at = await open();
    await fill(at, 0, 130);
    await fill(at, 5, 2);
    // An hour whose minute begins with the bucket of the flood.
    const minutes = Math.floor(at.clock.now().getTime() / 60_000);
    await at.clock.pass((8 - (minutes % 8)) * 60);
    const sent: string[] = [];

    await sweep({ ...at.jobs, mailer: { send: async ({ messageKey }) => void sent.push(messageKey) } });

    expect(sent).toHaveLength(132);
    expect(sent.indexOf('5_0')).toBe(100);
    expect(sent[0]).toBe('0_0');
  });

  it('X5: requests without end leave tasks and papers their turn', async () => {
    const at = await open();
    at.late.quiet = false;
    for (let count = 0; count < 3; count++) await at.order({ country: 'CO', areaCode: undefined });
    at.late.quiet = true;
    const id = await put(at, mail());
    await tryAll(at, id, { ...at.jobs, mailer: { send: down } });
    await at.clock.pass(49 * 3600);
    const asked = { requests: 0, tasks: 0 };
    const requestDue = async () => {
      asked.requests += 1;
      await at.clock.pass(60);
    };

    const taskDue = async () => {
      asked.tasks += 1;
    };

    await sweep({ ...at.jobs, requestDue, taskDue });

    expect(asked.requests).toBe(2);
    expect(asked.tasks).toBeGreaterThan(0);
  });
});
