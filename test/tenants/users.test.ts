import { describe, expect, it } from 'vitest';
import { ExtensionId } from '../../functions/domain/ids.ts';
import type { NumberWanted } from '../../functions/tenants/act.ts';
import { subjectKey } from '../../functions/tenants/store.ts';
import {
  ACME,
  ALEX_EXT,
  encoded,
  type House,
  makeFlow,
  makeQueue,
  PAM,
  PAM_EXT,
  privateTo,
  sharedTo,
  startHouse,
} from '../numbers/house.ts';

const NUMBER = '+441223555010';
const dwight = { name: 'Dwight S.', email: 'dwight@acme.example' };
const make = (house: House, more: Record<string, unknown> = {}, who = 'admin') =>
  house.as(who, 'POST /v1/users', { body: { ...dwight, ...more } });

/** A house whose number requests are only noted. */
async function withRequests(refuse?: Error) {
  const wanted: NumberWanted[] = [];
  const house = await startHouse({
    fileNumberRequest: async (one) => {
      if (refuse) throw refuse;
      wanted.push(one);
      return [{ op: 'put', key: { pk: `REQUEST#${one.user.id}`, sk: 'FILED' }, data: { areaCode: one.areaCode } }];
    },
  });
  return { house, wanted };
}

describe('making a user', () => {
  it('S0-1, S0-3: one extension, the next free one; without a preference nothing is bought', async () => {
    const { house, wanted } = await withRequests();

    const made = await make(house);
    const extension = await house.as('admin', `GET /v1/extensions/${made.json['extensionId']}`);

    expect(made.status, made.text).toBe(201);
    expect(made.headers.get('location')).toBe(`/v1/users/${made.json['id']}`);
    expect(made.json).toMatchObject({
      object: 'user',
      roles: ['customer'],
      permissions: [],
      kind: 'person',
      numberIds: [],
      accessibleOus: [],
      state: 'preference_needed',
    });
    expect(extension.json).toMatchObject({ extension: '1003', userId: made.json['id'] });
    expect(wanted).toEqual([]);
  });

  it('S0-1, S0-2, S0-3: with a preferred area code a request is filed with the user, and only then', async () => {
    const { house, wanted } = await withRequests();

    const made = await make(house, { preferredAreaCode: '0161', country: 'GB' });
    const later = await make(house, { email: 'kevin@acme.example' });
    const told = await house.as('admin', `PATCH /v1/users/${later.json['id']}`, { body: { preferredAreaCode: '20' } });
    const again = await house.as('admin', `PATCH /v1/users/${later.json['id']}`, {
      body: { preferredAreaCode: '121' },
    });

    expect(made.json).toMatchObject({ state: 'provisioning', preferredAreaCode: '161' });
    expect([later.json['state'], told.json['state'], again.status]).toEqual(['preference_needed', 'provisioning', 200]);
    expect(wanted.map((one) => [one.areaCode, one.country, one.extensionId])).toEqual([
      ['161', 'GB', made.json['extensionId']],
      ['20', 'GB', later.json['extensionId']],
    ]);
    expect(await house.table.get({ pk: `REQUEST#${made.json['id']}`, sk: 'FILED' })).toBeDefined();
  });

  it('S2-8: a refused request leaves no user behind', async () => {
    const { InvalidInput } = await import('../../functions/domain/errors.ts');
    const { house } = await withRequests(new InvalidInput({ code: 'number_limit_reached', detail: 'Full.' }));

    const refused = await make(house, { preferredAreaCode: '161' });
    const corrected = await make(house);

    expect([refused.status, refused.json['code'], corrected.status]).toEqual([422, 'number_limit_reached', 201]);
  });

  it('S0-2: who has a number is active, and one of another area is shown as the fallback', async () => {
    const { house } = await withRequests();
    const made = await make(house, { preferredAreaCode: '161' });
    const extension = ExtensionId.parse(made.json['extensionId']);

    const { id } = await house.plant(NUMBER, { assignment: privateTo(extension) });
    const other = await house.as('admin', `GET /v1/users/${made.json['id']}`);
    await house.plant('+441613555010', { assignment: privateTo(extension) });
    const met = await house.as('admin', `GET /v1/users/${made.json['id']}`);

    expect(other.json).toMatchObject({ state: 'active', numberIds: [id], areaCodeFallback: '1223' });
    expect(met.json).not.toHaveProperty('areaCodeFallback');
  });

  it('S0-5: an extension is unique in its tenant, two tenants may use the same one', async () => {
    const house = await startHouse();

    const taken = await make(house, { extension: '1001' });
    const given = await make(house, { extension: '77' });
    const theirs = await house.as('globex', 'POST /v1/users', {
      body: { ...dwight, email: 'd@globex.example', extension: '77' },
    });
    const odd = await make(house, { email: 'x@acme.example', extension: '7' });

    expect([taken.status, taken.json['code']]).toEqual([409, 'extension_in_use']);
    expect([given.status, theirs.status]).toEqual([201, 201]);
    expect([odd.status, odd.json['code']]).toEqual([422, 'invalid_input']);
  });

  it('S0-5: users made at the same moment get different extensions', async () => {
    const house = await startHouse();
    const emails = Array.from({ length: 5 }, (_, n) => `u${n}@acme.example`);

    const made = await Promise.all(emails.map((email) => make(house, { email })));
    const list = await house.as('admin', 'GET /v1/extensions');

    expect(made.map((one) => one.status)).toEqual([201, 201, 201, 201, 201]);
    const digits = (list.json['data'] as { extension: string }[]).map((one) => one.extension);
    expect(digits).toEqual(['1001', '1002', '1003', '1004', '1005', '1006', '1007']);
  });

  it('signs in locally by id; one address belongs to one person, also across tenants (I7)', async () => {
    const house = await startHouse();

    const made = await make(house);
    const again = await make(house, { email: 'DWIGHT@acme.example' });
    const seeded = await make(house, { email: 'c@globex.example' });

    const stored = await house.table.get(subjectKey('http://127.0.0.1:3000', String(made.json['id'])));
    expect(stored?.data).toMatchObject({ userId: made.json['id'] });
    for (const one of [again, seeded]) {
      expect([one.status, one.json['code']]).toEqual([409, 'already_exists']);
      expect(one.text).not.toContain('MARKER');
    }
  });

  it('gives no role beyond the tenant, and repeats under one key make one user', async () => {
    const house = await startHouse();
    const sent = { body: dwight, key: 'k' };

    const staff = await make(house, { roles: ['operator'] });
    const first = await house.as('cs', 'POST /v1/users', sent);
    const second = await house.as('cs', 'POST /v1/users', sent);
    const customer = await make(house, {}, 'pam');

    expect([staff.status, staff.json['code']]).toEqual([400, 'value_not_allowed']);
    expect([first.status, second.json]).toEqual([201, first.json]);
    expect(customer.status).toBe(403);
  });
});

