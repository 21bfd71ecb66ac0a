import { describe, expect, it } from 'vitest';
import { stepProblems } from '../../functions/tenants/flow-rules.ts';
import { CallFlowStep } from '../../functions/tenants/schema.ts';
import {
  encoded,
  GLOBEX_EXT,
  MISSING,
  makeFlow,
  makeQueue,
  PAM,
  PAM_EXT,
  sharedTo,
  startHouse,
} from '../numbers/house.ts';

const NUMBER = '+441223555010';
const announce = (id: string, more: Record<string, unknown> = {}) => ({
  id,
  type: 'announce',
  text: `I am ${id}.`,
  ...more,
});

describe('queues', () => {
  it('S0-33: made by customer success, read by admins', async () => {
    const house = await startHouse();
    const body = { name: 'Support', members: [PAM], timeoutSeconds: 60, overflow: { type: 'voicemail', id: PAM } };

    const refused = await house.as('admin', 'POST /v1/queues', { body });
    const made = await house.as('cs', 'POST /v1/queues', { body });
    const read = await house.as('admin', `GET /v1/queues/${made.json['id']}`);
    const list = await house.as('admin', 'GET /v1/queues');
    const changed = await house.as('operator', `PATCH /v1/queues/${made.json['id']}`, { body: { overflow: null } });

    expect([refused.status, made.status]).toEqual([403, 201]);
    expect(read.json).toEqual(made.json);
    expect(read.json).toMatchObject({ object: 'queue', ...body });
    expect(list.json['data']).toEqual([made.json]);
    expect([changed.status, changed.json['overflow']]).toEqual([200, undefined]);
  });

  it.each([
    ['an unknown member', { name: 'Q', members: [`usr${MISSING}`] }, 'unknown_target', '#/members/0'],
    [
      'another tenant’s target',
      { name: 'Q', overflow: { type: 'extension', id: GLOBEX_EXT } },
      'unknown_target',
      '#/overflow',
    ],
    [
      'a premium overflow',
      { name: 'Q', overflow: { type: 'forward', number: '+449098790000' } },
      'forward_not_allowed',
      '#/overflow',
    ],
  ])('I7, A6: refuses %s', async (_, body, code, pointer) => {
    const house = await startHouse();

    const answer = await house.as('cs', 'POST /v1/queues', { body });

    expect([answer.status, answer.json['code']]).toEqual([422, code]);
    expect(answer.json['errors']).toMatchObject([{ pointer }]);
  });

  it('S0-28, A1: numbers follow its new name; it is not removed while they lead to it', async () => {
    const house = await startHouse();
    const queue = await makeQueue(house, 'Support');
    await house.plant(NUMBER, { assignment: sharedTo({ type: 'queue', id: queue as never }) });

    await house.as('cs', `PATCH /v1/queues/${queue}`, { body: { name: 'Service' } });
    const seen = await house.as('admin', `GET /v1/numbers/${encoded(NUMBER)}`);
    const refused = await house.as('cs', `DELETE /v1/queues/${queue}`);
    await house.as('admin', `DELETE /v1/numbers/${encoded(NUMBER)}/assignment`);
    const removed = await house.as('cs', `DELETE /v1/queues/${queue}`);

    expect(seen.json).toMatchObject({ routingObject: { label: 'Queue: Service' } });
    expect([refused.status, refused.json['code'], removed.status]).toEqual([409, 'in_use', 204]);
  });
});

