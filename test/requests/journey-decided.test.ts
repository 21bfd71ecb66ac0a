import { describe, expect, it } from 'vitest';
import { gatewayLab } from './gateway-lab.ts';

const lab = gatewayLab();
const DAY = 86_400;
const usd = (amount: string) => ({ amount, currency: 'USD' });
const path = (id: string, act: string) => `POST /v1/number-requests/${id}/${act}`;
async function make(body: object, who = 'customer') {
  const made = await lab.ask(who, 'POST /v1/number-requests', { body });
  expect(made.status).toBe(202);
  await lab.gateway.idle();
  return made.json as { id: string; state: string; ticketId: string };
}
const inDays = (days: number) => new Date(lab.gateway.clock.now().getTime() + days * DAY * 1000).toISOString();
const terms = (more: object = {}) => ({
  monthly: usd('9.00'),
  setup: usd('5.00'),
  text: 'One year.',
  validUntil: inDays(14),
  ...more,
});
const etagOf = async (id: string) => (await lab.ask('cs', `GET /v1/number-requests/${id}`)).headers.get('etag') ?? '';
const approve = async (id: string, who = 'cs', body: object = {}) =>
  lab.ask(who, path(id, 'approval'), { body, ifMatch: await etagOf(id) });
const carriersHeard = async () => {
  let count = 0;
  for (const carrier of ['telnyx', 'twilio', 'vonage']) {
    const answer = await fetch(`${lab.gateway.simulatorsUrl}/_control/${carrier}/requests`);
    count += ((await answer.json()) as { data: unknown[] }).data.length;
  }
  return count;
};

