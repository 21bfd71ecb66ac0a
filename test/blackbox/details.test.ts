import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  EMAILS,
  expectProblem,
  file,
  type House,
  type Json,
  key,
  openHouse,
  type Reply,
  type Sent,
  show,
  until,
} from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const CALLER = '+447700900123';
const usd = (amount: string) => ({ amount, currency: 'USD' });
const at = (number: string) => `/v1/numbers/${encodeURIComponent(number)}`;
const idle = () => house.gateway.idle();
const get = (path: string, as: Sent['as'] = 'admin') => house.ask(`GET ${path}`, { as });
const rows = async (path: string): Promise<Reply['json'][]> => (await get(path)).json.data;
const approve = async (id: string, body: Json) => {
  const ifMatch = (await show(house, id, 'cs')).headers.get('etag') ?? '';
  return house.ask(`POST /v1/number-requests/${id}/approval`, { as: 'cs', key: key(), body, ifMatch });
};

describe('§1 people and tenants', () => {
  it.each(['admin', 'globex'])('the tenant of %s stands in order: limit 50, paid for, in Great Britain', async (as) => {
    expect((await get('/v1/tenant', as)).json).toMatchObject({ country: 'GB', numberLimit: 50 });
    expect((await get('/v1/tenant/billing', as)).json).toMatchObject({ paymentMethod: 'valid', standing: 'good' });
    expect((await get('/v1/numbers', as)).json.meta.limit).toEqual({ limit: 50, used: 0, held: 0, remaining: 50 });
  });
  it('a user made through §7 signs in by e-mail and is who was made', async () => {
    const body = { name: 'New Person', email: 'new@acme.example', roles: ['customer'] };
    const made = await house.ask('POST /v1/users', { as: 'admin', key: key(), body });
    expect(made.status, made.text).toBe(201);
    const me = await house.ask('GET /v1/me', { as: 'new@acme.example' });
    expect(me.json).toMatchObject({ id: made.json.id, roles: ['customer'], tenantId: house.acme });
  });
});

describe('conventions: what a body may be', () => {
  const wish = (more: Json) =>
    house.ask('POST /v1/number-requests', { as: 'customer', key: key(), body: { country: 'CO', ...more } });
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, 'x']));
  it('texts are kept in NFC; control characters and halves of characters are refused', async () => {
    expect((await wish({ name: 'Cafe\u0301' })).json.name).toBe('Caf\u00e9');
    for (const name of ['a\u0007b', 'a\u0000', '\ud800']) expectProblem(await wish({ name }), 422);
  });
  it('20 keys of metadata of 500 characters, 200 members, 20 levels', async () => {
    expect((await wish({ metadata: { ...many(19), long: 'x'.repeat(500) } })).status).toBe(202);
    for (const metadata of [many(21), { a: 'x'.repeat(501) }]) expectProblem(await wish({ metadata }), 422);
    expectProblem(await wish({ metadata: many(201) }), 422);
    let deep: Json = {};
    for (let level = 0; level < 21; level++) deep = { a: deep };
    expectProblem(await wish({ metadata: deep }), 422);
  });
  it('a body that is not said to be JSON is 400; a charset is no matter', async () => {
    const raw = '{"country":"CO"}';
    const typed = (type: string) =>
      house.ask('POST /v1/number-requests', { as: 'customer', key: key(), raw, headers: { 'content-type': type } });
    expectProblem(await typed('text/plain'), 400);
    expect((await typed('application/json; charset=utf-8')).status).toBe(202);
  });
  it('each wrong field and parameter is named where it stands', async () => {
    const body = await wish({ quantity: 'two', alternatives: [{ areaCode: '1' }, { colour: 'red' }] });
    expectProblem(body, 400);
    const pointers = body.json.errors.map((one: Json) => one['pointer']);
    expect(pointers.toSorted()).toEqual(['#/alternatives/1/colour', '#/quantity']);
    const query = await get('/v1/numbers?stauts=active&limit=x');
    expectProblem(query, 400);
    expect(query.json.errors.map((one: Json) => one['parameter']).toSorted()).toEqual(['limit', 'stauts']);
  });
  it('Prefer: what cannot be read is no preference', async () => {
    const sent = { as: 'customer', body: { country: 'CO' } } as const;
    const odd = await house.ask('POST /v1/number-requests', { ...sent, key: key(), prefer: 'wait=soon' });
    expect([odd.status, odd.headers.get('preference-applied')]).toEqual([202, null]);
    const two = await house.ask('POST /v1/number-requests', { ...sent, key: key(), prefer: 'respond-async, wait=1' });
    expect([two.status, two.headers.get('preference-applied')]).toEqual([202, 'wait=1']);
  });
});

