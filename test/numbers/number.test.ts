import { describe, expect, it } from 'vitest';
import type { CarrierId } from '../../functions/domain/carrier-id.ts';
import { E164 } from '../../functions/domain/e164.ts';
import { fileCall } from '../../functions/inbound/call-store.ts';
import { fileMessage } from '../../functions/inbound/event-store.ts';
import { NumberView } from '../../functions/numbers/view-schema.ts';
import { readRoute } from '../../functions/routing/store.ts';
import { encoded, type House, PAM_EXT, privateTo, startHouse } from './house.ts';

const NUMBER = '+441223555010';
const at = `/v1/numbers/${encoded(NUMBER)}`;
const patch = (house: House, body: unknown, who = 'admin') => house.as(who, `PATCH ${at}`, { body });

/** Files a call of each day given, as status events do, and one text message. */
async function file(house: House, days: readonly number[]): Promise<void> {
  const number = E164.parse(NUMBER);
  const carrier: CarrierId = 'telnyx';
  const route = () => readRoute(house.table, number, carrier);
  const filing = { carrier, now: house.clock.now(), recordDays: 90, route };
  for (const day of days) {
    const when = new Date(house.clock.now().getTime() - day * 86_400_000);
    const from = '+447700900123';
    await fileCall(
      house.table,
      { callId: `c-${day}`, from, state: 'completed', durationSeconds: 61, at: when },
      filing,
    );
  }
  const message = { messageId: 'm-1', from: '+447700900123', to: number, text: 'hello', media: [], state: 'received' };
  await fileMessage(house.table, { kind: 'message', ...message } as never, house.clock.now(), filing);
}

