import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

const usd = (amount: string) => ({ amount, currency: 'USD' });
const post = (id: string, what: string, body: unknown, sent: Sent = {}): Promise<Reply> =>
  house.ask(`POST /v1/number-requests/${id}/${what}`, { as: 'cs', body, key: key(), ...sent });
const etagOf = async (id: string): Promise<string> => (await show(house, id, 'cs')).headers.get('etag') ?? '';
const approve = async (id: string, body: Json = {}, sent: Sent = {}) =>
  post(id, 'approval', body, { ifMatch: await etagOf(id), ...sent });
const later = async (days: number) =>
  new Date(Date.parse((await house.ask('GET /health')).json.time) + days * 86_400_000).toISOString();
const terms = async (more: Json = {}) => ({
  monthly: usd('4.00'),
  setup: usd('1.00'),
  text: 'As agreed',
  validUntil: await later(14),
  ...more,
});
const step = (json: Reply['json'], name: string) => json.timeline.filter((one: Json) => one['step'] === name).at(-1);

describe('§4 approval', () => {
  it('needs the key, then If-Match; stale is 412; then the request goes on', async () => {
    const { json } = await file(house, { country: 'CO' });
    const etag = await etagOf(json.id);
    expectProblem(
      await house.ask(`POST /v1/number-requests/${json.id}/approval`, { as: 'cs', body: {}, ifMatch: etag }),
      400,
      'idempotency_key_required',
    );
    expectProblem(await post(json.id, 'approval', {}), 428, 'precondition_required');
    const stale = await post(json.id, 'approval', {}, { ifMatch: '"999"' });
    expectProblem(stale, 412, 'stale_version');
    expect(stale.headers.get('etag')).toBe(etag);
    const again = { ifMatch: etag, key: key() };
    const done = await post(json.id, 'approval', { comment: 'Fine' }, again);
    expect(done.status, done.text).toBe(200);
    expect(done.headers.get('etag')).not.toBe(etag);
    expect(done.json.decision).toMatchObject({
      verdict: 'approved',
      by: house.ids.cs,
      comment: 'Fine',
      at: expect.stringMatching(/Z$/),
    });
    expect(done.json.state).not.toBe('approval_pending');
    const replayed = await post(json.id, 'approval', { comment: 'Fine' }, again);
    expect(replayed.headers.get('idempotency-replayed')).toBe('true');
    expect(replayed.json).toEqual(done.json);
  });

  it('order of checks: own_request, already_decided, wrong_state, 428, 412', async () => {
    const own = await file(house, { country: 'CO' }, 'cs');
    expectProblem(await post(own.json.id, 'approval', {}), 403, 'own_request');
    expectProblem(await post(own.json.id, 'rejection', { reason: 'other', comment: 'x' }), 403, 'own_request');
    expect((await approve(own.json.id, {}, { as: 'cs2' })).status).toBe(200);
    expectProblem(await post(own.json.id, 'approval', {}), 403, 'own_request');
    const second = await post(own.json.id, 'approval', {}, { as: 'cs2' });
    expectProblem(second, 409, 'already_decided');
    expect(second.json.decision).toMatchObject({ verdict: 'approved', by: house.ids.cs2 });
    const special = await file(house, { country: 'FR' });
    expectProblem(await post(special.json.id, 'approval', {}), 409, 'wrong_state');
    expectProblem(await post(special.json.id, 'approval', {}, { ifMatch: '"999"' }), 409, 'wrong_state');
  });

  it('the second decision of two at once is 409', async () => {
    const { json } = await file(house, { country: 'GE' });
    const ifMatch = await etagOf(json.id);
    const both = await Promise.all([
      post(json.id, 'approval', {}, { ifMatch }),
      post(json.id, 'rejection', { reason: 'other', comment: 'no' }, { as: 'cs2' }),
    ]);
    expect(both.map((one) => one.status).filter((status) => status === 200)).toHaveLength(1);
    for (const one of both) expect([200, 409, 412]).toContain(one.status);
  });

  it('with terms: waits for the customer', async () => {
    const { json } = await file(house, { country: 'CO' });
    const done = await approve(json.id, { terms: await terms() });
    expect(done.status, done.text).toBe(200);
    expect(done.json).toMatchObject({
      state: 'terms_pending',
      waitingFor: 'customer',
      terms: {
        version: 1,
        state: 'offered',
        reason: 'restricted',
        text: 'As agreed',
        monthly: { ...usd('4.00'), interval: 'month' },
        setup: usd('1.00'),
      },
      decision: { verdict: 'approved' },
    });
  });

  it('above the two-person price the first approval leaves the state, approvalsMissing 1; the same person again own_approval', async () => {
    const { json } = await file(house, { country: 'CO', quantity: 10, maxMonthly: usd('6.00') });
    const first = await approve(json.id);
    expect(first.json).toMatchObject({ state: 'approval_pending', approvalsMissing: 1 });
    expectProblem(await approve(json.id), 403, 'own_approval');
    const second = await approve(json.id, {}, { as: 'cs2' });
    expect(second.status).toBe(200);
    expect(second.json).not.toHaveProperty('approvalsMissing');
    expect(second.json.state).not.toBe('approval_pending');
  });
  it('a second approver may reject; terms of the first are not repeated', async () => {
    const { json } = await file(house, { country: 'CO' });
    const first = await approve(json.id, { terms: await terms({ monthly: usd('60.00') }) });
    expect(first.json).toMatchObject({ state: 'approval_pending', approvalsMissing: 1 });
    const second = await approve(json.id, {}, { as: 'cs2' });
    expect(second.json).toMatchObject({
      state: 'terms_pending',
      waitingFor: 'customer',
      terms: { version: 1, monthly: usd('60.00') },
    });
    const other = await file(house, { country: 'CO', quantity: 10, maxMonthly: usd('6.00') });
    await approve(other.json.id);
    const no = await post(other.json.id, 'rejection', { reason: 'other', comment: 'no' }, { as: 'cs2' });
    expect(no.json.state).toBe('declined');
  });

  it('undo within undoSeconds, afterwards 409 too_late; 0 cannot be undone', async () => {
    const { json } = await file(house, { country: 'CO' });
    expect((await approve(json.id, { undoSeconds: 30 })).status).toBe(200);
    const undone = await house.ask(`DELETE /v1/number-requests/${json.id}/approval`, { as: 'cs' });
    expect(undone.status, undone.text).toBe(200);
    expect(undone.json).toMatchObject({ id: json.id, state: 'approval_pending' });
    expect(undone.json).not.toHaveProperty('decision');
    expect(undone.json.timeline.some((one: Json) => one['state'] === 'undone')).toBe(true);
    await approve(json.id, { undoSeconds: 5 });
    await house.advance(6);
    expectProblem(await house.ask(`DELETE /v1/number-requests/${json.id}/approval`, { as: 'cs' }), 409, 'too_late');
    const other = await file(house, { country: 'CO' });
    await approve(other.json.id, { undoSeconds: 0 });
    expectProblem(
      await house.ask(`DELETE /v1/number-requests/${other.json.id}/approval`, { as: 'cs' }),
      409,
      'too_late',
    );
    expectProblem(await approve(other.json.id, { undoSeconds: 31 }), 422);
  });

  it('waived requirements are waived', async () => {
    const { json } = await file(house, { country: 'CO' });
    expectProblem(await approve(json.id, { waived: [{ requirementId: 'x' }] }), 400);
    expectProblem(await approve(json.id, { terms: { monthly: usd('1.00') } }), 400);
    expectProblem(await approve(json.id, { terms: await terms({ validUntil: '2020-01-01T00:00:00Z' }) }), 422);
    expectProblem(await approve(json.id, { unknown: 1 }), 400);
    expectProblem(await post('req_01k0000000000000000000zzzz', 'approval', {}, { ifMatch: '"1"' }), 404, 'not_found');
  });
});

