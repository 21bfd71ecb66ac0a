import { describe, expect, it } from 'vitest';
import { inboundApp } from '../../../functions/inbound/app.ts';
import { inboundDialects } from '../../../functions/inbound/dialects.ts';
import { onInboundEvents } from '../../../functions/inbound/on-lambda.ts';
import { CALLER, entry, house, keptLog, NUMBER, route } from '../../inbound/house.ts';
import { CARRIERS, incoming, PUBLIC_URL, twilioPost } from '../../inbound/signed.ts';
import { httpEvent } from './http-events.ts';

type Request = ReturnType<typeof incoming>;
const eventOf = ({ method, path, headers, body }: Request) => httpEvent(`${method} ${path}`, { headers, body });

function lambda(changes: Parameters<typeof house>[0] = {}) {
  const at = house(changes);
  const log = keptLog();
  let made = 0;
  const make = () => {
    made++;
    return inboundApp(at.deps);
  };
  const serve = onInboundEvents(make, { dialects: inboundDialects(PUBLIC_URL), log, longestMs: 1_800 });
  return { ...at, log, serve, made: () => made };
}

describe('inbound in a function', () => {
  it.each(CARRIERS)('answers a signed call of %s', async (carrier) => {
    const { serve, table, clock, faults } = lambda();
    await route(table, entry({ carrier }));

    const answer = await serve(eventOf(incoming(carrier, { id: 'x', from: CALLER, to: NUMBER }, clock.now())));

    expect(answer).toMatchObject({ statusCode: 200, isBase64Encoded: false });
    expect(answer.body).toContain('sip:100@pbx.example.com');
    expect(faults).toMatchObject({ gets: 1, writes: 0 });
  });

  it('verifies over the query exactly as it was received, apostrophe and order included', async () => {
    const { serve, table, clock } = lambda();
    await route(table, entry());
    const query = "b='%7e&a=%2B1";
    const post = twilioPost(
      { CallSid: `CA${'1'.repeat(32)}`, From: CALLER, To: NUMBER, CallStatus: 'ringing' },
      {
        kind: 'voice',
        query,
        now: clock.now(),
      },
    );

    expect(await serve(eventOf(post))).toMatchObject({ statusCode: 200 });
    expect(await serve({ ...eventOf(post), rawQueryString: 'b=%27~&a=%2B1' })).toMatchObject({ statusCode: 403 });
  });

  it('takes a body that the gateway handed over as text', async () => {
    const { serve, table, clock } = lambda();
    await route(table, entry());
    const { method, path, headers, body } = incoming('twilio', { id: 'x', from: CALLER, to: NUMBER }, clock.now());
    const text = httpEvent(`${method} ${path}`, { headers, body: Buffer.from(body).toString('utf8') });

    expect(await serve(text)).toMatchObject({ statusCode: 200 });
  });

  it('X8: refuses a forged call and reads nothing about the number (I16)', async () => {
    const { serve, clock, faults } = lambda();
    const post = incoming('twilio', { id: 'x', from: CALLER, to: NUMBER }, clock.now());
    const forged = { ...post, headers: { ...post.headers, 'x-twilio-signature': 'AAAA' } };

    expect(await serve(eventOf(forged))).toMatchObject({ statusCode: 403 });
    expect(faults.gets).toBe(0);
  });

  it('V1: answers within 2 s while the table hangs, by the last good route', async () => {
    const { serve, table, clock, faults } = lambda();
    await route(table, entry());
    const call = () => eventOf(incoming('twilio', { id: 'x', from: CALLER, to: NUMBER }, clock.now()));
    await serve(call());
    faults.mode = 'hangs';

    const began = performance.now();
    const answer = await serve(call());

    expect(performance.now() - began).toBeLessThan(2_000);
    expect(answer.body).toContain('sip:100@pbx.example.com');
  });

  it('V3: a room that cannot be made gives every call an apology, every event a refusal, and is made anew', async () => {
    const log = keptLog();
    let tries = 0;
    const { deps } = house();
    const make = () => {
      tries++;
      if (tries <= 4) throw new Error('a bug at the start');
      return inboundApp(deps);
    };
    const serve = onInboundEvents(make, { dialects: inboundDialects(PUBLIC_URL), log });

    const calls = await Promise.all(CARRIERS.map((carrier) => serve(httpEvent(`POST /inbound/${carrier}/voice`))));
    const event = await serve(httpEvent('POST /inbound/twilio/status'));
    const next = await serve(httpEvent('GET /fallback/twilio.xml'));

    expect(calls.map((one) => one.statusCode)).toEqual([200, 200, 200]);
    expect(calls.map((one) => one.headers['content-type'])).toEqual([
      expect.stringContaining('xml'),
      expect.stringContaining('xml'),
      expect.stringContaining('json'),
    ]);
    expect(event).toMatchObject({ statusCode: 503, body: '' });
    expect(next).toMatchObject({ statusCode: 200 });
    expect(log.lines.map((line) => line.event)).toEqual(Array.from({ length: 4 }, () => 'inbound_not_served'));
  });

  it('V3: a room that hangs gives a call its apology in time', async () => {
    const log = keptLog();
    const never = () => new Promise<never>(() => undefined);
    const serve = onInboundEvents(() => never, { dialects: inboundDialects(PUBLIC_URL), log, longestMs: 50 });

    const answer = await serve(httpEvent('POST /inbound/vonage/voice'));
    const strange = await serve(httpEvent('POST /inbound/constructor/voice'));

    expect(answer).toMatchObject({ statusCode: 200, headers: { 'content-type': expect.stringContaining('json') } });
    expect(strange).toMatchObject({ statusCode: 503 });
    expect(log.lines[0]?.fields['cause']).toContain('within 50 ms');
  });

  it('hands out the tune of the queue as bytes, which the gateway decodes; documents as text', async () => {
    const { serve } = lambda();
    const tune = await serve(httpEvent('GET /fallback/hold-music.mp3'));
    const document = await serve(httpEvent('GET /fallback/vonage.json'));

    expect([tune.statusCode, tune.isBase64Encoded, document.isBase64Encoded]).toEqual([200, true, false]);
    expect(Buffer.from(tune.body, 'base64').subarray(0, 2)).toEqual(Buffer.from([0xff, 0xf3]));
  });

  it('is made once', async () => {
    const { serve, made } = lambda();
    await serve(httpEvent('GET /fallback/twilio.xml'));
    await serve(httpEvent('GET /fallback/vonage.json'));

    expect(made()).toBe(1);
  });
});