describe('conventions: every object that is kept tells id, kind and when', () => {
  it('comments as made and as listed, tickets, requests, tasks', async () => {
    const { json } = await file(house, { country: 'GE' });
    const path = `/v1/number-requests/${json.id}/comments`;
    const said = await house.ask(`POST ${path}`, { as: 'customer', key: key(), body: { text: 'When?' } });
    const lists = [[said.json], await rows(path), await rows('/v1/tickets'), await rows('/v1/number-requests')];
    lists.push((await get('/v1/tasks', 'cs')).json.data);
    for (const list of lists) {
      expect(list.length).toBeGreaterThan(0);
      for (const one of list) {
        expect(one).toMatchObject({ id: expect.stringMatching(/^[a-z]{3}_[0-9a-z]{26}$/), object: expect.any(String) });
        for (const name of ['createdAt', 'updatedAt']) expect(one[name], `${one.object} ${name}`).toMatch(/T.*Z$/);
      }
    }
  });
});

describe('§4 decisions, once more', () => {
  it('a requirement waived with the approval is waived when the papers are asked for', async () => {
    const first = await file(house, { country: 'CO' });
    await approve(first.json.id, {});
    const { requirements } = (await until(house, first.json.id, 'documents_pending')).json;
    const [{ requirementId }] = requirements;
    const { json } = await file(house, { country: 'CO' });
    const done = await approve(json.id, { waived: [{ requirementId, reason: 'known to us' }] });
    expect(done.status, done.text).toBe(200);
    const pending = await until(house, json.id, (one) => one.requirements.length === requirements.length);
    const states = pending.json.requirements.map((one: Json) => [one['requirementId'] === requirementId, one['state']]);
    expect(states.filter(([isIt]: [boolean]) => isIt)).toEqual([[true, 'waived']]);
    expect(states.some(([isIt, state]: [boolean, string]) => !isIt && state === 'missing')).toBe(true);
  });
  it('rejection from documents_review', async () => {
    const number = '+525512345679';
    const monthly = { amount: '3.00', currency: 'EUR' };
    await house.control('POST vonage/stock', { numbers: [{ number, country: 'MX', type: 'local', monthly }] });
    const { json } = await file(house, { country: 'MX', numbers: [{ number, carrier: 'vonage', monthly }] });
    await until(house, json.id, 'documents_review');
    const body = { reason: 'documents_insufficient', comment: 'None of it can be read' };
    const done = await house.ask(`POST /v1/number-requests/${json.id}/rejection`, { as: 'cs', body });
    expect(done.status, done.text).toBe(200);
    expect(done.json).toMatchObject({ state: 'declined', waitingFor: 'nobody', decision: body, actions: ['comment'] });
    const owned = (await house.control('GET vonage/numbers?state=owned')).json.data;
    expect(owned.map((one: Json) => one['number'])).not.toContain(number);
  });
  it('§13 a named number gone with no wish left: another is asked for, and answered with', async () => {
    const stocked = ['+441223740001', '+441223740002'];
    const numbers = stocked.map((number) => ({ number, country: 'GB', type: 'local', monthly: usd('1.00') }));
    await house.control('POST telnyx/stock', { numbers });
    await house.control('POST telnyx/faults', { fault: 'gone_at_purchase', times: 1 });
    const named = (number: string | undefined) => [{ number, carrier: 'telnyx', monthly: usd('1.00') }];
    const { json } = await file(house, { country: 'GB', numbers: named(stocked[0]) });
    const asked = await until(house, json.id, 'info_requested');
    expect(asked.json).toMatchObject({ waitingFor: 'customer', question: { code: 'choose_another_number' } });
    const left = Date.parse(asked.json.expiresAt) - Date.parse(asked.json.updatedAt);
    expect(Math.abs(left - 7 * 86_400_000)).toBeLessThan(5000);
    const answer = { answer: 'This one', fields: { numbers: named(stocked[1]) } };
    const done = await house.ask(`POST /v1/number-requests/${json.id}/information`, { as: 'customer', body: answer });
    expect(done.status, done.text).toBe(200);
    const ended = await until(house, json.id, 'completed');
    expect(ended.json.numbers.at(-1)).toMatchObject({ number: stocked[1], state: 'active' });
  });
});

