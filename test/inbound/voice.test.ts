import { describe, expect, it, vi } from 'vitest';
import type { RawReply } from '../../functions/carriers/inbound-port.ts';
import { inboundApp } from '../../functions/inbound/app.ts';
import { removeRouteWrite } from '../../functions/routing/store.ts';
import { CALLER, entry, house, NUMBER, NUMBER_ID, route, TENANT_ID } from './house.ts';
import { elements, readXml, textOf } from './markup.ts';
import {
  CARRIERS,
  type Call,
  dialEnded,
  incoming,
  PUBLIC_URL,
  recorded,
  type SigningCarrier,
  twilioPost,
} from './signed.ts';

const CALL: Call = { id: 'call one', from: CALLER, to: NUMBER };

interface Ncco {
  readonly action: string;
  readonly text?: string;
  readonly name?: string;
  readonly from?: string;
  readonly eventUrl?: readonly string[];
  readonly endpoint?: readonly { readonly type: string; readonly uri?: string; readonly number?: string }[];
}

/** What a caller meets, in no dialect: one line a step. */
function meets(reply: RawReply): readonly string[] {
  expect(reply.status).toBe(200);
  if (reply.headers['content-type']?.includes('json')) return (JSON.parse(reply.body) as Ncco[]).map(nccoLine);
  const root = readXml(reply.body);
  expect(root.name).toBe('Response');
  return root.children.map((verb) => {
    if (typeof verb === 'string') throw new Error('text between verbs');
    const sip = elements(verb, 'Sip')[0];
    const number = elements(verb, 'Number')[0];
    if (verb.name === 'Dial') return sip ? `rings ${textOf(sip)}` : `rings ${textOf(number)}`;
    if (verb.name === 'Enqueue') return `queues ${textOf(verb)}`;
    return verb.name === 'Say' ? `hears ${textOf(verb)}` : verb.name.toLowerCase();
  });
}

function nccoLine({ action, text, endpoint, name }: Ncco): string {
  const [to] = endpoint ?? [];
  if (action === 'connect') return `rings ${to?.uri ?? `+${to?.number}`}`;
  if (action === 'conversation') return `queues ${name?.replace('queue-', '')}`;
  return action === 'talk' ? `hears ${text}` : action;
}

/** The address the carrier asks next. */
function nextOf(reply: RawReply): string {
  const found = /(?:action="|eventUrl":\[")(https:[^"]+)"/.exec(reply.body)?.[1];
  if (found === undefined) throw new Error(`no next address in ${reply.body}`);
  return found;
}

/** The end of a document is a hang-up in an NCCO and spelled out in the others. */
const ended = (carrier: SigningCarrier): readonly string[] => (carrier === 'vonage' ? [] : ['hangup']);
const NEUTRAL = 'hears The number you have called is not in service.';
const SORRY = 'hears We are sorry, your call cannot be connected right now, please try again later.';

