import { describe, expect, it } from 'vitest';
import { tenantScope } from '../../functions/platform/auth.ts';
import { findRequest, requests } from '../../functions/requests/store.ts';
import { buyingLab } from './buying.ts';
import { ACME, type View } from './room.ts';
import { numberOf, usd } from './scripted-carrier.ts';
import { item, scriptedPapers } from './scripted-papers.ts';

const lab = buyingLab();
const act = (who: string, { id }: Pick<View, 'id'>, name: string, body: object = {}) =>
  lab.room.ask(who, `POST /v1/number-requests/${id}/${name}`, { body });
const put = (made: View, requirementId: string) =>
  lab.room.ask('customer', `PUT /v1/number-requests/${made.id}/requirements/${requirementId}`, {
    body: { value: 'x' },
  });
const now = (made: Pick<View, 'id'>, who = 'cs') => lab.room.request(made.id, who);
const verdict = (id: string) => ({ documents: [{ id, verdict: 'accepted' }] });

async function approve(made: View, body: object = {}) {
  const { headers } = await lab.room.ask('cs', `GET /v1/number-requests/${made.id}`);
  const ifMatch = headers.get('etag') ?? '';
  return lab.room.ask('cs', `POST /v1/number-requests/${made.id}/approval`, { body, ifMatch });
}

/** A gate that is reached, then opened. */
function gate() {
  const opened = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const wait = async () => {
    reached.resolve();
    await opened.promise;
  };
  return { wait, open: opened.resolve, reached: reached.promise };
}

describe('the carrier rejects papers', () => {
  it.each([
    ['waived', item('b')],
    ['optional', item('b', { required: false })],
  ])('R4 4.8: one that was %s: handed in once, then the customer is asked', async (kind, second) => {
    const { facts, carriers } = scriptedPapers([item('a'), second]);
    await lab.open({ carriers });
    const made = await lab.room.order({});
    await put(made, 'a');
    const waived = kind === 'waived' ? [{ requirementId: 'b', reason: 'not here' }] : [];
    if (waived.length > 0) await put(made, 'b');
    facts.review = { state: 'rejected', rejections: [{ requirementId: 'b', remark: 'B is wanted' }] };
    await act('cs', made, 'documents-review', { ...verdict('a'), ...(waived.length > 0 ? { waived } : {}) });

    const asked = await now(made);

    expect(facts.submitted).toHaveLength(1);
    expect(asked).toMatchObject({ state: 'documents_pending', waitingFor: 'customer' });
    expect(asked.requirements[1]).toMatchObject({ required: true, state: 'rejected', remark: 'B is wanted' });
    facts.review = { state: 'approved', rejections: [] };
    await put(made, 'b');
    await act('cs', made, 'documents-review', verdict('b'));
    expect(await now(made)).toMatchObject({ state: 'completed' });
    expect(facts.submitted).toHaveLength(2);
  });

  it('R4: nothing handed in can be corrected: a person looks, nothing goes round', async () => {
    const { facts, carriers } = scriptedPapers([item('a'), item('b', { required: false })]);
    await lab.open({ carriers });
    const made = await lab.room.order({});
    facts.review = { state: 'rejected', rejections: [{ requirementId: 'zzz', remark: 'unheard of' }] };
    await put(made, 'a');
    await act('cs', made, 'documents-review', verdict('a'));

    expect(await now(made)).toMatchObject({
      state: 'documents_pending',
      requirements: [{ state: 'rejected' }, { requirementId: 'b', required: false, state: 'missing' }],
    });
    expect(facts.submitted).toHaveLength(1);
    await act('cs', made, 'cancellation');
  });
});