describe('§4 rejection', () => {
  it('declines with a reason from the list', async () => {
    const { json } = await file(house, { country: 'CO' });
    expectProblem(await post(json.id, 'rejection', { reason: 'because', comment: 'x' }), 400);
    expectProblem(await post(json.id, 'rejection', { reason: 'other' }), 400);
    expectProblem(
      await post(json.id, 'rejection', { reason: 'other', comment: 'x' }, { ifMatch: '"999"' }),
      412,
      'stale_version',
    );
    const done = await house.ask(`POST /v1/number-requests/${json.id}/rejection`, {
      as: 'cs',
      body: { reason: 'not_eligible', comment: 'Sorry' },
    });
    expect(done.status, done.text).toBe(200);
    expect(done.json).toMatchObject({
      state: 'declined',
      waitingFor: 'nobody',
      decision: { verdict: 'declined', reason: 'not_eligible', comment: 'Sorry', by: house.ids.cs },
    });
    expectProblem(await post(json.id, 'rejection', { reason: 'other', comment: 'x' }), 409, 'already_decided');
    await house.gateway.idle();
    const mails = (await house.ask(`GET /local/mails?numberRequestId=${json.id}&to=${EMAILS.customer}`)).json.data;
    expect(mails.length).toBeGreaterThanOrEqual(2);
  });
  it.each(['not_eligible', 'not_offered', 'documents_insufficient', 'fraud_suspected', 'duplicate', 'other'])(
    '%s is a reason',
    async (reason) => {
      const { json } = await file(house, { country: reason === 'not_offered' ? 'AQ' : 'FR' });
      expect((await post(json.id, 'rejection', { reason, comment: 'x' })).json.state).toBe('declined');
    },
  );
  it('not once it is over', async () => {
    const { json } = await file(house, { country: 'CO' });
    await house.ask(`POST /v1/number-requests/${json.id}/cancellation`, { as: 'customer', body: {} });
    expectProblem(await post(json.id, 'rejection', { reason: 'other', comment: 'x' }), 409, 'wrong_state');
  });
});

