import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { changes, dump } from './dump.ts';
import { file, type House, type Json, until } from './house.ts';
import { openTapped, type Tapped, type Webhook } from './wiretap.ts';

const CARRIERS = ['twilio', 'telnyx', 'vonage'] as const;
type Carrier = (typeof CARRIERS)[number];
const KINDS = ['voice', 'sms', 'status', 'orders'] as const;
const CALLER = '+447700900123';
const numberOf = (carrier: string): string => `+44122374000${CARRIERS.indexOf(carrier as Carrier)}`;

let tapped: Tapped;
let foreign: Tapped;
let house: House;
/** Genuine webhooks of each carrier and kind, as they passed the wire. */
const genuine = new Map<string, Webhook>();
const foreignOnes = new Map<string, Webhook>();

const say = async (one: Tapped, carrier: Carrier): Promise<void> => {
  const number = numberOf(carrier);
  const monthly = { amount: '1.00', currency: carrier === 'vonage' ? 'EUR' : 'USD' };
  await one.house.control(`POST ${carrier}/stock`, { numbers: [{ number, country: 'GB', type: 'local', monthly }] });
  const assignment = { ownership: 'private', target: { type: 'extension', id: EXTENSION } };
  const body = { country: 'GB', numbers: [{ number, carrier, monthly }], assignment };
  const { json } = await file(one.house, body, 'admin');
  await until(one.house, json.id, 'completed');
  await one.house.control(`POST ${carrier}/calls`, { from: CALLER, to: number });
  await one.house.control(`POST ${carrier}/messages`, { from: CALLER, to: number, text: 'A message' });
};
let EXTENSION = '';
const collect = async (one: Tapped, into: Map<string, Webhook>) => {
  EXTENSION = (await one.house.ask('GET /v1/extensions', { as: 'admin' })).json.data[0].id;
  for (const carrier of CARRIERS) await say(one, carrier);
  await vi.waitFor(() => {
    for (const webhook of one.webhooks) into.set(`${webhook.carrier} ${webhook.kind}`, webhook);
    for (const carrier of CARRIERS)
      for (const kind of ['voice', 'sms', 'status']) expect([...into.keys()]).toContain(`${carrier} ${kind}`);
  }, 6000);
  await one.house.gateway.idle();
};
beforeAll(async () => {
  tapped = await openTapped();
  foreign = await openTapped();
  house = tapped.house;
  await collect(tapped, genuine);
  await collect(foreign, foreignOnes);
}, 60_000);
afterAll(async () => {
  await tapped?.close();
  await foreign?.close();
});
const of = (carrier: string, kind: string): Webhook => {
  const found = genuine.get(`${carrier} ${kind}`);
  if (!found) throw new Error(`no ${kind} of ${carrier} passed`);
  return found;
};
const callsOf = async (carrier: string): Promise<Json[]> =>
  (await house.ask(`GET /v1/numbers/${encodeURIComponent(numberOf(carrier))}/calls`, { as: 'admin' })).json.data;