describe('papers and agreement', () => {
  it('S0-42 R2: what customer success added before the agreement is still wanted after the carrier was asked', async () => {
    const { carriers } = scriptedPapers([]);
    const carrier = await lab.open({ carriers });
    const made = await lab.room.order({ country: 'CO', areaCode: undefined });
    const added = { kind: 'text', name: 'Letter', description: 'Of authority' };
    expect((await act('cs', made, 'requirements', added)).status).toBe(201);
    await approve(made);

    const waiting = await now(made);
    expect(waiting).toMatchObject({ state: 'documents_pending', requirements: [{ name: 'Letter', state: 'missing' }] });
    expect(carrier.orders).toEqual([]);
    await act('cs', made, 'cancellation');
  });

  it('S0-42: what an approval waives stays waived when the carrier lists it', async () => {
    const { facts, carriers } = scriptedPapers([item('proof_of_carrier')]);
    await lab.open({ carriers });
    const made = await lab.room.order({ country: 'CO', areaCode: undefined });
    await approve(made, { waived: [{ requirementId: 'proof_of_carrier', reason: 'known to us' }] });

    const done = await now(made);
    expect(done).toMatchObject({ state: 'completed', requirements: [{ name: 'PROOF_OF_CARRIER', state: 'waived' }] });
    expect(facts.submitted).toEqual([]);
  });

  it('I4: a raised price and refused papers in one batch: first the price, then the papers, then bought', async () => {
    const carrier = await lab.open();
    const [rising, plain] = [numberOf(1), numberOf(2)];
    const refusal = { class: 'DocumentsRequired', code: 'documents_required', carrierText: 'bundle wanted' } as const;
    carrier.prices.set(rising, usd('3.00'));
    carrier.script.set(plain, [{ kind: 'refused', refusal }]);
    const quote = carrier.quote;
    carrier.quote = async (offer, call) => {
      // The refusal comes after the price was offered.
      if (offer.number === plain) await expect.poll(async () => (await shown())?.state).toBe('terms_pending');
      return quote(offer, call);
    };
    const numbers = [rising, plain].map((number) => ({ number, monthly: usd('1.00') }));
    const body = { country: 'GB', numbers };
    const { id } = (await lab.room.ask('customer', 'POST /v1/number-requests', { body })).json;
    const shown = () => findRequest(lab.room.table, tenantScope(ACME), id);

    expect(await now({ id })).toMatchObject({ state: 'terms_pending', waitingFor: 'customer' });
    carrier.quote = quote;
    expect((await act('customer', { id }, 'acceptance', { termsVersion: 1 })).status).toBe(200);
    expect(await now({ id })).toMatchObject({ state: 'documents_review', waitingFor: 'customer_success' });
    const [task] = await lab.openTasks('documents_review');
    expect(task?.detail).toContain('bundle wanted');
    await act('cs', { id }, 'documents-review', { documents: [], listComplete: true });

    expect(await now({ id })).toMatchObject({ state: 'completed' });
  });

  it('I15: a question asked while the carrier is asked for its list stays open, and its answer goes on', async () => {
    const { facts, carriers } = scriptedPapers([item('a')]);
    const { wait, open, reached } = gate();
    await lab.open({ carriers });
    facts.onSubmit = wait;
    const made = await lab.room.order({});
    await put(made, 'a');
    await lab.room.ask('cs', `POST /v1/number-requests/${made.id}/documents-review`, { body: verdict('a') });
    await reached;
    expect((await act('cs', made, 'information-request', { question: 'Who uses it?' })).status).toBe(200);
    open();

    expect(await now(made)).toMatchObject({ state: 'info_requested', waitingFor: 'customer' });
    await act('customer', made, 'information', { answer: 'Pam' });
    expect(await now(made)).toMatchObject({ state: 'documents_review', waitingFor: 'carrier' });
    facts.review = { state: 'approved', rejections: [] };
    await lab.room.pass(1000);
    expect(await now(made)).toMatchObject({ state: 'completed' });
  });

  it('I15: an approval taken back while the carrier is asked for its list stays taken back', async () => {
    const { facts, carriers } = scriptedPapers([item('a')]);
    const { wait, open, reached } = gate();
    await lab.open({ carriers });
    facts.onList = wait;
    const made = await lab.room.order({ country: 'CO', areaCode: undefined });
    await approve(made);
    await reached;
    // As an undo in time does; the window has no length here, since the clock stands still.
    const before = await findRequest(lab.room.table, tenantScope(ACME), made.id);
    if (!before) throw new Error(made.id);
    const actor = { kind: 'system', id: 'test', name: 'Test' } as const;
    const change = { action: 'undone', actor, at: lab.room.clock.now() };
    const turn = { state: 'approval_pending', waitingFor: 'customer_success' } as const;
    const undone = { ...before, ...turn, approvals: [], agreedAt: undefined, decision: undefined };
    await lab.room.table.write(requests.replace(before, undone, change).writes);
    open();

    expect(await now(made)).toMatchObject({ state: 'approval_pending', waitingFor: 'customer_success' });
    await act('cs', made, 'cancellation');
  });

  it('R2: the customer is told of a further requirement, also of one added while papers are missing', async () => {
    const { facts, carriers } = scriptedPapers([item('a')]);
    await lab.open({ carriers });
    const made = await lab.room.order({});
    const told = async () =>
      (await lab.room.mails()).filter((mail) => mail.messageKey.startsWith(`${made.id}.documents_required`)).length;
    expect(await told()).toBe(1);
    const added = { kind: 'text', name: 'Letter', description: 'Of authority' };
    await act('cs', made, 'requirements', added);
    await lab.room.settle();
    expect(await told()).toBe(2);
    await put(made, 'a');
    const { requirements } = await now(made);
    const letter = requirements[1]?.requirementId ?? '';
    await put(made, letter);
    await act('cs', made, 'documents-review', { documents: [...verdict('a').documents, ...verdict(letter).documents] });
    expect(await now(made)).toMatchObject({ state: 'documents_review', waitingFor: 'carrier' });

    await act('cs', made, 'requirements', { ...added, name: 'Second letter' });

    expect(await now(made)).toMatchObject({ state: 'documents_pending', waitingFor: 'customer' });
    expect(await told()).toBe(3);
    facts.review = { state: 'approved', rejections: [] };
    await lab.room.pass(1000);
    expect(await now(made), 'nothing is bought without it').toMatchObject({ state: 'documents_pending' });
    const second = (await now(made)).requirements[2]?.requirementId ?? '';
    await put(made, second);
    await act('cs', made, 'documents-review', verdict(second));
    expect(await now(made)).toMatchObject({ state: 'completed' });
    expect(facts.submitted).toHaveLength(2);
  });
});
