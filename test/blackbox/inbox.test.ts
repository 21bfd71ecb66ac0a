import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
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
const tasks = (query = '', as: Sent['as'] = 'cs') => house.ask(`GET /v1/tasks${query}`, { as, tenant: false });
const taskOf = async (requestId: string, kind?: string): Promise<Reply['json']> => {
  const { data } = (await tasks('?limit=200')).json;
  return data.find((one: Reply['json']) => one.subject.id === requestId && (!kind || one.kind === kind));
};
const KINDS =
  `approval quote terms documents_review unclear_order manual_order port_issue quarantine payment mail_failed`.split(
    /\s+/,
  );

describe('§9 GET /v1/tasks', () => {
  it('the inbox by due date, with the fields of the page and meta.counts', async () => {
    const made = [
      await file(house, { country: 'CO' }),
      await file(house, { country: 'FR' }, 'globex'),
      await file(house, { country: 'AQ' }),
    ];
    const { status, json } = await tasks();
    expect(status).toBe(200);
    expect(json.object).toBe('list');
    expect(json.meta.counts).toEqual(expect.any(Object));
    const due = json.data.map((one: Json) => one['dueAt']);
    expect(due).toEqual(due.toSorted());
    for (const one of json.data) {
      expect(KINDS).toContain(one.kind);
      expect(one).toMatchObject({
        id: expect.stringMatching(/^tsk_/),
        subject: { object: 'number_request', id: expect.any(String) },
        tenantId: expect.any(String),
        escalated: false,
      });
    }
    const kinds = await Promise.all(made.map(async (one) => (await taskOf(one.json.id)).kind));
    expect(kinds).toEqual(['approval', 'terms', 'quote']);
    const due48 = Date.parse((await taskOf(made[0]?.json.id)).dueAt) - Date.parse(made[0]?.json.createdAt);
    expect(due48).toBe(48 * 3_600_000);
  });
  it('filters', async () => {
    const ids = async (query: string) => (await tasks(query)).json.data.map((one: Json) => one['kind']);
    expect(new Set(await ids('?kind=approval'))).toEqual(new Set(['approval']));
    expect(new Set(await ids('?kind=approval,terms'))).toEqual(new Set(['approval', 'terms']));
    expect(await ids('?country=FR')).toEqual(['terms']);
    expect(await ids('?class=unsupported')).toEqual(['quote']);
    expect(await ids(`?tenantId=${house.globex}`)).toEqual(['terms']);
    expect(await ids('?overdue=true')).toEqual([]);
    expect(await ids(`?assignee=${house.ids.cs2}`)).toEqual([]);
    for (const query of ['?kind=fun', '?class=x', '?overdue=yes', '?foo=1', '?limit=0'])
      expectProblem(await tasks(query), 400);
  });
  it('operators too; tenants never; the header is not needed', async () => {
    expect((await tasks('', 'operator')).status).toBe(200);
    for (const as of ['customer', 'admin']) expectProblem(await tasks('', as), 403, 'not_allowed');
    expectProblem(await tasks('', 'nobody'), 401);
  });
});

