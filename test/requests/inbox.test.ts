import { describe, expect, it } from 'vitest';
import { buyingLab } from './buying.ts';

const lab = buyingLab();
const HOUR = 3_600_000;
const inbox = async (query = '', who = 'cs') =>
  (await lab.room.ask(who, `GET /v1/tasks${query}`, { tenant: false })).json;
const act = (who: string, call: string, body: object = {}, more: object = {}) =>
  lab.room.ask(who, call, { body, tenant: false, ...more });

/** Requests that wait for customer success: CO approval, DE terms, AO quote; by due date. */
async function threeWaiting() {
  await lab.open();
  const [approval, terms, quote] = [await order('CO'), await order('DE', 'globex'), await order('AO')];
  return { approval, terms, quote };
}
async function order(country: string, who = 'customer') {
  const made = await lab.room.ask(who, 'POST /v1/number-requests', { body: { country } });
  await lab.room.settle();
  return made.json.id as string;
}
const subjects = (answer: { data: { subject: { id: string } }[] }) => answer.data.map((task) => task.subject.id);

describe('inbox', () => {
  it('S0-42: lists all tenants by due date with counts, filtered', async () => {
    const { approval, terms, quote } = await threeWaiting();

    const all = await inbox();
    expect(subjects(all)).toEqual([approval, terms, quote]);
    expect(all.meta.counts).toMatchObject({ open: 3, overdue: 0, approval: 1, terms: 1, quote: 1, unclear_order: 0 });
    expect(subjects(await inbox('?kind=approval,quote'))).toEqual([approval, quote]);
    expect(subjects(await inbox('?country=DE'))).toEqual([terms]);
    expect(subjects(await inbox('?class=unsupported'))).toEqual([quote]);
    expect(subjects(await inbox('?tenantId=ten_00000000000000000000000002'))).toEqual([terms]);
    expect(subjects(await inbox('?assignee=none', 'operator'))).toHaveLength(3);
    expect((await inbox('?kind=nonsense')).status).toBe(400);
    await lab.room.pass(49 * 3600);
    expect(subjects(await inbox('?overdue=true'))).toEqual([approval, terms]);
    expect((await inbox('?overdue=true&kind=quote')).meta.counts).toMatchObject({ open: 2, overdue: 2, quote: 0 });
  });

  it('pages', async () => {
    await threeWaiting();
    const first = await inbox('?limit=2');
    const second = await inbox(`?limit=2&cursor=${encodeURIComponent(first.page.nextCursor)}`);

    expect([first.data.length, second.data.length, second.page.hasMore]).toEqual([2, 1, false]);
  });

  it.each(['customer', 'admin', 'globex'])('is not for the people of tenants (%s)', async (who) => {
    await lab.open();
    expect((await inbox('', who)).code).toBe('not_allowed');
  });

  it('the next one goes to one person each, own requests are left out', async () => {
    const { approval, terms } = await threeWaiting();
    const own = await lab.room.ask('cs', 'POST /v1/number-requests', { body: { country: 'TH' } });
    await lab.room.settle();

    const [one, two] = await Promise.all([act('cs', 'POST /v1/tasks/next'), act('cs2', 'POST /v1/tasks/next')]);
    const three = await act('cs', 'POST /v1/tasks/next', { kind: ['approval'] });
    const four = await act('cs2', 'POST /v1/tasks/next', { kind: ['approval'] });

    expect(new Set([one.json.subject.id, two.json.subject.id])).toEqual(new Set([approval, terms]));
    expect(one.json.assignee).not.toBe(two.json.assignee);
    expect(three.status).toBe(404);
    expect(four.json.subject.id).toBe(own.json.id);
    expect(subjects(await inbox('?assignee=me'))).toEqual([one.json.subject.id]);
  });

  it('assigns to staff only, gives back, and moves the due date with the reminders of the request', async () => {
    const { approval } = await threeWaiting();
    const [task] = (await inbox('?kind=approval')).data;
    const path = `PATCH /v1/tasks/${task.id}`;

    expect((await act('cs', path, { assignee: 'usr_00000000000000000000000001' })).json).toMatchObject({
      code: 'unknown_user',
    });
    expect((await act('cs', path, { dueAt: '2020-01-01T00:00:00Z' })).json).toMatchObject({ code: 'past_time' });
    expect((await act('cs', path, { assignee: null }, { ifMatch: '"9"' })).status).toBe(412);
    expect((await act('cs', path, { assignee: 'usr_00000000000000000000000005' })).json.assignee).toMatch(/5$/);
    expect((await act('cs', path, { assignee: null })).json.assignee).toBeUndefined();
    const dueAt = new Date(lab.room.clock.now().getTime() + 100 * HOUR).toISOString();
    expect((await act('cs', path, { dueAt })).json.dueAt).toBe(dueAt);
    expect(await lab.room.request(approval)).toMatchObject({ dueAt });

    const reminded = async () =>
      (await lab.room.mails()).filter((mail) => mail.messageKey.startsWith(`${approval}.reminder`));
    await lab.room.pass(60 * 3600);
    expect(await reminded()).toHaveLength(0);
    await lab.room.pass(41 * 3600);
    expect(await reminded()).toHaveLength(1);
  });

  it('a task that stands for a decision is decided on its request, and ends with it', async () => {
    const { approval } = await threeWaiting();
    const [task] = (await inbox('?kind=approval')).data;

    const answer = await act('cs', `POST /v1/tasks/${task.id}/resolution`, {});
    expect(answer.json).toMatchObject({ status: 409, code: 'wrong_state', subject: { id: approval } });
    const body = { reason: 'other', comment: 'no' };
    await lab.room.ask('cs', `POST /v1/number-requests/${approval}/rejection`, { body });

    expect(subjects(await inbox('?kind=approval'))).toEqual([]);
    expect((await act('cs', `PATCH /v1/tasks/${task.id}`, { assignee: null })).json).toMatchObject({
      code: 'wrong_state',
    });
    expect((await act('cs', 'POST /v1/tasks/tsk_00000000000000000000000009/resolution')).status).toBe(404);
  });
});

