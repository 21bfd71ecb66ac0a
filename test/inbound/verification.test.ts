import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import type { RawRequest } from '../../functions/carriers/inbound-port.ts';
import { CALLER, entry, house, NUMBER, route } from './house.ts';
import {
  AUTH_TOKEN,
  CARRIERS,
  type Call,
  incoming,
  message,
  SIGNATURE_SECRET,
  type SigningCarrier,
  status,
  TELNYX_PUBLIC_KEY,
  telnyxPost,
  twilioPost,
  vonagePost,
} from './signed.ts';

const CALL: Call = { id: 'call one', from: CALLER, to: NUMBER };
const NOW = new Date('2026-11-21T10:00:00.000Z');

const requests = (carrier: SigningCarrier, now = NOW): readonly RawRequest[] => [
  incoming(carrier, CALL, now),
  status(carrier, CALL, 'completed', now, now),
  message(carrier, { ...CALL, text: 'Hello' }, now),
];
const withBody = (request: RawRequest, change: (text: string) => string): RawRequest => ({
  ...request,
  body: new TextEncoder().encode(change(new TextDecoder().decode(request.body))),
});
const withoutSignature = ({ headers, ...request }: RawRequest): RawRequest => ({
  ...request,
  headers: { 'content-type': headers['content-type'] ?? '' },
});