describe('§4 terms, acceptance, refusal', () => {
  it.each(['monthly', 'setup', 'text', 'validUntil'])(
    'S0-40: terms without %s are refused, nothing is offered',
    async (name) => {
      const { json } = await file(house, { country: 'KR' });

      const { [name]: _, ...without } = (await terms()) as Json;
      const refused = await post(json.id, 'terms', without);

      expectProblem(refused, 400, 'missing_field');
      expect((await house.ask(`GET /v1/number-requests/${json.id}`, { as: 'customer' })).json.terms).toBeUndefined();
    },
  );
  it('S0-40: special: terms, then acceptance by the customer, then bought', async () => {
    const { json } = await file(house, { country: 'KR' });
    expectProblem(
      await house.ask(`POST /v1/number-requests/${json.id}/acceptance`, {
        as: 'customer',
        key: key(),
        body: { termsVersion: 1 },
      }),
      409,
    );
    const offered = await post(json.id, 'terms', await terms({ minimumMonths: 12 }));
    expect(offered.status, offered.text).toBe(200);
    expect(offered.json).toMatchObject({
      state: 'terms_pending',
      waitingFor: 'customer',
      terms: { version: 1, state: 'offered', reason: 'special' },
    });
    expect(Date.parse(offered.json.expiresAt ?? offered.json.dueAt)).toBe(Date.parse(offered.json.terms.validUntil));
    const again = await post(json.id, 'terms', await terms({ monthly: usd('3.00') }));
    expect(again.json.terms).toMatchObject({ version: 2, monthly: usd('3.00') });
    const accept = (body: unknown, sent: Sent = {}) =>
      house.ask(`POST /v1/number-requests/${json.id}/acceptance`, { as: 'customer', key: key(), body, ...sent });
    const bare = await house.ask(`POST /v1/number-requests/${json.id}/acceptance`, {
      as: 'customer',
      body: { termsVersion: 2 },
    });
    expectProblem(bare, 400, 'idempotency_key_required');
    expectProblem(await accept({ termsVersion: 1 }), 409, 'terms_changed');
    expectProblem(await accept({ termsVersion: '2' }), 400);
    expectProblem(await accept({}), 400);
    expectProblem(await accept({ termsVersion: 2 }, { as: 'cs' }), 403, 'not_allowed');
    expectProblem(await accept({ termsVersion: 2 }, { as: 'globex' }), 404, 'not_found');
    const done = await accept({ termsVersion: 2 });
    expect(done.status, done.text).toBe(200);
    expect(done.json.terms.state).toBe('accepted');
    expectProblem(await accept({ termsVersion: 2 }), 409);
    const ended = await until(
      house,
      json.id,
      (now) => /^customer/.test(now.waitingFor) || /completed|failed/.test(now.state),
    );
    expect(['completed', 'documents_pending', 'documents_review', 'failed']).toContain(ended.json.state);
    expect(step(ended.json, 'terms').state).toBe('done');
  });

  it('S0-38: unlisted: quote, acceptance', async () => {
    const { json } = await file(house, { country: 'AQ' });
    const offered = await post(json.id, 'terms', await terms());
    expect(offered.json).toMatchObject({ state: 'terms_pending', waitingFor: 'customer', terms: { reason: 'quote' } });
  });

  it('refusal declines', async () => {
    const { json } = await file(house, { country: 'FR' });
    const refuse = (sent: Sent = {}) =>
      house.ask(`POST /v1/number-requests/${json.id}/refusal`, { as: 'customer', body: {}, ...sent });
    expectProblem(await refuse(), 409, 'wrong_state');
    await post(json.id, 'terms', await terms());
    expectProblem(await refuse({ as: 'cs' }), 403, 'not_allowed');
    const done = await refuse();
    expect(done.json).toMatchObject({ state: 'declined', terms: { state: 'refused' } });
  });

  it('expired terms: acceptance answers terms_expired, customer success makes new ones', async () => {
    const { json } = await file(house, { country: 'FR' });
    await post(json.id, 'terms', await terms({ validUntil: await later(2) }));
    await house.advance(3 * 86_400);
    const accept = () =>
      house.ask(`POST /v1/number-requests/${json.id}/acceptance`, {
        as: 'customer',
        key: key(),
        body: { termsVersion: 1 },
      });
    expectProblem(await accept(), 409, 'terms_expired');
    const back = await until(house, json.id, (now) => now.waitingFor === 'customer_success');
    expect(back.json).toMatchObject({ state: 'terms_pending', terms: { state: 'expired' } });
    expectProblem(await accept(), 409, 'terms_expired');
    expect((await post(json.id, 'terms', await terms())).json.terms).toMatchObject({ version: 2, state: 'offered' });
  });

  it('bad terms are refused', async () => {
    const { json } = await file(house, { country: 'FR' });
    const good = await terms();
    const { monthly: _m, ...without } = good;
    expectProblem(await post(json.id, 'terms', without), 400);
    expectProblem(await post(json.id, 'terms', { ...good, validUntil: '2020-01-01T00:00:00Z' }), 422);
    expectProblem(await post(json.id, 'terms', { ...good, validUntil: 'soon' }), 422);
    expectProblem(await post(json.id, 'terms', { ...good, monthly: usd('-4') }), 422);
    expectProblem(await post(json.id, 'terms', { ...good, text: '' }), 422);
    expectProblem(await post(json.id, 'terms', { ...good, version: 7 }), 400);
    const restricted = await file(house, { country: 'CO' });
    expectProblem(await post(restricted.json.id, 'terms', good), 409, 'wrong_state');
  });
});