describe('comments and tickets', () => {
  it('S0-38: mailed to the other side once, internal ones to nobody and shown to staff only', async () => {
    const { approval } = await threeWaiting();
    const path = `/v1/number-requests/${approval}/comments`;
    const say = (who: string, body: object, more: object = {}) => lab.room.ask(who, `POST ${path}`, { body, ...more });

    const one = await say('customer', { text: 'Is it soon?' }, { key: 'same' });
    await say('customer', { text: 'Is it soon?' }, { key: 'same' });
    const two = await say('cs', { text: 'Tomorrow & <sure>' });
    const hidden = await say('cs', { text: 'Looks odd', internal: true });
    expect(await say('customer', { text: 'x', internal: true })).toMatchObject({
      status: 403,
      json: { code: 'not_allowed' },
    });
    expect((await say('customer', { text: '' })).status).toBe(422);
    expect((await say('globex', { text: 'x' })).status).toBe(404);
    await lab.room.settle();

    const texts = async (who: string) =>
      (await lab.room.ask(who, `GET ${path}`)).json.data.map((comment: { text: string }) => comment.text);
    expect(one.status).toBe(201);
    expect(await texts('customer')).toEqual(['Is it soon?', 'Tomorrow & <sure>']);
    expect(await texts('cs')).toEqual(['Is it soon?', 'Tomorrow & <sure>', 'Looks odd']);
    const mails = (await lab.room.mails()).filter((mail) => mail.messageKey.includes('.comment_'));
    expect(mails.map((mail) => [mail.messageKey, mail.to[0]])).toEqual([
      [`${approval}.comment_${one.json.id}.customer_success`, 'cs@numbergate.example'],
      [`${approval}.comment_${two.json.id}.requester`, 'customer@acme.example'],
    ]);
    expect(mails[1]?.html).toContain('Tomorrow &amp; &lt;sure&gt;');
    expect(JSON.stringify(mails)).not.toContain(hidden.json.text);
  });

  it('S0-44: the ticket of a request shows the same conversation', async () => {
    const { approval } = await threeWaiting();
    const { ticketId } = await lab.room.request(approval);
    await lab.room.ask('customer', `POST /v1/tickets/${ticketId}/comments`, { body: { text: 'hello' } });

    const shown = await lab.room.ask('cs', `GET /v1/number-requests/${approval}/comments`);
    expect(shown.json.data).toMatchObject([{ text: 'hello', subjectId: approval, author: { name: 'Pam Beesly' } }]);
  });

  it('S0-32: a ticket of its own: opened, mailed, answered, closed; a customer sees own ones only', async () => {
    const { approval } = await threeWaiting();
    const body = { subject: 'Please change the menu', kind: 'routing_change', numberRequestId: approval };
    const made = await lab.room.ask('customer', 'POST /v1/tickets', { body });
    const foreign = { subject: 'x', numberRequestId: approval };
    expect((await lab.room.ask('globex', 'POST /v1/tickets', { body: foreign })).json).toMatchObject({
      code: 'unknown_request',
    });
    const number = { subject: 'x', numberId: 'num_00000000000000000000000001' };
    expect((await lab.room.ask('admin', 'POST /v1/tickets', { body: number })).json).toMatchObject({
      code: 'unknown_number',
    });
    expect(
      (await lab.room.ask('admin', 'POST /v1/tickets', { body: { subject: 'x', kind: 'number_request' } })).status,
    ).toBe(400);
    await lab.room.ask('admin', 'POST /v1/tickets', { body: { subject: 'Another' } });

    expect(made).toMatchObject({ status: 201, json: { state: 'open', kind: 'routing_change' } });
    const path = `/v1/tickets/${made.json.id}`;
    await lab.room.ask('cs', `POST ${path}/comments`, { body: { text: 'done' } });
    const closed = await lab.room.ask('cs', `PATCH ${path}`, { body: { state: 'closed' }, ifMatch: '"1"' });
    expect(closed.json).toMatchObject({ state: 'closed', subject: 'Please change the menu' });
    expect((await lab.room.ask('customer', `PATCH ${path}`, { body: { state: 'open' }, ifMatch: '"1"' })).status).toBe(
      412,
    );
    expect((await lab.room.ask('globex', `GET ${path}`)).status).toBe(404);
    await lab.room.settle();
    const subjectsOf = async (who: string, query = '') =>
      (await lab.room.ask(who, `GET /v1/tickets${query}`)).json.data.map(
        (ticket: { subject: string }) => ticket.subject,
      );
    expect(await subjectsOf('customer', '?kind=routing_change,other')).toEqual(['Please change the menu']);
    expect(await subjectsOf('admin', '?kind=routing_change,other')).toEqual(['Another', 'Please change the menu']);
    expect(await subjectsOf('admin', '?state=closed')).toEqual(['Please change the menu']);
    const keys = (await lab.room.mails()).map((mail) => mail.messageKey);
    expect(keys).toContain(`${made.json.id}.opened.customer_success`);
    expect(keys.filter((key) => key.startsWith(`${made.json.id}.comment_`))).toHaveLength(1);
  });
});