describe('§9 PATCH, next', () => {
  it('assign and due date', async () => {
    const { json } = await file(house, { country: 'GE' });
    const task = await taskOf(json.id);
    const patch = (body: unknown, sent: Sent = {}) =>
      house.ask(`PATCH /v1/tasks/${task.id}`, { as: 'cs', tenant: false, body, ...sent });
    const taken = await patch({ assignee: house.ids.cs2 });
    expect(taken.status, taken.text).toBe(200);
    expect(taken.json).toMatchObject({ id: task.id, assignee: house.ids.cs2 });
    expect((await tasks(`?assignee=${house.ids.cs2}`)).json.data.map((one: Json) => one['id'])).toEqual([task.id]);
    const dueAt = new Date(Date.parse(task.dueAt) + 3_600_000).toISOString();
    const moved = await patch({ dueAt });
    expect(moved.json.dueAt).toBe(dueAt);
    expect((await show(house, json.id, 'cs')).json.dueAt).toBe(dueAt);
    expectProblem(await patch({ dueAt: '2020-01-01T00:00:00Z' }), 422);
    expectProblem(await patch({ assignee: house.ids.customer }), 422);
    expectProblem(await patch({ kind: 'quote' }), 400);
    expectProblem(await patch({ assignee: house.ids.cs }, { ifMatch: '"999"' }), 412, 'stale_version');
    expectProblem(await patch({ assignee: house.ids.cs }, { as: 'admin' }), 403, 'not_allowed');
    expectProblem(
      await house.ask('PATCH /v1/tasks/tsk_01k0000000000000000000zzzz', { as: 'cs', tenant: false, body: {} }),
      404,
    );
  });
  it('next takes the one due first that nobody has', async () => {
    const taken = await house.ask('POST /v1/tasks/next', { as: 'cs', tenant: false, body: {} });
    expect(taken.status, taken.text).toBe(200);
    expect(taken.json.assignee).toBe(house.ids.cs);
    const second = await house.ask('POST /v1/tasks/next', { as: 'cs2', tenant: false, body: {} });
    expect(second.json.id).not.toBe(taken.json.id);
    expect(Date.parse(second.json.dueAt)).toBeGreaterThanOrEqual(Date.parse(taken.json.dueAt));
  });
  it('a task is gone when its request was decided', async () => {
    const { json } = await file(house, { country: 'ID' });
    expect(await taskOf(json.id)).toBeDefined();
    await house.ask(`POST /v1/number-requests/${json.id}/rejection`, {
      as: 'cs',
      body: { reason: 'other', comment: 'no' },
    });
    await house.gateway.idle();
    expect(await taskOf(json.id)).toBeUndefined();
  });
});

describe('§9 resolution of an unclear order', () => {
  it('S3-13: not_bought frees the claim and goes on; the key is required; twice is refused', async () => {
    const number = '+441223730001';
    await house.control('POST telnyx/stock', {
      numbers: [{ number, country: 'GB', type: 'local', monthly: { amount: '1.00', currency: 'USD' } }],
    });
    await house.control('POST telnyx/faults', { fault: 'lost_before_execution', times: 1 });
    const body = {
      country: 'GB',
      numbers: [{ number, carrier: 'telnyx', monthly: { amount: '2.00', currency: 'USD' } }],
    };
    const { json } = await house.ask('POST /v1/number-requests', { as: 'customer', body, key: key() });
    for (let turn = 0; turn < 12; turn++) {
      await house.gateway.idle();
      if (await taskOf(json.id, 'unclear_order')) break;
      await house.advance(600);
    }
    const task = await taskOf(json.id, 'unclear_order');
    expect(task, (await show(house, json.id)).text).toBeDefined();
    const waiting = await show(house, json.id);
    expect(waiting.json).toMatchObject({ state: 'resolving', waitingFor: 'customer_success' });
    const resolve = (sent: Sent) =>
      house.ask(`POST /v1/tasks/${task.id}/resolution`, {
        as: 'cs',
        tenant: false,
        body: { verdict: 'not_bought' },
        ...sent,
      });
    expectProblem(await resolve({}), 400, 'idempotency_key_required');
    expectProblem(await resolve({ key: key(), body: { verdict: 'perhaps' } }), 400);
    expectProblem(await resolve({ key: key(), as: 'admin' }), 403, 'not_allowed');
    const done = await resolve({ key: key() });
    expect(done.status, done.text).toBe(200);
    expectProblem(await resolve({ key: key() }), 409);
    const next = await until(house, json.id, (now) => now.state !== 'resolving' && now.state !== 'ordering');
    expect(['info_requested', 'failed', 'completed']).toContain(next.json.state);
  });
});

