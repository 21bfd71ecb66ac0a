import { validateRequest } from 'twilio/lib/webhooks/webhooks.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { twilioDialect } from '../../functions/carriers/twilio/dialect.ts';
import { E164 } from '../../functions/domain/e164.ts';
import { ACCOUNT, SECRETS, TOKEN } from '../inbound/twilio-post.ts';
import { type Answerer, startTwilio } from './twilio-setting.ts';

const dialect = twilioDialect();
const PUBLIC_URL = 'https://gateway.example.com';
const URLS = {
  voiceUrl: `${PUBLIC_URL}/inbound/twilio/voice`,
  voiceFallbackUrl: `${PUBLIC_URL}/fallback/twilio.xml`,
  voiceFallbackMethod: 'GET',
  statusCallback: `${PUBLIC_URL}/inbound/twilio/status`,
  smsUrl: `${PUBLIC_URL}/inbound/twilio/sms`,
};
const HELLO = dialect.render({ steps: [{ do: 'say', text: 'Hello' }] });

const gateway: { answer: Answerer } = { answer: () => HELLO };
let current: Awaited<ReturnType<typeof startTwilio>> | undefined;
beforeEach(async () => {
  gateway.answer = ({ path }) =>
    path.includes('/voice') ? HELLO : dialect.acknowledge(path.includes('/sms') ? 'sms' : 'status');
  current = await startTwilio((request) => gateway.answer(request));
});
afterEach(async () => {
  expect(current?.problems).toEqual([]); // against the vendor's description, where it is at hand
  await current?.close();
});
const started = () => {
  if (current === undefined) throw new Error('not started');
  return current;
};
const firstFree = async (country = 'GB') => {
  const [found] = await started().client().availablePhoneNumbers(country).local.list({ limit: 1 });
  return String(found?.phoneNumber);
};

