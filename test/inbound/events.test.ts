import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { RawReply } from '../../functions/carriers/inbound-port.ts';
import { NumberId } from '../../functions/domain/ids.ts';
import { CallRecord, MessageRecord } from '../../functions/inbound/schema.ts';
import { readCalls, readMessages, statisticsOf } from '../../functions/inbound/store.ts';
import { CALLER, entry, house, NUMBER, NUMBER_ID, route, TENANT_ID } from './house.ts';
import { readXml } from './markup.ts';
import {
  CARRIERS,
  type Call,
  callRef,
  incoming,
  message,
  status,
  telnyxPost,
  twilioPost,
  vonagePost,
} from './signed.ts';

const CALL: Call = { id: 'call one', from: CALLER, to: NUMBER };
const ID = NumberId.parse(NUMBER_ID);
const START = new Date('2026-11-21T10:00:00.000Z');
const later = (seconds: number): Date => new Date(START.getTime() + seconds * 1000);
const page = { limit: 50 };

/** The dialect's empty answer to a message: accepted, no reply message. */
function isEmptyAnswer(reply: RawReply): boolean {
  const isEmpty = reply.body === '' || readXml(reply.body).children.length === 0;
  return [200, 204].includes(reply.status) && isEmpty;
}

describe.each(CARRIERS)('events of %s', (carrier) => {
  async function world() {
    const made = house();
    await route(made.table, entry({ carrier }));
    made.clock.advance(600);
    return made;
  }
  const states = [
    ['ringing', 0],
    ['answered', 5],
    ['completed', 47],
  ] as const;

  it('S3-9: status events make one record of a call', async () => {
    const { inbound, table, clock } = await world();

    for (const [state, second] of states) {
      const reply = await inbound(status(carrier, CALL, state, later(second), clock.now()));
      expect([200, 204]).toContain(reply.status);
      expect(reply.body).toBe('');
    }

    const { items } = await readCalls(table, ID, page);
    expect(items.map((item) => CallRecord.parse(item))).toMatchObject([
      {
        tenantId: TENANT_ID,
        numberId: NUMBER_ID,
        carrier,
        carrierRef: callRef(carrier, CALL.id),
        to: NUMBER,
        state: 'completed',
        startedAt: '2026-11-21T10:00:00.000Z',
        answeredAt: '2026-11-21T10:00:05.000Z',
        endedAt: '2026-11-21T10:00:47.000Z',
        durationSeconds: 42,
        target: { type: 'extension', id: 'ext_1', name: 'Pam B.' },
      },
    ]);
    expect(items[0]?.from.replace('+', '')).toBe(CALLER.slice(1));
  });

  it('V5: in any order, however often, hours late, they leave the same record, counted once', async () => {
    const orders = fc.array(fc.constantFrom(...states), { minLength: 0, maxLength: 6 });
    const expected = { state: 'completed', startedAt: later(0).toISOString(), endedAt: later(47).toISOString() };
    await fc.assert(
      fc.asyncProperty(orders, fc.shuffledSubarray([...states], { minLength: 3 }), async (extra, all) => {
        const { inbound, table, clock } = await world();
        for (const [state, second] of [...all, ...extra]) {
          const reply = await inbound(status(carrier, CALL, state, later(second), clock.now()));
          expect([200, 204]).toContain(reply.status);
          clock.advance(3600);
        }
        const { items } = await readCalls(table, ID, page);
        expect(items).toHaveLength(1);
        expect(items[0]).toMatchObject({ ...expected, answeredAt: later(5).toISOString(), durationSeconds: 42 });
        expect(await statisticsOf(table, ID, clock.now())).toMatchObject({ callsLast30Days: 1 });
      }),
      { numRuns: 25 },
    );
  });

  it('V5: arriving at the same moment they lose nothing', async () => {
    const { inbound, table, clock } = await world();
    const posts = [...states, ...states, ...states].map(([state, second]) =>
      inbound(status(carrier, CALL, state, later(second), clock.now())),
    );

    for (const reply of await Promise.all(posts)) expect([200, 204]).toContain(reply.status);

    const { items } = await readCalls(table, ID, page);
    expect(items).toMatchObject([{ state: 'completed', durationSeconds: 42, version: 3 }]);
  });

  it('S2-23: statistics count the calls of 30 days and know the last use', async () => {
    const { inbound, table, clock } = await world();
    for (const [id, days] of [
      ['a', 0],
      ['b', 1],
      ['c', 31],
    ] as const) {
      clock.set(later(days * 86_400 + 600));
      await inbound(status(carrier, { ...CALL, id }, 'completed', clock.now(), clock.now()));
    }

    const statistics = await statisticsOf(table, ID, clock.now());

    expect(statistics).toEqual({ callsLast30Days: 1, lastUsedAt: clock.now().toISOString() });
    expect((await readCalls(table, ID, { limit: 2 })).items.map((call) => call.startedAt.slice(0, 10))).toEqual([
      '2026-12-22',
      '2026-11-22',
    ]);
  });

  it('the fate of a call to a number of nobody is acknowledged and not stored', async () => {
    const { inbound, table, clock } = await world();
    await route(table, entry({ carrier, number: '+441223555012', state: 'released' }));
    const before = table.scan().length;

    for (const to of ['+441223555011', '+441223555012']) {
      const reply = await inbound(status(carrier, { ...CALL, to }, 'completed', later(1), clock.now()));
      expect([200, 204]).toContain(reply.status);
    }

    expect(table.scan()).toHaveLength(before);
  });

  it('a message is stored before the empty answer; its text is kept, its media marked as not fetched (V11)', async () => {
    const { inbound, table, clock } = await world();
    const text = `Grüße, 你好 👋 ${'long '.repeat(400)}`;
    const media = [
      'https://media.example.com/10-megabytes',
      ...(carrier === 'vonage' ? [] : ['https://10.0.0.1/private']),
    ];

    const reply = await inbound(message(carrier, { ...CALL, text, media }, clock.now()));

    expect(isEmptyAnswer(reply)).toBe(true);
    const { items } = await readMessages(table, ID, page);
    expect(items.map((item) => MessageRecord.parse(item))).toMatchObject([
      { direction: 'inbound', state: 'received', to: NUMBER, text, notTexted: false, tenantId: TENANT_ID },
    ]);
    expect(items[0]?.media).toEqual(media.map((url) => ({ url, state: 'unfetched' })));
  });

  it('V5: a message that comes twice is one record', async () => {
    const { inbound, table, clock } = await world();
    const post = () => inbound(message(carrier, { ...CALL, text: 'Hello' }, clock.now()));

    const replies = [await post(), await post(), ...(await Promise.all([post(), post()]))];

    expect(replies.every(isEmptyAnswer)).toBe(true);
    expect((await readMessages(table, ID, page)).items).toHaveLength(1);
  });

  it('S0-13: a message to a shared number gets the dialect’s empty answer, and is flagged and logged', async () => {
    const { inbound, table, clock, log } = await world();
    await route(table, entry({ carrier, ownership: 'shared' }));

    const reply = await inbound(message(carrier, { ...CALL, text: 'Hello' }, clock.now()));

    expect(isEmptyAnswer(reply)).toBe(true);
    expect((await readMessages(table, ID, page)).items).toMatchObject([{ notTexted: true, text: 'Hello' }]);
    expect(log.lines).toContainEqual({
      level: 'info',
      event: 'not_texted',
      fields: { carrier, tenantId: TENANT_ID, numberId: NUMBER_ID },
    });
  });

  it('a message to a number of nobody is acknowledged and not stored', async () => {
    const { inbound, table, clock } = await world();
    const before = table.scan().length;

    const reply = await inbound(message(carrier, { ...CALL, to: '+441223555011', text: 'Hello' }, clock.now()));

    expect(isEmptyAnswer(reply)).toBe(true);
    expect(table.scan()).toHaveLength(before);
  });

  it('an event that could not be stored is answered 5xx, and stored when it comes again', async () => {
    const { inbound, table, clock, faults } = await world();
    const posts = () => [
      status(carrier, CALL, 'completed', later(1), clock.now()),
      message(carrier, { ...CALL, text: 'Hello' }, clock.now()),
    ];

    for (const mode of ['down', 'down for writes'] as const) {
      faults.mode = mode;
      for (const post of posts()) expect((await inbound(post)).status).toBe(503);
    }
    faults.mode = 'well';
    for (const post of posts()) expect([200, 204]).toContain((await inbound(post)).status);

    expect((await readCalls(table, ID, page)).items).toHaveLength(1);
    expect((await readMessages(table, ID, page)).items).toHaveLength(1);
  });

  it('V1: an event that a silent table keeps waiting is answered 5xx within two seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { inbound, clock, faults } = await world();
      faults.mode = 'hangs';
      const reply = inbound(status(carrier, CALL, 'completed', later(1), clock.now()));
      await vi.advanceTimersByTimeAsync(1_500);
      expect((await reply).status).toBe(503);
    } finally {
      vi.useRealTimers();
    }
  });

  it('X1: a time ahead of ours is not believed', async () => {
    const { inbound, table, clock } = await world();

    await inbound(status(carrier, CALL, 'completed', later(86_400), clock.now()));

    expect((await readCalls(table, ID, page)).items).toMatchObject([{ endedAt: clock.now().toISOString() }]);
  });

  it('S3-9: an end told alone dates the beginning by its length', async () => {
    const { inbound, table, clock } = await world();

    await inbound(status(carrier, CALL, 'completed', later(47), clock.now()));

    expect((await readCalls(table, ID, page)).items).toMatchObject([
      { startedAt: later(5).toISOString(), endedAt: later(47).toISOString(), durationSeconds: 42 },
    ]);
  });

  it('records hold no key part a carrier could choose', async () => {
    const { inbound, table, clock } = await world();
    await inbound(status(carrier, CALL, 'completed', later(1), clock.now()));
    await inbound(incoming(carrier, CALL, clock.now()));

    const keys = table.scan().map((item) => `${item.key.pk} / ${item.key.sk}`);

    expect(keys.filter((key) => !/^(ROUTE#|CALL#num_\w+ \/ [\d-]{10}#[\w-]{22}$)/.test(key))).toEqual([]);
    expect(keys.every((key) => (key.match(/#/g) ?? []).length <= 3)).toBe(true);
  });
});

describe('hints about orders', () => {
  const numberOrder = {
    data: {
      record_type: 'event',
      event_type: 'number_order.complete',
      id: '5d0f8a31-92c4-4e57-8b1d-7f4b6c2e9a10',
      occurred_at: '2026-11-21T10:00:00.000Z',
      payload: {
        id: 'order-1',
        customer_reference: 'req_x.1.1',
        status: 'success',
        phone_numbers: [{ phone_number: NUMBER }],
      },
    },
  };
  const lines = (items: readonly { readonly key: { readonly pk: string }; readonly data: unknown }[]) =>
    items.filter((item) => item.key.pk.startsWith('OUT#')).map((item) => (item.data as { line: unknown }).line);

  it('P12: is kept with one outbox line that makes the room look again, once however often it comes', async () => {
    const { inbound, table, clock } = house();
    const post = () => inbound(telnyxPost(numberOrder, { kind: 'orders', now: clock.now() }, false));

    const replies = [await post(), await post(), ...(await Promise.all([post(), post()]))];

    expect(replies.map((reply) => [reply.status, reply.body])).toEqual(Array(4).fill([200, '']));
    expect(lines(table.scan())).toEqual([
      {
        kind: 'carrier_event',
        carrier: 'telnyx',
        subject: 'order',
        carrierId: 'order-1',
        reference: 'req_x.1.1',
        number: NUMBER,
      },
    ]);
  });

  it('of a bundle’s review at Twilio likewise', async () => {
    const { inbound, table, clock } = house();
    const bundle = `BU${'b'.repeat(32)}`;

    const reply = await inbound(
      twilioPost({ BundleSid: bundle, Status: 'twilio-approved' }, { kind: 'orders', now: clock.now() }),
    );

    expect([200, 204]).toContain(reply.status);
    expect(lines(table.scan())).toEqual([
      { kind: 'carrier_event', carrier: 'twilio', subject: 'papers', carrierId: bundle },
    ]);
  });

  it('is answered 5xx when it could not be kept', async () => {
    const { inbound, table, clock, faults } = house();
    faults.mode = 'down';

    const reply = await inbound(telnyxPost(numberOrder, { kind: 'orders', now: clock.now() }, false));

    expect(reply).toMatchObject({ status: 503, body: '' });
    expect(table.scan()).toEqual([]);
  });

  it('a verified event that is none of ours is acknowledged and dropped', async () => {
    const { inbound, table, clock } = house();
    const odd = { data: { ...numberOrder.data, event_type: 'billing_group.created' } };

    const replies = [
      await inbound(telnyxPost(odd, { kind: 'orders', now: clock.now() }, false)),
      await inbound(vonagePost({ hello: 'world' }, { kind: 'status', now: clock.now() })),
    ];

    expect(replies.every((reply) => [200, 204].includes(reply.status))).toBe(true);
    expect(table.scan()).toEqual([]);
  });
});

describe('a message of ours', () => {
  it('V5: its fate moves forward only', async () => {
    const { inbound, table, clock } = house();
    await route(table, entry());
    const sid = `SM${'c'.repeat(32)}`;
    const fate = (state: string) =>
      inbound(
        twilioPost(
          { MessageSid: sid, From: NUMBER, To: CALLER, MessageStatus: state },
          { kind: 'status', now: clock.now() },
        ),
      );

    for (const state of ['delivered', 'sent', 'queued', 'delivered'])
      expect((await fate(state)).status).toBeLessThan(300);

    const { items } = await readMessages(table, ID, page);
    expect(items).toMatchObject([
      { direction: 'outbound', from: NUMBER, state: 'delivered', carrierRef: sid, notTexted: false },
    ]);
  });
});

describe('an id of the carrier', () => {
  it('that would break a key is filed under its digest, and found again', async () => {
    const { inbound, table, clock } = house();
    await route(table, entry({ carrier: 'telnyx' }));
    const form = { CallSid: '#v3:a##b/../c#', From: CALLER, To: NUMBER };
    const tell = (state: string) =>
      inbound(telnyxPost({ ...form, CallStatus: state }, { kind: 'status', now: clock.now() }, true));

    expect([(await tell('ringing')).status, (await tell('completed')).status]).toEqual([200, 200]);

    expect((await readCalls(table, ID, page)).items).toMatchObject([
      { carrierRef: '#v3:a##b/../c#', state: 'completed' },
    ]);
    expect(table.scan().map((item) => item.key.sk)).toContainEqual(expect.stringMatching(/^2026-11-21#[\w-]{22}$/));
  });
});

describe('a delivery that is signed once', () => {
  it('V6: a Vonage token that comes again leaves everything as it was', async () => {
    const { inbound, table, clock } = house();
    await route(table, entry({ carrier: 'vonage' }));
    const request = status('vonage', CALL, 'completed', later(-1), clock.now());

    const first = await inbound(request);
    const before = JSON.stringify(table.scan());
    const second = await inbound(request);

    expect([first.status, second.status]).toEqual([204, 204]);
    expect(JSON.stringify(table.scan())).toBe(before);
  });
});
