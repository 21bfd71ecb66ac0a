import { describe, expect, it } from 'vitest';
import { E164 } from '../../functions/domain/e164.ts';
import { readRoute } from '../../functions/routing/store.ts';
import { FallbackTarget } from '../../functions/tenants/schema.ts';
import {
  ALEX_EXT,
  encoded,
  GLOBEX,
  GLOBEX_EXT,
  type House,
  MISSING,
  makeFlow,
  makeQueue,
  PAM,
  PAM_EXT,
  privateTo,
  sharedTo,
  startHouse,
} from './house.ts';

const NUMBER = '+441223555010';
const at = `/v1/numbers/${encoded(NUMBER)}`;
const put = (house: House, who: string, body: unknown, path = at) => house.as(who, `PUT ${path}/assignment`, { body });
const toForward = (number: string) => sharedTo(FallbackTarget.parse({ type: 'forward', number }) as never);

describe('assigning a number', () => {
  it("S0-9, S2-16, S2-17, S3-12: private to a user's extension, effective for the very next call", async () => {
    const house = await startHouse();
    await house.plant(NUMBER);

    const before = await house.callPlan(NUMBER);
    const answer = await put(house, 'admin', { ...privateTo(PAM_EXT), primary: true });
    const after = await house.callPlan(NUMBER);

    expect(answer.status, answer.text).toBe(200);
    expect(answer.json).toMatchObject({
      ownership: 'private',
      routedTo: 'extension',
      routingObject: { type: 'extension', id: PAM_EXT, name: 'Pam B.', label: 'Extension: Pam B.' },
      assignment: { ownership: 'private', target: { type: 'extension', id: PAM_EXT }, primary: true },
      effectiveTarget: { type: 'extension', id: PAM_EXT },
    });
    expect(answer.headers.get('etag')).toBe('"2"');
    expect(before.steps[0]).toMatchObject({ do: 'say', text: 'Acme cannot take your call.' });
    expect(after.steps[0]).toMatchObject({ do: 'dial', to: { sip: expect.stringContaining('sip:1001@') } });
  });

  it('S0-6, S3-6: three numbers on one extension all ring it, a fourth rings a team', async () => {
    const house = await startHouse();
    const several = ['+441223555011', '+441223555012', '+441223555013'];
    for (const number of [...several, NUMBER]) await house.plant(number);
    const queue = await makeQueue(house, 'Support');

    for (const number of several) await put(house, 'admin', privateTo(PAM_EXT), `/v1/numbers/${encoded(number)}`);
    const team = await put(house, 'admin', { ownership: 'shared', target: { type: 'queue', id: queue } });

    for (const number of several)
      expect((await house.callPlan(number)).steps[0]).toMatchObject({ to: { sip: expect.stringContaining('1001@') } });
    expect(team.json).toMatchObject({ routedTo: 'queue', routingObject: { label: 'Queue: Support' } });
    expect((await house.callPlan(NUMBER)).steps[0]).toMatchObject({ do: 'queue', name: queue });
  });

  it('S0-12: a shared number in a workflow shows as routed to it by name', async () => {
    const house = await startHouse();
    await house.plant(NUMBER);
    const flow = await makeFlow(house, 'UK Mainline IVR');

    const answer = await put(house, 'cs', { ownership: 'shared', target: { type: 'call_flow', id: flow } });

    expect(answer.json).toMatchObject({
      routedTo: 'workflow',
      routingObject: { type: 'call_flow', id: flow, label: 'Workflow: UK Mainline IVR' },
    });
    expect((await house.callPlan(NUMBER)).steps[0]).toMatchObject({ text: 'You reached UK Mainline IVR.' });
  });

  it('S0-14, S0-15, S0-16: designated once, shared becomes private, private never shared, nothing goes back', async () => {
    const house = await startHouse();
    const planted = await house.plant(NUMBER);

    const shared = await put(house, 'admin', { ownership: 'shared' });
    const own = await put(house, 'admin', privateTo(PAM_EXT));
    const refused = [];
    for (const who of ['admin', 'cs', 'operator']) {
      refused.push(await put(house, who, sharedTo({ type: 'extension', id: PAM_EXT })));
      refused.push(await put(house, who, { ownership: 'pre_provisioned' }));
    }

    expect([planted.ownership, shared.json['ownership'], own.json['ownership']]).toEqual([
      'pre_provisioned',
      'shared',
      'private',
    ]);
    expect(own.json['routingObject']).toMatchObject({ label: 'Extension: Pam B.' });
    for (const one of refused) expect([one.status, one.json['code']]).toEqual([409, 'ownership_not_convertible']);
    expect((await house.as('admin', `GET ${at}`)).headers.get('etag')).toBe('"3"');
  });

  it('S0-11: a shared number names who may present it; nobody of another tenant', async () => {
    const house = await startHouse();
    await house.plant(NUMBER);
    const by = (users: readonly string[], ouIds: readonly string[] = []) =>
      put(house, 'admin', { ownership: 'shared', presentableBy: { users, ouIds } });

    const foreign = await by([PAM, 'usr_01k0000000000000000000000c']);
    const unit = await by([PAM], ['org_1']);
    const set = await by([PAM]);
    const onPrivate = await put(house, 'admin', { ...privateTo(PAM_EXT), presentableBy: { users: [PAM], ouIds: [] } });

    for (const one of [foreign, unit]) expect([one.status, one.json['code']]).toEqual([422, 'unknown_target']);
    expect(foreign.json['errors']).toMatchObject([{ pointer: '#/presentableBy/users/1' }]);
    expect(set.json['assignment']).toEqual({
      ownership: 'shared',
      primary: false,
      presentableBy: { users: [PAM], ouIds: [] },
    });
    expect(onPrivate.status).toBe(422);
  });

  it('S0-32: part of a workflow: an admin is offered a ticket, support succeeds', async () => {
    const house = await startHouse();
    const flow = await makeFlow(house, 'IVR');
    await house.plant(NUMBER);
    await put(house, 'cs', { ownership: 'shared', target: { type: 'call_flow', id: flow } });

    const refused = await put(house, 'admin', sharedTo({ type: 'extension', id: PAM_EXT }));
    const removed = await house.as('admin', `DELETE ${at}/assignment`);
    const seen = await house.as('admin', `GET ${at}`);
    const support = await put(house, 'cs', sharedTo({ type: 'extension', id: PAM_EXT }));

    expect([refused.status, refused.json['code']]).toEqual([403, 'workflow_bound']);
    expect(refused.json['detail']).toContain('ticket');
    expect([removed.status, removed.json['code']]).toEqual([403, 'workflow_bound']);
    expect(seen.json['actions']).toEqual(['view', 'edit']);
    expect(support.status).toBe(200);
  });

  it('A3, S4-10, S4-13: a locked flow is neither left nor chosen by the tenant; support may', async () => {
    const house = await startHouse();
    const flow = await makeFlow(house, 'Basic');
    await house.plant(NUMBER);
    const lock = await house.as('operator', `PUT /v1/call-flows/${flow}/lock`);
    const target = { ownership: 'shared', target: { type: 'call_flow', id: flow } };

    const chosen = await put(house, 'admin', target);
    const bySupport = await put(house, 'cs', target);
    const left = await put(house, 'admin', sharedTo({ type: 'extension', id: PAM_EXT }));

    expect([lock.status, lock.json['locked']]).toEqual([200, true]);
    expect([chosen.status, chosen.json['code']]).toEqual([403, 'flow_locked']);
    expect(bySupport.status).toBe(200);
    expect([left.status, left.json['code']]).toEqual([403, 'flow_locked']);
  });

  it('S0-33, A3, I7: an unknown target and another tenant’s are the same refusal, and nothing changes', async () => {
    const house = await startHouse();
    await house.plant(NUMBER);

    const answers = [
      await put(house, 'admin', privateTo(GLOBEX_EXT)),
      await put(house, 'admin', { ownership: 'private', target: { type: 'extension', id: `ext${MISSING}` } }),
      await put(house, 'admin', { ownership: 'shared', target: { type: 'queue', id: `que${MISSING}` } }),
      await put(house, 'admin', { ownership: 'shared', target: { type: 'call_flow', id: `flw${MISSING}` } }),
      await put(house, 'admin', { ownership: 'shared', target: { type: 'voicemail', id: `usr${MISSING}` } }),
    ];

    for (const one of answers) expect([one.status, one.json['code']]).toEqual([422, 'unknown_target']);
    expect(answers[0]?.json['detail']).toBe(answers[1]?.json['detail']);
    expect((await house.as('admin', `GET ${at}`)).headers.get('etag')).toBe('"1"');
  });

  it('S0-8, S0-9: closed list of ownerships; private takes exactly one extension', async () => {
    const house = await startHouse();
    await house.plant(NUMBER);

    const odd = await put(house, 'admin', { ownership: 'public' });
    const alone = await put(house, 'admin', { ownership: 'private' });
    const two = await put(house, 'admin', {
      ownership: 'private',
      target: [privateTo(PAM_EXT).target, privateTo(ALEX_EXT).target],
    });

    expect([odd.status, odd.json['code']]).toEqual([400, 'value_not_allowed']);
    expect([alone.status, alone.json['code']]).toEqual([422, 'invalid_input']);
    expect(two.status).toBe(400);
  });

  it('S2-27: a pending number cannot be assigned and offers no such action', async () => {
    const house = await startHouse();
    await house.plant(NUMBER, { fields: { state: 'pending' } });

    const refused = await put(house, 'admin', privateTo(PAM_EXT));
    const seen = await house.as('admin', `GET ${at}`);

    expect([refused.status, refused.json['code']]).toEqual([409, 'number_not_active']);
    expect(seen.json).toMatchObject({ status: 'pending', actions: ['view', 'edit'] });
  });

  it('S2-18, S2-21, A1: unassigned is linked to nobody, keeps its ownership, the fallback answers', async () => {
    const house = await startHouse();
    await house.plant(NUMBER, { assignment: privateTo(PAM_EXT) });

    const gone = await house.as('admin', `DELETE ${at}/assignment`);
    const again = await house.as('admin', `DELETE ${at}/assignment`);
    const seen = await house.as('admin', `GET ${at}`);
    const free = await house.as('admin', 'GET /v1/numbers?assigned=false');

    expect([gone.status, gone.text, again.status]).toEqual([204, '', 204]);
    expect(seen.json).toMatchObject({
      ownership: 'private',
      routedTo: 'none',
      assignment: { ownership: 'private', primary: false },
      effectiveTarget: { type: 'announce', text: 'Acme cannot take your call.' },
    });
    expect(seen.json['routingObject']).toBeUndefined();
    expect(free.json['data']).toHaveLength(1);
    expect((await house.callPlan(NUMBER)).steps[0]).toMatchObject({ text: 'Acme cannot take your call.' });
  });

  it('S2-19, S2-22, I11: a second assignee replaces the first; one number routes to one target', async () => {
    const house = await startHouse();
    await house.plant(NUMBER);
    await put(house, 'admin', privateTo(PAM_EXT));

    const second = await put(house, 'admin', privateTo(ALEX_EXT));

    expect(second.json['routingObject']).toMatchObject({ label: 'Extension: Alex A.' });
    const route = await readRoute(house.table, E164.parse(NUMBER), 'telnyx');
    expect(route?.target).toMatchObject({ id: ALEX_EXT });
    expect((await house.as('pam', 'GET /v1/numbers')).json['data']).toEqual([]);
  });

  it('S2-20: a user has one primary number; a second demotes the first, also when both are set at once', async () => {
    const house = await startHouse();
    const several = ['+441223555011', '+441223555012', '+441223555013'];
    // The first came with a purchase, which chose it as primary.
    await house.plant(several[0] ?? '', { assignment: { ...privateTo(PAM_EXT), primary: true } });
    for (const number of several.slice(1)) await house.plant(number);

    const set = await Promise.all(
      several
        .slice(1)
        .map((number) =>
          put(house, 'admin', { ...privateTo(PAM_EXT), primary: true }, `/v1/numbers/${encoded(number)}`),
        ),
    );
    const numbers = (await house.as('admin', 'GET /v1/numbers')).json['data'] as { assignment: { primary: boolean } }[];

    expect(set.map((one) => one.status)).toEqual([200, 200]);
    expect(numbers.filter((one) => one.assignment.primary)).toHaveLength(1);
  });

  it('S2-20: a primary number chosen while another is being written leaves one, not two', async () => {
    const house = await startHouse();
    const several = ['+441223555011', '+441223555012'];
    for (const number of several) await house.plant(number);
    const [first, second] = several.map((number) => `/v1/numbers/${encoded(number)}`);
    const body = { ...privateTo(PAM_EXT), primary: true };
    house.justBefore('put', 'USES#', () => put(house, 'cs', body, second));

    await put(house, 'admin', body, first);
    const numbers = (await house.as('admin', 'GET /v1/numbers')).json['data'];

    expect(numbers).toMatchObject([{ assignment: { primary: true } }, { assignment: { primary: false } }]);
  });

  it('S3-7: forwards to an outside number', async () => {
    const house = await startHouse();
    await house.plant(NUMBER);

    const answer = await put(house, 'admin', toForward('+447700900555'));

    expect(answer.json).toMatchObject({ routedTo: 'forward', routingObject: { label: 'Forward: +447700900555' } });
    expect((await house.callPlan(NUMBER)).steps[0]).toMatchObject({
      to: { number: '+447700900555' },
      callerId: NUMBER,
    });
  });

  it('A6: no forward to itself, in a circle, through a flow, or into a premium or satellite range', async () => {
    const house = await startHouse();
    const other = '+441223555011';
    const third = '+441223555012';
    for (const number of [NUMBER, other, third]) await house.plant(number);
    const flow = await makeFlow(house, 'Back', [{ id: 'a', type: 'forward', number: NUMBER }]);
    await put(
      house,
      'cs',
      { ownership: 'shared', target: { type: 'call_flow', id: flow } },
      `/v1/numbers/${encoded(third)}`,
    );
    await put(house, 'admin', toForward(NUMBER), `/v1/numbers/${encoded(other)}`);

    const refused = [];
    for (const number of [NUMBER, other, third, '+449098790000', '+881612345678'])
      refused.push(await put(house, 'admin', toForward(number)));
    refused.push(await put(house, 'cs', { ownership: 'shared', target: { type: 'call_flow', id: flow } }));
    const patched = await house.as('admin', `PATCH /v1/call-flows/${flow}`, {
      body: { steps: [{ id: 'a', type: 'forward', number: third }] },
    });

    for (const one of [...refused, patched])
      expect([one.status, one.json['code']]).toEqual([422, 'forward_not_allowed']);
    expect((await house.as('admin', `GET ${at}`)).json['routedTo']).toBe('none');
  });

  it('I7: what another tenant forwards is not to be learnt', async () => {
    const house = await startHouse();
    const theirs = '+441223555099';
    await house.plant(NUMBER);
    await house.plant(theirs, { tenantId: GLOBEX, assignment: toForward(NUMBER) });

    const answer = await put(house, 'admin', toForward(theirs));

    expect(answer.status).toBe(200);
  });

  it('A2: with If-Match the later of two is told 412 and the present number; without, a collision is 409', async () => {
    const house = await startHouse();
    await house.plant(NUMBER);
    const sent = { body: privateTo(PAM_EXT), headers: { 'If-Match': '"1"' } };

    const first = await house.as('admin', `PUT ${at}/assignment`, sent);
    const later = await house.as('cs', `PUT ${at}/assignment`, { ...sent, body: privateTo(ALEX_EXT) });
    const collided = await Promise.all([
      put(house, 'admin', privateTo(ALEX_EXT)),
      put(house, 'cs', { ...privateTo(ALEX_EXT), primary: true }),
    ]);

    expect([first.status, later.status, later.json['code']]).toEqual([200, 412, 'stale_version']);
    expect(later.json).toMatchObject({ presentVersion: 2, present: { routingObject: { label: 'Extension: Pam B.' } } });
    expect(collided.map((one) => one.status).toSorted()).toEqual([200, 409]);
  });

  it('S3-12: a customer may not assign', async () => {
    const house = await startHouse();
    await house.plant(NUMBER, { assignment: privateTo(PAM_EXT) });

    const answer = await put(house, 'pam', privateTo(PAM_EXT));

    expect([answer.status, answer.json['code']]).toEqual([403, 'not_allowed']);
  });

  it('holds at most 12 items in one transaction, and the audit entry of the same version (I9)', async () => {
    const house = await startHouse();
    await house.plant('+441223555011', { assignment: { ...privateTo(PAM_EXT), primary: true } });
    const { id } = await house.plant(NUMBER);
    const sizes: number[] = [];
    const write = house.table.write.bind(house.table);
    Object.assign(house.table, {
      write: (writes: Parameters<typeof write>[0]) => {
        sizes.push(writes.length);
        return write(writes);
      },
    });

    await put(house, 'admin', { ...privateTo(PAM_EXT), primary: true });
    const audit = await house.as('admin', `GET /v1/numbers/${id}/audit`);

    expect(Math.max(...sizes)).toBeLessThanOrEqual(12);
    expect(audit.json['data']).toMatchObject([
      { version: 2, action: 'assigned', actor: { name: 'Alex A.' }, after: { ownership: 'private' } },
      { version: 1, action: 'purchased' },
    ]);
    expect(audit.text).not.toContain('secret-at-carrier');
  });
});