describe('special country', () => {
  it('S0-40: terms, acceptance, papers with rejection and resubmission, the carrier reviews, bought', async () => {
    const made = await make({ country: 'DE', areaCode: '30' });
    expect(await lab.view(made.id)).toMatchObject({
      state: 'terms_pending',
      waitingFor: 'customer_success',
      class: 'special',
    });
    expect((await lab.ask('customer', path(made.id, 'acceptance'), { body: { termsVersion: 1 } })).json).toMatchObject({
      code: 'wrong_state',
    });

    await lab.ask('cs', path(made.id, 'terms'), { body: terms() });
    const offered = await lab.view(made.id, 'customer');
    expect(offered).toMatchObject({
      state: 'terms_pending',
      waitingFor: 'customer',
      terms: { version: 1, state: 'offered' },
    });
    expect(offered.actions).toEqual(expect.arrayContaining(['acceptance', 'refusal', 'cancellation', 'comment']));
    await lab.ask('customer', path(made.id, 'acceptance'), { body: { termsVersion: 1 } });
    await lab.until(made.id, (view) => view.state === 'documents_pending');

    const complete = await lab.handInAll(made.id);
    expect(complete).toMatchObject({ state: 'documents_review', waitingFor: 'customer_success' });
    const proof = complete.requirements.find(({ kind }) => kind === 'document');
    const bad = {
      documents: [{ id: proof?.documentId, verdict: 'rejected', reason: 'unreadable', remark: 'too dark' }],
    };
    await lab.ask('cs', path(made.id, 'documents-review'), { body: bad });
    const again = await lab.until(made.id, (view) => view.state === 'documents_pending');
    expect(again.requirements.find(({ requirementId }) => requirementId === proof?.requirementId)).toMatchObject({
      state: 'rejected',
      remark: 'unreadable: too dark',
    });
    const paper = await lab.ask('customer', `GET /v1/documents/${proof?.documentId}`);
    expect(paper.json).toMatchObject({ state: 'rejected', remark: 'unreadable: too dark' });

    expect(await lab.handInAll(made.id)).toMatchObject({ state: 'documents_review' });
    expect((await lab.acceptAll(made.id)).status).toBe(200);
    const done = await lab.until(made.id, (view) => view.state === 'completed');
    expect(done.numbers).toMatchObject([{ state: 'active', number: expect.stringMatching(/^\+4930/) }]);
    expect(done.requirements.every(({ state }) => state === 'accepted')).toBe(true);
    const mails = await lab.mails(made.id);
    expect(mails).toEqual(expect.arrayContaining(['terms_offered_1.requester', 'closed.requester']));
    expect(mails.filter((key) => key.startsWith('documents_required'))).toHaveLength(2);
  });

  it('R1: the carrier rejects the papers: the customer corrects, the same request goes on', async () => {
    await lab.control('telnyx/faults', { fault: 'papers_rejected', times: 1, on: 'papers' });
    const made = await make({ country: 'DE', areaCode: '30' });
    await lab.ask('cs', path(made.id, 'terms'), { body: terms() });
    await lab.ask('customer', path(made.id, 'acceptance'), { body: { termsVersion: 1 } });
    await lab.until(made.id, (view) => view.state === 'documents_pending');
    await lab.handInAll(made.id);
    await lab.acceptAll(made.id);
    await lab.until(made.id, (view) => view.waitingFor === 'carrier');
    await lab.advance(5);

    const back = await lab.until(made.id, (view) => view.state === 'documents_pending');
    expect(back.requirements.some(({ remark }) => remark === 'The document cannot be read.')).toBe(true);
    await lab.handInAll(made.id);
    await lab.acceptAll(made.id);
    await lab.until(made.id, (view) => view.waitingFor === 'carrier');
    await lab.advance(5);
    await lab.until(made.id, (view) => view.state === 'completed');
  });

  it('refused terms end the request; nobody was asked', async () => {
    const heard = await carriersHeard();
    const made = await make({ country: 'FR' });
    await lab.ask('cs', path(made.id, 'terms'), { body: terms() });
    const refused = await lab.ask('customer', path(made.id, 'refusal'), { body: { reason: 'too dear' } });

    expect(refused.json).toMatchObject({
      state: 'declined',
      terms: { state: 'refused' },
      decision: { comment: 'too dear' },
    });
    await lab.until(made.id, (view) => view.timeline.at(-1)?.step === 'closed');
    expect(await carriersHeard()).toBe(heard);
  });

  it('expired terms go back to customer success, who offers them again', async () => {
    const made = await make({ country: 'FR' });
    await lab.ask('cs', path(made.id, 'terms'), { body: terms({ validUntil: inDays(2) }) });
    await lab.advance(2 * DAY + 120);

    const back = await lab.until(made.id, (view) => view.waitingFor === 'customer_success');
    expect(back).toMatchObject({ state: 'terms_pending', terms: { state: 'expired' } });
    expect((await lab.ask('customer', path(made.id, 'acceptance'), { body: { termsVersion: 1 } })).json.code).toBe(
      'terms_expired',
    );
    const anew = await lab.ask('cs', path(made.id, 'terms'), { body: terms() });
    expect(anew.json).toMatchObject({ waitingFor: 'customer', terms: { version: 2, state: 'offered' } });
    await lab.ask('customer', path(made.id, 'refusal'));
  });
});