describe('§4 information', () => {
  it('the question keeps the former state in resumesTo; the answer brings it back', async () => {
    const { json } = await file(house, { country: 'CO' });
    const asked = await post(json.id, 'information-request', { question: 'Which city?', fields: ['locality'] });
    expect(asked.status, asked.text).toBe(200);
    expect(asked.json).toMatchObject({
      state: 'info_requested',
      waitingFor: 'customer',
      resumesTo: 'approval_pending',
      question: { text: 'Which city?' },
    });
    const due = Date.parse(asked.json.dueAt) - Date.parse(asked.json.updatedAt);
    expect(Math.abs(due - 14 * 86_400_000)).toBeLessThan(5000);
    const mine = await show(house, json.id, 'customer');
    expect(mine.json.actions).toEqual(expect.arrayContaining(['information']));
    const answer = (body: unknown, sent: Sent = {}) =>
      house.ask(`POST /v1/number-requests/${json.id}/information`, { as: 'customer', body, ...sent });
    expectProblem(await answer({}), 400);
    expectProblem(await answer({ answer: 'x' }, { as: 'cs' }), 403, 'not_allowed');
    expectProblem(await answer({ answer: 'x', documents: ['doc_01k0000000000000000000zzzz'] }), 422);
    const done = await answer({ answer: 'Bogotá', fields: { locality: 'Bogotá' } });
    expect(done.status, done.text).toBe(200);
    expect(done.json).toMatchObject({ state: 'approval_pending', waitingFor: 'customer_success' });
    expect(done.json.question.answer, 'the answer is to be seen').toBe('Bogotá');
    expect(done.json).not.toHaveProperty('resumesTo');
    expectProblem(await answer({ answer: 'again' }), 409, 'wrong_state');
  });
  it('unanswered it expires after 14 days', async () => {
    const { json } = await file(house, { country: 'CO' });
    await post(json.id, 'information-request', { question: 'Which city?' });
    await house.advance(14 * 86_400 + 60);
    await until(house, json.id, 'expired');
  });
  it('refused once over, and with a past due date', async () => {
    const { json } = await file(house, { country: 'CO' });
    expectProblem(await post(json.id, 'information-request', { question: 'x', dueAt: '2020-01-01T00:00:00Z' }), 422);
    expectProblem(await post(json.id, 'information-request', { question: '' }), 422);
    await house.ask(`POST /v1/number-requests/${json.id}/cancellation`, { as: 'customer', body: {} });
    expectProblem(await post(json.id, 'information-request', { question: 'x' }), 409, 'wrong_state');
  });
});

