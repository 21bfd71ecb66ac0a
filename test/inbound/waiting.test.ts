import { describe, expect, it } from 'vitest';
import { CALLER, entry, house, NUMBER, route } from './house.ts';
import { readXml } from './markup.ts';
import { callRef, incoming, PUBLIC_URL, twilioPost } from './signed.ts';

const now = new Date('2026-11-21T10:00:00.000Z');
const CALL = { id: 'call one', from: CALLER, to: NUMBER };
const support = { type: 'queue', id: 'que_7', name: 'support', timeoutSeconds: 40 } as const;
const busy = { type: 'announce', text: 'All lines are busy.' } as const;

/** What Twilio posts of somebody in a queue, to an address we gave. */
function later(address: string, fields: Readonly<Record<string, string>>) {
  const posted = { kind: 'voice', now, query: new URL(address).search.slice(1) } as const;
  const form = { CallSid: callRef('twilio', CALL.id), From: CALLER, To: NUMBER, CallStatus: 'in-progress' };
  return twilioPost({ ...form, QueueSid: `QU${'a'.repeat(32)}`, ...fields }, posted);
}
const waits = { QueuePosition: '1', QueueTime: '0', AvgQueueTime: '0', CurrentQueueSize: '1', MaxQueueSize: '1000' };

async function queued() {
  const world = house();
  await route(world.table, entry({ target: support, flow: [support, busy] }));
  const { children } = readXml((await world.inbound(incoming('twilio', CALL, now))).body);
  const [verb] = children;
  if (verb === undefined || typeof verb === 'string') throw new Error('no verb');
  const { waitUrl = '', action = '' } = verb.attributes;
  return { ...world, verb, waitUrl, action };
}

describe('S0-33: whoever waits in a queue at Twilio, which knows no longest wait', () => {
  it('is given an address for the meantime and one for afterwards, both ours, sealed and asked by POST', async () => {
    const { verb, waitUrl, action } = await queued();

    expect([verb.name, verb.children]).toEqual(['Enqueue', ['que_7']]);
    expect(verb.attributes).toMatchObject({ waitUrlMethod: 'POST', method: 'POST' });
    for (const address of [waitUrl, action])
      expect(address.startsWith(`${PUBLIC_URL}/inbound/twilio/voice?s=`)).toBe(true);
    expect(new URL(waitUrl).search.slice(3)).toMatch(/^[A-Za-z0-9._~-]+$/);
  });

  it('hears to hold for as long as the queue says, then leaves it; nothing is read or written for that', async () => {
    const { inbound, waitUrl, faults } = await queued();
    faults.mode = 'down';
    const before = { ...faults };

    const reply = await inbound(later(waitUrl, waits));

    expect(reply.headers['content-type']).toContain('text/xml');
    expect(reply.body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Response>' +
        '<Say>Please hold. Your call will be taken as soon as possible.</Say><Pause length="26"/>' +
        '<Say>Thank you for holding. Your call will be taken as soon as possible.</Say><Pause length="6"/>' +
        '<Leave/></Response>',
    );
    expect(faults).toEqual(before);
  });

  it.each(['leave', 'queue-full', 'error', 'system-error', 'something new'])(
    'goes on to the overflow after %s',
    async (QueueResult) => {
      const { inbound, action } = await queued();

      const reply = await inbound(later(action, { QueueResult, QueueTime: '40' }));

      expect(reply.body).toContain('<Response><Say>All lines are busy.</Say><Hangup/></Response>');
    },
  );

  it.each(['bridged', 'hangup', 'bridging-in-process', 'redirected-from-bridged'])(
    'is rung nobody else after %s',
    async (QueueResult) => {
      const { inbound, action } = await queued();

      const reply = await inbound(later(action, { QueueResult, QueueTime: '12' }));

      expect(reply.body).toContain('<Response><Hangup/></Response>');
    },
  );

  it('is told nothing under a seal that does not hold', async () => {
    const { inbound, waitUrl, log } = await queued();

    const reply = await inbound(later(waitUrl.replace('.h40.', '.h3600.'), waits));

    expect(waitUrl).toContain('.h40.');
    expect(reply.body).not.toContain('<Leave/>');
    expect(log.lines.at(-1)).toMatchObject({ event: 'step_refused' });
  });

  it('without a sealing key, waits as Twilio lets wait', async () => {
    const { inbound, table, secrets } = house();
    await route(table, entry({ target: support }));
    delete secrets.values['inbound/step-key'];

    const reply = await inbound(incoming('twilio', CALL, now));

    expect(reply.body).toContain('<Response><Enqueue>que_7</Enqueue></Response>');
  });
});
