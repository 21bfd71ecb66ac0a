import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Telnyx from 'telnyx';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InboundKind } from '../../functions/carriers/inbound-port.ts';
import { telnyxDialect } from '../../functions/carriers/telnyx/dialect.ts';
import { simulatedPublicKey } from '../../local/carriers/telnyx/keys.ts';
import { telnyxSimulator } from '../../local/carriers/telnyx/simulator.ts';
import { type Simulators, startSimulators } from '../../local/simulator.ts';
import { hasSpecs, telnyxSpec } from '../carriers/telnyx-spec.ts';
import { testClock } from '../contracts/carrier-start.ts';

const apiKey = 'KEY-of-the-simulated-account';
const credentials = {
  TELNYX_API_KEY: apiKey,
  TELNYX_PUBLIC_KEY: simulatedPublicKey(apiKey),
  TELNYX_CONNECTION_ID: '2740572643402548',
  TELNYX_MESSAGING_PROFILE_ID: '3fa85f64-5717-4562-b3fc-2c963f66afa6',
};
const FORM = 'application/x-www-form-urlencoded';

interface Delivery {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}
let simulators: Simulators;
let gateway: Server;
let sdk: Telnyx;
let dataDir: string;
let clock: ReturnType<typeof testClock>;
let delivered: Delivery[];
let answers: (delivery: Delivery) => number;

/** A stand-in of the gateway that keeps what it is sent. */
beforeEach(async () => {
  delivered = [];
  answers = () => 200;
  clock = testClock();
  gateway = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    const delivery = { path: request.url ?? '', headers: request.headers as Record<string, string>, body };
    delivered.push(delivery);
    response.writeHead(answers(delivery), { 'content-type': 'application/xml' }).end('<Response><Hangup/></Response>');
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const gatewayUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  dataDir = mkdtempSync(join(tmpdir(), 'telnyx-'));
  simulators = await startSimulators({
    dataDir,
    port: 0,
    clock,
    gatewayUrl,
    carriers: [telnyxSimulator()],
    credentials,
  });
  sdk = new Telnyx({
    apiKey,
    publicKey: credentials.TELNYX_PUBLIC_KEY,
    baseURL: `${simulators.url}/telnyx/v2`,
    logLevel: 'off',
  });
});
afterEach(async () => {
  await simulators.close();
  gateway.closeAllConnections();
  await new Promise((resolve) => gateway.close(resolve));
  rmSync(dataDir, { recursive: true, force: true });
});

async function eventually(condition: () => boolean): Promise<void> {
  for (let n = 0; n < 200 && !condition(); n++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(condition()).toBe(true);
}
/** Lets timers fall due, and what they started be sent. */
async function pass(seconds: number): Promise<void> {
  clock.advance(seconds);
  await new Promise((resolve) => setTimeout(resolve, 60));
}
async function control(path: string, body: object): Promise<{ status: number; body: string }> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return (await (await fetch(`${simulators.url}/_control/telnyx/${path}`, init)).json()) as {
    status: number;
    body: string;
  };
}
async function offered(country = 'US', type: 'local' | 'toll_free' = 'local') {
  const page = await sdk.availablePhoneNumbers.list({
    filter: { country_code: country, phone_number_type: type, limit: 3 },
  });
  const [first, second] = page.data ?? [];
  if (!first?.phone_number || !second?.phone_number) throw new Error('no stock');
  return [first.phone_number, second.phone_number] as const;
}
function place(...numbers: readonly string[]) {
  return sdk.numberOrders.create({
    phone_numbers: numbers.map((phone_number) => ({ phone_number })),
    connection_id: credentials.TELNYX_CONNECTION_ID,
    messaging_profile_id: credentials.TELNYX_MESSAGING_PROFILE_ID,
    customer_reference: 'req_1.0.1',
  });
}
async function own(number?: string) {
  const wanted = number ?? (await offered())[0];
  await place(wanted);
  await pass(1);
  const page = await sdk.phoneNumbers.list({ filter: { phone_number: wanted.slice(1) } });
  const [found] = page.data;
  if (!found) throw new Error('not owned');
  return found;
}
function parsed(kind: InboundKind, { path, headers, body }: Delivery) {
  const request = { method: 'POST', path, query: '', headers, body: Buffer.from(body) };
  const secrets = { TELNYX_PUBLIC_KEY: [credentials.TELNYX_PUBLIC_KEY] };
  expect(telnyxDialect.verify(kind, request, secrets, { now: clock.now(), publicUrl: '' })).toEqual({ ok: true });
  return telnyxDialect.parse(kind, request);
}

