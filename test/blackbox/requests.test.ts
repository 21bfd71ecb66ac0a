import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EMAILS, expectProblem, file, type House, type Json, key, openHouse, type Sent, show, until } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
const create = (body: unknown, sent: Sent = {}, query = '') =>
  house.ask(`POST /v1/number-requests${query}`, { as: 'customer', body, key: key(), ...sent });
const usd = (amount: string) => ({ amount, currency: 'USD' });
const stock = (number: string, amount = '1.00', carrier = 'telnyx') =>
  house.control(`POST ${carrier}/stock`, {
    numbers: [{ number, country: 'GB', type: 'local', monthly: usd(amount) }],
  });
const SPECIAL = 'AT BG CZ FR IT LT LU MY MT NO PT SG KR ES CH TR DE'.split(' ');
const ACTIONS =
  `approval rejection terms acceptance refusal information_request information documents_review requirements
  cancellation comment`.split(/\s+/);
const STEPS =
  `submitted classified ticket_opened approval terms information documents sourcing purchase activation assignment
  closed`.split(/\s+/);
const asked = async () => {
  const all = await Promise.all(['telnyx', 'twilio', 'vonage'].map((one) => house.control(`GET ${one}/requests`)));
  return all.map((one) => one.json.data.length);
};

describe('§4 POST /v1/number-requests', () => {
  it('202 with Location, ETag and the request, with the fields of the page', async () => {
    const { status, headers, json } = await create({ country: 'CO' });
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/v1/number-requests/${json.id}`);
    expect(headers.get('etag')).toMatch(/^".+"$/);
    expect(json).toMatchObject({
      object: 'number_request',
      tenantId: house.acme,
      state: 'approval_pending',
      class: 'restricted',
      waitingFor: 'customer_success',
      country: 'CO',
      type: 'local',
      quantity: 1,
      policy: 'all_or_nothing',
      wish: {},
      purpose: 'other',
      channel: 'form',
      subject: 'business',
      requestedBy: house.ids.customer,
      cancellable: true,
      numbers: [],
      requirements: expect.any(Array),
      tags: [],
      metadata: {},
    });
    for (const action of json.actions) expect(ACTIONS).toContain(action);
    expect(json.actions).toEqual(expect.arrayContaining(['cancellation', 'comment']));
    expect(json.actions).not.toContain('approval');
    for (const entry of json.timeline) {
      expect(STEPS).toContain(entry.step);
      expect(['done', 'current', 'waiting', 'failed', 'undone']).toContain(entry.state);
      expect(entry.at).toMatch(/Z$/);
      expect(entry.actor).toMatchObject({ kind: expect.any(String), name: expect.any(String) });
    }
    expect(json.timeline.map((one: Json) => one['step'])).toEqual([
      'submitted',
      'classified',
      'ticket_opened',
      'approval',
    ]);
    const within = Date.parse(json.dueAt) - Date.parse(json.createdAt);
    expect(within).toBe(48 * 3_600_000);
    expect(Date.parse(json.expiresAt) - Date.parse(json.createdAt)).toBe(30 * 86_400_000);
    const shown = await show(house, json.id, 'customer');
    expect(shown.status).toBe(200);
  });

  it('takes every field of the page and shows it again', async () => {
    const wish = {
      areaCode: '1',
      locality: 'Bogotá',
      region: 'Cundinamarca',
      contains: '77',
      match: 'ends',
      features: ['voice'],
      maxMonthly: usd('4.50'),
    };
    const rest = {
      type: 'local',
      quantity: 2,
      policy: 'best_effort',
      wantedBy: '2031-05-01',
      purpose: 'local_presence',
      purposeNote: 'A shop',
      channel: 'sales',
      name: 'Shop line',
      assignment: { ownership: 'shared' },
      subject: 'individual',
      reference: 'crm-17',
      tags: ['a', 'b'],
      metadata: { team: 'x' },
    };
    const alternatives = [{ areaCode: '2' }, { locality: 'Cali' }];
    const { status, json, text } = await create({ country: 'CO', ...wish, ...rest, alternatives });
    expect(status, text).toBe(202);
    expect(json).toMatchObject({ ...rest, wish, alternatives });
    expect(json).not.toHaveProperty('areaCode');
  });

  it.each([
    [{}, 400],
    [{ country: 5 }, 400],
    [{ country: 'GB', type: 'fax' }, 400],
    [{ country: 'GB', policy: 'some' }, 400],
    [{ country: 'GB', purpose: 'fun' }, 400],
    [{ country: 'GB', channel: 'fax' }, 400],
    [{ country: 'GB', subject: 'robot' }, 400],
    [{ country: 'GB', match: 'middle' }, 400],
    [{ country: 'GB', features: ['fly'] }, 400],
    [{ country: 'GB', features: 'voice' }, 400],
    [{ country: 'GB', quantity: '2' }, 400],
    [{ country: 'GB', tags: 'a' }, 400],
    [{ country: 'GB', metadata: { a: 1 } }, 400],
    [{ country: 'GB', maxMonthly: '2.00' }, 400],
    [{ country: 'GB', areacode: '1' }, 400],
    [{ country: 'GB', numbers: [{ number: '+441223555010', monthly: usd('1'), price: 1 }] }, 400],
    [{ country: 'GB', numbers: [{ number: '+441223555010', monthly: usd('1'), carrier: 'acme' }] }, 400],
    [{ country: 'GB', assignment: { ownership: 'mine' } }, 400],
    [{ country: 'GB', quantity: 0 }, 422],
    [{ country: 'GB', quantity: 101 }, 422],
    [{ country: 'GB', quantity: 1.5 }, 422],
    [{ country: 'GB', areaCode: '01x' }, 422],
    [{ country: 'GB', contains: '1' }, 422],
    [{ country: 'GB', contains: '1234567890123456' }, 422],
    [{ country: 'GB', wantedBy: 'soon' }, 422],
    [{ country: 'GB', purposeNote: 'x'.repeat(501) }, 422],
    [{ country: 'GB', alternatives: Array.from({ length: 6 }, () => ({ areaCode: '20' })) }, 422],
    [{ country: 'GB', maxMonthly: usd('-1.00') }, 422],
    [{ country: 'GB', maxMonthly: usd('abc') }, 422],
    [{ country: 'GB', metadata: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, 'v'])) }, 422],
    [{ country: 'GB', metadata: { a: 'x'.repeat(501) } }, 422],
    [{ country: 'GB', numbers: [] }, 422],
    [{ country: 'GB', numbers: [{ number: '+441223555010', monthly: usd('1.00') }], quantity: 1 }, 422],
    [{ country: 'GB', numbers: [{ number: '+441223555010', monthly: usd('1.00') }], areaCode: '1223' }, 422],
    [{ country: 'GB', wantedBy: '2020-01-01' }, 422],
  ])('%j is %i, nothing stored', async (body, status) => {
    const reply = await create({ ...(body as Json), reference: undefined });
    expectProblem(reply, status);
  });

  it.each([
    [{ country: 'GB', numbers: [{ number: '12', monthly: usd('1.00') }] }, 'invalid_number'],
    [{ country: 'GB', numbers: [{ number: 'hello', monthly: usd('1.00') }] }, 'invalid_number'],
    [{ country: 'GB', numbers: [{ number: '+33123456789', monthly: usd('1.00') }] }, 'invalid_number'],
    [{ country: 'GB', numbers: [{ number: '+441223555010' }] }, 'price_required'],
    [{ country: 'GB', quantity: 51 }, 'number_limit_reached'],
  ])('%j: 422 %s, at once', async (body, code) => {
    const before = await asked();
    const mails = (await house.ask('GET /local/mails')).json.data.length;
    expectProblem(await create(body), 422, code);
    expect((await house.ask('GET /local/mails')).json.data).toHaveLength(mails);
    expect(await asked()).toEqual(before);
  });

  it('a field that is wrong is named by a JSON pointer', async () => {
    const { json } = await create({ country: 'GB', quantity: 0, metadata: { a: 'x'.repeat(501) } });
    const pointers = json.errors.map((one: Json) => one['pointer']);
    expect(pointers).toEqual(expect.arrayContaining(['#/quantity', '#/metadata/a']));
    const named = await create({ country: 'GB', numbers: [{ number: '+441223555010' }] });
    expect(named.json.errors[0].pointer).toMatch(/^#\/numbers\/0/);
  });

  it('an unknown or foreign target is 422 unknown_target', async () => {
    const target = { type: 'extension', id: 'ext_01k0000000000000000000zzzz' };
    expectProblem(await create({ country: 'GB', assignment: { ownership: 'private', target } }), 422, 'unknown_target');
  });

  it('?dryRun=true: 200, priced and validated, nothing stored, no key needed', async () => {
    const listed = async () => (await house.ask('GET /v1/number-requests?limit=200', { as: 'admin' })).json.data.length;
    const before = await listed();
    const dry = await house.ask('POST /v1/number-requests?dryRun=true', { as: 'customer', body: { country: 'GB' } });
    expect(dry.status, dry.text).toBe(200);
    expect(dry.json).toMatchObject({ object: 'number_request', class: 'standard', country: 'GB' });
    expectProblem(await create({ country: 'GB', quantity: 101 }, {}, '?dryRun=true'), 422);
    expectProblem(await create({ country: 'GB' }, {}, '?dryRun=yes'), 400);
    expect(await listed()).toBe(before);
  });

  it('the highest price that may be named, times the quantity, is no fault of ours', async () => {
    const body = { country: 'CO', quantity: 50, maxMonthly: usd('999999999.99') };
    const dry = await house.ask('POST /v1/number-requests?dryRun=true', { as: 'customer', body });
    expect([200, 422]).toContain(dry.status);
    const { status, json } = await create(body);
    if (status === 202) expect(json.state).toBe('approval_pending');
    else expect(status).toBe(422);
  });
  it('S0-36, S0-39: special waits for terms, made by customer success', async () => {
    for (const country of ['FR', 'DE', 'KR']) {
      const { json } = await create({ country });
      expect(SPECIAL).toContain(country);
      expect(json).toMatchObject({ class: 'special', state: 'terms_pending', waitingFor: 'customer_success' });
    }
  });
  it('S0-38: an unlisted country waits for a quote', async () => {
    const before = await asked();
    const { json } = await file(house, { country: 'AQ' });
    expect(json).toMatchObject({ class: 'unsupported', state: 'quote_pending', waitingFor: 'customer_success' });
    const due = Date.parse(json.dueAt) - Date.parse(json.createdAt);
    expect([48 * 3_600_000, 5 * 86_400_000]).toContain(due);
    await house.gateway.idle();
    expect(await asked()).toEqual(before);
  });
  it('a country that is none is refused', async () => {
    for (const country of ['XX', 'gb', 'GBR', '']) {
      const reply = await create({ country });
      expect([400, 422], country).toContain(reply.status);
    }
  });

  it('S0-42: a restricted request reaches no carrier before its approval', async () => {
    const before = await asked();
    for (const country of ['CO', 'GE', 'ID', 'TH']) await file(house, { country });
    await house.gateway.idle();
    expect(await asked()).toEqual(before);
  });

  it('S0-44: one ticket, one mail to customer success, one to the requester', async () => {
    const { json } = await file(house, { country: 'TH', purpose: 'new_region' });
    await house.gateway.idle();
    const { data } = (await house.ask(`GET /local/mails?numberRequestId=${json.id}`)).json;
    expect(data.map((one: Json) => one['messageKey']).toSorted()).toEqual([
      `${json.id}.opened.customer_success`,
      `${json.id}.opened.requester`,
    ]);
    const mine = data.find((one: Json) => String(one['messageKey']).endsWith('requester'));
    expect(mine.to).toEqual([EMAILS.customer]);
    const ticket = await house.ask(`GET /v1/tickets/${json.ticketId}`, { as: 'customer' });
    expect(ticket.json).toMatchObject({
      id: json.ticketId,
      kind: 'number_request',
      numberRequestId: json.id,
      state: 'open',
    });
    const tickets = await house.ask('GET /v1/tickets?limit=200', { as: 'admin' });
    expect(tickets.json.data.filter((one: Json) => one['numberRequestId'] === json.id)).toHaveLength(1);
  });

  it('Prefer: wait is confirmed, the status stays 202, the answer is final', async () => {
    const reply = await file(house, { country: 'GB', areaCode: '1223' });
    expect(reply.headers.get('preference-applied')).toBe('wait=10');
    expect(reply.json.state).toBe('completed');
    const bare = await create({ country: 'CO' });
    expect(bare.headers.get('preference-applied')).toBeNull();
  });
});

describe('§4 a standard request', () => {
  it('S0-34: named numbers are bought at the reviewed price, named and assigned', async () => {
    await stock('+441223710001');
    const extension = (await house.ask('GET /v1/extensions', { as: 'admin' })).json.data?.[0];
    expect(extension, 'an extension to assign to').toBeDefined();
    const assignment = { ownership: 'private', target: { type: 'extension', id: extension.id } };
    const body = {
      country: 'GB',
      numbers: [{ number: '+441223710001', carrier: 'telnyx', monthly: usd('1.00') }],
      name: 'Line one',
      assignment,
    };
    const { json } = await file(house, body);
    expect(json, JSON.stringify(json.failure)).toMatchObject({
      state: 'completed',
      waitingFor: 'nobody',
      cancellable: false,
      actions: ['comment'],
    });
    const [one] = json.numbers;
    expect(one).toMatchObject({
      number: '+441223710001',
      state: 'active',
      carrier: 'telnyx',
      monthly: { ...usd('1.00'), interval: 'month' },
    });
    expect(one.numberId).toMatch(/^num_/);
    const steps = json.timeline.map((entry: Json) => entry['step']);
    for (const step of [
      'submitted',
      'classified',
      'ticket_opened',
      'sourcing',
      'purchase',
      'activation',
      'assignment',
      'closed',
    ])
      expect(steps, step).toContain(step);
    const number = await house.ask(`GET /v1/numbers/${one.numberId}`, { as: 'admin' });
    expect(number.json).toMatchObject({
      number: '+441223710001',
      name: 'Line one',
      ownership: 'private',
      routedTo: 'extension',
      numberRequestId: json.id,
    });
  });

  it('S2-9, P: dearer at the order than reviewed is not bought: terms_pending, price_changed', async () => {
    await stock('+441223710002', '3.00');
    const { json } = await file(house, {
      country: 'GB',
      numbers: [{ number: '+441223710002', carrier: 'telnyx', monthly: usd('2.00') }],
    });
    expect(json).toMatchObject({
      state: 'terms_pending',
      waitingFor: 'customer',
      terms: { reason: 'price_changed', state: 'offered' },
    });
    expect(json.terms.monthly.amount).toMatch(/^3\.00?/);
    expect(json.actions).toEqual(expect.arrayContaining(['acceptance', 'refusal']));
    const accepted = await house.ask(`POST /v1/number-requests/${json.id}/acceptance`, {
      as: 'customer',
      key: key(),
      body: { termsVersion: json.terms.version },
    });
    expect(accepted.status, accepted.text).toBe(200);
    const done = await until(house, json.id, 'completed');
    expect(done.json.numbers[0]).toMatchObject({ number: '+441223710002', state: 'active' });
  });

  it('§13 none to be had: failed, not_enough_numbers, nothing bought', async () => {
    const { json } = await file(house, { country: 'GB', areaCode: '1954' });
    expect(json).toMatchObject({ state: 'failed', failure: { code: 'not_enough_numbers' }, numbers: [] });
  });
  it('§13 all_or_nothing short before the first order fails; best_effort buys what there is', async () => {
    const rare = { country: 'GB', contains: '1223711', match: 'starts', quantity: 3 };
    await stock('+441223711001');
    await stock('+441223711002');
    const all = await file(house, rare);
    expect(all.json).toMatchObject({ state: 'failed', failure: { code: 'not_enough_numbers' } });
    const best = await file(house, { ...rare, policy: 'best_effort' });
    expect(best.json.state).toBe('partially_completed');
    expect(best.json.numbers.filter((one: Json) => one['state'] === 'active')).toHaveLength(2);
  });
  it('S2-6: several numbers at once', async () => {
    const { json } = await file(house, { country: 'GB', areaCode: '161', quantity: 3 });
    expect(json.state).toBe('completed');
    const active = json.numbers.filter((one: Json) => one['state'] === 'active');
    expect(new Set(active.map((one: Json) => one['number'])).size).toBe(3);
    for (const one of active) expect(one['number']).toMatch(/^\+44161/);
  });
  it('alternatives are tried in their order', async () => {
    const { json } = await file(house, {
      country: 'GB',
      areaCode: '1954',
      alternatives: [{ areaCode: '1954', contains: '99' }, { areaCode: '20' }],
    });
    expect(json.state).toBe('completed');
    expect(json.numbers.find((one: Json) => one['state'] === 'active')['number']).toMatch(/^\+4420/);
  });
  it('maxMonthly holds', async () => {
    const { json } = await file(house, { country: 'GB', areaCode: '1223', maxMonthly: usd('0.10') });
    expect(json).toMatchObject({ state: 'failed', numbers: [] });
  });
});

describe('§4 PATCH and cancellation', () => {
  it('before sourcing the wish, name, assignment, tags, metadata and reference change; nothing else', async () => {
    const { json } = await file(house, { country: 'CO', areaCode: '1', tags: ['a'], metadata: { a: '1', b: '2' } });
    const patch = (body: unknown, sent: Sent = {}) =>
      house.ask(`PATCH /v1/number-requests/${json.id}`, { as: 'customer', body, ...sent });
    const changed = await patch({
      areaCode: '2',
      name: 'New',
      reference: 'r2',
      tags: ['b'],
      metadata: { c: '3' },
      assignment: { ownership: 'shared' },
    });
    expect(changed.status, changed.text).toBe(200);
    expect(changed.json).toMatchObject({ wish: { areaCode: '2' }, name: 'New', reference: 'r2', tags: ['b'] });
    expect(changed.json.metadata, 'merge patch').toEqual({ a: '1', b: '2', c: '3' });
    const cleared = await patch({ areaCode: null, name: null, metadata: { a: null } });
    expect(cleared.status, cleared.text).toBe(200);
    expect(cleared.json.wish).toEqual({});
    expect(cleared.json).not.toHaveProperty('name');
    expect(cleared.json.metadata).toEqual({ b: '2', c: '3' });
    for (const body of [{ country: 'GB' }, { state: 'completed' }, { quantity: 5 }, { tenantId: 'x' }])
      expectProblem(await patch(body), 400);
    expectProblem(await patch({ areaCode: 'xx' }), 422);
    expectProblem(await patch({ name: 'x'.repeat(101) }), 422);
    expectProblem(await patch({ name: 'y' }, { as: 'globex' }), 404, 'not_found');
    const target = { type: 'extension', id: 'ext_01k0000000000000000000zzzz' };
    expectProblem(await patch({ assignment: { ownership: 'private', target } }), 422, 'unknown_target');
    expect((await patch({ name: 'by admin' }, { as: 'admin' })).status).toBe(200);
    expect((await patch({ name: 'by cs' }, { as: 'cs' })).status).toBe(200);
  });

  it('after the end 409 wrong_state', async () => {
    const { json } = await file(house, { country: 'GB', areaCode: '1954' });
    expectProblem(
      await house.ask(`PATCH /v1/number-requests/${json.id}`, { as: 'customer', body: { name: 'x' } }),
      409,
      'wrong_state',
    );
  });

  it('cancellation: 200 cancelled; again or after the order 409 too_late', async () => {
    const { json } = await file(house, { country: 'CO' });
    const cancel = (id: string, sent: Sent = {}) =>
      house.ask(`POST /v1/number-requests/${id}/cancellation`, {
        as: 'customer',
        body: { reason: 'no need' },
        ...sent,
      });
    expectProblem(await cancel(json.id, { as: 'globex' }), 404);
    const done = await cancel(json.id);
    expect([done.status, done.json.state, done.json.waitingFor]).toEqual([200, 'cancelled', 'nobody']);
    expect(done.json.cancellable).toBe(false);
    expectProblem(await cancel(json.id), 409, 'too_late');
    const bought = await file(house, { country: 'GB', areaCode: '20' });
    expectProblem(await cancel(bought.json.id), 409, 'too_late');
    const bare = await file(house, { country: 'CO' });
    expect((await cancel(bare.json.id, { body: undefined })).status).toBe(200);
    expectProblem(await cancel(bare.json.id, { body: { why: 'x' } }), 400);
    await house.gateway.idle();
    const ticket = await house.ask(`GET /v1/tickets/${json.ticketId}`, { as: 'customer' });
    expect(ticket.json.state).toBe('closed');
  });
});

describe('§4 comments', () => {
  it('both sides write; internal ones are for customer success alone; the other side gets a mail', async () => {
    const { json } = await file(house, { country: 'CO' });
    const path = `/v1/number-requests/${json.id}/comments`;
    const made = await house.ask(`POST ${path}`, { as: 'customer', body: { text: 'When?' }, key: key() });
    expect(made.status, made.text).toBe(201);
    expect(made.json).toMatchObject({ object: 'comment', text: 'When?', id: expect.stringMatching(/^cmt_/) });
    const inside = await house.ask(`POST ${path}`, { as: 'cs', body: { text: 'Hm', internal: true } });
    expect(inside.status, inside.text).toBe(201);
    expect((await house.ask(`POST ${path}`, { as: 'cs', body: { text: 'Soon' } })).status).toBe(201);
    expectProblem(await house.ask(`POST ${path}`, { as: 'customer', body: { text: 'x', internal: true } }), 403);
    expectProblem(await house.ask(`POST ${path}`, { as: 'admin', body: { text: 'x', internal: true } }), 403);
    const texts = async (as: string) =>
      (await house.ask(`GET ${path}`, { as })).json.data.map((one: Json) => one['text']).toSorted();
    expect(await texts('customer')).toEqual(['Soon', 'When?']);
    expect(await texts('admin')).toEqual(['Soon', 'When?']);
    expect(await texts('cs')).toEqual(['Hm', 'Soon', 'When?']);
    expectProblem(await house.ask(`GET ${path}`, { as: 'globex' }), 404);
    expectProblem(await house.ask(`POST ${path}`, { as: 'customer', body: { text: '' } }), 422);
    expectProblem(await house.ask(`POST ${path}`, { as: 'customer', body: {} }), 400);
    await house.gateway.idle();
    const mails = (await house.ask(`GET /local/mails?numberRequestId=${json.id}`)).json.data;
    const toCustomer = mails.filter((one: { to: string[] }) => one.to.includes(EMAILS.customer));
    const toSuccess = mails.filter((one: { to: string[] }) => one.to.includes(EMAILS.cs));
    expect(toCustomer, 'opened, and the answer').toHaveLength(2);
    expect(toSuccess, 'opened, and the question').toHaveLength(2);
    expect(JSON.stringify(toCustomer)).not.toContain('Hm');
  });
});