describe('papers nobody knows', () => {
  it('customer success completes the list, or says that it is complete', async () => {
    const { quote } = await threeWaiting();
    const path = (what: string) => `POST /v1/number-requests/${quote}/${what}`;
    const validUntil = new Date(lab.room.clock.now().getTime() + 24 * HOUR).toISOString();
    const terms = {
      monthly: { amount: '9.00', currency: 'USD' },
      setup: { amount: '0.00', currency: 'USD' },
      text: 'ok',
      validUntil,
    };
    await lab.room.ask('cs', path('terms'), { body: terms });
    await lab.room.ask('customer', path('acceptance'), { body: { termsVersion: 1 } });

    expect(await lab.room.request(quote, 'cs')).toMatchObject({
      state: 'documents_review',
      waitingFor: 'customer_success',
    });
    expect((await lab.room.ask('cs', path('documents-review'), { body: { documents: [] } })).status).toBe(422);
    const added = { kind: 'text', name: 'Tax id', description: 'Of the company' };
    const asked = await lab.room.ask('cs', path('requirements'), { body: added });
    expect(asked).toMatchObject({ status: 201, json: { state: 'documents_pending', waitingFor: 'customer' } });
    const { requirementId } = asked.json.requirements[0];
    const given = await lab.room.ask('customer', `PUT /v1/number-requests/${quote}/requirements/${requirementId}`, {
      body: { value: '77' },
    });
    expect(given.json).toMatchObject({ state: 'documents_review' });
    const body = { documents: [{ id: requirementId, verdict: 'accepted' }] };
    expect((await lab.room.ask('cs', path('documents-review'), { body })).status).toBe(200);

    expect(await lab.room.request(quote)).toMatchObject({ state: 'completed' });
  });

  it('waived ones need no paper', async () => {
    const { approval } = await threeWaiting();
    const listed = await lab.room.request(approval, 'cs');
    const waived = listed.requirements.map(({ requirementId }) => ({ requirementId, reason: 'known' }));
    await lab.room.ask('cs', `POST /v1/number-requests/${approval}/approval`, { body: { waived }, ifMatch: '"1"' });

    const done = await lab.room.request(approval);
    expect(done).toMatchObject({ state: 'completed' });
    expect(done.requirements.length).toBeGreaterThan(0);
    expect(done.requirements.filter(({ state, remark }) => state !== 'waived' || remark !== 'known')).toEqual([]);
  });
});
