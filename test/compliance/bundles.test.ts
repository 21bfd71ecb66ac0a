import { describe, expect, it } from 'vitest';
import type { Manifest } from '../../functions/carriers/port.ts';
import { complianceTasks } from '../../functions/compliance/tasks.ts';
import { CarrierBusy } from '../../functions/domain/errors.ts';
import { onTask } from '../../functions/platform/on-task.ts';
import { outboxWrite } from '../../functions/platform/outbox.ts';
import { buyingLab } from '../requests/buying.ts';
import { papersActs } from '../requests/papers-lab.ts';
import { ACME, type RoomOptions } from '../requests/room.ts';
import { item, scriptedPapers } from '../requests/scripted-papers.ts';

const lab = buyingLab();
const { ask, paper, bundle, submit, handedIn } = papersActs(lab);
const DAY = 86_400;
const make = (body: object = {}, who = 'admin') =>
  ask(who, 'POST /v1/bundles', { country: 'GB', carrier: 'telnyx', ...body });
const act = (who: string, id: string, name: string, body?: object) => ask(who, `POST /v1/bundles/${id}/${name}`, body);
const open = async (items = [item('a')], more: Partial<RoomOptions> = {}) => {
  const scripted = scriptedPapers(items);
  await lab.open({ carriers: scripted.carriers, ...more });
  return scripted.facts;
};
const approved = { state: 'approved', rejections: [] } as const;

describe('POST, GET, PATCH /v1/bundles', () => {
  it('begins a draft by the data file, then by the list of the carrier; the end user meets what it can', async () => {
    const facts = await open([item('business_name'), item('place', { kind: 'address' }), item('vat')]);
    const home = { lines: ['1 High St'], city: 'Cambridge', postalCode: 'CB1', country: 'GB' };
    const person = { subject: 'individual', name: 'Pam', fields: { vat: 'GB1' }, addresses: [home] };
    const endUser = (await ask('admin', 'POST /v1/end-users', person)).json;

    const made = await make({ endUserId: endUser.id });
    const first = made.json;
    await lab.room.settle();

    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(`/v1/bundles/${first.id}`);
    expect(first).toMatchObject({ object: 'bundle', state: 'draft', subject: 'individual', action: 'ordering' });
    expect(await bundle(first.id)).toMatchObject({
      listedBy: 'carrier',
      items: [
        { requirementId: 'business_name', state: 'received', value: 'Pam', remarks: [] },
        { requirementId: 'place', state: 'received', address: { city: 'Cambridge' } },
        { requirementId: 'vat', state: 'received', value: 'GB1' },
      ],
    });
    expect(facts.submitted).toEqual([]);
    const listed = await ask('admin', 'GET /v1/bundles?state=draft&country=GB&carrier=telnyx');
    expect(listed.json.data.map((one: { id: string }) => one.id)).toEqual([first.id]);
    expect((await ask('admin', 'GET /v1/bundles?state=approved')).json.data).toEqual([]);
  });

  it('PATCH hands in items of a draft, and nothing else changes', async () => {
    await open([item('a'), item('b', { kind: 'document' })]);
    const { json } = await make();
    await lab.room.settle();
    const documentId = await paper('b', {}, 'admin');
    const path = `PATCH /v1/bundles/${json.id}`;

    const changed = await ask('admin', path, { items: [{ requirementId: 'b', documentId }] });

    expect(changed.status).toBe(200);
    expect(changed.json.items).toMatchObject([{ state: 'missing' }, { state: 'received', documentId }]);
    expect((await ask('admin', path, { items: [{ requirementId: 'zzz', value: 'x' }] })).json.code).toBe(
      'unknown_requirement',
    );
    expect((await ask('admin', path, { items: [] }, { ifMatch: '"1"' })).status).toBe(412);
    expect((await ask('admin', `GET /v1/documents/${documentId}`)).json.usedBy).toEqual([json.id]);
    expect((await ask('admin', `DELETE /v1/documents/${documentId}`)).json.code).toBe('in_use');
    await act('admin', json.id, 'withdrawal');
    expect((await ask('admin', path, { items: [] })).json.code).toBe('wrong_state');
    expect((await ask('admin', `DELETE /v1/documents/${documentId}`)).status).toBe(204);
  });

  it.each([
    ['papers_not_supported', { carrier: 'vonage' }],
    ['papers_not_supported', { carrier: 'telnyx', country: 'US' }],
    ['papers_not_supported', { action: 'porting' }],
    ['unknown_carrier', { carrier: 'gamma' }],
    ['unknown_end_user', { endUserId: 'eus_01k000000000000000000zzzz0' }],
    ['unknown_requirement', { items: [{ requirementId: 'zzz', value: 'x' }] }],
    ['invalid_input', { country: 'XX' }],
  ])('422 %s: %j, and nothing is stored', async (code, body) => {
    await open();

    expect((await make(body)).json).toMatchObject({ status: 422, code });
    expect((await ask('admin', 'GET /v1/bundles')).json.data).toEqual([]);
  });

  it('I7: another tenant, and a customer, see nothing', async () => {
    await open();
    const { json } = await make();

    for (const call of ['GET', 'PATCH'])
      expect((await ask('globex', `${call} /v1/bundles/${json.id}`)).status).toBe(404);
    for (const name of ['submission', 'withdrawal', 'copies'])
      expect((await act('globex', json.id, name)).status, name).toBe(404);
    expect((await ask('customer', `GET /v1/bundles/${json.id}`)).status).toBe(403);
    expect((await ask('globex', 'GET /v1/bundles')).json.data).toEqual([]);
  });

  it('S0-42: no carrier is asked for a restricted country before customer success agrees', async () => {
    const facts = await open();
    let asked = 0;
    facts.onList = async () => {
      asked += 1;
    };
    const { json } = await make({ country: 'CO' });
    await lab.room.settle();
    const items = json.items.map((one: { requirementId: string; kind: string }) =>
      one.kind === 'text' ? { requirementId: one.requirementId, value: 'x' } : undefined,
    );
    await ask('admin', `PATCH /v1/bundles/${json.id}`, { items: items.filter(Boolean) });

    expect((await submit(json.id)).json).toMatchObject({ status: 422, code: 'restricted_country' });
    expect((await submit(json.id, 'cs')).json).toMatchObject({ status: 422, code: 'documents_required' });
    expect(asked).toBe(0);
  });
});

