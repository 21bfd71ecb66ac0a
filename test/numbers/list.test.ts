import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tenantScope } from '../../functions/platform/auth.ts';
import { holdSlots } from '../../functions/tenants/store.ts';
import {
  ACME,
  ALEX_EXT,
  GLOBEX,
  type House,
  makeFlow,
  makeQueue,
  PAM_EXT,
  privateTo,
  sharedTo,
  startHouse,
} from './house.ts';

type Item = Record<string, unknown> & { readonly number: string };
const SORTS = ['number', 'ownership', 'name', 'routedTo', 'routingObject', 'updatedAt'] as const;
const numberOf = (n: number) => `+4412235550${String(n).padStart(2, '0')}`;
const dataOf = (answer: { json: Record<string, unknown> }) => answer.json['data'] as Item[];
const namesOf = (answer: { json: Record<string, unknown> }) => dataOf(answer).map((item) => item.number);

async function pages(house: House, query: string, as = 'admin'): Promise<Item[]> {
  const found: Item[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 200; page++) {
    const answer = await house.as(as, `GET /v1/numbers?${query}${cursor ? `&cursor=${cursor}` : ''}`);
    expect(answer.status, answer.text).toBe(200);
    found.push(...dataOf(answer));
    const { nextCursor, hasMore } = answer.json['page'] as { nextCursor?: string; hasMore: boolean };
    expect(hasMore).toBe(nextCursor !== undefined);
    if (!nextCursor) return found;
    cursor = nextCursor;
  }
  throw new Error('the list does not end');
}

