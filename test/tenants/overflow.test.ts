import { describe, expect, it } from 'vitest';
import { renderTexml } from '../../functions/carriers/telnyx/texml.ts';
import { encoded, type House, makeFlow, makeQueue, PAM, PAM_EXT, sharedTo, startHouse } from '../numbers/house.ts';

const NUMBER = '+441223555010';
const OTHER = '+441223555011';
type Overflow = Readonly<Record<string, unknown>> | null;

const overflow = async (house: House, queue: string, to: Overflow) => {
  const answer = await house.as('cs', `PATCH /v1/queues/${queue}`, { body: { overflow: to } });
  return [answer.status, answer.json['code']];
};
/** What is done with a caller step by step, nobody answering. */
const journey = async (house: House, number = NUMBER): Promise<string[]> => {
  const done: string[] = [];
  for (let place = 0; place < 6; place++) {
    const [step] = (await house.callPlan(number, 'telnyx', place)).steps;
    done.push(step?.do === 'queue' ? step.name : step?.do === 'say' ? step.text : (step?.do ?? 'nothing'));
    if (step?.do !== 'queue' && step?.do !== 'dial') break;
  }
  return done;
};
const queued = async () => {
  const house = await startHouse();
  const queue = await makeQueue(house, 'Support');
  await house.plant(NUMBER, { assignment: sharedTo({ type: 'queue', id: queue as never }) });
  return { house, queue };
};

describe('S0-33: a queue nobody answers', () => {
  it('leads to its overflow, as soon as that is set and as it is changed', async () => {
    const { house, queue } = await queued();
    const [, fallback = ''] = await journey(house);

    await overflow(house, queue, { type: 'announce', text: 'All lines are busy.' });
    expect(await journey(house)).toEqual([queue, 'All lines are busy.']);
    await overflow(house, queue, { type: 'extension', id: PAM_EXT });
    expect(await journey(house)).toEqual([queue, 'dial', fallback]);
    await overflow(house, queue, { type: 'voicemail', id: PAM });
    expect((await journey(house))[1]).toContain('leave a message');
    await overflow(house, queue, null);
    expect(await journey(house)).toEqual([queue, fallback]);
  });

  it('goes on through further queues, through none of them twice', async () => {
    const { house, queue } = await queued();
    const [, fallback = ''] = await journey(house);
    const second = await makeQueue(house, 'Second');
    await overflow(house, queue, { type: 'queue', id: second });
    await overflow(house, second, { type: 'announce', text: 'Nobody at all.' });
    expect(await journey(house)).toEqual([queue, second, 'Nobody at all.']);

    await overflow(house, second, { type: 'queue', id: queue });
    expect(await journey(house)).toEqual([queue, second, fallback]);
  });

  it('overflows inside a flow, also when its overflow is changed later', async () => {
    const { house, queue } = await queued();
    const flow = await makeFlow(house, 'Main', [{ id: 'q', type: 'queue', queueId: queue }]);
    await house.as('admin', `PUT /v1/numbers/${encoded(NUMBER)}/assignment`, {
      body: sharedTo({ type: 'call_flow', id: flow as never }),
    });
    await overflow(house, queue, { type: 'announce', text: 'Busy.' });
    expect(await journey(house)).toEqual([queue, 'Busy.']);
  });

  it('S2-18: overflows as the tenant’s fallback too, as soon as that is set and as it is changed', async () => {
    const house = await startHouse();
    await house.plant(NUMBER);
    const [queue, second] = [await makeQueue(house, 'Support'), await makeQueue(house, 'Second')];
    await overflow(house, queue, { type: 'queue', id: second });
    await overflow(house, second, { type: 'voicemail', id: PAM });
    const set = await house.as('admin', 'PATCH /v1/tenant', { body: { fallback: { type: 'queue', id: queue } } });
    expect(set.status).toBe(200);
    expect(await journey(house)).toEqual([queue, second, expect.stringContaining('leave a message')]);

    await overflow(house, second, { type: 'announce', text: 'Nobody at all.' });
    expect(await journey(house)).toEqual([queue, second, 'Nobody at all.']);
    await overflow(house, queue, null);
    expect(await journey(house)).toEqual([queue, expect.stringContaining('We are sorry')]);
  });

  it('A6: a forward that comes back into the queue is refused, whichever is set last', async () => {
    const { house, queue } = await queued();
    const home = { type: 'forward', number: NUMBER };
    expect(await overflow(house, queue, home)).toEqual([422, 'forward_not_allowed']);

    await house.plant(OTHER);
    expect(await overflow(house, queue, { type: 'forward', number: '+442079460018' })).toEqual([200, undefined]);
    const second = await makeQueue(house, 'Second');
    expect(await overflow(house, second, { type: 'forward', number: OTHER })).toEqual([422, 'forward_not_allowed']);
    const forward = sharedTo({ type: 'forward', number: NUMBER as never });
    await house.as('admin', `PUT /v1/numbers/${encoded(OTHER)}/assignment`, { body: forward });
    expect(await overflow(house, queue, { type: 'forward', number: OTHER })).toEqual([422, 'forward_not_allowed']);
    expect(await overflow(house, second, { type: 'forward', number: OTHER })).toEqual([200, undefined]);
    const back = await house.as('admin', `PUT /v1/numbers/${encoded(NUMBER)}/assignment`, {
      body: sharedTo({ type: 'queue', id: second as never }),
    });
    expect([back.status, back.json['code']]).toEqual([422, 'forward_not_allowed']);
  });

  it('A1: whoever takes the place of a user takes it in the overflow as well, at the next call', async () => {
    const { house, queue } = await queued();
    await overflow(house, queue, { type: 'voicemail', id: PAM });
    const body = { name: 'Jim Halpert', email: 'jim@acme.example' };
    const jim = (await house.as('admin', 'POST /v1/users', { body })).json['id'];

    expect((await house.as('admin', `DELETE /v1/users/${PAM}?moveTo=${jim}`)).status).toBe(204);
    expect((await journey(house))[1]).toContain('Jim Halpert');
  });

  it('Telnyx is told how long a caller waits', async () => {
    const { house, queue } = await queued();
    await house.as('cs', `PATCH /v1/queues/${queue}`, { body: { timeoutSeconds: 45 } });

    expect(renderTexml(await house.callPlan(NUMBER)).body).toContain(
      `<Enqueue maxWaitTimeSecs="45" action="next:1" method="POST">${queue}</Enqueue>`,
    );
  });
});