describe("the vendor's own client, unchanged, against the simulated Twilio", () => {
  it('searches by type, area code, pattern, place and feature', async () => {
    const us = started().client().availablePhoneNumbers('US');
    const stock = await us.local.list({ limit: 5 });
    const areaCode = Number(stock[0]?.phoneNumber.slice(2, 5));
    const inArea = await us.local.list({ areaCode, limit: 20 });
    const gb = started().client().availablePhoneNumbers('GB');
    const starting = await gb.local.list({ contains: '+441223%', smsEnabled: true, limit: 20 });
    const inPlace = await gb.local.list({ inLocality: 'Manchester', limit: 3 });
    const ending = await gb.local.list({ contains: '55$', limit: 3 });
    const free = await gb.tollFree.list({ limit: 1 });

    expect(stock).toHaveLength(5);
    expect(new Set(inArea.map((row) => row.phoneNumber.slice(2, 5)))).toEqual(new Set([String(areaCode)]));
    expect(starting.length).toBeGreaterThan(0);
    for (const row of starting) expect(row.phoneNumber).toMatch(/^\+441223/);
    expect(inPlace.map((row) => row.locality)).toEqual(['Manchester', 'Manchester', 'Manchester']);
    for (const row of ending) expect(row.phoneNumber).toMatch(/55$/);
    expect(free[0]?.capabilities).toMatchObject({ voice: true });
  });

  it('refuses a wildcard between real characters, and a type the country does not have', async () => {
    const client = started().client();

    await expect(client.availablePhoneNumbers('GB').local.list({ contains: '+44%123' })).rejects.toMatchObject({
      status: 400,
    });
    await expect(client.availablePhoneNumbers('US').national.list()).rejects.toMatchObject({
      status: 404,
      code: 20404,
    });
    await expect(client.availablePhoneNumbers('XX').fetch()).rejects.toMatchObject({ status: 404, code: 20404 });
    expect(Object.keys((await client.availablePhoneNumbers('GB').fetch()).subresourceUris)).toContain('toll_free');
  });

  it('prices a country and tells the balance', async () => {
    const client = started().client();
    const prices = await client.pricing.v1.phoneNumbers.countries('DE').fetch();

    expect(prices.priceUnit).toBe('USD');
    expect(prices.phoneNumberPrices).toContainEqual({ numberType: 'local', basePrice: '2.30', currentPrice: '2.30' });
    expect(await client.balance.fetch()).toMatchObject({ balance: '1000.00', currency: 'USD' });
    await expect(client.pricing.v1.phoneNumbers.countries('XX').fetch()).rejects.toMatchObject({ code: 20404 });
  });

  it('buys, lists, changes and gives back', async () => {
    const client = started().client();
    const phoneNumber = await firstFree();
    const bought = await client.incomingPhoneNumbers.create({ phoneNumber, friendlyName: 'ref.0.1', ...URLS });
    const listed = await client.incomingPhoneNumbers.list({ phoneNumber });
    const named = await client.incomingPhoneNumbers.list({ friendlyName: 'ref.0.1' });
    const changed = await client
      .incomingPhoneNumbers(bought.sid)
      .update({ trunkSid: '', smsUrl: `${PUBLIC_URL}/other` });
    const removed = await client.incomingPhoneNumbers(bought.sid).remove();

    expect(bought).toMatchObject({ phoneNumber, friendlyName: 'ref.0.1', voiceUrl: URLS.voiceUrl, status: 'in-use' });
    expect(bought.dateCreated.toISOString()).toBe('2026-11-20T10:00:00.000Z');
    expect([listed[0]?.sid, named[0]?.sid]).toEqual([bought.sid, bought.sid]);
    expect(changed).toMatchObject({ smsUrl: `${PUBLIC_URL}/other`, voiceUrl: URLS.voiceUrl });
    expect(removed).toBe(true);
    await expect(client.incomingPhoneNumbers(bought.sid).fetch()).rejects.toMatchObject({ status: 404, code: 20404 });
  });

  it('follows pages of its own inventory', async () => {
    const client = started().client();
    const found = await client.availablePhoneNumbers('GB').local.list({ limit: 5 });
    for (const row of found) await client.incomingPhoneNumbers.create({ phoneNumber: row.phoneNumber });

    expect(await client.incomingPhoneNumbers.list({ pageSize: 2 })).toHaveLength(5);
  });

  it.each([
    ['a number that is none', '+44x', 21421],
    ['a number nobody has', '+441223000001', 21422],
  ])('refuses %s', async (_, phoneNumber, code) => {
    await expect(started().client().incomingPhoneNumbers.create({ phoneNumber })).rejects.toMatchObject({
      status: 400,
      code,
    });
  });

  it('refuses wrong credentials and another account', async () => {
    const stranger = started().client(ACCOUNT, 'wrong');
    const other = started().client(`AC${'e'.repeat(32)}`, TOKEN);

    await expect(stranger.balance.fetch()).rejects.toMatchObject({ status: 401, code: 20003 });
    await expect(other.balance.fetch()).rejects.toMatchObject({ status: 401, code: 20003 });
  });
});

describe('regulatory compliance of the simulated Twilio', () => {
  it('S0-42: wants an approved bundle, made of an end user and documents that meet the regulation', async () => {
    const client = started().client();
    const { v2 } = client.numbers;
    const phoneNumber = await firstFree('DE');
    const [regulation] = await v2.regulatoryCompliance.regulations.list({
      isoCountry: 'DE',
      numberType: 'local',
      endUserType: 'business',
    });
    await expect(client.incomingPhoneNumbers.create({ phoneNumber })).rejects.toMatchObject({
      status: 400,
      code: 21649,
    });

    const bundle = await v2.regulatoryCompliance.bundles.create({
      friendlyName: 'req_1',
      email: 'a@acme.example',
      regulationSid: String(regulation?.sid),
      statusCallback: `${PUBLIC_URL}/inbound/twilio/orders`,
    });
    const one = v2.regulatoryCompliance.bundles(bundle.sid);
    const empty = await one.evaluations.create();
    await expect(one.update({ status: 'pending-review' })).rejects.toMatchObject({ status: 400 });
    const person = await v2.regulatoryCompliance.endUsers.create({
      friendlyName: 'Acme',
      type: 'business',
      attributes: { business_name: 'Acme' },
    });
    const item = await one.itemAssignments.create({ objectSid: person.sid });

    expect(bundle.status).toBe('draft');
    expect(empty.status).toBe('noncompliant');
    expect(JSON.stringify(empty.results)).toContain('22214');
    expect(person.attributes).toEqual({ business_name: 'Acme' });
    expect((await one.itemAssignments.list()).map((row) => row.sid)).toEqual([item.sid]);
    expect((await one.evaluations.create()).status).toBe('noncompliant');
    expect(
      (await v2.regulatoryCompliance.bundles.list({ friendlyName: 'req_1', pageSize: 1 })).map((row) => row.sid),
    ).toEqual([bundle.sid]);
    expect(await one.itemAssignments(item.sid).remove()).toBe(true);
  });

  it('pages with addresses of its own host', async () => {
    const { endUsers } = started().client().numbers.v2.regulatoryCompliance;
    for (const friendlyName of ['a', 'b', 'c']) await endUsers.create({ friendlyName, type: 'business' });

    expect((await endUsers.list({ pageSize: 1 })).map((row) => row.friendlyName)).toEqual(['a', 'b', 'c']);
    expect((await endUsers.page({ pageSize: 1 })).nextPageUrl?.startsWith(started().url)).toBe(true);
  });
});