describe('§13 clocks of an unclear order', () => {
  it('a request whose order customer success must judge says by when; moving the task moves it', async () => {
    const number = '+441223760001';
    const monthly = { amount: '1.00', currency: 'USD' };
    await house.control('POST twilio/stock', { numbers: [{ number, country: 'GB', type: 'local', monthly }] });
    await house.control('POST twilio/faults', { fault: 'lost_before_execution', times: 1 });
    await house.control('POST twilio/faults', { fault: 'server_error', on: 'probe', times: 100 });
    const { json } = await file(
      house,
      { country: 'GB', numbers: [{ number, carrier: 'twilio', monthly }] },
      'admin',
      1,
    );
    for (let turn = 0; turn < 40; turn++) {
      await house.gateway.idle();
      const now = await house.ask(`GET /v1/number-requests/${json.id}`, { as: 'admin' });
      if (now.json.waitingFor === 'customer_success') break;
      await house.advance(120);
    }
    const asked = await until(house, json.id, (one) => one.waitingFor === 'customer_success');
    const { data } = (await house.ask('GET /v1/tasks?kind=unclear_order', { as: 'cs' })).json;
    expect(data).toMatchObject([{ dueAt: asked.json.dueAt }]);
    const dueAt = new Date(Date.parse(asked.json.dueAt) + 3_600_000).toISOString();
    await house.ask(`PATCH /v1/tasks/${data[0].id}`, { as: 'cs', body: { dueAt } });
    expect((await house.ask(`GET /v1/number-requests/${json.id}`, { as: 'admin' })).json.dueAt).toBe(dueAt);
  });
});

describe('§9 tickets', () => {
  it('S0-32, S0-44: opened, listed, commented, closed; (own) and foreign are 404', async () => {
    const body = { subject: 'Move my line', kind: 'routing_change' };
    const made = await house.ask('POST /v1/tickets', { as: 'customer', body, key: key() });
    expect(made.status, made.text).toBe(201);
    expect(made.headers.get('location')).toBe(`/v1/tickets/${made.json.id}`);
    expect(made.json).toMatchObject({
      id: expect.stringMatching(/^tkt_/),
      object: 'ticket',
      subject: 'Move my line',
      state: 'open',
      kind: 'routing_change',
    });
    const path = `/v1/tickets/${made.json.id}`;
    expect((await house.ask(`GET ${path}`, { as: 'admin' })).json).toMatchObject(body);
    expectProblem(await house.ask(`GET ${path}`, { as: 'globex' }), 404, 'not_found');
    expectProblem(await house.ask(`PATCH ${path}`, { as: 'globex', body: { state: 'closed' } }), 404, 'not_found');
    const others = await house.ask('POST /v1/tickets', { as: 'admin', body: { subject: 'Mine', kind: 'other' } });
    expectProblem(await house.ask(`GET /v1/tickets/${others.json.id}`, { as: 'customer' }), 404, 'not_found');
    const listed = (await house.ask('GET /v1/tickets?limit=200', { as: 'customer' })).json.data.map(
      (one: Json) => one['id'],
    );
    expect(listed).toContain(made.json.id);
    expect(listed).not.toContain(others.json.id);
    const said = await house.ask(`POST ${path}/comments`, { as: 'customer', body: { text: 'Today please' } });
    expect(said.status, said.text).toBe(201);
    await house.ask(`POST ${path}/comments`, { as: 'cs', body: { text: 'Inside', internal: true } });
    const texts = async (as: string) =>
      (await house.ask(`GET ${path}/comments`, { as })).json.data.map((one: Json) => one['text']);
    expect(await texts('customer')).toEqual(['Today please']);
    expect((await texts('cs')).toSorted()).toEqual(['Inside', 'Today please']);
    expectProblem(await house.ask(`GET ${path}/comments`, { as: 'globex' }), 404);
    const closed = await house.ask(`PATCH ${path}`, { as: 'cs', body: { state: 'closed' } });
    expect(closed.json.state).toBe('closed');
    expectProblem(await house.ask(`PATCH ${path}`, { as: 'cs', body: { state: 'lost' } }), 400);
    expectProblem(await house.ask('POST /v1/tickets', { as: 'customer', body: { subject: '', kind: 'other' } }), 422);
    expectProblem(await house.ask('POST /v1/tickets', { as: 'customer', body: { kind: 'other' } }), 400);
    expectProblem(await house.ask('POST /v1/tickets', { as: 'customer', body: { subject: 'x', kind: 'gift' } }), 400);
    expectProblem(
      await house.ask('POST /v1/tickets', { as: 'customer', body: { subject: 'x', kind: 'other', tenantId: 'x' } }),
      400,
    );
  });
});