describe('the list of numbers', () => {
  it('S0-24, S2-3, S2-4, S2-5: shows everything of each number, and the limit', async () => {
    const house = await startHouse();
    await house.plant(numberOf(10), { assignment: privateTo(PAM_EXT), fields: { tags: ['sales'], reference: 'PO-1' } });
    await house.table.write([holdSlots(tenantScope(ACME), 1, 50)]);

    const answer = await house.as('admin', 'GET /v1/numbers');

    expect(answer.json).toMatchObject({
      object: 'list',
      page: { hasMore: false },
      meta: { limit: { limit: 50, used: 1, held: 1, remaining: 48 } },
      data: [
        {
          object: 'number',
          number: '+441223555010',
          display: '+44 1223 555010',
          name: '+441223555010',
          status: 'active',
          state: 'active',
          country: 'GB',
          type: 'local',
          areaCode: '1223',
          locality: 'Cambridge',
          features: ['voice', 'sms'],
          ownership: 'private',
          routedTo: 'extension',
          routingObject: { type: 'extension', id: PAM_EXT, name: 'Pam B.', label: 'Extension: Pam B.' },
          monthly: { amount: '1.15', currency: 'USD', interval: 'month' },
          setup: { amount: '0.00', currency: 'USD' },
          subscription: { startedOn: '2026-01-10', periodEndsOn: '2026-01-31' },
          statistics: { callsLast30Days: 0 },
          carrier: 'telnyx',
          tags: ['sales'],
          reference: 'PO-1',
          actions: ['view', 'edit', 'assignment'],
          updatedAt: '2026-01-15T09:00:00.000Z',
        },
      ],
    });
  });

  it('S0-24: each column sorts both ways', async () => {
    const house = await startHouse();
    const queue = await makeQueue(house, 'Aaa');
    await house.plant(numberOf(1), { assignment: privateTo(PAM_EXT), fields: { name: 'middle' } });
    house.clock.advance(1);
    await house.plant(numberOf(2), { assignment: privateTo(ALEX_EXT), fields: { name: 'Last' } });
    house.clock.advance(1);
    await house.plant(numberOf(3), {
      assignment: sharedTo({ type: 'queue', id: queue as never }),
      fields: { name: 'ZZ' },
    });
    house.clock.advance(1);
    await house.plant(numberOf(4), { fields: { name: 'first' } });
    const orders: Record<(typeof SORTS)[number], readonly number[]> = {
      number: [1, 2, 3, 4],
      ownership: [4, 1, 2, 3],
      name: [4, 2, 1, 3],
      routedTo: [1, 2, 4, 3],
      routingObject: [4, 2, 1, 3],
      updatedAt: [1, 2, 3, 4],
    };

    for (const sort of SORTS) {
      const up = namesOf(await house.as('admin', `GET /v1/numbers?sort=${sort}`));
      const down = namesOf(await house.as('admin', `GET /v1/numbers?sort=-${sort}`));
      expect([sort, up]).toEqual([sort, orders[sort].map(numberOf)]);
      expect(down).toEqual(up.toReversed());
    }
    expect((await house.as('admin', 'GET /v1/numbers?sort=country')).status).toBe(400);
  });

  it.each([
    ['status=pending', [3]],
    ['status=active,pending', [1, 2, 3, 4]],
    ['country=IE', [2]],
    ['ownership=private', [1]],
    ['ownership=shared,private', [1, 4]],
    ['routedTo=extension', [1]],
    ['routedTo=queue,none', [2, 3, 4]],
    ['carrier=twilio', [2]],
    ['tag=sales', [1, 2]],
    ['tag=sales,support&country=GB', [1, 3]],
    ['reference=PO-1', [1]],
    ['assigned=true', [1, 4]],
    ['assigned=false', [2, 3]],
    ['serviceNumber=true', [4]],
    ['attention=true', [2]],
    ['attention=configuration_pending', [2]],
    ['attention=false', [1, 3, 4]],
    ['q=0122355500', [1, 2, 3, 4]],
    ['q=555003', [3]],
    ['q=pam', [1]],
    ['ouId=org_1', []],
    ['createdAfter=2026-01-15T09:00:01Z', [3, 4]],
    ['createdBefore=2026-01-15T09:00:01Z', [1]],
  ])('filters by %s', async (query, expected) => {
    const house = await startHouse();
    const queue = await makeQueue(house, 'Support');
    await house.plant(numberOf(1), {
      assignment: privateTo(PAM_EXT),
      fields: { name: "Pam's Desk", tags: ['sales'], reference: 'PO-1' },
    });
    house.clock.advance(1);
    await house.plant(numberOf(2), {
      fields: { country: 'IE' as never, carrier: 'twilio', tags: ['sales', 'x'], attention: ['configuration_pending'] },
    });
    house.clock.advance(1);
    await house.plant(numberOf(3), { fields: { state: 'pending', tags: ['support'] } });
    await house.plant(numberOf(4), {
      assignment: sharedTo({ type: 'queue', id: queue as never }),
      fields: { serviceNumber: true },
    });

    expect(namesOf(await house.as('admin', `GET /v1/numbers?${query}`))).toEqual(expected.map(numberOf));
  });

  it('refuses a misspelt filter, and a cursor used with another filter or by somebody else', async () => {
    const house = await startHouse();
    for (const n of [1, 2, 3]) await house.plant(numberOf(n));
    const first = await house.as('admin', 'GET /v1/numbers?limit=1');
    const { nextCursor } = first.json['page'] as { nextCursor: string };

    const misspelt = await house.as('admin', 'GET /v1/numbers?contry=GB');
    const other = await house.as('admin', `GET /v1/numbers?limit=1&country=GB&cursor=${nextCursor}`);
    const foreign = await house.as('globex', `GET /v1/numbers?limit=1&cursor=${nextCursor}`);

    expect([misspelt.status, misspelt.json['code']]).toEqual([400, 'unknown_parameter']);
    expect([other.json['code'], foreign.json['code']]).toEqual(['cursor_mismatch', 'cursor_mismatch']);
    expect(first.headers.get('link')).toContain('rel="next"');
  });

  it('a customer sees the numbers that ring them, alone', async () => {
    const house = await startHouse();
    for (let n = 1; n < 30; n++) await house.plant(numberOf(n), { assignment: privateTo(n % 7 ? ALEX_EXT : PAM_EXT) });

    const own = await pages(house, 'limit=3', 'pam');
    const summary = await house.as('pam', 'GET /v1/numbers/summary');
    const other = await house.as('pam', `GET /v1/numbers/${encodeURIComponent(numberOf(1))}`);
    const mine = await house.as('pam', `GET /v1/numbers/${encodeURIComponent(numberOf(7))}`);

    expect(own.map((item) => item.number)).toEqual([7, 14, 21, 28].map(numberOf));
    expect([summary.status, other.status, mine.status]).toEqual([403, 404, 200]);
    expect(mine.json['actions']).toEqual(['view']);
  });

  it('I7: holds nothing of another tenant', async () => {
    const house = await startHouse();
    await house.plant(numberOf(1));
    const theirs = await house.plant(numberOf(2), { tenantId: GLOBEX, fields: { name: 'MARKER' } });

    const list = await house.as('admin', 'GET /v1/numbers?q=MARKER');
    const all = await house.as('admin', 'GET /v1/numbers');
    const foreign = [
      await house.as('admin', `GET /v1/numbers/${theirs.id}`),
      await house.as('admin', `GET /v1/numbers/${encodeURIComponent(theirs.number)}`),
      await house.as('admin', `PATCH /v1/numbers/${theirs.id}`, { body: { name: 'mine' } }),
      await house.as('admin', `DELETE /v1/numbers/${theirs.id}/assignment`),
      await house.as('admin', `PUT /v1/numbers/${theirs.id}/assignment`, { body: { ownership: 'shared' } }),
      await house.as('admin', `GET /v1/numbers/${theirs.id}/calls`),
      await house.as('admin', `GET /v1/numbers/${theirs.id}/messages`),
      await house.as('admin', `GET /v1/numbers/${theirs.id}/audit`),
    ];

    expect([dataOf(list).length, dataOf(all).length]).toEqual([0, 1]);
    for (const one of foreign) expect([one.status, one.text.includes('MARKER')]).toEqual([404, false]);
  });

  it('S2-5, I8: the summary counts what there is', async () => {
    const house = await startHouse();
    await makeFlow(house, 'IVR');
    await house.plant(numberOf(1), { assignment: privateTo(PAM_EXT) });
    await house.plant(numberOf(2), { fields: { state: 'pending' } });
    await house.plant(numberOf(3), { fields: { country: 'IE' as never, carrier: 'twilio', state: 'quarantined' } });

    const answer = await house.as('admin', 'GET /v1/numbers/summary');

    expect(answer.json).toEqual({
      object: 'number_summary',
      status: { active: 1, pending: 1 },
      ownership: { private: 1, pre_provisioned: 1 },
      country: { GB: 2 },
      carrier: { telnyx: 2 },
      routedTo: { extension: 1, none: 1 },
      limit: { limit: 50, used: 3, held: 0, remaining: 47 },
    });
  });

  it('paging in every order gives each number once, whatever the page size', async () => {
    const somebody = fc.record({ name: fc.string({ maxLength: 5 }), to: fc.constantFrom('pam', 'alex', 'none') });
    const wanted = fc.array(somebody, { minLength: 1, maxLength: 12 });
    const sizes = [fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3 })] as const;

    await fc.assert(fc.asyncProperty(wanted, ...sizes, givesEachOnce), { numRuns: 12 });
  });
});

async function givesEachOnce(wanted: readonly { name: string; to: string }[], limit: number, pageLimit: number) {
  const house = await startHouse({ pageLimit });
  for (const [n, { name, to }] of wanted.entries()) {
    const clean = name.replaceAll(/[\p{Cc}\p{Cs}]/gu, '');
    const assignment = to === 'none' ? {} : { assignment: privateTo(to === 'pam' ? PAM_EXT : ALEX_EXT) };
    await house.plant(numberOf(n), { ...assignment, fields: clean === '' ? {} : { name: clean } });
    if (n % 3 === 0) house.clock.advance(1);
  }
  const all = wanted.map((_, n) => numberOf(n));

  for (const sort of SORTS.flatMap((name) => [name, `-${name}`])) {
    const found = (await pages(house, `sort=${sort}&limit=${limit}`)).map((item) => item.number);
    expect([sort, found.toSorted()]).toEqual([sort, all]);
  }
  house.table.close();
}