describe.each(CARRIERS)('a webhook of %s', (carrier) => {
  it('V6, I16: with a wrong signature it is refused with an empty body; nothing about a number is read or written', async () => {
    const { inbound, table, faults } = house();
    await route(table, entry({ carrier }));
    const before = JSON.stringify(table.scan());

    for (const request of requests(carrier)) {
      const reply = await inbound(withBody(request, (text) => text.replace('1223555010', '1223555011')));
      expect([401, 403]).toContain(reply.status);
      expect(reply.body).toBe('');
    }

    expect(faults).toMatchObject({ gets: 0, writes: 0 });
    expect(JSON.stringify(table.scan())).toBe(before);
  });

  it('V6: without any signature it is refused (Vonage: 503, so that it is sent again)', async () => {
    const { inbound, faults } = house();

    for (const request of requests(carrier)) {
      expect((await inbound(withoutSignature(request))).status).toBe(carrier === 'vonage' ? 503 : 403);
    }
    expect(faults.gets).toBe(0);
  });

  it('V6: another carrier’s request is refused', async () => {
    const { inbound, faults } = house();
    const other = carrier === 'twilio' ? 'telnyx' : 'twilio';

    for (const request of requests(other)) {
      const reply = await inbound({ ...request, path: request.path.replace(other, carrier) });
      expect([401, 403, 503]).toContain(reply.status);
    }
    expect(faults.gets).toBe(0);
  });

  it('V6: a stale one is refused where the carrier signs a time', async () => {
    const { inbound, clock } = house();
    clock.advance(301);

    const reply = await inbound(incoming(carrier, CALL, NOW));

    expect(reply.status).toBe({ twilio: 200, telnyx: 403, vonage: 401 }[carrier]);
  });

  it('is refused over 256 KiB, by another method, and unknown at another address', async () => {
    const { inbound, secrets } = house();
    const request = incoming(carrier, CALL, NOW);

    expect(await inbound({ ...request, body: new Uint8Array(256 * 1024 + 1) })).toMatchObject({
      status: 413,
      body: '',
    });
    expect((await inbound({ ...request, method: 'PUT' })).status).toBe(405);
    for (const path of [
      `/inbound/${carrier}/fax`,
      `/inbound/${carrier}/voice/`,
      `/inbound/${carrier}`,
      '/inbound/bandwidth/voice',
      '/inbound/__proto__/voice',
      '/inbound/constructor/voice',
    ]) {
      expect(await inbound({ ...request, path })).toMatchObject({ status: 404, body: '' });
    }
    expect(secrets.reads).toBe(0);
  });

  it('V7: the secret is read once in five minutes, and used for an hour while its store is down', async () => {
    const { inbound, table, clock, secrets } = house();
    await route(table, entry({ carrier }));
    const ask = async () => (await inbound(incoming(carrier, CALL, clock.now()))).status;
    await ask();
    const once = secrets.reads;

    clock.advance(299);
    expect([await ask(), secrets.reads]).toEqual([200, once]);
    clock.advance(2);
    expect([await ask(), secrets.reads]).toEqual([200, 2 * once]);

    secrets.down = true;
    clock.advance(3599);
    expect(await ask()).toBe(200);
    clock.advance(2);
    expect(await ask()).toBe(503);
    secrets.down = false;
    expect(await ask()).toBe(200);
  });

  it('V7: with a store that never answered, or a secret that is missing, 503: never accepted unverified', async () => {
    const down = house();
    down.secrets.down = true;
    const missing = house();
    missing.secrets.values = {};

    for (const { inbound, faults } of [down, missing]) {
      expect(await inbound(incoming(carrier, CALL, NOW))).toMatchObject({ status: 503, body: '' });
      expect(faults.gets).toBe(0);
    }
  });

  it('V7: a silent store is given up after 600 ms', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { inbound, secrets } = house();
      secrets.hangs = true;
      const reply = inbound(incoming(carrier, CALL, NOW));
      await vi.advanceTimersByTimeAsync(600);
      expect((await reply).status).toBe(503);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('rotation of a secret', () => {
  const other = generateKeyPairSync('ed25519');
  const otherPublic = other.publicKey.export({ type: 'spki', format: 'der' }).subarray(12).toString('base64');
  const form = { CallSid: `CA${'a'.repeat(32)}`, From: CALLER, To: NUMBER, CallStatus: 'ringing' };
  const answer = {
    from: CALLER.slice(1),
    to: NUMBER.slice(1),
    conversation_uuid: 'CON-aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab',
  };
  const fresh = 'fedcba9876543210fedcba9876543210-new';
  const cases = [
    [
      'twilio',
      'auth-token',
      AUTH_TOKEN,
      fresh,
      (secret: string, now: Date) => twilioPost(form, { kind: 'voice', now }, secret),
    ],
    [
      'telnyx',
      'public-key',
      TELNYX_PUBLIC_KEY,
      otherPublic,
      (secret: string, now: Date) =>
        telnyxPost(form, { kind: 'voice', now }, true, secret === otherPublic ? other.privateKey : undefined),
    ],
    [
      'vonage',
      'signature-secret',
      SIGNATURE_SECRET,
      fresh,
      (secret: string, now: Date) => vonagePost(answer, { kind: 'voice', now }, secret),
    ],
  ] as const;

  it.each(cases)(
    'X8: %s: old and new are valid together, at once; the old one no more after it',
    async (carrier, name, old, young, post) => {
      const { inbound, secrets, clock } = house();
      const store = (...values: readonly string[]) =>
        Object.assign(secrets.values, { [`carriers/${carrier}/${name}`]: values });
      const ask = async (secret: string) => (await inbound(post(secret, clock.now()))).status;
      expect(await ask(old)).toBe(200);
      clock.advance(2);

      store(young, old);
      expect([await ask(young), await ask(old)]).toEqual([200, 200]);

      store(young);
      clock.advance(301);
      expect(await ask(young)).toBe(200);
      expect([401, 403]).toContain(await ask(old));
    },
  );

  it('forged requests make the secret store be read at most once a second', async () => {
    const { inbound, secrets, clock } = house();
    const forge = () => inbound(twilioPost(form, { kind: 'voice', now: clock.now() }, 'a-wrong-token'));
    await forge();
    const once = secrets.reads;

    await Promise.all(Array.from({ length: 50 }, forge));
    expect(secrets.reads).toBe(once);
    clock.advance(1);
    await Promise.all(Array.from({ length: 50 }, forge));
    expect(secrets.reads).toBe(2 * once);
  });
});

describe('a burst', () => {
  it('V9: ten times the load is served; only far above it 429 with a wait', async () => {
    const { inbound, table, faults } = house();
    await route(table, entry());
    const call = () => inbound(incoming('twilio', CALL, NOW));
    await call();
    const served = await Promise.all(Array.from({ length: 1_000 }, call));
    expect(new Set(served.map((reply) => reply.status))).toEqual(new Set([200]));

    faults.mode = 'hangs';
    const many = Array.from({ length: 2_050 }, call);
    const refused = await Promise.race(many);
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '1' }, body: '' });
    const all = await Promise.all(many);
    expect(all.filter((reply) => reply.status === 429)).toHaveLength(50);
    expect(all.filter((reply) => reply.status === 200)).toHaveLength(2_000);
  });
});