describe('submission', () => {
  it('202, handed in by its own reference, reviewed; the carrier’s word comes by webhook', async () => {
    const facts = await open();
    const id = await handedIn({ a: 'Acme' });

    expect(await bundle(id)).toMatchObject({ state: 'in_review', items: [{ state: 'received' }] });
    expect(facts.submitted).toMatchObject([
      { reference: id, country: 'GB', subject: 'business', answers: [{ requirementId: 'a', value: 'Acme' }] },
    ]);
    facts.review = { ...approved, validUntil: '2028-01-01T00:00:00Z' };
    const hint = { kind: 'carrier_event', carrier: 'telnyx', subject: 'papers', carrierId: 'bundle-1' } as const;
    await lab.room.table.write([outboxWrite(hint, lab.room.clock.now())]);
    await lab.room.settle();

    expect(await bundle(id)).toMatchObject({
      state: 'approved',
      validUntil: '2028-01-01T00:00:00Z',
      items: [{ state: 'accepted' }],
    });
    const keys = (await lab.room.mails()).map((mail) => mail.messageKey);
    expect(keys.filter((one) => one.startsWith(id))).toEqual([expect.stringMatching(/\.approved_\d+\.requester$/)]);
  });

  it('P10: without a webhook the carrier is asked by ourselves; R1: what it rejects is shown, a copy corrects it', async () => {
    const facts = await open([item('a'), item('b')]);
    const id = await handedIn({ a: 'x', b: 'y' });
    facts.review = { state: 'rejected', rejections: [{ requirementId: 'b', remark: 'not readable' }] };
    await lab.room.pass(16 * 60);

    const rejected = await bundle(id);
    expect(rejected).toMatchObject({ state: 'rejected', items: [{ state: 'received' }, { state: 'rejected' }] });
    expect(rejected.items[1].remarks).toEqual(['not readable']);
    const copied = await act('admin', id, 'copies');
    expect(copied).toMatchObject({ status: 201, json: { state: 'draft', copyOf: id } });
    const copy = copied.json.id;
    expect((await submit(copy)).json).toMatchObject({ code: 'documents_required', errors: [{ pointer: '#/items/1' }] });
    facts.review = approved;
    await ask('admin', `PATCH /v1/bundles/${copy}`, { items: [{ requirementId: 'b', value: 'z' }] });
    expect((await submit(copy)).status).toBe(202);
    expect(await bundle(copy)).toMatchObject({ state: 'approved' });
    expect(facts.submitted.map((one) => one.reference)).toEqual([id, copy]);
    expect((await act('admin', id, 'withdrawal')).json).toMatchObject({ state: 'withdrawn' });
    expect((await act('admin', copy, 'withdrawal')).json).toMatchObject({ status: 409, code: 'wrong_state' });
  });

  it('R2: what the carrier asks for since then takes it back to draft, named', async () => {
    const items = [item('a')];
    const facts = await open(items);
    const { json } = await make({});
    await lab.room.settle();
    await ask('admin', `PATCH /v1/bundles/${json.id}`, { items: [{ requirementId: 'a', value: 'x' }] });
    items.push(item('b'));
    expect((await submit(json.id)).json).toMatchObject({ state: 'submitted' });

    expect(await bundle(json.id)).toMatchObject({
      state: 'draft',
      items: [
        { state: 'received' },
        { requirementId: 'b', state: 'missing', remarks: [expect.stringMatching(/since/)] },
      ],
    });
    expect(facts.submitted).toEqual([]);
    await ask('admin', `PATCH /v1/bundles/${json.id}`, { items: [{ requirementId: 'b', value: 'y' }] });
    await submit(json.id);
    expect(facts.submitted).toHaveLength(1);
  });

  it('R5: an answer read before the approval was written does not take it back', async () => {
    const facts = await open();
    const id = await handedIn({ a: 'x' });
    const run = onTask([...complianceTasks], lab.room.deps);
    const look = () => run({ task: 'AttendBundle', input: { tenantId: ACME, bundleId: id } });
    facts.review = approved;
    await look();
    facts.review = { state: 'in_review', rejections: [] };

    await Promise.all([look(), look(), look()]);

    expect(await bundle(id)).toMatchObject({ state: 'approved' });
    const audit = lab.room.table.scan().filter(({ key }) => key.pk === `AUD#${id}`);
    const { headers } = await ask('admin', `GET /v1/bundles/${id}`);
    expect(headers.get('etag'), 'I9').toBe(`"${audit.length}"`);
    expect(audit.map(({ data }) => data['action'])).toEqual(
      expect.arrayContaining(['created', 'listed', 'changed', 'submitted', 'handed_in', 'approved']),
    );
  });

  it('P4: two looks at the moment of the hand-in make one set; a hand-in that failed is tried again', async () => {
    const facts = await open();
    const { json } = await make();
    await lab.room.settle();
    await ask('admin', `PATCH /v1/bundles/${json.id}`, { items: [{ requirementId: 'a', value: 'x' }] });
    lab.room.late.quiet = true;
    await ask('admin', `POST /v1/bundles/${json.id}/submission`);
    const run = onTask([...complianceTasks], lab.room.deps);
    const look = () => run({ task: 'AttendBundle', input: { tenantId: ACME, bundleId: json.id } });
    facts.onSubmit = async () => {
      throw new CarrierBusy({ code: 'carrier_down', detail: 'busy' });
    };
    await expect(look()).rejects.toThrow('busy');
    facts.onSubmit = undefined;

    await Promise.all([look(), look(), look()]);

    expect(facts.submitted).toHaveLength(2);
    expect(await bundle(json.id)).toMatchObject({ state: 'in_review' });
    lab.room.late.quiet = false;
  });

  it('an end user of the other kind is asked for other things', async () => {
    await open([item('a')]);
    const { json } = await make({ country: 'BG' });
    await lab.room.settle();
    const person = (await ask('admin', 'POST /v1/end-users', { subject: 'individual', name: 'Pam' })).json;

    const changed = await ask('admin', `PATCH /v1/bundles/${json.id}`, { endUserId: person.id });

    expect(changed.json).toMatchObject({ subject: 'individual', endUserId: person.id });
    expect(changed.json.items.map((one: { requirementId: string }) => one.requirementId)).toContain('identity_proof');
    await lab.room.settle();
    expect(await bundle(json.id)).toMatchObject({ listedBy: 'carrier', items: [{ requirementId: 'a' }] });
  });

  it('P15: the same key submits once; another submission is too late', async () => {
    const facts = await open();
    const { json } = await make();
    await lab.room.settle();
    await ask('admin', `PATCH /v1/bundles/${json.id}`, { items: [{ requirementId: 'a', value: 'x' }] });
    const again = { key: 'same' };
    const path = `POST /v1/bundles/${json.id}/submission`;

    expect((await ask('admin', path, undefined, again)).status).toBe(202);
    expect((await ask('admin', path, undefined, again)).headers.get('idempotency-replayed')).toBe('true');
    expect((await ask('admin', path)).json.code).toBe('wrong_state');
    await lab.room.settle();
    expect(facts.submitted).toHaveLength(1);
  });

  it('runs out: told a month before, a task asks for a renewal, and on its last day it is over', async () => {
    const facts = await open();
    facts.review = { ...approved, validUntil: '2027-01-01T00:00:00Z' };
    const id = await handedIn({ a: 'x' });
    expect(await bundle(id)).toMatchObject({ state: 'approved' });

    await lab.room.pass(13 * DAY);

    expect(await bundle(id)).toMatchObject({ state: 'expiring' });
    expect(await lab.openTasks('documents_review')).toMatchObject([{ subject: { object: 'bundle', id } }]);
    await lab.room.pass(30 * DAY);
    expect(await bundle(id)).toMatchObject({ state: 'expired' });
    await act('admin', id, 'withdrawal');
    expect(await lab.openTasks('documents_review')).toEqual([]);
  });
});