describe('§4 actions[] say what this caller may do', () => {
  it('per state and role', async () => {
    const actions = async (id: string, as: Sent['as']) => (await show(house, id, as)).json.actions.toSorted();
    const { json } = await file(house, { country: 'CO' });
    expect(await actions(json.id, 'cs')).toEqual(
      expect.arrayContaining(['approval', 'rejection', 'information_request', 'comment']),
    );
    expect(await actions(json.id, 'customer')).toEqual(['cancellation', 'comment']);
    expect(await actions(json.id, 'operator')).not.toContain('approval');
    const own = await file(house, { country: 'CO' }, 'cs');
    expect(await actions(own.json.id, 'cs')).not.toContain('approval');
    expect(await actions(own.json.id, 'cs2')).toContain('approval');
    const special = await file(house, { country: 'FR' });
    expect(await actions(special.json.id, 'cs')).toContain('terms');
    await post(special.json.id, 'terms', await terms());
    expect(await actions(special.json.id, 'customer')).toEqual(['acceptance', 'cancellation', 'comment', 'refusal']);
  });
  it('what is listed is not refused as wrong_state, what is not listed is refused', async () => {
    const { json } = await file(house, { country: 'CO' });
    const bodies: Record<string, [string, Json]> = {
      terms: ['terms', await terms()],
      documents_review: [
        'documents-review',
        { documents: [{ id: 'doc_01k0000000000000000000zzzz', verdict: 'accepted' }] },
      ],
    };
    const { actions } = (await show(house, json.id, 'cs')).json;
    for (const [name, [path, body]] of Object.entries(bodies)) {
      expect(actions).not.toContain(name);
      expectProblem(await post(json.id, path, body), 409, 'wrong_state');
    }
  });
});

describe('§13 clocks', () => {
  it('approval: due 48 h, reminder at due, escalation 24 h later, expiry 30 days', async () => {
    const { json } = await file(house, { country: 'ID' });
    const mails = async () => (await house.ask(`GET /local/mails?numberRequestId=${json.id}`)).json.data.length;
    await house.gateway.idle();
    expect(await mails()).toBe(2);
    await house.advance(48 * 3600 + 120);
    await house.gateway.idle();
    const reminded = await mails();
    expect(reminded).toBeGreaterThan(2);
    await house.advance(24 * 3600 + 120);
    await house.gateway.idle();
    expect(await mails()).toBeGreaterThan(reminded);
    const task = (await house.ask('GET /v1/tasks?country=ID', { as: 'cs', tenant: false })).json.data;
    expect(task).toMatchObject([{ kind: 'approval', escalated: true, subject: { id: json.id } }]);
    expect((await show(house, json.id)).json.state).toBe('approval_pending');
    await house.advance(27 * 86_400);
    await until(house, json.id, 'expired');
  });
});