describe('webhooks of the simulated Twilio', () => {
  const bought = async () => {
    const phoneNumber = await firstFree();
    await started()
      .client()
      .incomingPhoneNumbers.create({ phoneNumber, ...URLS });
    return E164.parse(phoneNumber);
  };
  const settle = async () => {
    started().clock.advance(1);
    await new Promise((resolve) => setTimeout(resolve, 40));
  };

  it('I6: a call is signed as the vendor signs, gets our document, and then ends with a status event', async () => {
    const to = await bought();
    const answer = await started().control('twilio/calls', { from: '+447700900123', to });
    await settle();
    const [asked, ended] = started().received;
    if (!asked || !ended) throw new Error('no webhook');

    expect(answer).toEqual({ status: 200, contentType: 'text/xml; charset=utf-8', body: HELLO.body });
    for (const [kind, request] of [
      ['voice', asked],
      ['status', ended],
    ] as const) {
      const fields = Object.fromEntries(new URLSearchParams(new TextDecoder().decode(request.body)));
      expect(
        validateRequest(
          TOKEN,
          request.headers['x-twilio-signature'] ?? '',
          `${PUBLIC_URL}/inbound/twilio/${kind}`,
          fields,
        ),
      ).toBe(true);
      expect(dialect.verify(kind, request, SECRETS, { now: new Date(), publicUrl: PUBLIC_URL })).toEqual({ ok: true });
    }
    expect(dialect.parse('voice', asked)).toMatchObject({ type: 'voice', from: '+447700900123', called: to });
    expect(dialect.parse('status', ended)).toMatchObject({
      type: 'status',
      state: 'completed',
      durationSeconds: 12,
      called: to,
    });
  });

  it('V4: a call whose address fails gets the static document instead', async () => {
    const to = await bought();
    gateway.answer = ({ path, method }) =>
      path.startsWith('/fallback/twilio.xml') && method === 'GET' ? HELLO : { status: 503, headers: {}, body: '' };

    expect(await started().control('twilio/calls', { from: '+447700900123', to })).toMatchObject({
      status: 200,
      body: HELLO.body,
    });
  });

  it('a call to a number that is not on the account is asked at the gateway’s own address, signed', async () => {
    await started().control('twilio/calls', { from: '+447700900123', to: '+441223000001' });
    const [asked] = started().received;
    if (!asked) throw new Error('no webhook');
    expect(asked.path).toBe('/inbound/twilio/voice');
    expect(asked.headers['x-twilio-signature']).toEqual(expect.any(String));
  });

  it('S0-13: a text is signed and read', async () => {
    const to = await bought();
    const answer = await started().control('twilio/messages', { from: '+447700900123', to, text: 'Grüße 👋' });
    const [asked] = started().received;
    if (!asked) throw new Error('no webhook');

    expect(answer).toMatchObject({ status: 200, body: dialect.acknowledge('sms').body });
    expect(dialect.verify('sms', asked, SECRETS, { now: new Date(), publicUrl: PUBLIC_URL })).toEqual({ ok: true });
    expect(dialect.parse('sms', asked)).toMatchObject({ type: 'message', text: 'Grüße 👋', called: to });
  });
});