describe('call flows', () => {
  it('S0-12, S0-28, S2-17: numbers follow name and steps with the next call', async () => {
    const house = await startHouse();
    const flow = await makeFlow(house, 'IVR', [
      announce('a', { next: 'b' }),
      { id: 'b', type: 'forward', number: '+447700900555' },
    ]);
    await house.plant(NUMBER, { assignment: sharedTo({ type: 'call_flow', id: flow as never }) });

    const changed = await house.as('admin', `PATCH /v1/call-flows/${flow}`, {
      body: { name: 'UK Mainline IVR', steps: [announce('z')] },
    });
    const seen = await house.as('admin', `GET /v1/numbers/${encoded(NUMBER)}`);

    expect(changed.json).toMatchObject({ name: 'UK Mainline IVR', parameters: [], appliedTo: { done: 1, of: 1 } });
    expect(seen.json).toMatchObject({ routedTo: 'workflow', routingObject: { label: 'Workflow: UK Mainline IVR' } });
    expect((await house.callPlan(NUMBER)).steps[0]).toMatchObject({ do: 'say', text: 'I am z.' });
  });

  it('S0-28: a renumbered extension is rung through the flow that dials it', async () => {
    const house = await startHouse();
    const dial = { id: 'a', type: 'dial', targets: [{ type: 'extension', id: PAM_EXT }] };
    const flow = await makeFlow(house, 'Ring Pam', [dial]);
    await house.plant(NUMBER, { assignment: sharedTo({ type: 'call_flow', id: flow as never }) });

    await house.as('admin', `PATCH /v1/extensions/${PAM_EXT}`, { body: { extension: '4711' } });

    expect((await house.callPlan(NUMBER)).steps[0]).toMatchObject({ to: { sip: expect.stringContaining('4711@') } });
  });

  it.each([
    ['a name twice', [announce('a'), announce('a')], ['repeated_step']],
    ['a step nobody has', [announce('a', { next: 'x' })], ['unknown_step']],
    ['a leap', [announce('a', { next: 'c' }), announce('b'), announce('c')], ['step_does_not_follow']],
    ['a way back', [announce('a'), announce('b', { next: 'a' })], ['step_does_not_follow']],
    ['steps in order', [announce('a', { next: 'b' }), announce('b')], []],
  ])('checks the steps: %s', (_, steps, codes) => {
    expect(stepProblems(steps.map((step) => CallFlowStep.parse(step))).map((one) => one.code)).toEqual(codes);
  });

  it.each([
    ['no steps', [], 422, 'invalid_input'],
    ['a leap', [announce('a', { next: 'c' }), announce('b'), announce('c')], 422, 'invalid_input'],
    ['a step of another release', [{ id: 'a', type: 'menu', prompt: 'x' }], 400, undefined],
    ['an unknown queue', [{ id: 'a', type: 'queue', queueId: `que${MISSING}` }], 422, 'unknown_target'],
    [
      'another tenant’s extension',
      [{ id: 'a', type: 'dial', targets: [{ type: 'extension', id: GLOBEX_EXT }] }],
      422,
      'unknown_target',
    ],
    ['a premium number', [{ id: 'a', type: 'forward', number: '+449098790000' }], 422, 'forward_not_allowed'],
  ])('A6, I7: refuses %s', async (_, steps, status, code) => {
    const house = await startHouse();

    const answer = await house.as('admin', 'POST /v1/call-flows', { body: { name: 'F', steps } });

    expect(answer.status, answer.text).toBe(status);
    if (code) expect(answer.json['code']).toBe(code);
  });

  it('S4-10, S4-13: the operator locks; a locked flow is not changed or removed by the tenant', async () => {
    const house = await startHouse();
    const flow = await makeFlow(house, 'Basic');
    const path = `/v1/call-flows/${flow}`;

    const byOthers = [await house.as('admin', `PUT ${path}/lock`), await house.as('cs', `PUT ${path}/lock`)];
    const locked = await house.as('operator', `PUT ${path}/lock`);
    const refused = [
      await house.as('admin', `PATCH ${path}`, { body: { name: 'Mine' } }),
      await house.as('admin', `DELETE ${path}`),
    ];
    const support = await house.as('cs', `PATCH ${path}`, { body: { name: 'Ours' } });
    const unlocked = await house.as('operator', `DELETE ${path}/lock`);
    const removed = await house.as('admin', `DELETE ${path}`);

    for (const one of byOthers) expect(one.status).toBe(403);
    expect(locked.json).toMatchObject({ object: 'call_flow', locked: true });
    for (const one of refused) expect([one.status, one.json['code']]).toEqual([403, 'flow_locked']);
    expect([support.status, unlocked.status, removed.status]).toEqual([200, 204, 204]);
  });

  it('A1, I11: not removed while a number leads to it', async () => {
    const house = await startHouse();
    const flow = await makeFlow(house, 'IVR');
    await house.plant(NUMBER, { assignment: sharedTo({ type: 'call_flow', id: flow as never }) });

    const refused = await house.as('admin', `DELETE /v1/call-flows/${flow}`);

    expect([refused.status, refused.json['code']]).toEqual([409, 'in_use']);
    expect((await house.callPlan(NUMBER)).steps[0]).toMatchObject({ text: 'You reached IVR.' });
  });
});