describe('§4 refused at once, by the tenant’s standing (S2-6, S2-8)', () => {
  const create = () => house.ask('POST /v1/number-requests', { as: 'globex', key: key(), body: { country: 'GB' } });
  const operator = { as: 'operator', tenant: '' };
  const asked = async () => (await house.control('GET telnyx/requests')).json.data.length;
  it.each([
    [{ paymentMethod: 'missing', standing: 'good' }, 422, 'payment_method_missing'],
    [{ paymentMethod: 'valid', standing: 'past_due' }, 422, 'billing_not_in_good_standing'],
  ])('%j: %i %s', async (billing, status, code) => {
    const set = await house.ask('PUT /v1/tenant/billing', { ...operator, tenant: house.globex, body: billing });
    expect(set.status, set.text).toBe(200);
    await house.gateway.idle();
    const before = await asked();
    expectProblem(await create(), status, code);
    await house.gateway.idle();
    expect(await asked()).toBe(before);
    await house.ask('PUT /v1/tenant/billing', {
      ...operator,
      tenant: house.globex,
      body: { paymentMethod: 'valid', standing: 'good' },
    });
    expect((await create()).status).toBe(202);
  });
  it('§13 in the middle: the request waits with hold, customer success is asked, nothing is ordered; then it goes on', async () => {
    const tenant = house.globex;
    await house.ask('PUT /v1/countries/MX/policy', { as: 'cs', tenant, body: { class: 'special' } });
    const { json } = await house.ask('POST /v1/number-requests', { as: 'globex', key: key(), body: { country: 'MX' } });
    expect(json.class).toBe('special');
    const terms = {
      monthly: { amount: '9.00', currency: 'USD' },
      setup: { amount: '5.00', currency: 'USD' },
      text: 'x',
      validUntil: '2039-01-01T00:00:00Z',
    };
    await house.ask(`POST /v1/number-requests/${json.id}/terms`, { as: 'cs', tenant, body: terms });
    const bill = (standing: string) =>
      house.ask('PUT /v1/tenant/billing', { ...operator, tenant, body: { paymentMethod: 'valid', standing } });
    await bill('past_due');
    const accepted = await house.ask(`POST /v1/number-requests/${json.id}/acceptance`, {
      as: 'globex',
      key: key(),
      body: { termsVersion: 1 },
    });
    expect(accepted.status, accepted.text).toBe(200);
    const held = await until(house, json.id, (one) => one.hold !== undefined, 'globex');
    expect(held.json).toMatchObject({
      waitingFor: 'customer_success',
      hold: { reason: expect.any(String), since: expect.stringMatching(/Z$/) },
    });
    expect(held.json.numbers).toEqual([]);
    await bill('good');
    for (
      let turn = 0;
      turn < 20 && !/completed|failed/.test((await show(house, json.id, 'globex')).json.state);
      turn++
    ) {
      await house.gateway.idle();
      await house.advance(1800);
    }
    const done = await show(house, json.id, 'globex');
    expect(done.json.state, done.text).toBe('completed');
    expect(done.json).not.toHaveProperty('hold');
  });
  it('a suspended tenant: 403 tenant_suspended', async () => {
    const path = `/v1/tenants/${house.globex}/suspension`;
    const done = await house.ask(`POST ${path}`, { as: 'operator', tenant: false, body: {} });
    expect(done.status, done.text).toBeLessThan(300);
    expectProblem(await create(), 403, 'tenant_suspended');
    await house.ask(`DELETE ${path}`, { as: 'operator', tenant: false });
    expect((await create()).status).toBe(202);
  });
  it('S2-6: the limit counts used, held and asked for', async () => {
    const set = await house.ask('PATCH /v1/tenant', { ...operator, tenant: house.globex, body: { numberLimit: 1 } });
    expect(set.status, set.text).toBe(200);
    const reply = await house.ask('POST /v1/number-requests', {
      as: 'globex',
      key: key(),
      body: { country: 'GB', quantity: 9 },
    });
    expectProblem(reply, 422, 'number_limit_reached');
  });
});