describe.each(CARRIERS)('§12 %s, genuine', (carrier) => {
  it('voice: 200 and the document of its dialect, naming the target', async () => {
    const answer = await tapped.send(of(carrier, 'voice'));
    expect(answer.status).toBe(200);
    const type = String(answer.headers['content-type']);
    expect(type).toMatch(carrier === 'vonage' ? /^application\/json/ : /^(text|application)\/xml/);
    if (carrier === 'vonage')
      expect(JSON.parse(answer.body)).toEqual(expect.arrayContaining([expect.objectContaining({ action: 'connect' })]));
    else expect(answer.body).toMatch(/^(<\?xml[^>]*>\s*)?<Response>.*<Dial/s);
    expect(answer.body).toContain('sip:');
  });
  it('status: stored, then 200 or 204 with an empty body; again changes nothing', async () => {
    await house.gateway.idle();
    const before = dump(house);
    const calls = await callsOf(carrier);
    expect(calls.length).toBeGreaterThan(0);
    const answer = await tapped.send(of(carrier, 'status'));
    expect([200, 204]).toContain(answer.status);
    expect(answer.body).toBe('');
    await house.gateway.idle();
    expect(await callsOf(carrier)).toHaveLength(calls.length);
    expect(changes(before, dump(house))).toEqual([]);
  });
  it('sms: stored, then the dialect’s empty answer; a replay makes no second message', async () => {
    const path = `/v1/numbers/${encodeURIComponent(numberOf(carrier))}/messages`;
    const messages = (await house.ask(`GET ${path}`, { as: 'admin' })).json.data;
    expect(messages).toMatchObject([{ from: CALLER, to: numberOf(carrier), text: 'A message' }]);
    const answer = await tapped.send(of(carrier, 'sms'));
    expect([200, 204]).toContain(answer.status);
    expect(answer.body.replace(/<\?xml[^>]*>\s*/, '')).toMatch(/^(<Response\s*\/>|<Response><\/Response>|ok|)$/);
    expect((await house.ask(`GET ${path}`, { as: 'admin' })).json.data).toEqual(messages);
  });
  it('unknown and other-carrier numbers: 200 with the same neutral announcement', async () => {
    const call = async (to: string) => (await house.control(`POST ${carrier}/calls`, { from: CALLER, to })).json;
    const unknown = await call('+441223999999');
    const other = await call(numberOf(CARRIERS.find((one) => one !== carrier) ?? ''));
    for (const answer of [unknown, other]) {
      expect(answer.status).toBe(200);
      expect(answer.body).not.toMatch(/sip:|Pam|Acme|ext_|ten_/);
    }
    expect(other.body).toBe(unknown.body);
  });
  it('the fallback document is static and cacheable', async () => {
    const path = carrier === 'vonage' ? '/fallback/vonage.json' : `/fallback/${carrier}.xml`;
    const answer = await house.ask(`GET ${path}`);
    expect(answer.status).toBe(200);
    expect(answer.type).toMatch(carrier === 'vonage' ? /json/ : /xml/);
    expect(answer.headers.get('cache-control')).toMatch(/max-age=\d+/);
    if (carrier === 'vonage') expect(JSON.parse(answer.text)).toEqual(expect.any(Array));
    else expect(answer.text).toMatch(/<Response>.*<\/Response>/s);
  });
});

/** One way to bend a genuine webhook. */
type Bend = (webhook: Webhook) => Partial<Webhook>;
const isSecret = (name: string) => /signature|authorization/.test(name);
const without = (webhook: Webhook) =>
  Object.fromEntries(Object.entries(webhook.headers).filter(([name]) => !isSecret(name)));
const flipped = (text: string): string => {
  const at = Math.floor(text.length * 0.8);
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
};
const bent = (webhook: Webhook, change: (value: string) => string) =>
  Object.fromEntries(
    Object.entries(webhook.headers).map(([name, value]) => [name, isSecret(name) ? change(value) : value]),
  );
const BENDS: Readonly<Record<string, Bend>> = {
  'without a signature': (webhook) => ({ headers: without(webhook) }),
  'with an empty signature': (webhook) => ({ headers: bent(webhook, () => '') }),
  'with a wrong signature': (webhook) => ({ headers: bent(webhook, flipped) }),
  'with a shortened signature': (webhook) => ({ headers: bent(webhook, (value) => value.slice(0, -6)) }),
  'with a byte more': (webhook) => ({ body: Buffer.concat([webhook.body, Buffer.from(' ')]) }),
  'with another called number': (webhook) => ({
    body: Buffer.from(webhook.body.toString().replaceAll('4412237', '4412238')),
  }),
  'without a body': () => ({ body: Buffer.alloc(0) }),
  'with a body of something else': () => ({ body: Buffer.from('{"a":1}') }),
};

