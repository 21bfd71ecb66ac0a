import { afterEach, describe, expect, it } from 'vitest';
import { checkArrived } from '../../../functions/compliance/arrived-store.ts';
import { documents } from '../../../functions/compliance/store.ts';
import { deliverLine } from '../../../functions/jobs/deliver.ts';
import { type JobsDeps, onJobEvents } from '../../../functions/jobs/on-events.ts';
import { toItem } from '../../../functions/platform/aws/table-item.ts';
import { type OutboxLine, outboxWrite, type StoredLine } from '../../../functions/platform/outbox.ts';
import type { Stored, Write } from '../../../functions/platform/table.ts';
import { endedBadly } from '../../../functions/requests/ended-badly.ts';
import { InboxTask } from '../../../functions/requests/inbox-schema.ts';
import { ACME, openRoom, type Room } from '../../requests/room.ts';
import { offerOf, scriptedCarrier } from '../../requests/scripted-carrier.ts';

let room: Room | undefined;
afterEach(async () => {
  await room?.close();
  room = undefined;
});

/** The requests room without its own pump: nothing is delivered but by the function. */
async function open(changes: Partial<JobsDeps> = {}) {
  const at = await openRoom({ carriers: (clock) => [scriptedCarrier('telnyx', clock, [offerOf('telnyx', 1)])] });
  room = at;
  at.late.quiet = true;
  const delayed: { line: string; seconds: number }[] = [];
  const handler = onJobEvents({
    ...at.jobs,
    delay: async (line, seconds) => void delayed.push({ line, seconds }),
    endedBadly: (end) => endedBadly(at.deps, end),
    uploaded: (key) => checkArrived(at.deps, key),
    runTask: async (event) => event,
    ...changes,
  });
  const put = async (line: OutboxLine, notBefore?: Date): Promise<Stored> => {
    const write = outboxWrite(line, at.clock.now(), notBefore) as Extract<Write, { op: 'put' }>;
    await at.table.write([write]);
    return { key: write.key, data: write.data };
  };
  const lineOf = async ({ key }: Stored) => (await at.table.get(key))?.data as unknown as StoredLine | undefined;
  return { at, delayed, handler, put, lineOf };
}

let sequence = 0;
/** A change as the table's stream tells it. */
const changeOf = (stored: Stored, eventName = 'INSERT') => ({
  eventID: String(++sequence),
  eventName,
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: 'us-east-1',
  eventSourceARN: 'arn:aws:dynamodb:us-east-1:000000000000:table/gateway-test/stream/2026-11-20T00:00:00.000',
  dynamodb: {
    ApproximateCreationDateTime: 1_795_255_200,
    Keys: { pk: { S: stored.key.pk }, sk: { S: stored.key.sk } },
    NewImage: toItem(stored),
    SequenceNumber: String(100_000_000_000_000_000_000n + BigInt(sequence)),
    SizeBytes: 400,
    StreamViewType: 'NEW_IMAGE',
  },
});
const delayedMessage = (body: string) => ({
  messageId: `message-${++sequence}`,
  receiptHandle: 'AQEB',
  body,
  attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1795255200000' },
  messageAttributes: {},
  md5OfBody: 'x',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:delays-test',
  awsRegion: 'us-east-1',
});
const idOf = ({ key }: Stored) => key.pk.slice('OUT#'.length);
const minute = {
  version: '0',
  id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  time: '2026-11-20T10:01:00Z',
  resources: ['arn:aws:events:us-east-1:000000000000:rule/test-sweep'],
  detail: {},
};
const mail = (messageKey = 'req_x.opened.requester'): OutboxLine => ({
  kind: 'mail',
  mail: { to: ['pam@acme.example'], subject: 'Hello', text: 'x', html: '<p>x</p>', messageKey },
});
const tasksOf = (at: Room): InboxTask[] =>
  at.table
    .scan()
    .filter((one) => one.key.sk === 'TASK')
    .map((one) => InboxTask.parse(one.data));