describe('changing and removing a user', () => {
  it('S0-28: numbers follow a new name in view, list order and search of the route', async () => {
    const house = await startHouse();
    await house.plant(NUMBER, { assignment: privateTo(PAM_EXT) });
    await house.plant('+441223555011', { assignment: privateTo(ALEX_EXT) });

    const renamed = await house.as('admin', `PATCH /v1/users/${PAM}`, { body: { name: 'Aaron P.' } });
    const list = await house.as('admin', 'GET /v1/numbers?sort=routingObject');
    const number = await house.as('admin', `GET /v1/numbers/${encoded(NUMBER)}`);
    await house.as('admin', `PATCH /v1/users/${PAM}`, { body: { name: 'Pam H.' } });
    const after = await house.as('admin', 'GET /v1/numbers?sort=routingObject');

    const labels = (answer: typeof list) =>
      (answer.json['data'] as { routingObject: { label: string } }[]).map((one) => one.routingObject.label);
    expect(renamed.status, renamed.text).toBe(200);
    expect(number.json).toMatchObject({ routingObject: { name: 'Aaron P.', label: 'Extension: Aaron P.' } });
    expect(number.json['updatedAt']).toBe('2026-01-15T09:00:00.000Z');
    expect(labels(list)).toEqual(['Extension: Aaron P.', 'Extension: Alex A.']);
    expect(labels(after)).toEqual(['Extension: Alex A.', 'Extension: Pam H.']);
  });

  it('A1: not removed while numbers, a flow, a queue or the fallback lead to them', async () => {
    const house = await startHouse();
    const { id } = await house.plant(NUMBER, { assignment: privateTo(PAM_EXT) });

    const byNumber = await house.as('admin', `DELETE /v1/users/${PAM}`);
    await house.as('admin', `DELETE /v1/numbers/${id}/assignment`);
    const flow = await makeFlow(house, 'Ring Pam', [
      { id: 'a', type: 'dial', targets: [{ type: 'extension', id: PAM_EXT }] },
    ]);
    const byFlow = await house.as('admin', `DELETE /v1/users/${PAM}`);
    await house.as('admin', `DELETE /v1/call-flows/${flow}`);
    await house.as('admin', 'PATCH /v1/tenant', { body: { fallback: { type: 'voicemail', id: PAM } } });
    const byFallback = await house.as('admin', `DELETE /v1/users/${PAM}`);
    await house.as('admin', 'PATCH /v1/tenant', { body: { fallback: null } });
    const removed = await house.as('admin', `DELETE /v1/users/${PAM}`);

    expect([byNumber.status, byNumber.json['code']]).toEqual([409, 'in_use']);
    expect(byNumber.json['dependencies']).toEqual([{ object: 'number', id }]);
    expect(byFlow.json).toMatchObject({ code: 'in_use', dependencies: [{ object: 'call_flow', id: flow }] });
    expect(byFallback.json).toMatchObject({ code: 'in_use', dependencies: [{ object: 'tenant' }] });
    expect(removed.status, removed.text).toBe(204);
    expect((await house.as('admin', `GET /v1/users/${PAM}`)).status).toBe(404);
    expect((await house.as('admin', `GET /v1/extensions/${PAM_EXT}`)).status).toBe(404);
    expect((await make(house, { extension: '1001', email: 'a@acme.example' })).status).toBe(201);
  });

  it('A1: with moveTo everything goes to the successor, calls included', async () => {
    const house = await startHouse();
    const other = '+441223555011';
    await house.plant(NUMBER, { assignment: { ...privateTo(PAM_EXT), primary: true } });
    const flow = await makeFlow(house, 'Ring Pam', [
      { id: 'a', type: 'dial', targets: [{ type: 'extension', id: PAM_EXT }] },
      { id: 'b', type: 'voicemail', userId: PAM },
    ]);
    await house.plant(other, { assignment: sharedTo({ type: 'call_flow', id: flow as never }) });
    const queue = await makeQueue(house, 'Support');
    await house.as('cs', `PATCH /v1/queues/${queue}`, { body: { members: [PAM] } });
    const alex = (await house.as('admin', `GET /v1/extensions/${ALEX_EXT}`)).json['userId'];

    const nobody = await house.as('admin', `DELETE /v1/users/${PAM}?moveTo=usr_01k0000000000000000000000z`);
    const self = await house.as('admin', `DELETE /v1/users/${PAM}?moveTo=${PAM}`);
    const moved = await house.as('admin', `DELETE /v1/users/${PAM}?moveTo=${alex}`);
    const number = await house.as('admin', `GET /v1/numbers/${encoded(NUMBER)}`);

    expect([nobody.json['code'], self.json['code']]).toEqual(['unknown_target', 'unknown_target']);
    expect(moved.status, moved.text).toBe(204);
    expect(number.json).toMatchObject({
      ownership: 'private',
      routingObject: { label: 'Extension: Alex A.' },
      assignment: { primary: false },
    });
    for (const called of [NUMBER, other])
      expect((await house.callPlan(called)).steps[0]).toMatchObject({ to: { sip: expect.stringContaining('1002@') } });
    expect((await house.as('cs', `GET /v1/queues/${queue}`)).json['members']).toEqual([alex]);
  });

  it('A1: an assignment made while its target is being deleted: one of the two is refused', async () => {
    const house = await startHouse();
    await house.plant(NUMBER);
    const body = privateTo(PAM_EXT);

    const [assigned, removed] = await Promise.all([
      house.as('admin', `PUT /v1/numbers/${encoded(NUMBER)}/assignment`, { body }),
      house.as('cs', `DELETE /v1/users/${PAM}`),
    ]);
    const seen = await house.as('admin', `GET /v1/numbers/${encoded(NUMBER)}`);

    expect([assigned.status === 200, removed.status === 204].filter(Boolean)).toHaveLength(1);
    expect(seen.json['routedTo']).toBe(assigned.status === 200 ? 'extension' : 'none');
    expect(seen.json['attention']).toEqual([]);
  });

  it('A1: a number assigned after the deletion looked is not left with nobody: the deletion is refused', async () => {
    const house = await startHouse();
    await house.plant(NUMBER);
    const path = `/v1/numbers/${encoded(NUMBER)}/assignment`;
    house.justBefore('delete', 'USER#', () => house.as('admin', `PUT ${path}`, { body: privateTo(PAM_EXT) }));

    const removed = await house.as('cs', `DELETE /v1/users/${PAM}`);
    const seen = await house.as('admin', `GET /v1/numbers/${encoded(NUMBER)}`);

    expect([removed.status, removed.json['code']]).toEqual([409, 'conflict']);
    expect(seen.json['routingObject']).toMatchObject({ label: 'Extension: Pam B.' });
  });

  it('S0-28: a rename just before an assignment is written is not overlooked', async () => {
    const house = await startHouse();
    await house.plant(NUMBER);
    house.justBefore('put', 'NUMBER', () => house.as('cs', `PATCH /v1/users/${PAM}`, { body: { name: 'Pam H.' } }));

    await house.as('admin', `PUT /v1/numbers/${encoded(NUMBER)}/assignment`, { body: privateTo(PAM_EXT) });
    const list = await house.as('admin', 'GET /v1/numbers?sort=routingObject');
    const rows = await house.table.query({ pk: `TEN#${ACME}`, prefix: 'NUMBER#', limit: 1 });

    expect(list.json['data']).toMatchObject([{ routingObject: { label: 'Extension: Pam H.' } }]);
    expect(rows.items[0]?.data).toMatchObject({ routingObject: 'Extension: Pam H.' });
  });

  it('I7: another tenant’s user looks missing', async () => {
    const house = await startHouse();

    const answers = [
      await house.as('globex', `GET /v1/users/${PAM}`),
      await house.as('globex', `PATCH /v1/users/${PAM}`, { body: { name: 'x' } }),
      await house.as('globex', `DELETE /v1/users/${PAM}`),
      await house.as('globex', `PATCH /v1/extensions/${PAM_EXT}`, { body: { extension: '1009' } }),
      await house.as('globex', `DELETE /v1/extensions/${PAM_EXT}`),
    ];

    for (const one of answers) expect(one.status).toBe(404);
    expect((await house.as('globex', 'GET /v1/users')).json['data']).toHaveLength(1);
  });
});