describe('restricted country', () => {
  it('S0-42: no carrier hears anything before the approval; two people above the price; the first decision stands', async () => {
    const heard = await carriersHeard();
    const made = await make({ country: 'CO', quantity: 3, maxMonthly: usd('20.00') });
    expect(await lab.view(made.id)).toMatchObject({
      state: 'approval_pending',
      class: 'restricted',
      waitingFor: 'customer_success',
    });
    const listed = await lab.view(made.id);
    expect(listed.requirements.map(({ requirementId }) => requirementId)).toContain('business_name');

    expect((await lab.ask('cs', path(made.id, 'approval'), { body: {} })).status).toBe(428);
    expect((await lab.ask('cs', path(made.id, 'approval'), { body: {}, ifMatch: '"99"' })).json).toMatchObject({
      code: 'stale_version',
    });
    expect((await lab.ask('operator', path(made.id, 'approval'), { body: {}, ifMatch: '"1"' })).status).toBe(403);
    const first = await approve(made.id);
    expect(first.json).toMatchObject({ state: 'approval_pending', approvalsMissing: 1 });
    expect((await approve(made.id)).json).toMatchObject({ status: 403, code: 'own_approval' });
    expect(await carriersHeard()).toBe(heard);
    const waived = listed.requirements.map(({ requirementId }) => ({ requirementId, reason: 'known customer' }));
    const second = await approve(made.id, 'cs2', { comment: 'fine', waived });
    expect(second.json).toMatchObject({ state: 'classified', decision: { verdict: 'approved', comment: 'fine' } });
    const third = await approve(made.id);
    expect(third.json).toMatchObject({ status: 409, code: 'already_decided', decision: { verdict: 'approved' } });

    const done = await lab.until(made.id, (view) => view.state !== 'classified' && view.state !== 'sourcing');
    expect(await carriersHeard()).toBeGreaterThan(heard);
    expect(done.requirements.filter(({ state }) => state === 'waived')).toHaveLength(waived.length);
  });

  it('terms given by the first of two are offered only after the second', async () => {
    const made = await make({ country: 'GE', quantity: 10 });
    const first = await approve(made.id, 'cs', { terms: terms() });
    expect(first.json).toMatchObject({ state: 'approval_pending', approvalsMissing: 1 });
    await lab.gateway.idle();
    expect(await lab.mails(made.id)).not.toContain('terms_offered_1.requester');

    const second = await approve(made.id, 'cs2');
    expect(second.json).toMatchObject({ state: 'terms_pending', waitingFor: 'customer', terms: { version: 1 } });
    await lab.gateway.idle();
    expect(await lab.mails(made.id)).toContain('terms_offered_1.requester');
    await lab.ask('customer', path(made.id, 'refusal'));
  });

  it('an approval can be taken back in time, not later', async () => {
    const heard = await carriersHeard();
    const made = await make({ country: 'CO' });
    await approve(made.id, 'cs', { undoSeconds: 20 });
    const undone = await lab.ask('cs', `DELETE /v1/number-requests/${made.id}/approval`);
    expect(undone).toMatchObject({ status: 200, json: { state: 'approval_pending', waitingFor: 'customer_success' } });
    expect(undone.json.decision).toBeUndefined();
    await lab.advance(30);
    expect(await lab.view(made.id)).toMatchObject({ state: 'approval_pending' });
    expect(await carriersHeard()).toBe(heard);

    await approve(made.id, 'cs', { undoSeconds: 20 });
    await lab.advance(25);
    expect((await lab.ask('cs', `DELETE /v1/number-requests/${made.id}/approval`)).json).toMatchObject({
      code: 'too_late',
    });
    await lab.until(made.id, (view) => view.state === 'documents_pending');
    await lab.ask('customer', path(made.id, 'cancellation'));
  });

  it('N6: nobody decides their own request', async () => {
    const made = await make({ country: 'CO' }, 'cs');
    for (const [act, body] of [
      ['rejection', { reason: 'other', comment: 'no' }],
      ['approval', {}],
    ] as const) {
      const answer = await lab.ask('cs', path(made.id, act), { body, ifMatch: await etagOf(made.id) });
      expect(answer.json).toMatchObject({ status: 403, code: 'own_request' });
    }
    const declined = await lab.ask('cs2', path(made.id, 'rejection'), {
      body: { reason: 'not_eligible', comment: 'no' },
    });
    expect(declined.json).toMatchObject({ state: 'declined', decision: { reason: 'not_eligible' } });
    const twice = await lab.ask('cs2', path(made.id, 'rejection'), { body: { reason: 'other', comment: 'no' } });
    expect(twice.json).toMatchObject({ code: 'already_decided' });
  });

  it('N5: nobody answers: reminded at the due time, escalated a day later, expired after 30 days', async () => {
    const made = await make({ country: 'TH' });
    const inbox = async () =>
      (await lab.ask('cs', 'GET /v1/tasks?kind=approval')).json.data.find(
        (task: { subject: { id: string } }) => task.subject.id === made.id,
      );
    expect(await inbox()).toMatchObject({ kind: 'approval', class: 'restricted', country: 'TH', escalated: false });

    await lab.advance(2 * DAY + 120);
    const stamped = (keys: string[], word: string) => keys.some((key) => key.startsWith(word));
    expect(stamped(await lab.mails(made.id), 'reminder_approval_1')).toBe(true);
    expect(stamped(await lab.mails(made.id), 'escalated_approval')).toBe(false);
    await lab.advance(DAY);
    expect(stamped(await lab.mails(made.id), 'escalated_approval')).toBe(true);
    expect(await inbox()).toMatchObject({ escalated: true });
    await lab.advance(28 * DAY);

    const ended = await lab.until(made.id, (view) => view.timeline.at(-1)?.step === 'closed');
    expect(ended).toMatchObject({ state: 'expired', failure: { code: 'expired' } });
    expect(await inbox()).toBeUndefined();
  });
});

