import { describe, expect, it } from 'vitest';
import { buyingLab } from './buying.ts';
import { numberOf, usd } from './scripted-carrier.ts';

const lab = buyingLab();
const post = (body: object) => lab.room.ask('customer', 'POST /v1/number-requests', { body });

describe('asking for numbers', () => {
  it.each([
    ['too short', '12'],
    ['empty', ''],
    ['too long', '4'.repeat(500)],
    ['no digits', 'hello'],
  ])('§13: a number that is %s is 422 invalid_number', async (_, number) => {
    await lab.open();

    const answer = await post({ country: 'GB', numbers: [{ number, monthly: usd('1.00') }] });

    expect(answer).toMatchObject({ status: 422, json: { code: 'invalid_number' } });
    expect(answer.json.errors).toMatchObject([{ pointer: '#/numbers/0/number' }]);
    expect(JSON.stringify(answer.json).length).toBeLessThan(2000);
  });

  it('§13: a code that names no country is 422, a country nobody lists is not', async () => {
    await lab.open();

    const none = await post({ country: 'XX' });
    expect(none).toMatchObject({ status: 422, json: { errors: [{ pointer: '#/country' }] } });
    const named = await post({ country: 'XX', numbers: [{ number: numberOf(1), monthly: usd('1.00') }] });
    expect(named.json.errors).toMatchObject([{ pointer: '#/country' }]);
    const quiet = await post({ country: 'AQ' });
    expect(quiet).toMatchObject({ status: 202, json: { state: 'quote_pending' } });
    await lab.room.ask('customer', `POST /v1/number-requests/${quiet.json.id}/cancellation`);
  });

  it('§13: a day that is over is 422 past_time, today is not', async () => {
    await lab.open();

    const past = await post({ country: 'GB', wantedBy: '2026-11-19' });
    expect(past).toMatchObject({ status: 422, json: { code: 'past_time', errors: [{ pointer: '#/wantedBy' }] } });
    expect((await post({ country: 'GB', wantedBy: '2026-11-20' })).status).toBe(202);
  });
});

describe('changing a request', () => {
  it('§4: a merge patch: labels one by one, null takes away, the rest stays', async () => {
    await lab.open();
    const metadata = { a: '1', b: '2' };
    const labels = { name: 'First', reference: 'r1', tags: ['x'], metadata };
    const made = await lab.room.order({ country: 'CO', areaCode: '1', maxMonthly: usd('5.00'), ...labels });
    const patch = (body: object) => lab.room.ask('customer', `PATCH /v1/number-requests/${made.id}`, { body });

    expect((await patch({ metadata: { c: '3' } })).json.metadata).toEqual({ ...metadata, c: '3' });
    const less = (await patch({ metadata: { a: null }, name: null, areaCode: null, tags: null })).json;
    expect(less).toMatchObject({ metadata: { b: '2', c: '3' }, reference: 'r1', tags: [] });
    expect(less.wish).toEqual({ maxMonthly: usd('5.00') });
    expect(less).not.toHaveProperty('name');
    const shown = await lab.room.request(made.id);
    expect(shown).toMatchObject({ metadata: { b: '2', c: '3' }, wish: { maxMonthly: usd('5.00') } });
    expect((await patch({ metadata: null, maxMonthly: null })).json).toMatchObject({ metadata: {}, wish: {} });
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`k${n}`, 'v']));
    await patch({ metadata: many });
    const over = await patch({ metadata: { one: 'more' } });
    expect(over).toMatchObject({ status: 422, json: { errors: [{ pointer: '#/metadata' }] } });
    await lab.room.ask('customer', `POST /v1/number-requests/${made.id}/cancellation`);
  });

  it('§4: an unknown requirement is 404', async () => {
    await lab.open();
    const made = await lab.room.order({ country: 'CO', areaCode: undefined });
    const path = `PUT /v1/number-requests/${made.id}/requirements/nothing`;

    const answer = await lab.room.ask('customer', path, { body: { value: 'x' } });

    expect(answer).toMatchObject({ status: 404, json: { code: 'not_found' } });
    await lab.room.ask('customer', `POST /v1/number-requests/${made.id}/cancellation`);
  });
});