describe('extensions', () => {
  it('S0-5, S0-6: new digits or address are rung by the next call; taken digits are refused', async () => {
    const house = await startHouse();
    await house.plant(NUMBER, { assignment: privateTo(PAM_EXT) });
    const patch = (body: unknown) => house.as('admin', `PATCH /v1/extensions/${PAM_EXT}`, { body });

    const taken = await patch({ extension: '1002' });
    const renumbered = await patch({ extension: '4711' });
    const rung = await house.callPlan(NUMBER);
    await patch({ sipUri: 'sip:pam@pbx.example.com' });
    const address = await house.callPlan(NUMBER);
    const freed = await make(house, { extension: '1001' });

    expect([taken.status, taken.json['code']]).toEqual([409, 'extension_in_use']);
    expect([renumbered.status, renumbered.json['extension'], freed.status]).toEqual([200, '4711', 201]);
    expect(rung.steps[0]).toMatchObject({ to: { sip: expect.stringContaining('sip:4711@') } });
    expect(address.steps[0]).toMatchObject({ to: { sip: 'sip:pam@pbx.example.com' } });
  });

  it('a further extension of a user, unknown users and removal', async () => {
    const house = await startHouse();
    const post = (body: unknown) => house.as('admin', 'POST /v1/extensions', { body });

    const taken = await post({ extension: '1001', userId: PAM });
    const unknown = await post({ extension: '2001', userId: 'usr_01k0000000000000000000000z' });
    const made = await post({ extension: '2001', userId: PAM });
    const removed = await house.as('admin', `DELETE /v1/extensions/${made.json['id']}`);

    expect([taken.json['code'], unknown.json['code']]).toEqual(['extension_in_use', 'unknown_target']);
    expect([made.status, removed.status]).toEqual([201, 204]);
  });

  it('A1: an extension a number rings is not removed', async () => {
    const house = await startHouse();
    await house.plant(NUMBER, { assignment: privateTo(PAM_EXT) });

    const refused = await house.as('admin', `DELETE /v1/extensions/${PAM_EXT}`);

    expect([refused.status, refused.json['code']]).toEqual([409, 'in_use']);
  });
});