describe('§6 numbers in order', () => {
  const NUMBERS = ['+441223741001', '+441223741002', '+441612741003'] as const;
  beforeAll(async () => {
    const numbers = NUMBERS.map((number) => ({ number, country: 'GB', type: 'local', monthly: usd('1.00') }));
    await house.control('POST twilio/stock', { numbers });
    const wanted = NUMBERS.map((number) => ({ number, carrier: 'twilio', monthly: usd('1.00') }));
    const { json } = await file(house, { country: 'GB', numbers: wanted, tags: ['ordered'] }, 'admin');
    await until(house, json.id, 'completed');
    const [extension] = await rows('/v1/extensions');
    const assign = (number: string, body: Json) => house.ask(`PUT ${at(number)}/assignment`, { as: 'admin', body });
    const target = { type: 'extension', id: extension.id };
    const done = [
      await assign(NUMBERS[2], { ownership: 'private', target }),
      await assign(NUMBERS[0], { ownership: 'shared', target: { type: 'forward', number: NUMBERS[1] } }),
      await house.ask(`PATCH ${at(NUMBERS[1])}`, { as: 'admin', body: { name: 'Zebra' } }),
      await house.ask(`PATCH ${at(NUMBERS[0])}`, { as: 'admin', body: { name: 'Apple' } }),
    ];
    expect(done.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  }, 20_000);

  it.each(['number', 'ownership', 'name', 'routedTo', 'updatedAt'])(
    'sort=%s is the order of what it shows',
    async (sort) => {
      const values = async (by: string) => (await rows(`/v1/numbers?tag=ordered&sort=${by}`)).map((one) => one[sort]);
      const up = await values(sort);
      expect(new Set(up).size).toBe(3);
      expect(up).toEqual(up.toSorted());
      expect(await values(`-${sort}`)).toEqual(up.toReversed());
    },
  );
  it('sort=routingObject is the order of the labels', async () => {
    const labels = async (sort: string) =>
      (await rows(`/v1/numbers?tag=ordered&sort=${sort}`)).flatMap((one) => one.routingObject?.label ?? []);
    const up = await labels('routingObject');
    expect(up.length).toBeGreaterThan(1);
    expect(up).toEqual(up.toSorted());
    expect(await labels('-routingObject')).toEqual(up.toReversed());
  });
  it('pages of one follow the order asked for', async () => {
    const seen: string[] = [];
    let cursor = '';
    for (let turn = 0; turn < 9; turn++) {
      const { json } = await get(`/v1/numbers?tag=ordered&sort=-name&limit=1${cursor}`);
      seen.push(...json.data.map((one: Json) => one['name']));
      if (!json.page.hasMore) break;
      cursor = `&cursor=${encodeURIComponent(json.page.nextCursor)}`;
    }
    expect(seen).toEqual(['Zebra', 'Apple', NUMBERS[2]]);
  });
  it('calls and messages come by time, the latest first, with their length and target; statistics count them', async () => {
    for (const minute of [0, 1, 2]) {
      await house.control('POST twilio/calls', { from: `${CALLER.slice(0, -1)}${minute}`, to: NUMBERS[2] });
      await house.control('POST twilio/messages', { from: CALLER, to: NUMBERS[2], text: `Message ${minute}` });
      await house.advance(60);
      await idle();
    }
    const calls = await vi.waitFor(async () => {
      const all = await rows(`${at(NUMBERS[2])}/calls`);
      expect(all.filter((one) => one.durationSeconds !== undefined)).toHaveLength(3);
      return all;
    }, 4000);
    expect(calls.map((one) => one.from.at(-1))).toEqual(['2', '1', '0']);
    for (const one of calls) expect(one).toMatchObject({ outcome: 'completed', target: { type: 'extension' } });
    const texts = (await rows(`${at(NUMBERS[2])}/messages`)).map((one) => one.text);
    expect(texts).toEqual(['Message 2', 'Message 1', 'Message 0']);
    const { statistics } = (await get(at(NUMBERS[2]))).json;
    expect(statistics).toEqual({ callsLast30Days: 3, lastUsedAt: expect.stringMatching(/Z$/) });
    const first = await get(`${at(NUMBERS[2])}/calls?limit=2`);
    expect(first.json.page).toMatchObject({ hasMore: true });
    const rest = await get(`${at(NUMBERS[2])}/calls?limit=2&cursor=${encodeURIComponent(first.json.page.nextCursor)}`);
    expect(rest.json.data.map((one: Json) => one['id'])).toEqual([calls[2].id]);
  });
  it('I9: audit of a number is whole: version n to 1, each told once', async () => {
    const versions = (await rows(`${at(NUMBERS[0])}/audit?limit=200`)).map((one) => one.version);
    expect(versions).toEqual(Array.from({ length: versions.length }, (_, n) => versions.length - n));
  });
});

describe('§9 the inbox as time goes by', () => {
  it('overdue=true finds what nobody did, counted; a page at a time it is by due date', async () => {
    const { json } = await file(house, { country: 'ID' });
    const tasks = (query: string) => house.ask(`GET /v1/tasks${query}`, { as: 'cs', tenant: false });
    const before = (await tasks('')).json.meta.counts;
    await house.advance(48 * 3600 + 60);
    await idle();
    const { data, meta } = (await tasks('?overdue=true&country=ID')).json;
    expect(data).toMatchObject([
      { kind: 'approval', subject: { id: json.id }, tenantId: house.acme, class: 'restricted' },
    ]);
    expect(before.overdue).toBe(0);
    expect(meta.counts.overdue).toBeGreaterThan(0);
    expect((await tasks('?overdue=false&country=ID')).json.data).toEqual([]);
    const due: string[] = [];
    let query = '?limit=1';
    for (let turn = 0; turn < 50; turn++) {
      const page = (await tasks(query)).json;
      due.push(...page.data.map((one: Json) => one['dueAt']));
      if (!page.page.hasMore) break;
      query = `?limit=1&cursor=${encodeURIComponent(page.page.nextCursor)}`;
    }
    expect(due.length).toBeGreaterThan(3);
    expect(due).toEqual(due.toSorted());
    await house.advance(60);
    await idle();
    const mails = (await house.ask(`GET /local/mails?numberRequestId=${json.id}&to=${EMAILS.cs}`)).json.data;
    const keys = mails.map((one: Json) => one['messageKey']);
    expect(new Set(keys).size, 'I12: no key twice').toBe(keys.length);
  });
  it('a ticket belongs to a request or number of its tenant, and waits, and closes', async () => {
    const { json } = await file(house, { country: 'TH' });
    const open = (body: Json, as: Sent['as'] = 'customer') =>
      house.ask('POST /v1/tickets', { as, key: key(), body: { subject: 'About it', kind: 'other', ...body } });
    const made = await open({ numberRequestId: json.id });
    expect(made.status, made.text).toBe(201);
    expect(made.json).toMatchObject({ numberRequestId: json.id, kind: 'other', state: 'open' });
    expectProblem(await open({ numberRequestId: 'req_01k0000000000000000000zzzz' }), 422);
    expectProblem(await open({ numberRequestId: json.id }, 'globex'), 422);
    const patch = (body: Json) => house.ask(`PATCH /v1/tickets/${made.json.id}`, { as: 'cs', body });
    expect((await patch({ state: 'waiting' })).json).toMatchObject({ state: 'waiting', subject: 'About it' });
    expect((await patch({ subject: 'Still about it' })).json).toMatchObject({ state: 'waiting' });
  });
});

describe('§12 answers to nobody', () => {
  it('V6: vonage without any token is 503, so that it is sent again; the others refuse', async () => {
    for (const kind of ['voice', 'sms', 'status']) {
      const vonage = await house.ask(`POST /inbound/vonage/${kind}`, { raw: '{}' });
      expect([vonage.status, vonage.text]).toEqual([503, '']);
      for (const carrier of ['twilio', 'telnyx']) {
        const answer = await house.ask(`POST /inbound/${carrier}/${kind}`, { raw: 'a=b' });
        expect([401, 403]).toContain(answer.status);
      }
    }
  });
});
