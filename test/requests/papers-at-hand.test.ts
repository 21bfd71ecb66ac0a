import { describe, expect, it } from 'vitest';
import { tenantScope } from '../../functions/platform/auth.ts';
import { findRequest } from '../../functions/requests/store.ts';
import { buyingLab } from './buying.ts';
import { papersActs } from './papers-lab.ts';
import { ACME, type View } from './room.ts';
import { item, scriptedPapers } from './scripted-papers.ts';

const lab = buyingLab();
const { ask, paper, bundle, handedIn, put, accept, states } = papersActs(lab);
const DAY = 86_400;
const file = (body: object, who = 'customer') => ask(who, 'POST /v1/number-requests', { country: 'GB', ...body });
const now = (made: Pick<View, 'id'>) => lab.room.request(made.id, 'cs');
const open = async (items = [item('a')]) => {
  const scripted = scriptedPapers(items);
  return { carrier: await lab.open({ carriers: scripted.carriers }), facts: scripted.facts };
};
const approved = { state: 'approved', rejections: [] } as const;
const approvedBundle = async (facts: Awaited<ReturnType<typeof open>>['facts'], validUntil?: string) => {
  facts.review = { ...approved, ...(validUntil ? { validUntil } : {}) };
  const id = await handedIn({ a: 'Acme' });
  expect(await bundle(id)).toMatchObject({ state: 'approved' });
  return id;
};

/** A set for a restricted country in draft, with all that is asked for; its carrier calls it "a" alone. */
async function colombian(): Promise<string> {
  const { json } = await ask('cs', 'POST /v1/bundles', { country: 'CO', carrier: 'telnyx' });
  const place = { lines: ['1'], city: 'Bogotá', postalCode: '1', country: 'CO' };
  const items: object[] = [];
  for (const { requirementId, kind } of json.items) {
    const documentId = kind === 'document' ? await paper('proof', {}, 'admin') : '';
    const given = { document: { documentId }, text: { value: 'x' }, address: { address: place } };
    items.push({ requirementId, ...given[kind as keyof typeof given] });
  }
  const filled = await ask('cs', `PATCH /v1/bundles/${json.id}`, { items });
  expect(filled.status).toBe(200);
  // What its carrier asks for is known once it may be asked: the first submission comes back with it.
  await ask('cs', `POST /v1/bundles/${json.id}/submission`);
  await lab.room.settle();
  await ask('cs', `PATCH /v1/bundles/${json.id}`, { items: [{ requirementId: 'a', value: 'x' }] });
  return json.id;
}
const waiting = (bundleId: string) => lab.room.order({ country: 'CO', areaCode: undefined, bundleId });
async function approve(made: Pick<View, 'id'>) {
  const { headers } = await ask('cs', `GET /v1/number-requests/${made.id}`);
  const ifMatch = headers.get('etag') ?? '';
  const answer = await ask('cs', `POST /v1/number-requests/${made.id}/approval`, {}, { ifMatch });
  expect(answer.status).toBe(200);
}