describe('unsupported country', () => {
  it('S0-38: a ticket and nothing by itself; then a quote and its acceptance', async () => {
    const heard = await carriersHeard();
    const made = await make({ country: 'AO' });
    expect(await lab.view(made.id)).toMatchObject({
      state: 'quote_pending',
      class: 'unsupported',
      waitingFor: 'customer_success',
    });
    await lab.advance(3600);
    expect(await lab.view(made.id)).toMatchObject({ state: 'quote_pending' });
    expect(await carriersHeard()).toBe(heard);

    const offered = await lab.ask('cs', path(made.id, 'terms'), { body: terms() });
    expect(offered.json).toMatchObject({ state: 'terms_pending', waitingFor: 'customer', terms: { reason: 'quote' } });
    await lab.ask('customer', path(made.id, 'acceptance'), { body: { termsVersion: 1 } });

    // Now carriers may be asked; none sells anything there.
    const done = await lab.until(made.id, (view) => view.timeline.at(-1)?.step === 'closed');
    expect(done).toMatchObject({ state: 'failed', failure: { code: 'not_enough_numbers' } });
    expect(await carriersHeard()).toBeGreaterThan(heard);
  });
});

describe('questions, cancelling, holding', () => {
  it('S0-38: a question stops the clock of the others and the answer goes back to where it stood', async () => {
    const made = await make({ country: 'DE' });
    const asked = await lab.ask('cs', path(made.id, 'information-request'), {
      body: { question: 'What for?', fields: ['purposeNote'] },
    });
    expect(asked.json).toMatchObject({ state: 'info_requested', waitingFor: 'customer', resumesTo: 'terms_pending' });
    const past = { question: 'x', dueAt: '2020-01-01T00:00:00Z' };
    expect((await lab.ask('cs', path(made.id, 'information-request'), { body: past })).status).toBeGreaterThanOrEqual(
      409,
    );

    const body = { answer: 'A new office', fields: { purposeNote: 'office' } };
    const answered = await lab.ask('customer', path(made.id, 'information'), { body });
    expect(answered.json).toMatchObject({
      state: 'terms_pending',
      waitingFor: 'customer_success',
      question: { answer: 'A new office', answered: { purposeNote: 'office' } },
    });
    expect((await lab.ask('customer', path(made.id, 'information'), { body })).json).toMatchObject({
      code: 'wrong_state',
    });
    await lab.ask('customer', path(made.id, 'cancellation'));
  });

  it('a question during papers: what was completed in the meantime goes to its check', async () => {
    const made = await make({ country: 'DE', areaCode: '30' });
    await lab.ask('cs', path(made.id, 'terms'), { body: terms() });
    await lab.ask('customer', path(made.id, 'acceptance'), { body: { termsVersion: 1 } });
    await lab.until(made.id, (view) => view.state === 'documents_pending');
    await lab.ask('cs', path(made.id, 'information-request'), { body: { question: 'Which office?' } });
    expect(await lab.handInAll(made.id)).toMatchObject({ state: 'info_requested' });
    await lab.advance(3600);
    expect(await lab.view(made.id)).toMatchObject({ state: 'info_requested' });

    await lab.ask('customer', path(made.id, 'information'), { body: { answer: 'Berlin' } });
    expect(await lab.view(made.id)).toMatchObject({ state: 'documents_review', waitingFor: 'customer_success' });
    await lab.ask('cs', path(made.id, 'rejection'), { body: { reason: 'other', comment: 'no' } });
  });

  it('P16: cancelled in time by the customer, with its ticket closed; another tenant sees nothing of it (I7)', async () => {
    const made = await make({ country: 'DE' });
    expect((await lab.ask('globex', `GET /v1/number-requests/${made.id}`)).status).toBe(404);
    const cancelled = await lab.ask('customer', path(made.id, 'cancellation'), {
      body: { reason: 'changed our mind' },
    });

    expect(cancelled.json).toMatchObject({
      state: 'cancelled',
      waitingFor: 'nobody',
      cancellable: false,
      actions: ['comment'],
    });
    await lab.until(made.id, (view) => view.timeline.at(-1)?.step === 'closed');
    expect((await lab.ask('customer', `GET /v1/tickets/${made.ticketId}`)).json.state).toBe('closed');
    expect((await lab.ask('customer', path(made.id, 'cancellation'))).json).toMatchObject({ code: 'too_late' });
  });

  it('P17: past due when the terms are accepted: on hold before any order, bought when it is paid', async () => {
    const made = await make({ country: 'CO' });
    const { requirements } = await lab.view(made.id);
    await lab.changeTenant({ standing: 'past_due' });
    const waived = requirements.map(({ requirementId }) => ({ requirementId, reason: 'known' }));
    await approve(made.id, 'cs', { waived });

    const held = await lab.until(made.id, (view) => view.hold !== undefined);
    expect(held).toMatchObject({
      hold: { reason: 'billing_not_in_good_standing' },
      waitingFor: 'customer_success',
      numbers: [],
    });
    await lab.changeTenant({ standing: 'good' });
    await lab.advance(3700);
    await lab.until(made.id, (view) => view.hold === undefined && view.state !== 'classified');
  });

  it('papers are announced, uploaded and checked by their content (R3)', async () => {
    const made = await make({ country: 'CO' });
    const announce = (file: object) =>
      lab.ask('customer', 'POST /v1/documents', { body: { kind: 'proof', numberRequestId: made.id, ...file } });
    const pdf = { fileName: 'a.pdf', contentType: 'application/pdf' };
    expect((await announce({ ...pdf, size: 20_000_000 })).json).toMatchObject({ code: 'file_too_large' });
    expect(
      (await announce({ fileName: 'a.exe', contentType: 'application/x-msdownload', size: 10 })).json,
    ).toMatchObject({
      code: 'file_type_not_allowed',
    });
    const requirement = (await lab.view(made.id)).requirements.find(({ kind }) => kind === 'document');
    const put = `PUT /v1/number-requests/${made.id}/requirements/${requirement?.requirementId}`;
    const early = await announce({ ...pdf, size: 30 });
    expect((await lab.ask('customer', put, { body: { documentId: early.json.id } })).json).toMatchObject({
      code: 'unknown_document',
    });
    const renamed = await lab.upload(
      made.id,
      requirement?.requirementId ?? '',
      new TextEncoder().encode('MZ this is a program'),
    );
    expect((await lab.ask('customer', put, { body: { documentId: renamed } })).json).toMatchObject({
      code: 'unknown_document',
    });
    expect((await lab.ask('customer', `GET /v1/documents/${renamed}`)).json).toMatchObject({ state: 'rejected' });
    const good = await lab.upload(made.id, requirement?.requirementId ?? '');
    expect((await lab.ask('customer', put, { body: { value: 'text' } })).json).toMatchObject({ code: 'wrong_kind' });
    const taken = await lab.ask('customer', put, { body: { documentId: good } });

    expect(taken).toMatchObject({ status: 200 });
    expect((await lab.ask('cs', `POST /v1/documents/${good}/download`)).json).toMatchObject({
      code: 'reason_required',
    });
    const link = await lab.ask('cs', `POST /v1/documents/${good}/download`, { body: { reason: 'review' } });
    expect((await fetch(link.json.url)).status).toBe(200);
    expect((await lab.ask('customer', `DELETE /v1/documents/${good}`)).json).toMatchObject({ code: 'in_use' });
    await lab.ask('customer', path(made.id, 'cancellation'));
  });
});