describe('a change of the table', () => {
  it('delivers a new line at once, and marks it (reliability 4.3)', async () => {
    const { at, handler, put, lineOf } = await open();
    const line = await put(mail());

    const answer = await handler({ Records: [changeOf(line)] });

    expect(answer).toEqual({ batchItemFailures: [] });
    expect((await at.mails()).map((one) => one.subject)).toEqual(['Hello']);
    expect(await lineOf(line)).toMatchObject({ state: 'delivered', attempts: 1 });
  });

  it('N2: sends one mail for one line, however often the stream tells it', async () => {
    const { at, handler, put } = await open();
    const change = changeOf(await put(mail()));

    await Promise.all([handler({ Records: [change, change] }), handler({ Records: [change] })]);
    await handler(minute);

    expect(await at.mails()).toHaveLength(1);
  });

  it('leaves a line that is due soon to the queue, and one that is due later to the sweep', async () => {
    const { at, handler, put, delayed } = await open();
    const inSeconds = (seconds: number) => new Date(at.clock.now().getTime() + seconds * 1000);
    const soon = await put(mail('soon'), inSeconds(10));
    const later = await put(mail('later'), inSeconds(16 * 60));

    await handler({ Records: [changeOf(soon), changeOf(later)] });

    expect(delayed).toEqual([{ line: idOf(soon), seconds: 11 }]);
    expect(await at.mails()).toEqual([]);
    await at.clock.pass(11);
    await handler({ Records: [delayedMessage(JSON.stringify({ line: idOf(soon) }))] });
    expect(await at.mails()).toHaveLength(1);
    await at.clock.pass(18 * 60);
    await handler(minute);
    expect(await at.mails()).toHaveLength(2);
  });

  it('puts a line that could not be delivered off by the queue, without holding up the others (X5)', async () => {
    const down = async () => {
      throw new Error('the provider is down');
    };
    const { at, handler, put, delayed, lineOf } = await open();
    const delay = async (line: string, seconds: number) => void delayed.push({ line, seconds });
    const poison = onJobEvents({ ...at.jobs, ...nothing, delay, mailer: { send: down } });
    const [bad, good] = [await put(mail('bad')), await put(mail('good'))];

    expect(await poison({ Records: [changeOf(bad)] })).toEqual({ batchItemFailures: [] });
    const after = await lineOf(bad);
    expect(after).toMatchObject({ state: 'open', attempts: 1, lastError: 'the provider is down' });
    await handler({ Records: [changeOf(good)] });

    // The stream tells this function of new lines only.
    expect(delayed).toEqual([{ line: idOf(bad), seconds: 11 }]);
    expect((await at.mails()).map((one) => one.messageKey)).toEqual(['good']);
    await at.clock.pass(11);
    await handler({ Records: [delayedMessage(JSON.stringify({ line: idOf(bad) }))] });
    expect((await at.mails()).map((one) => one.messageKey)).toEqual(['good', 'bad']);
  });

  it('leaves to the sweep what its queue would not take', async () => {
    const down = async () => {
      throw new Error('the queue is down');
    };
    const { at, put, lineOf } = await open();
    const handler = onJobEvents({ ...at.jobs, ...nothing, delay: down });
    const line = await put(mail('later'), new Date(at.clock.now().getTime() + 10_000));

    expect(await handler({ Records: [changeOf(line)] })).toEqual({ batchItemFailures: [] });
    await at.clock.pass(80);
    await handler(minute);

    expect(await lineOf(line)).toMatchObject({ state: 'delivered' });
  });

  it('leaves a line alone that somebody has, is delivered, or is no line', async () => {
    const { at, handler, put, delayed } = await open();
    const line = await put(mail());
    const leased = { ...line, data: { ...line.data, lease: 1, leasedUntil: '2026-11-20T10:01:00.000Z' } };
    const done = { ...line, data: { ...line.data, state: 'delivered' } };
    const other = {
      key: { pk: 'TEN#ten_1', sk: 'TENANT' },
      data: { state: 'open', dueAt: '2026-11-20T10:00:00.000Z' },
    };
    const { NewImage: _, ...removed } = changeOf(line).dynamodb;

    await handler({
      Records: [
        ...[leased, done, other].map((one) => changeOf(one, 'MODIFY')),
        { ...changeOf(line, 'REMOVE'), dynamodb: removed },
      ],
    });

    expect(delayed).toEqual([]);
    expect(await at.mails()).toEqual([]);
  });

  it('asks again for exactly the changes it could not take up', async () => {
    const { at, put } = await open();
    const [one, two, three] = [await put(mail('1')), await put(mail('2')), await put(mail('3'))];
    const failing = onJobEvents({
      ...at.jobs,
      ...nothing,
      table: {
        ...at.table,
        get: async (key, options) => {
          if (key.pk === two.key.pk) throw new Error('throttled');
          return at.table.get(key, options);
        },
      },
    });
    const changes = [one, two, three].map((line) => changeOf(line));

    const answer = await failing({ Records: changes });

    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: changes[1]?.dynamodb.SequenceNumber }] });
    expect((await at.mails()).map((sent) => sent.messageKey).toSorted()).toEqual(['1', '3']);
  });
});