describe('S0-42: papers a request is filed with', () => {
  it('documents meet what they are for from the start, and nobody deletes them', async () => {
    await lab.open();
    const id = await paper('address_proof');

    const made = await file({ country: 'FI', documents: [id] });

    expect(made.status).toBe(202);
    expect(made.json.documents).toEqual([id]);
    const proof = made.json.requirements.filter((one: { state: string }) => one.state === 'received');
    expect(proof).toMatchObject([{ requirementId: 'address_proof', documentId: id }]);
    expect((await ask('customer', `GET /v1/documents/${id}`)).json.usedBy).toEqual([made.json.id]);
    expect((await ask('customer', `DELETE /v1/documents/${id}`)).json.code).toBe('in_use');
    await ask('customer', `POST /v1/number-requests/${made.json.id}/cancellation`, {});
  });

  it('a document that fits nothing yet is kept for the carrier’s own list', async () => {
    await open([item('u-1', { kind: 'document', name: 'Proof of Address' }), item('b')]);
    const id = await paper('address_proof');

    const made = await lab.room.order({ documents: [id] });

    expect(made).toMatchObject({ state: 'documents_pending', requirements: [{ documentId: id }, {}] });
    expect(states(made)).toEqual(['u-1 received', 'b missing']);
    await put(made, 'b');
    await accept(made, id, 'b');
  });

  it('what was handed in under another list’s id moves to where the carrier asks for it', async () => {
    const { facts } = await open([item('u-1', { name: 'End User Name' }), item('u-2', { kind: 'address' })]);
    const made = await lab.room.order({ country: 'CO', areaCode: undefined });
    const place = { lines: ['Carrera 7'], city: 'Bogotá', postalCode: '110111', country: 'CO' };
    await put(made, 'business_name', { value: 'Acme' });
    await put(made, 'address', { address: place });
    await approve(made);

    expect(states(await now(made))).toEqual(['u-1 received', 'u-2 received']);
    facts.review = approved;
    await accept(made, 'u-1', 'u-2');
    expect(await now(made)).toMatchObject({ state: 'completed' });
    expect(facts.submitted[0]?.answers.map((one) => one.requirementId)).toEqual(['u-1', 'u-2']);
  });

  it('an end user brings name, fields and an address within its scope', async () => {
    await open([item('business_name'), item('vat'), item('place', { kind: 'address', addressScope: 'country' })]);
    const home = { lines: ['1 High St'], city: 'Cambridge', postalCode: 'CB1', country: 'GB' };
    const person = { subject: 'business', name: 'Shop Ltd', fields: { vat: 'GB1' }, addresses: [home] };
    const endUser = (await ask('admin', 'POST /v1/end-users', person)).json;

    const made = await lab.room.order({ endUserId: endUser.id });

    expect(made).toMatchObject({ state: 'documents_review', waitingFor: 'customer_success' });
    expect(made.requirements).toMatchObject([{ value: 'Shop Ltd' }, { value: 'GB1' }, { address: home }]);
    await ask('cs', `POST /v1/number-requests/${made.id}/cancellation`, {});
  });

  it.each([
    ['one that is not there', async () => 'doc_01k000000000000000000zzzz0'],
    ['another tenant’s', () => paper('identity', {}, 'globex')],
    ['somebody else’s', () => paper('identity', {}, 'admin')],
    ['one that has run out', () => paper('identity', { expiresOn: '2026-01-01' })],
    [
      'one whose file has not come',
      async () => {
        const announced = { kind: 'identity', fileName: 'a.pdf', contentType: 'application/pdf', size: 5 };
        return (await ask('customer', 'POST /v1/documents', announced)).json.id;
      },
    ],
  ])('I7 R3: 422 unknown_document for %s, and nothing is stored', async (_, make) => {
    await lab.open();
    const documents = [await make()];

    expect((await file({ documents })).json).toMatchObject({
      status: 422,
      code: 'unknown_document',
      errors: [{ pointer: '#/documents/0' }],
    });
    expect((await ask('admin', 'GET /v1/number-requests')).json.data).toEqual([]);
  });
});

describe('a request with a bundle', () => {
  it('approved: bought with it at its carrier, reviewed by nobody a second time', async () => {
    const { carrier, facts } = await open();
    const bundleId = await approvedBundle(facts);

    const made = await lab.room.order({ bundleId });

    expect(made).toMatchObject({ state: 'completed', bundleId, requirements: [{ state: 'accepted', value: 'Acme' }] });
    expect(facts.submitted.map((one) => one.reference)).toEqual([bundleId]);
    expect(carrier.orders).toMatchObject([{ papers: { bundleId: 'bundle-1' } }]);
  });

  it('still in draft: its items are handed in, and looked at as always', async () => {
    const { facts } = await open([item('a'), item('b')]);
    const { json } = await ask('admin', 'POST /v1/bundles', { country: 'GB', carrier: 'telnyx' });
    await lab.room.settle();
    await ask('admin', `PATCH /v1/bundles/${json.id}`, { items: [{ requirementId: 'a', value: 'x' }] });

    const made = await lab.room.order({ bundleId: json.id });

    expect(made.state).toBe('documents_pending');
    expect(states(made)).toEqual(['a received', 'b missing']);
    facts.review = approved;
    await put(made, 'b');
    await accept(made, 'a', 'b');
    expect(await now(made)).toMatchObject({ state: 'completed' });
  });

  it('approved while the request waited: taken then', async () => {
    const { facts } = await open([item('a')]);
    const made = await waiting(await colombian());
    facts.review = approved;
    await ask('cs', `POST /v1/bundles/${made.bundleId}/submission`);
    await lab.room.settle();
    await approve(made);

    expect(await now(made)).toMatchObject({ state: 'completed' });
    expect(facts.submitted.map((one) => one.reference)).toEqual([made.bundleId]);
  });

  it('R1: run out while the request waited: asked for like any other, and looked at again', async () => {
    const { carrier, facts } = await open([item('a')]);
    const bundleId = await colombian();
    facts.review = { ...approved, validUntil: '2026-11-25T00:00:00Z' };
    await ask('cs', `POST /v1/bundles/${bundleId}/submission`);
    await lab.room.settle();
    const made = await waiting(bundleId);
    expect(new Set(made.requirements.map(({ state }) => state))).toEqual(new Set(['accepted']));
    await lab.room.pass(6 * DAY);
    await approve(made);

    const later = await now(made);
    expect(await bundle(bundleId)).toMatchObject({ state: 'expired' });
    expect(later).toMatchObject({ state: 'documents_review', waitingFor: 'customer_success' });
    expect(later.requirements[0]).toMatchObject({ requirementId: 'a', state: 'received', value: 'x' });
    expect(carrier.orders).toEqual([]);
    await ask('cs', `POST /v1/number-requests/${made.id}/cancellation`, {});
  });

  it('R4: the carrier refuses the order for its papers all the same: a person looks, nothing goes round', async () => {
    const { carrier, facts } = await open();
    const bundleId = await approvedBundle(facts);
    const refusal = { class: 'DocumentsRequired', code: 'documents_required', carrierText: 'identity?' } as const;
    carrier.next.push({ kind: 'refused', refusal });

    const made = await lab.room.order({ bundleId });

    expect(made).toMatchObject({ state: 'documents_review', waitingFor: 'customer_success' });
    expect(carrier.orders).toHaveLength(1);
    expect(facts.submitted).toHaveLength(1);
    await ask('cs', `POST /v1/number-requests/${made.id}/cancellation`, {});
  });

  it.each([
    ['unknown_bundle', async () => ({ bundleId: 'bnd_01k000000000000000000zzzz0' })],
    ['bundle_mismatch', async (bundleId: string) => ({ bundleId, country: 'FI' })],
    ['bundle_mismatch', async (bundleId: string) => ({ bundleId, type: 'mobile' })],
    [
      'bundle_mismatch',
      async (bundleId: string) => ({
        bundleId,
        numbers: [{ number: '+441223555001', carrier: 'twilio', monthly: { amount: '1.00', currency: 'USD' } }],
      }),
    ],
    [
      'bundle_mismatch',
      async (bundleId: string) => {
        await ask('admin', `POST /v1/bundles/${bundleId}/withdrawal`);
        return { bundleId };
      },
    ],
  ])('422 %s, and nothing is stored', async (code, make) => {
    await open();
    const { json } = await ask('admin', 'POST /v1/bundles', { country: 'GB', carrier: 'telnyx' });
    await lab.room.settle();

    expect((await file(await make(json.id))).json).toMatchObject({
      status: 422,
      code,
      errors: [{ pointer: '#/bundleId' }],
    });
    expect((await ask('admin', 'GET /v1/number-requests')).json.data).toEqual([]);
  });

  it('I7: another tenant’s looks like none', async () => {
    await open();
    const { json } = await ask('globex', 'POST /v1/bundles', { country: 'GB', carrier: 'telnyx' });
    const absent = 'bnd_01k000000000000000000zzzz0';

    const [theirs, none] = [await file({ bundleId: json.id }), await file({ bundleId: absent })];

    expect(theirs.json).toMatchObject({ status: 422, code: 'unknown_bundle' });
    expect(theirs.json.detail.replace(json.id, absent)).toBe(none.json.detail);
  });
});