describe('telnyx simulator under the official SDK, unchanged', () => {
  it('refuses a wrong key with its error list', async () => {
    const stranger = new Telnyx({ apiKey: 'KEY-wrong', baseURL: sdk.baseURL, maxRetries: 0, logLevel: 'off' });

    await expect(stranger.balance.retrieve()).rejects.toBeInstanceOf(Telnyx.AuthenticationError);
    await expect(stranger.balance.retrieve()).rejects.toMatchObject({
      status: 401,
      error: { errors: [{ code: '10009' }] },
    });
    expect((await sdk.balance.retrieve()).data).toMatchObject({ available_credit: '1000.00', currency: 'USD' });
  });

  it('searches by every filter it knows; a country it does not sell is an error', async () => {
    const page = await sdk.availablePhoneNumbers.list({
      filter: {
        country_code: 'US',
        phone_number_type: 'local',
        national_destination_code: '312',
        locality: 'Chicago',
        administrative_area: 'IL',
        features: ['voice', 'sms'],
        phone_number: { starts_with: '5' },
        limit: 5,
      },
    });

    for (const row of page.data ?? []) expect(row.phone_number).toMatch(/^\+13125/);
    expect((page.data ?? []).length).toBeGreaterThan(0);
    await expect(sdk.availablePhoneNumbers.list({ filter: { country_code: 'XX' } })).rejects.toMatchObject({
      status: 400,
    });
  });

  it('85000: takes no order for a number it has not shown lately', async () => {
    const [number] = await offered();
    await pass(3600);

    await expect(place(number)).rejects.toMatchObject({
      status: 422,
      error: { errors: [{ code: '85000', source: { pointer: '/phone_numbers/0' } }] },
    });
    await offered();
    expect((await place(number)).data?.status).toBe('pending');
  });

  it('an order is pending, ends by the clock, tells it by a signed event, and gives the number another id', async () => {
    const [number] = await offered();
    const order = await place(number);
    const before = await sdk.phoneNumbers.list({ filter: { phone_number: number.slice(1) } });
    await pass(1);
    await eventually(() => delivered.length === 1);
    const after = await sdk.phoneNumbers.list({ filter: { phone_number: number.slice(1) } });

    expect(order.data).toMatchObject({
      status: 'pending',
      customer_reference: 'req_1.0.1',
      phone_numbers: [{ status: 'pending' }],
    });
    expect(before.data).toEqual([]);
    expect((await sdk.numberOrders.retrieve(order.data?.id ?? '')).data).toMatchObject({
      status: 'success',
      requirements_met: true,
    });
    expect(after.data).toMatchObject([{ phone_number: number, status: 'active', customer_reference: 'req_1.0.1' }]);
    expect(after.data[0]?.id).toMatch(/^\d{19}$/);
    const [event] = delivered as [Delivery];
    expect(event.path).toBe('/inbound/telnyx/orders');
    expect(parsed('orders', event)).toMatchObject({
      type: 'order',
      carrierId: order.data?.id,
      reference: 'req_1.0.1',
      number,
    });
    if (hasSpecs) expect(telnyxSpec().webhook('numberOrderStatusUpdate', JSON.parse(event.body))).toEqual([]);
  });

  it('owned numbers are found by digits only', async () => {
    const number = await own();
    const found = async (phone_number: string) =>
      (await sdk.phoneNumbers.list({ filter: { phone_number } })).data.length;

    expect(await found(number.phone_number)).toBe(0);
    expect(await found(number.phone_number.slice(1))).toBe(1);
  });

  it('several numbers in one order have states of their own', async () => {
    const [first, second] = await offered();
    await control('faults', { fault: 'partial_bulk' });
    const order = await place(first, second);
    await pass(1);
    const ended = await sdk.numberOrders.retrieve(order.data?.id ?? '');

    expect(ended.data?.phone_numbers).toMatchObject([
      { phone_number: first, status: 'success' },
      { phone_number: second, status: 'failure' },
    ]);
    expect(ended.data?.sub_number_orders_ids).toHaveLength(2);
  });

  it('a sub-order can be cancelled while it is pending', async () => {
    const [number] = await offered('DE');
    const order = await place(number);
    const [part = ''] = order.data?.sub_number_orders_ids ?? [];
    const cancelled = await sdk.subNumberOrders.cancel(part);

    expect(cancelled.data?.status).toBe('failure');
    expect((await sdk.numberOrders.retrieve(order.data?.id ?? '')).data?.status).toBe('failure');
    expect(simulators.worlds.get('telnyx')?.world.numbers.find(number)?.state).toBe('available');
  });

  it('a reservation lasts 30 minutes, can be extended once, and comes free by itself', async () => {
    const [number] = await offered();
    const body = { phone_numbers: [{ phone_number: number }], customer_reference: 'req_2.0.1' };
    const held = await sdk.numberReservations.create(body);
    const id = held.data?.id ?? '';
    const state = () => simulators.worlds.get('telnyx')?.world.numbers.find(number)?.state;

    expect(held.data?.phone_numbers?.[0]?.expired_at).toBe('2026-11-20T10:30:00.000Z');
    await expect(sdk.numberReservations.create(body)).rejects.toMatchObject({ error: { errors: [{ code: '85006' }] } });
    await pass(1200);
    expect((await sdk.numberReservations.actions.extend(id)).data?.phone_numbers?.[0]?.expired_at).toBe(
      '2026-11-20T10:50:00.000Z',
    );
    await expect(sdk.numberReservations.actions.extend(id)).rejects.toMatchObject({
      error: { errors: [{ code: '85008' }] },
    });
    await pass(900);
    expect(state()).toBe('reserved');
    await pass(900);
    expect(state()).toBe('available');
  });

  it('an order without papers waits, and goes on when the group attached to it is approved', async () => {
    const [number] = await offered('DE');
    const order = await place(number);
    await pass(1);
    const waiting = (await sdk.numberOrders.retrieve(order.data?.id ?? '')).data?.phone_numbers?.[0];
    const requirements = await sdk.requirements.list({
      filter: { country_code: 'DE', phone_number_type: 'local', action: 'ordering' },
    });
    const types = requirements.data.flatMap((each) => each.requirement_types ?? []);
    const group = await sdk.requirementGroups.create({
      country_code: 'DE',
      phone_number_type: 'local',
      action: 'ordering',
      customer_reference: 'req_3',
      regulatory_requirements: types.map(({ id = '' }) => ({ requirement_id: id, field_value: 'x' })),
    });
    await sdk.requirementGroups.submitForApproval(group.id ?? '');
    await sdk.numberOrderPhoneNumbers.updateRequirementGroup(waiting?.id ?? '', {
      requirement_group_id: group.id ?? '',
    });
    const reviewing = (await sdk.numberOrders.retrieve(order.data?.id ?? '')).data?.phone_numbers?.[0];
    await pass(2);
    await eventually(() => delivered.length === 2);

    expect(waiting).toMatchObject({
      status: 'pending',
      requirements_status: 'requirement-info-pending',
      requirements_met: false,
    });
    expect(types.map((type) => type.type)).toEqual(['textual', 'address', 'document']);
    expect(reviewing).toMatchObject({ requirements_status: 'requirement-info-under-review' });
    expect((await sdk.requirementGroups.retrieve(group.id ?? '')).status).toBe('approved');
    expect((await sdk.numberOrders.retrieve(order.data?.id ?? '')).data?.status).toBe('success');
    expect(delivered.map((each) => parsed('orders', each))).toMatchObject([
      { subject: 'papers', carrierId: group.id, reference: 'req_3' },
      { subject: 'order' },
    ]);
  });

  it('lists page by page, as the SDK walks them', async () => {
    const world = simulators.worlds.get('telnyx')?.world;
    for (const number of world?.numbers.search({ country: 'US', type: 'local', limit: 45 }) ?? [])
      world?.numbers.save({
        ...number,
        state: 'owned',
        data: { numberId: number.number.slice(1), purchasedAt: '2026-11-20T10:00:00.000Z' },
      });
    const seen: string[] = [];
    for await (const number of sdk.phoneNumbers.list({ 'page[size]': 20 })) seen.push(number.phone_number);

    expect(new Set(seen).size).toBe(45);
    expect((await sdk.phoneNumbers.list({ 'page[size]': 20, 'page[number]': 3 })).data).toHaveLength(5);
  });

  it('a document that nothing uses is gone after half an hour', async () => {
    const document = { file: Buffer.from('%PDF-1.4').toString('base64'), filename: 'a.pdf', customer_reference: 'r' };
    const kept = await sdk.documents.uploadJson({ document });

    expect((await sdk.documents.retrieve(kept.data?.id ?? '')).data).toMatchObject({
      content_type: 'application/pdf',
      filename: 'a.pdf',
    });
    await expect(
      sdk.documents.uploadJson({ document: { ...document, file: new File(['x'], 'a.pdf') as unknown as string } }),
    ).rejects.toMatchObject({ status: 422 });
    await pass(1800);
    await expect(sdk.documents.retrieve(kept.data?.id ?? '')).rejects.toMatchObject({ status: 404 });
  });
});