describe('a lost event', () => {
  it('I5: a start the stream never told is found by the minute, and the number is bought', async () => {
    const { at, handler } = await open();
    const made = await at.ask('customer', 'POST /v1/number-requests', { body: { country: 'GB', areaCode: '1223' } });
    expect(made.status).toBe(202);

    await handler(minute);
    expect((await at.ask('customer', `GET /v1/number-requests/${made.json.id}`)).json.state).toBe('classified');
    await at.clock.pass(61);
    await handler(minute);
    await at.workflows.idle();
    await at.clock.pass(61);
    await handler(minute);
    await at.workflows.idle();

    expect((await at.ask('customer', `GET /v1/number-requests/${made.json.id}`)).json.state).toBe('completed');
  });

  it('a function killed after taking the lease: the line is free again after a minute', async () => {
    const { at, handler, put } = await open();
    const line = await put(mail());
    const killed = deliverLine({ ...at.jobs, mailer: { send: () => new Promise(() => undefined) } }, idOf(line));
    void killed;
    await at.clock.pass(30);
    await handler({ Records: [changeOf(line)] });
    expect(await at.mails()).toEqual([]);

    await at.clock.pass(91);
    await handler(minute);

    expect(await at.mails()).toHaveLength(1);
  });
});

describe('a delayed message', () => {
  it('that does not read comes again and ends in the dead-letter queue', async () => {
    const { handler } = await open();
    const messages = [delayedMessage('{"line":7}'), delayedMessage('nonsense')];

    expect(await handler({ Records: messages })).toEqual({
      batchItemFailures: messages.map((one) => ({ itemIdentifier: one.messageId })),
    });
  });

  it('about a line that is gone is done', async () => {
    const { handler } = await open();

    expect(await handler({ Records: [delayedMessage('{"line":"out_00000000000000000000000000"}')] })).toEqual({
      batchItemFailures: [],
    });
  });
});

describe('a file that arrived', () => {
  async function announce(at: Room) {
    const body = { kind: 'identity', fileName: 'passport.pdf', contentType: 'application/pdf', size: 9 };
    const made = await at.ask('customer', 'POST /v1/documents', { body });
    expect(made.json.code ?? made.status).toBe(201);
    const place = { pk: `TEN#${ACME}`, sk: `DOC#${made.json.id}` };
    const read = async () => documents.find(at.table, place);
    const blobKey = (await read())?.blobKey ?? '';
    at.files.set(blobKey, new TextEncoder().encode('%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n'));
    return { read, blobKey };
  }
  const told = (key: string) => ({
    version: '0',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    detail: { version: '0', bucket: { name: 'papers-test' }, object: { key, size: 9, etag: 'x', sequencer: '0' } },
  });
  const notice = (key: string) => ({
    Records: [
      { eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3: { bucket: { name: 'b' }, object: { key } } },
    ],
  });

  it.each([
    ['EventBridge', told],
    ['the bucket itself', notice],
  ])('R3: is checked when %s tells of it', async (_, event) => {
    const { at, handler } = await open();
    const { read, blobKey } = await announce(at);
    expect(await read()).toMatchObject({ state: 'awaiting_upload' });

    await handler(event(blobKey));

    expect(await read()).toMatchObject({ state: 'received' });
  });

  it('of nobody is left alone', async () => {
    const { handler } = await open();

    await expect(handler(told('papers/unknown'))).resolves.toBeUndefined();
  });

  it('comes again when it could not be checked', async () => {
    const { handler } = await open({ uploaded: () => Promise.reject(new Error('the table is down')) });

    await expect(handler(told('papers/x'))).rejects.toThrow('the table is down');
    await expect(handler(notice('papers/x'))).rejects.toThrow('could not be checked');
  });
});