describe('R2: the rules change between form and hand-in', () => {
  it('what is newly asked for is shown as missing, the customer is told, and all goes in together', async () => {
    const items = [item('a')];
    const { facts } = await open(items);
    const made = await lab.room.order({});
    await put(made, 'a');
    items.push(item('b'));
    await accept(made, 'a');

    const back = await now(made);
    expect(back).toMatchObject({ state: 'documents_pending', waitingFor: 'customer' });
    expect(states(back)).toEqual(['a accepted', 'b missing']);
    expect(back.requirements[1]).toMatchObject({ remark: expect.stringMatching(/since/) });
    expect(facts.submitted).toEqual([]);
    const told = (await lab.room.mails()).filter((mail) => mail.messageKey.includes('documents_required'));
    expect(told.map((mail) => mail.messageKey.split('.')[1])).toEqual(['documents_required_1', 'documents_required_2']);
    facts.review = approved;
    await put(made, 'b');
    await accept(made, 'b');
    expect(await now(made)).toMatchObject({ state: 'completed' });
    expect(facts.submitted).toHaveLength(1);
    expect(facts.submitted[0]?.answers.map((one) => one.requirementId)).toEqual(['a', 'b']);
  });

  it('a carrier that makes no set of it has nothing to review: it goes on', async () => {
    const { facts } = await open();
    facts.refs = {};
    const made = await lab.room.order({});
    await put(made, 'a');
    await accept(made, 'a');

    expect(await now(made)).toMatchObject({ state: 'completed' });
  });

  it('what customer success had added stays, and is not sent to a carrier that does not ask for it', async () => {
    const { facts } = await open();
    const made = await lab.room.order({});
    const added = { kind: 'text', name: 'Letter', description: 'Of authority' };
    const more = await ask('cs', `POST /v1/number-requests/${made.id}/requirements`, added);
    const letter = more.json.requirements[1].requirementId;
    await put(made, 'a');
    await put(made, letter);
    facts.review = approved;
    await accept(made, 'a', letter);

    expect(await now(made)).toMatchObject({ state: 'completed' });
    expect(facts.submitted[0]?.answers.map((one) => one.requirementId)).toEqual(['a']);
    const stored = await findRequest(lab.room.table, tenantScope(ACME), made.id);
    expect(stored?.requirements).toHaveLength(2);
  });
});