describe('telnyx simulator towards the gateway', () => {
  async function pointed() {
    const number = await own();
    const root = 'https://public.example/inbound/telnyx';
    await sdk.texmlApplications.update(credentials.TELNYX_CONNECTION_ID, {
      ...{ friendly_name: 'voice', voice_url: `${root}/voice`, voice_method: 'post' },
      ...{ voice_fallback_url: 'https://public.example/fallback/telnyx.xml', status_callback: `${root}/status` },
    });
    await sdk.messagingProfiles.update(credentials.TELNYX_MESSAGING_PROFILE_ID, {
      webhook_url: `${root}/sms`,
      webhook_api_version: '2',
    });
    await eventually(() => delivered.length === 1);
    delivered.length = 0;
    return number.phone_number;
  }

  it('a call asks for a document, gives it back, and ends with a status event', async () => {
    const to = await pointed();
    const answer = await control('calls', { from: '+447700900123', to });
    await eventually(() => delivered.length === 2);
    const [voice, status] = delivered as [Delivery, Delivery];

    expect(answer).toMatchObject({ status: 200, body: '<Response><Hangup/></Response>' });
    expect(voice.headers['content-type']).toBe(FORM);
    expect(parsed('voice', voice)).toMatchObject({ type: 'voice', from: '+447700900123', called: to });
    expect(status.path).toBe('/inbound/telnyx/status');
    expect(parsed('status', status)).toMatchObject({
      type: 'status',
      state: 'completed',
      called: to,
      durationSeconds: 12,
    });
  });

  it('V4: takes the fallback document when the answer is not exactly 200', async () => {
    const to = await pointed();
    answers = ({ path }) => (path.startsWith('/fallback') ? 200 : 204);
    const answer = await control('calls', { from: '+447700900123', to });

    expect(answer.status).toBe(200);
    expect(delivered.map((each) => each.path).slice(0, 2)).toEqual(['/inbound/telnyx/voice', '/fallback/telnyx.xml']);
  });

  it('a message is a signed event with a list of receivers', async () => {
    const to = await pointed();
    await control('messages', { from: '+447700900123', to, text: 'Grüße & <b>' });
    const [sms] = delivered as [Delivery];

    expect(parsed('sms', sms)).toMatchObject({
      type: 'message',
      state: 'received',
      text: 'Grüße & <b>',
      called: to,
      media: [],
    });
    if (hasSpecs) expect(telnyxSpec().webhook('inboundMessage', JSON.parse(sms.body))).toEqual([]);
  });

  it('its signatures satisfy the official verifier, too', async () => {
    const to = await pointed();
    simulators.clockFollows({ now: () => new Date(), wakeAt: () => () => undefined });
    await control('messages', { from: '+447700900123', to, text: 'x' });
    const [sms] = delivered as [Delivery];

    await expect(sdk.webhooks.unwrap(sms.body, { headers: sms.headers })).resolves.toMatchObject({
      data: { event_type: 'message.received' },
    });
  });

  it('a number that is not owned is asked about at the gateway’s own address', async () => {
    const call = await control('calls', { from: '+447700900123', to: '+12025550100' });
    const message = await control('messages', { from: '+447700900123', to: '+12025550100', text: 'x' });
    expect([call, message]).toMatchObject([{ status: 200 }, { status: 200 }]);
  });

  it('P10: without a gateway an order still ends', async () => {
    await control('faults', { fault: 'webhook_lost', on: 'any' });
    const number = await own();

    expect(number.status).toBe('active');
    expect(delivered).toEqual([]);
  });
});