describe('an execution that ended badly', () => {
  const ended = (name: string, status = 'TIMED_OUT', seconds = 60) => ({
    version: '0',
    'detail-type': 'Step Functions Execution Status Change',
    source: 'aws.states',
    detail: {
      executionArn: `arn:aws:states:us-east-1:000000000000:execution:test-request-number:${name}`,
      stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:test-request-number',
      name,
      status,
      startDate: 1_795_255_200_000,
      stopDate: 1_795_255_200_000 + seconds * 1000,
      input: '{}',
    },
  });

  it('I4: puts its request before a person, once', async () => {
    const { at, handler } = await open();
    const { id } = (await at.ask('customer', 'POST /v1/number-requests', { body: { country: 'GB', areaCode: '1223' } }))
      .json;

    await Promise.all([handler(ended(id)), handler(ended(id, 'FAILED'))]);
    await handler(ended(id));

    expect(tasksOf(at)).toMatchObject([{ kind: 'unclear_order', state: 'open', subject: { id } }]);
    expect(tasksOf(at)[0]?.detail).toMatch(/ended before the request did \((timed_out|failed)\)/);
  });

  it('I4: after an hour or more goes on in a fresh one, once, and needs nobody', async () => {
    const { at, handler } = await open();
    const { id } = (await at.ask('customer', 'POST /v1/number-requests', { body: { country: 'GB', areaCode: '1223' } }))
      .json;

    await Promise.all([handler(ended(id, 'FAILED', 3600)), handler(ended(id, 'FAILED', 3600))]);
    await handler(ended(id, 'FAILED', 3600));

    expect(tasksOf(at)).toEqual([]);
    const starts = at.table
      .scan()
      .flatMap(({ data }) => (JSON.stringify(data).includes('"start_workflow"') ? [data] : []));
    expect(starts.map((line) => line['line'])).toMatchObject([{ name: id }, { name: `${id}.2` }]);
  });

  it('of a request that is over, or of nobody, needs nobody', async () => {
    const { at, handler } = await open();
    at.late.quiet = false;
    const view = await at.order({});
    expect(view.state).toBe('completed');

    await handler(ended(view.id));
    await handler(ended('req_00000000000000000000000000'));
    await handler(ended('something-else'));

    expect(tasksOf(at)).toEqual([]);
  });
});

describe('what else wakes the function', () => {
  it('is the minute under either name', async () => {
    const { handler } = await open();

    expect(await handler({ job: 'sweep' })).toEqual({ lines: 0, requests: 0, tasks: 0 });
    expect(await handler(minute)).toEqual({ lines: 0, requests: 0, tasks: 0 });
  });

  it('is a task of the owner', async () => {
    const { handler } = await open();

    expect(await handler({ task: 'AddPerson', input: {} })).toEqual({ task: 'AddPerson', input: {} });
  });

  it.each([[null], ['text'], [{}], [{ source: 'aws.s3', detail: {} }], [{ source: 'aws.ec2', detail: { name: 'x' } }]])(
    'is refused when nobody knows it: %j',
    async (event) => {
      const { handler } = await open();

      await expect(handler(event)).rejects.toThrow('no known kind');
    },
  );
});

const nothing = {
  delay: async () => undefined,
  endedBadly: async () => undefined,
  uploaded: async () => undefined,
  runTask: async () => undefined,
};