describe('one number', () => {
  it('S2-23, S0-25, S0-30: by id and by E.164, with data, assignment, statistics and subscription', async () => {
    const house = await startHouse();
    const { id } = await house.plant(NUMBER, { assignment: privateTo(PAM_EXT) });
    await file(house, [0, 3, 40]);

    const byNumber = await house.as('admin', `GET ${at}`);
    const byId = await house.as('cs', `GET /v1/numbers/${id}`);

    expect(byNumber.status, byNumber.text).toBe(200);
    expect(NumberView.strict().safeParse(byNumber.json).error).toBeUndefined();
    expect(byId.json).toEqual(byNumber.json);
    expect(byNumber.json).toMatchObject({
      id,
      display: '+44 1223 555010',
      assignment: { ownership: 'private', target: { type: 'extension', id: PAM_EXT } },
      statistics: { callsLast30Days: 2, lastUsedAt: '2026-01-15T09:00:00.000Z' },
      subscription: { startedOn: '2026-01-10', periodEndsOn: '2026-01-31' },
    });
    expect(byNumber.headers.get('etag')).toBe('"1"');
    expect(byNumber.text).not.toContain('secret-at-carrier');
  });

  it.each(['num_01k0000000000000000000000z', '+441223999999', 'num_x', '0441223', '..'])('404: %s', async (id) => {
    const house = await startHouse();

    const answer = await house.as('admin', `GET /v1/numbers/${encoded(id)}`);

    expect([answer.status, answer.json['code']]).toEqual([404, 'not_found']);
  });

  it('S0-26, S0-29, S0-31, S2-24: renamed, shown in the list, restored; a read moves nothing', async () => {
    const house = await startHouse();
    await house.plant(NUMBER);
    house.clock.advance(60);

    const renamed = await patch(house, { name: "Pam's Desk" });
    house.clock.advance(60);
    const read = await house.as('admin', `GET ${at}`);
    const listed = await house.as('admin', 'GET /v1/numbers?q=desk');
    const restored = await patch(house, { name: null });

    expect(renamed.json).toMatchObject({ name: "Pam's Desk", updatedAt: '2026-01-15T09:01:00.000Z' });
    expect(read.json).toEqual(renamed.json);
    expect(listed.json['data']).toMatchObject([{ name: "Pam's Desk" }]);
    expect(restored.json).toMatchObject({ name: NUMBER, updatedAt: '2026-01-15T09:02:00.000Z' });
    expect({ ...restored.json, name: 0, updatedAt: 0 }).toEqual({ ...renamed.json, name: 0, updatedAt: 0 });
  });

  it('S4-6, S4-7: 100 characters of name and 250 of description, none more', async () => {
    const house = await startHouse();
    await house.plant(NUMBER);

    const most = await patch(house, { name: 'n'.repeat(100), description: 'd'.repeat(250) });
    const emptied = await patch(house, { description: '' });
    const refused = [
      await patch(house, { name: 'n'.repeat(101) }),
      await patch(house, { name: '  ' }),
      await patch(house, { description: 'd'.repeat(251) }),
      await patch(house, { tags: ['t'.repeat(101)] }),
      await patch(house, { metadata: { key: 'v'.repeat(501) } }),
      await patch(house, { metadata: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, 'v'])) }),
    ];
    const unknown = await patch(house, { nmae: 'x' });

    expect([most.status, emptied.status, emptied.json['description']]).toEqual([200, 200, undefined]);
    for (const one of refused) expect([one.status, one.json['code']]).toEqual([422, 'invalid_input']);
    expect([unknown.status, unknown.json['code']]).toEqual([400, 'unknown_field']);
  });

  it.each(['\u{10ffff}', '#', `${'a'.repeat(40)}${'ﷺ'.repeat(4)}${'a'.repeat(7)}${'😀'.repeat(9)}`])(
    'takes any name people can type: %s',
    async (name) => {
      const house = await startHouse();
      await house.plant(NUMBER);

      const answer = await patch(house, { name });

      expect([answer.status, answer.json['name']]).toEqual([200, name]);
      expect((await house.as('admin', 'GET /v1/numbers?sort=-name')).json['data']).toMatchObject([{ name }]);
    },
  );

  it('changes tags, metadata and reference as a merge patch', async () => {
    const house = await startHouse();
    await house.plant(NUMBER);
    await patch(house, { tags: ['a', 'b', 'a'], metadata: { x: '1', y: '2' }, reference: 'PO-1' });

    const answer = await patch(house, { metadata: { x: null, z: '3' }, reference: null });
    const found = await house.as('admin', 'GET /v1/numbers?tag=b');

    expect(answer.json).toMatchObject({ tags: ['a', 'b'], metadata: { y: '2', z: '3' } });
    expect(answer.json).not.toHaveProperty('reference');
    expect(found.json['data']).toHaveLength(1);
  });

  it('A2: If-Match of an older version is 412 with the present one; the change is not made', async () => {
    const house = await startHouse();
    await house.plant(NUMBER);
    await patch(house, { name: 'first' });

    const stale = await house.as('cs', `PATCH ${at}`, { body: { name: 'second' }, headers: { 'If-Match': '"1"' } });

    expect([stale.status, stale.json['code'], stale.headers.get('etag')]).toEqual([412, 'stale_version', '"2"']);
    expect(stale.json['present']).toMatchObject({ name: 'first' });
    expect((await house.as('admin', `GET ${at}`)).json['name']).toBe('first');
  });

  it('S2-25: a customer may not edit', async () => {
    const house = await startHouse();
    await house.plant(NUMBER, { assignment: privateTo(PAM_EXT) });

    expect((await patch(house, { name: 'x' }, 'pam')).status).toBe(403);
  });

  it('S2-23: calls and messages latest first, page by page', async () => {
    const house = await startHouse();
    await house.plant(NUMBER, { assignment: privateTo(PAM_EXT) });
    await file(house, [2, 0, 1]);

    const calls = await house.as('admin', `GET ${at}/calls?limit=2`);
    const { nextCursor } = calls.json['page'] as { nextCursor: string };
    const rest = await house.as('admin', `GET ${at}/calls?limit=2&cursor=${nextCursor}`);
    const messages = await house.as('admin', `GET ${at}/messages`);

    expect(calls.json['data']).toMatchObject([
      { object: 'call', from: '+447700900123', outcome: 'completed', durationSeconds: 61, target: { name: 'Pam B.' } },
      { startedAt: '2026-01-14T08:58:59.000Z' },
    ]);
    expect(rest.json).toMatchObject({ data: [{ startedAt: '2026-01-13T08:58:59.000Z' }], page: { hasMore: false } });
    expect(messages.json['data']).toMatchObject([{ object: 'message', direction: 'inbound', text: 'hello' }]);
  });

  it('I9: every change has its audit entry, latest first', async () => {
    const house = await startHouse();
    await house.plant(NUMBER);
    await patch(house, { name: 'one' });
    await patch(house, { tags: ['t'] }, 'cs');
    await patch(house, { tags: ['t'] });

    const audit = await house.as('admin', `GET ${at}/audit`);

    expect(audit.json['data']).toMatchObject([
      { version: 3, action: 'changed', actor: { name: 'Chris' }, before: { tags: [] }, after: { tags: ['t'] } },
      { version: 2, action: 'renamed', actor: { name: 'Alex A.' }, after: { name: 'one' } },
      { version: 1, action: 'purchased' },
    ]);
  });
});