describe.each(CARRIERS)('I16: %s, wrong', (carrier) => {
  const refused = async (webhook: Webhook, change: Partial<Webhook>) => {
    const before = dump(house);
    const answer = await tapped.send(webhook, change);
    expect([401, 403, 503], answer.body).toContain(answer.status);
    if (carrier !== 'vonage') expect([401, 403]).toContain(answer.status);
    expect(answer.body).toBe('');
    expect(changes(before, dump(house))).toEqual([]);
  };
  it.each(['voice', 'sms', 'status'])('%s: wrong, missing, cut and moved signatures', async (kind) => {
    const webhook = of(carrier, kind);
    for (const [name, bend] of Object.entries(BENDS)) {
      const change = bend(webhook);
      const same = change.body?.equals(webhook.body) === true;
      if (!same)
        await refused(webhook, change).catch((error) => Promise.reject(new Error(`${name}: ${error.message}`)));
    }
  });
  it.each(['voice', 'sms', 'status'])('%s of another account of the same carrier', async (kind) => {
    const strange = foreignOnes.get(`${carrier} ${kind}`);
    if (!strange) throw new Error('none passed');
    await refused(strange, {});
  });
  it.each(CARRIERS.filter((one) => one !== carrier))('a genuine webhook of %s at its address', async (other) => {
    for (const kind of ['voice', 'sms', 'status'])
      await refused(of(other, kind), { target: `/inbound/${carrier}/${kind}` });
  });
  it('a genuine one of another kind is not taken for this kind', async () => {
    const before = dump(house);
    const answer = await tapped.send(of(carrier, 'sms'), { target: `/inbound/${carrier}/voice` });
    expect(answer.status).toBeLessThan(500);
    expect(answer.body).not.toContain('sip:');
    expect(changes(before, dump(house))).toEqual([]);
  });
  it('a sealed step that was forged opens nothing', async () => {
    const voice = of(carrier, 'voice');
    for (const s of ['x', 'eyJhIjoxfQ', '..', '%00', 'A'.repeat(2000)]) {
      const answer = await tapped.send(voice, {
        target: `${voice.target}${voice.target.includes('?') ? '&' : '?'}s=${s}`,
      });
      expect(answer.status).toBeLessThan(500);
      expect(answer.body).not.toContain('sip:');
    }
  });
});

describe('§12 addresses', () => {
  it('unknown carriers and kinds are 404, without a problem document', async () => {
    for (const path of [
      '/inbound/acme/voice',
      '/inbound/twilio/fax',
      '/inbound/twilio',
      '/inbound/',
      '/inbound/twilio/voice/token',
      '/fallback/acme.xml',
      '/fallback/twilio.json',
      '/inbound/%74wilio/voice',
    ]) {
      const answer = await house.ask(`POST ${path}`, { raw: '{}' });
      expect(answer.status, path).toBe(404);
      if (path.startsWith('/inbound/')) expect(answer.text, path).toBe('');
    }
  });
  it('more than 256 KiB is 413', async () => {
    const answer = await house.ask('POST /inbound/twilio/voice', { raw: 'x'.repeat(300_000) });
    expect([answer.status, answer.text]).toEqual([413, '']);
  });
  it.each(CARRIERS)('%s: no credential, any method, any kind: refused, empty', async (carrier) => {
    const before = dump(house);
    for (const kind of KINDS)
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH']) {
        const answer = await house.ask(`${method} /inbound/${carrier}/${kind}`, method === 'GET' ? {} : { raw: 'a=b' });
        expect([401, 403, 404, 405, 503], `${method} ${kind}`).toContain(answer.status);
        expect(answer.text).toBe('');
      }
    expect(changes(before, dump(house))).toEqual([]);
  });
});

describe('stale and replayed', () => {
  it('telnyx and vonage: genuine ten minutes ago is refused; twilio signs no time: a replay changes nothing', async () => {
    await house.advance(600);
    await house.gateway.idle();
    for (const carrier of CARRIERS)
      for (const kind of ['voice', 'sms', 'status']) {
        const before = dump(house);
        const answer = await tapped.send(of(carrier, kind));
        if (carrier !== 'twilio') {
          expect([401, 403], `${carrier} ${kind}`).toContain(answer.status);
          expect(answer.body).toBe('');
        } else expect([200, 204]).toContain(answer.status);
        await house.gateway.idle();
        expect(changes(before, dump(house)), `${carrier} ${kind}`).toEqual([]);
      }
  });
});