describe.each(CARRIERS)('a call from %s', (carrier) => {
  it('S3-4, S0-6: rings the extension of whoever holds the called number', async () => {
    const { inbound, table, clock } = house();
    await route(table, entry({ carrier }));

    const reply = await inbound(incoming(carrier, CALL, clock.now()));

    expect(meets(reply)).toEqual(['rings sip:100@pbx.example.com']);
  });

  it('S0-6: three numbers ring one extension', async () => {
    const { inbound, table, clock } = house();
    const numbers = ['+441223555011', '+441223555012', '+441223555013'];
    await route(table, ...numbers.map((number) => entry({ carrier, number })));

    for (const to of numbers) {
      const reply = await inbound(incoming(carrier, { ...CALL, to }, clock.now()));
      expect(meets(reply)).toEqual(['rings sip:100@pbx.example.com']);
    }
  });

  it('S3-6: lets the caller enter a queue, under a name no other tenant can share', async () => {
    const { inbound, table, clock } = house();
    await route(table, entry({ carrier, target: { type: 'queue', id: 'que_7', name: 'support', timeoutSeconds: 60 } }));

    expect(meets(await inbound(incoming(carrier, CALL, clock.now())))).toEqual(['queues que_7']);
  });

  it('S3-7: forwards without telling the caller, under the number that was called', async () => {
    const { inbound, table, clock } = house();
    await route(table, entry({ carrier, target: { type: 'forward', number: '+447700900555', timeoutSeconds: 25 } }));

    const reply = await inbound(incoming(carrier, CALL, clock.now()));

    expect(meets(reply)).toEqual(['rings +447700900555']);
    expect(reply.body).toMatch(carrier === 'vonage' ? /"from":"441223555010"/ : /callerId="\+441223555010"/);
  });

  it('speaks an announcement and hangs up', async () => {
    const { inbound, table, clock } = house();
    await route(table, entry({ carrier, target: { type: 'announce', text: 'We are closed.' } }));

    expect(meets(await inbound(incoming(carrier, CALL, clock.now())))).toEqual([
      'hears We are closed.',
      ...ended(carrier),
    ]);
  });

  it('takes a message, thanks the caller and keeps the recording with the call', async () => {
    const { inbound, table, clock } = house();
    const target = { type: 'voicemail', name: 'Pam B.', prompt: 'Please leave a message.', maxSeconds: 90 } as const;
    await route(table, entry({ carrier, target }));

    const first = await inbound(incoming(carrier, CALL, clock.now()));
    const link = 'https://carrier.example.com/recordings/1';
    const second = await inbound(recorded(carrier, CALL, nextOf(first), link, clock.now()));

    expect(meets(first)).toEqual(['hears Please leave a message.', 'record', ...ended(carrier)]);
    expect(meets(second)).toEqual(['hears Thank you, goodbye.', ...ended(carrier)]);
    expect(table.scan().map((item) => item.data['recordingUrl'])).toContain(link);
  });

  it('S2-18: follows the tenant’s fallback when the number is routed to nobody', async () => {
    const { inbound, table, clock } = house();
    await route(table, entry({ carrier, target: undefined }));

    const reply = await inbound(incoming(carrier, CALL, clock.now()));

    expect(meets(reply)).toEqual(['hears Nobody of Acme can take your call.', ...ended(carrier)]);
  });

  it('tries the steps of a simple flow in order, then the fallback, and stops when one answers', async () => {
    const { inbound, table, clock } = house();
    const flow = [
      { type: 'announce', text: 'Welcome.' },
      { type: 'extension', id: 'ext_1', name: 'Pam', sipUri: 'sip:100@pbx.example.com', timeoutSeconds: 20 },
      { type: 'forward', number: '+447700900555', timeoutSeconds: 25 },
    ] as const;
    await route(table, entry({ carrier, target: undefined, flow: [...flow] }));
    const now = clock.now();

    const first = await inbound(incoming(carrier, CALL, now));
    const second = await inbound(dialEnded(carrier, CALL, nextOf(first), 'no_answer', now));
    const third = await inbound(dialEnded(carrier, CALL, nextOf(second), 'no_answer', now));

    expect(meets(first)).toEqual(['hears Welcome.', 'rings sip:100@pbx.example.com']);
    expect(meets(second)).toEqual(['rings +447700900555']);
    expect(meets(third)).toEqual(['hears Nobody of Acme can take your call.', ...ended(carrier)]);
    expect(meets(await inbound(dialEnded(carrier, CALL, nextOf(first), 'completed', now)))).toEqual(ended(carrier));
  });

  it('S2-17: a change of the assignment is in force at the next call', async () => {
    const { inbound, table, clock } = house();
    await route(table, entry({ carrier }));
    await inbound(incoming(carrier, CALL, clock.now()));

    await route(
      table,
      entry({ carrier, version: 2, target: { type: 'forward', number: '+447700900555', timeoutSeconds: 25 } }),
    );

    expect(meets(await inbound(incoming(carrier, CALL, clock.now())))).toEqual(['rings +447700900555']);
  });

  it.each(['suspended', 'released', 'quarantined'] as const)('V2: a %s number is answered neutrally', async (state) => {
    const { inbound, table, clock } = house();
    await route(table, entry({ carrier, state }));

    const reply = await inbound(incoming(carrier, CALL, clock.now()));

    expect(meets(reply)).toEqual([NEUTRAL, ...ended(carrier)]);
    expect(reply.body).not.toMatch(/Acme|sip:/);
  });

  it('V2, S2-31: so is an unknown one, one of another carrier, and one that was taken away', async () => {
    const { inbound, table, clock } = house();
    const other = carrier === 'twilio' ? 'telnyx' : 'twilio';
    await route(table, entry({ carrier: other }), entry({ carrier, number: '+441223555099' }));
    await table.write([removeRouteWrite(entry({ number: '+441223555099' }).number, carrier)]);

    for (const to of [NUMBER, '+441223555098', '+441223555099']) {
      expect(meets(await inbound(incoming(carrier, { ...CALL, to }, clock.now())))).toEqual([
        NEUTRAL,
        ...ended(carrier),
      ]);
    }
  });

  it('answering writes nothing, reads one key once, eventually consistent, and logs one short line', async () => {
    const { inbound, table, clock, faults, log } = house();
    await route(table, entry({ carrier }));

    await inbound(incoming(carrier, CALL, clock.now()));

    expect(faults).toMatchObject({ gets: 1, writes: 0, options: [{ eventual: true }] });
    expect(log.lines).toHaveLength(1);
    expect(JSON.stringify(log.lines).length).toBeLessThan(300);
    expect(JSON.stringify(log.lines)).not.toMatch(/7700900123|1223555010/);
  });

  it('V1, I6: with the table down, the last good route answers for ten minutes, then the apology; no 5xx', async () => {
    const { inbound, table, clock, faults } = house();
    await route(table, entry({ carrier }));
    await inbound(incoming(carrier, CALL, clock.now()));
    faults.mode = 'down';

    clock.advance(599);
    expect(meets(await inbound(incoming(carrier, CALL, clock.now())))).toEqual(['rings sip:100@pbx.example.com']);
    clock.advance(2);
    expect(meets(await inbound(incoming(carrier, CALL, clock.now())))).toEqual([SORRY, ...ended(carrier)]);
  });

  it('V1: with the table silent it answers within two seconds, after two tries', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const { inbound, table, clock, faults } = house();
      await route(table, entry({ carrier }));
      faults.mode = 'hangs';
      const started = performance.now();

      const reply = inbound(incoming(carrier, CALL, clock.now())).then((answer) => ({
        answer,
        ms: performance.now() - started,
      }));
      await vi.advanceTimersByTimeAsync(5_000);

      const { answer, ms } = await reply;
      expect(meets(answer)).toEqual([SORRY, ...ended(carrier)]);
      expect(ms).toBeLessThanOrEqual(800);
      expect(faults.gets).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('V1, X2: a table that refuses once is asked again', async () => {
    const { inbound, table, clock, faults } = house();
    await route(table, entry({ carrier }));
    faults.mode = 'down once';

    expect(meets(await inbound(incoming(carrier, CALL, clock.now())))).toEqual(['rings sip:100@pbx.example.com']);
    expect(faults.gets).toBe(2);
  });

  it('V3: a bug in planning is answered by the document made beforehand', async () => {
    const { table, clock, deps, log } = house();
    await route(table, entry({ carrier }));
    const real = deps.dialects[carrier];
    if (!real) throw new Error('no dialect');
    let isBroken = false;
    const render = (plan: Parameters<typeof real.dialect.render>[0]): RawReply => {
      if (isBroken) throw new TypeError('a bug');
      return real.dialect.render(plan);
    };
    const inbound = inboundApp({ ...deps, dialects: { [carrier]: { ...real, dialect: { ...real.dialect, render } } } });
    isBroken = true;

    const reply = await inbound(incoming(carrier, CALL, clock.now()));

    expect(meets(reply)).toEqual([SORRY, ...ended(carrier)]);
    expect(log.lines.filter((line) => line.level === 'error')).toHaveLength(1);
  });

  it('V4: the static document needs no signature, no secret and no read', async () => {
    const { inbound, faults, secrets } = house();
    const form = carrier === 'vonage' ? 'json' : 'xml';
    const ask = (path: string) => inbound({ method: 'GET', path, query: '', headers: {}, body: new Uint8Array() });

    const reply = await ask(`/fallback/${carrier}.${form}`);

    expect(meets(reply)).toEqual([SORRY, ...ended(carrier)]);
    expect(reply.headers['cache-control']).toContain('max-age');
    expect([faults.gets, secrets.reads]).toEqual([0, 0]);
    expect((await ask(`/fallback/${carrier}.${form === 'xml' ? 'json' : 'xml'}`)).status).toBe(404);
  });

  it.each([
    ['+441223555010', 'as it should be'],
    ['441223555010', 'without plus'],
    ['+44 1223 555010', 'with spaces'],
    ['sip:+441223555010@sip.example.com', 'as a SIP address'],
  ])('V10: %s (%s) is the same number', async (to) => {
    const { inbound, table, clock } = house();
    await route(table, entry({ carrier }));

    expect(meets(await inbound(incoming(carrier, { ...CALL, to }, clock.now())))).toEqual([
      'rings sip:100@pbx.example.com',
    ]);
  });
});

describe('a later step of a call', () => {
  const now = new Date('2026-11-21T10:00:00.000Z');
  const flow = [
    { type: 'extension', id: 'ext_1', name: 'Pam', sipUri: 'sip:100@pbx.example.com', timeoutSeconds: 20 },
    { type: 'forward', number: '+447700900555', timeoutSeconds: 25 },
  ] as const;
  async function midCall(carrier: SigningCarrier) {
    const world = house();
    await route(world.table, entry({ carrier, target: undefined, flow: [...flow] }));
    const first = await world.inbound(incoming(carrier, CALL, now));
    return { ...world, address: nextOf(first) };
  }

  it('has an address that no gateway rewrites', async () => {
    const { address } = await midCall('twilio');

    expect(address.startsWith(`${PUBLIC_URL}/inbound/twilio/voice?s=`)).toBe(true);
    expect(new URL(address).search.slice(3)).toMatch(/^[A-Za-z0-9._~-]+$/);
  });

  it('is refused with an address that is forged, cut, another carrier’s or given twice: no tenant data', async () => {
    const { inbound, address, log } = await midCall('telnyx');
    const { address: foreign } = await midCall('twilio');
    const seal = new URL(address).search.slice(3);
    const last = seal.at(-1) === 'A' ? 'B' : 'A';
    const wrong = [
      seal.slice(0, -1) + last,
      seal.replace('441223555010', '441223555011'),
      seal.slice(0, 20),
      '',
      `${seal}&s=${seal}`,
    ];

    for (const text of [...wrong, new URL(foreign).search.slice(3)]) {
      const reply = await inbound(dialEnded('telnyx', CALL, `${PUBLIC_URL}/?s=${text}`, 'no_answer', now));
      expect(meets(reply)).toEqual([SORRY, 'hangup']);
      expect(log.lines.at(-1)).toMatchObject({ event: 'step_refused' });
    }
  });

  it('goes to the fallback when the assignment changed under the call', async () => {
    const { inbound, table, address } = await midCall('twilio');
    await route(table, entry({ version: 2 }));

    const reply = await inbound(dialEnded('twilio', CALL, address, 'no_answer', now));

    expect(meets(reply)).toEqual(['hears Nobody of Acme can take your call.', 'hangup']);
  });

  it('expires', async () => {
    const { inbound, clock, address } = await midCall('twilio');
    clock.advance(6 * 3600 + 1);

    expect(meets(await inbound(dialEnded('twilio', CALL, address, 'no_answer', clock.now())))).toEqual([
      SORRY,
      'hangup',
    ]);
  });

  it('X8: is understood after the sealing key was rotated', async () => {
    const { inbound, secrets, clock, address } = await midCall('twilio');
    const old = secrets.values['inbound/step-key'] ?? [];
    secrets.values['inbound/step-key'] = ['a-new-key', ...old];
    clock.advance(301);

    expect(meets(await inbound(dialEnded('twilio', CALL, address, 'no_answer', clock.now())))).toEqual([
      'rings +447700900555',
    ]);
  });

  it('without a sealing key the extension still rings', async () => {
    const { inbound, table, secrets } = house();
    await route(table, entry());
    delete secrets.values['inbound/step-key'];

    const reply = await inbound(incoming('twilio', CALL, now));

    expect(meets(reply)).toEqual(['rings sip:100@pbx.example.com']);
    expect(reply.body).not.toContain('action=');
  });

  it('a recording is thanked for even when it cannot be filed', async () => {
    const { inbound, table, faults } = house();
    const target = { type: 'voicemail', name: 'Pam', prompt: 'Speak.', maxSeconds: 90 } as const;
    await route(table, entry({ target }));
    const first = await inbound(incoming('twilio', CALL, now));
    faults.mode = 'down for writes';

    const reply = await inbound(recorded('twilio', CALL, nextOf(first), 'https://c.example.com/1', now));

    expect(meets(reply)).toEqual(['hears Thank you, goodbye.', 'hangup']);
  });
});

describe('the routing entry', () => {
  it('damaged, it is not guessed at: the apology, and an error in the log', async () => {
    const { inbound, table, clock, log } = house();
    const key = { pk: `ROUTE#${NUMBER}`, sk: 'twilio' };
    await table.write([
      { op: 'put', key, data: { number: NUMBER, tenantId: TENANT_ID, numberId: NUMBER_ID, state: 'active' } },
    ]);

    expect(meets(await inbound(incoming('twilio', CALL, clock.now())))).toEqual([SORRY, 'hangup']);
    expect(log.lines.filter((line) => line.event === 'route_unreadable')).toHaveLength(1);
  });

  it('V10: a called party that is no number is answered neutrally', async () => {
    const { inbound, clock } = house();
    const form = {
      CallSid: `CA${'a'.repeat(32)}`,
      From: CALLER,
      To: 'sip:reception@sip.example.com',
      CallStatus: 'ringing',
    };

    const reply = await inbound(twilioPost(form, { kind: 'voice', now: clock.now() }));

    expect(meets(reply)).toEqual([NEUTRAL, 'hangup']);
  });
});