describe('verdict', () => {
  const gamma: Manifest = {
    id: 'gamma',
    name: 'Gamma',
    capabilities: [],
    credentials: [],
    concurrency: 1,
    manual: true,
  };
  const manual = async () => {
    await open([], { manifests: [gamma] });
    const { json } = await make({ carrier: 'gamma', country: 'SE' });
    const items = json.items.map((one: { requirementId: string; kind: string }) =>
      one.kind === 'text'
        ? { requirementId: one.requirementId, value: 'x' }
        : { requirementId: one.requirementId, address: { lines: ['1'], city: 'X', postalCode: '1', country: 'SE' } },
    );
    await ask('admin', `PATCH /v1/bundles/${json.id}`, { items });
    expect((await submit(json.id)).status).toBe(202);
    return json.id as string;
  };

  it('S enters what a carrier without an interface says; the task that asked for it is done', async () => {
    const id = await manual();
    expect(await lab.openTasks('documents_review')).toMatchObject([{ subject: { object: 'bundle', id } }]);
    await lab.room.pass(3 * DAY);
    await lab.room.pass(60);
    const due = (await lab.room.mails()).filter((mail) => /^tsk_.*\.(reminder|escalated)\./.test(mail.messageKey));
    expect(due, 'I4').toHaveLength(2);
    const wrong = { verdict: 'rejected', items: [{ requirementId: 'zzz', remark: 'x' }] };
    expect((await act('cs', id, 'verdict', wrong)).json.code).toBe('unknown_requirement');
    expect((await act('admin', id, 'verdict', { verdict: 'approved' })).status).toBe(403);

    const told = await act('cs', id, 'verdict', { verdict: 'approved', validUntil: '2028-01-01T00:00:00Z' });

    expect(told).toMatchObject({ status: 200, json: { state: 'approved', validUntil: '2028-01-01T00:00:00Z' } });
    expect(await lab.openTasks('documents_review')).toEqual([]);
    expect((await act('cs', id, 'verdict', { verdict: 'rejected' })).json.code).toBe('wrong_state');
  });

  it('one that reviews by itself takes none: 409 carrier_decides', async () => {
    await open();
    const id = await handedIn({ a: 'x' });

    expect((await act('cs', id, 'verdict', { verdict: 'approved' })).json).toMatchObject({ code: 'carrier_decides' });
    expect(await bundle(id)).toMatchObject({ state: 'in_review' });
  });
});
