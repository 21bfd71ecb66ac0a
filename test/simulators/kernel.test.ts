import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isValidPhoneNumber } from 'libphonenumber-js/max';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import regulatory from '../../functions/compliance/data/regulatory-requirements.json' with { type: 'json' };
import { NumberType } from '../../functions/domain/country.ts';
import { readAreas } from '../../local/carriers/kernel/areas.ts';
import { requirementsFor } from '../../local/carriers/kernel/requirements.ts';
import type { SimWorld } from '../../local/carriers/kernel/simulator-port.ts';
import { defaultStock } from '../../local/carriers/kernel/stock.ts';
import { type Simulators, startSimulators } from '../../local/simulator.ts';
import { type TestClock, testClock } from '../contracts/carrier-start.ts';
import { toySimulator } from './toy-simulator.ts';

let dataDir: string;
let clock: TestClock;
let simulators: Simulators;
let gateway: Awaited<ReturnType<typeof startGateway>>;

/** What the gateway would have got. */
async function startGateway() {
  const got: { path: string; body: string; signature: string }[] = [];
  const reply = { status: 200 };
  const server = createServer(async (incoming, outgoing) => {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part);
    const signature = String(incoming.headers['x-toy-signature']);
    got.push({ path: incoming.url ?? '', body: Buffer.concat(parts).toString(), signature });
    outgoing.writeHead(reply.status, { 'content-type': 'text/xml' }).end('<Response/>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { got, reply, url, close: () => new Promise((resolve) => server.close(resolve)) };
}
const start = () =>
  startSimulators({
    ...{ dataDir, port: 0, clock, carriers: [toySimulator], gatewayUrl: gateway.url },
    credentials: { WAVIX_API_KEY: 'k' },
  });
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'kernel-'));
  clock = testClock();
  gateway = await startGateway();
  simulators = await start();
});
afterEach(async () => {
  await simulators.close();
  await gateway.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const world = (): SimWorld => {
  const found = simulators.worlds.get('wavix')?.world;
  if (!found) throw new Error('not started');
  return found;
};
async function send(method: string, path: string, body?: unknown) {
  const headers = { authorization: 'Bearer k', 'content-type': 'application/json' };
  const answer = await fetch(`${simulators.url}${path}`, {
    ...{ method, headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : undefined };
}
const control = (method: string, path: string, body?: unknown) => send(method, `/_control/${path}`, body);
const number = () =>
  world().numbers.search({ country: 'GB', type: 'local', areaCode: '1223', state: 'available' })[0]?.number ?? '';
const webhooks = {
  voiceUrl: 'https://public.example/voice',
  statusUrl: 'https://public.example/status',
  smsUrl: 'https://public.example/sms',
};
const order = (wanted: string, reference = 'ref-1') =>
  send('POST', '/wavix/orders', { number: wanted, reference, webhooks });
const settle = async () => {
  for (let n = 0; n < 6; n++) await new Promise((resolve) => setTimeout(resolve, 15));
};

describe('default stock', () => {
  const areas = readAreas();
  const plan = { ...toySimulator.stock, types: NumberType.options };
  const kinds = [...new Set(areas.map((area) => `${area.country} ${area.type}`))].map((kind) => {
    const [country = '', type] = kind.split(' ');
    return { country, type: NumberType.parse(type) };
  });
  const stocks = (['twilio', 'telnyx', 'vonage'] as const).map((id) => defaultStock(id, plan, areas));

  it('has 20 numbers in three areas for every country and type, all valid, no number at two carriers', () => {
    const seen = new Set<string>();
    for (const { country, type } of kinds)
      for (const stock of stocks) {
        const numbers = stock.list(country, type);
        expect(numbers.length, `${country} ${type}`).toBeGreaterThanOrEqual(20);
        expect(new Set(numbers.map((row) => row.areaCode)).size, `${country} ${type}`).toBeGreaterThanOrEqual(3);
        for (const row of numbers) {
          expect(isValidPhoneNumber(row.number), row.number).toBe(true);
          expect(seen.has(row.number), row.number).toBe(false);
          seen.add(row.number);
        }
      }
    expect(seen.size).toBeGreaterThan(10_000);
  });

  it('sells every country and type that the regulatory data calls offered', () => {
    const sold = new Set(kinds.map(({ country, type }) => `${country} ${type}`));
    const offered = Object.entries(regulatory).flatMap(([country, entry]) =>
      country.startsWith('_') || !('numberTypes' in entry)
        ? []
        : Object.entries(entry.numberTypes).flatMap(([type, kind]) =>
            kind.offered === true ? [`${country} ${type}`] : [],
          ),
    );

    expect(offered.length).toBeGreaterThan(80);
    for (const kind of offered) expect(sold.has(kind), kind).toBe(true);
  });

  it('has GB 1223, 161 and 20 everywhere, and nothing in 1954', () => {
    for (const stock of stocks) {
      const codes = stock.list('GB', 'local').map((row) => row.areaCode);
      expect(codes).toEqual(expect.arrayContaining(['1223', '161', '20']));
      expect(stock.list('GB', 'local').filter((row) => row.number.startsWith('+441954'))).toEqual([]);
    }
  });

  it('finds a number of its own without a search', () => {
    const [first] = stocks[0]?.list('DE', 'mobile') ?? [];

    expect(stocks[0]?.find(first?.number ?? '')).toEqual(first);
    expect(stocks[1]?.find(first?.number ?? '')).toBeUndefined();
  });

  it('S0-42: knows what regulators ask for, and says when it does not', () => {
    expect(requirementsFor('DE', 'local', 'business')?.map((item) => item.requirementId)).toContain('address_proof');
    expect(requirementsFor('GB', 'local', 'business')).toEqual([]);
    expect(requirementsFor('GB', 'mobile', 'business')).toBeUndefined();
    expect(requirementsFor('XX', 'local', 'business')).toBeUndefined();
  });
});

describe('_control', () => {
  it('shows what reached the carrier', async () => {
    const wanted = number();
    await order(wanted);
    const { body } = await control('GET', 'wavix/requests');

    expect(body.data).toEqual([
      {
        method: 'POST',
        path: '/orders',
        body: { number: wanted, reference: 'ref-1', webhooks },
        at: clock.now().toISOString(),
      },
    ]);
  });

  it('shows numbers by state with reference and executed purchases', async () => {
    const wanted = number();
    await order(wanted);

    expect((await control('GET', 'wavix/numbers?state=owned')).body.data).toMatchObject([
      { number: wanted, state: 'owned', reference: 'ref-1', purchases: 1 },
    ]);
    expect((await control('GET', 'wavix/numbers')).body.data).toContainEqual(
      expect.objectContaining({ number: wanted, state: 'owned' }),
    );
    expect((await control('GET', 'wavix/numbers?state=sold')).status).toBe(400);
  });

  it('takes stock: added, found first, area and place derived', async () => {
    const numbers = [
      { number: '+441223555010', country: 'GB', type: 'local', monthly: { amount: '9.99', currency: 'USD' } },
      {
        number: '+441954555010',
        country: 'GB',
        type: 'local',
        monthly: { amount: '1.00', currency: 'USD', interval: 'month' },
      },
    ];
    expect((await control('POST', 'wavix/stock', { numbers })).status).toBe(200);
    const [first, second] = world().numbers.search({ country: 'GB', type: 'local', state: 'available' });

    expect(first).toMatchObject({
      number: '+441223555010',
      areaCode: '1223',
      locality: 'Cambridge',
      monthly: { amount: '9.99' },
    });
    expect(second).toMatchObject({ number: '+441954555010', areaCode: '195', purchases: 0 });
    expect((await control('POST', 'wavix/stock', { numbers: [{ number: '44' }] })).status).toBe(400);
  });

  it('plants, shows and withdraws faults; they act on orders unless told otherwise, as often as told', async () => {
    await control('POST', 'wavix/faults', { fault: 'server_error', times: 2 });
    expect((await control('GET', 'wavix/faults')).body).toEqual({
      data: [{ fault: 'server_error', times: 2, on: 'order' }],
    });
    expect((await send('GET', '/wavix/owned')).status).toBe(200);
    expect([(await order(number())).status, (await order(number())).status, (await order(number())).status]).toEqual([
      503, 503, 201,
    ]);
    await control('POST', 'wavix/faults', { fault: 'slow', on: 'any' });
    await control('DELETE', 'wavix/faults');
    expect((await control('GET', 'wavix/faults')).body).toEqual({ data: [] });
    expect((await control('POST', 'wavix/faults', { fault: 'gremlins' })).status).toBe(400);
    expect((await control('POST', 'nobody/faults', { fault: 'slow' })).status).toBe(404);
  });

  it('resets to the default stock', async () => {
    await order(number());
    await control('POST', 'wavix/faults', { fault: 'slow' });
    world().after(60, 'later', {});
    await control('POST', 'reset');
    clock.advance(120);

    expect((await control('GET', 'wavix/numbers?state=owned')).body.data).toEqual([]);
    expect((await control('GET', 'wavix/requests')).body.data).toEqual([]);
    expect((await control('GET', 'wavix/faults')).body.data).toEqual([]);
    expect(world().records.list('woken')).toEqual([]);
    expect(world().account.balance().amount).toBe('500.00');
  });
});

describe('faults of every carrier', () => {
  const owned = async () => (await control('GET', 'wavix/numbers?state=owned')).body.data.length;

  it.each([
    ['lost_before_execution', 0],
    ['lost_after_execution', 1],
    ['cut_body', 1],
  ])('%s breaks the line; executed: %i', async (fault, executed) => {
    await control('POST', 'wavix/faults', { fault });

    await expect(order(number())).rejects.toThrow();
    expect(await owned()).toBe(executed);
  });

  it.each([
    ['server_error', 503, 0],
    ['server_error_after_execution', 503, 1],
    ['rate_limited', 429, 0],
  ])('%s answers %i; executed: %i', async (fault, status, executed) => {
    await control('POST', 'wavix/faults', { fault });
    const answer = await order(number());

    expect(answer.status).toBe(status);
    expect(answer.headers.get('retry-after')).toBe(status === 429 ? '1' : null);
    expect(await owned()).toBe(executed);
  });

  it('slow is ten seconds of the clock, and executes all the same', async () => {
    await control('POST', 'wavix/faults', { fault: 'slow' });
    const answer = order(number());
    await settle();
    expect(await owned()).toBe(0);
    clock.advance(10);

    expect((await answer).status).toBe(201);
  });
});

describe('calls and webhooks', () => {
  const paths = () => gateway.got.map((hook) => hook.path);
  const notify = (name: string) =>
    world().notify({
      ...{ topic: 'order', url: `https://public.example/${name}`, method: 'POST', headers: {}, body: name },
    });

  it('a call is signed, sent to the address on the number and answered; its status event follows', async () => {
    const wanted = number();
    await order(wanted);
    const { body } = await control('POST', 'wavix/calls', { from: '+15551234567', to: wanted });
    await settle();

    expect(body).toEqual({ status: 200, contentType: 'text/xml', body: '<Response/>' });
    expect(gateway.got).toEqual([
      {
        path: '/voice',
        body: JSON.stringify({ from: '+15551234567', to: wanted }),
        signature: `voice@${clock.now().toISOString()}`,
      },
      { path: '/status', body: '{"state":"completed"}', signature: `status@${clock.now().toISOString()}` },
    ]);
  });

  it('a message is sent and answered', async () => {
    const wanted = number();
    await order(wanted);

    expect(
      (await control('POST', 'wavix/messages', { from: '+15551234567', to: wanted, text: 'hi' })).body.status,
    ).toBe(200);
  });

  it('P10: webhook_lost never arrives', async () => {
    await control('POST', 'wavix/faults', { fault: 'webhook_lost' });
    notify('one');
    await settle();
    clock.advance(600);
    await settle();

    expect(paths()).toEqual([]);
  });

  it('V5: webhook_twice arrives twice, webhook_late a minute on, signed then', async () => {
    await control('POST', 'wavix/faults', { fault: 'webhook_twice' });
    notify('twice');
    await settle();
    await control('POST', 'wavix/faults', { fault: 'webhook_late' });
    notify('late');
    await settle();
    expect(paths()).toEqual(['/twice', '/twice']);
    clock.advance(60);
    await settle();

    expect(gateway.got.at(-1)).toMatchObject({ path: '/late', signature: `order@${clock.now().toISOString()}` });
  });

  it('P12: webhook_reordered is overtaken by the next one, or comes by itself', async () => {
    await control('POST', 'wavix/faults', { fault: 'webhook_reordered' });
    notify('first');
    await settle();
    notify('second');
    await settle();
    expect(paths()).toEqual(['/second', '/first']);
    await control('POST', 'wavix/faults', { fault: 'webhook_reordered' });
    notify('third');
    await settle();
    clock.advance(5);
    await settle();

    expect(paths()).toEqual(['/second', '/first', '/third']);
  });

  it('is repeated as often as the carrier repeats', async () => {
    gateway.reply.status = 503;
    world().notify({
      topic: 'order',
      url: 'https://public.example/x',
      method: 'POST',
      headers: {},
      body: '',
      retries: 2,
    });
    for (let n = 0; n < 5; n++) {
      await settle();
      clock.advance(5);
    }

    expect(paths()).toEqual(['/x', '/x', '/x']);
  });
});

describe('papers', () => {
  const handIn = (id: string) =>
    world().transact(() => {
      world().papers.save({ id, reference: 'req_1', state: 'draft', data: {} });
      world().papers.handIn(id);
    });
  const state = (id: string) => world().papers.find(id);

  it('are approved by themselves after two seconds, and the carrier is told', async () => {
    handIn('b1');
    expect(state('b1')?.state).toBe('in_review');
    clock.advance(2);

    expect(state('req_1')?.state).toBe('approved');
    expect(world().records.get('reviews', 'b1')).toEqual({ state: 'approved' });
  });

  it('R1: are rejected once when that fault is planted; the next hand-in is approved and has no reason left', async () => {
    await control('POST', 'wavix/faults', { fault: 'papers_rejected' });
    handIn('b1');
    clock.advance(2);
    expect(state('b1')).toMatchObject({ state: 'rejected', reason: expect.any(String) });
    world().papers.handIn('b1');
    clock.advance(2);

    expect(state('b1')).toEqual({ id: 'b1', reference: 'req_1', state: 'approved', data: {} });
  });

  it('wait for a person in manual mode, and take the verdict by reference or id', async () => {
    await control('POST', 'wavix/papers', { mode: 'manual' });
    handIn('b1');
    clock.advance(600);
    expect(state('b1')?.state).toBe('in_review');

    expect(
      (await control('POST', 'wavix/papers', { reference: 'req_1', verdict: 'rejected', reason: 'unreadable' })).status,
    ).toBe(200);
    expect(state('b1')).toMatchObject({ state: 'rejected', reason: 'unreadable' });
    expect((await control('POST', 'wavix/papers', { reference: 'b1', verdict: 'approved' })).status).toBe(200);
    expect((await control('POST', 'wavix/papers', { reference: 'nobody', verdict: 'approved' })).status).toBe(404);
  });
});

describe('durability', () => {
  it('keeps everything over a restart: numbers, money, records, faults, timers', async () => {
    await order(number());
    await control('POST', 'wavix/faults', { fault: 'slow', on: 'probe' });
    world().records.put('things', 'a', { n: 1 });
    world().after(60, 'later', { n: 2 });
    await simulators.close();
    simulators = await start();
    expect(world().numbers.search({ state: 'owned' }).length).toBe(1);
    expect(world().account.balance().amount).toBe('498.85');
    expect(world().records.get('things', 'a')).toEqual({ n: 1 });
    expect((await control('GET', 'wavix/faults')).body.data.length).toBe(1);
    clock.advance(60);

    expect(world().records.get('woken', 'later')).toEqual({ n: 2 });
    world().records.remove('woken', 'later');
    await simulators.close();
    simulators = await start();
    await settle();
    expect(world().records.get('woken', 'later')).toBeUndefined();
  });

  it('takes nothing half: what throws in a transaction leaves no trace, its timers included', () => {
    const wanted = world().numbers.find(number());
    if (!wanted) throw new Error('no stock');
    const half = () => {
      world().numbers.execute(wanted, { reference: 'half' });
      world().after(1, 'half', {});
      throw new Error('half-way');
    };

    expect(() => world().transact(half)).toThrow('half-way');
    clock.advance(10);
    expect(world().numbers.find(wanted.number)?.state).toBe('available');
    expect(world().account.balance().amount).toBe('500.00');
    expect(world().records.get('woken', 'half')).toBeUndefined();
  });

  it.each([
    ['before', 0],
    ['after', 1],
  ])('P5: killed %s an execution, it has executed %i orders', async (side, executed) => {
    const wanted = number();
    await simulators.close();
    const child = fork(new URL('./crash-child.ts', import.meta.url), [dataDir, `simulator.wavix.order.${side}`], {
      execArgv: [],
    });
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    const url = await new Promise((resolve) => child.once('message', resolve));
    const lost = fetch(`${url}/wavix/orders`, {
      ...{ method: 'POST', body: JSON.stringify({ number: wanted, reference: 'r', webhooks }) },
      headers: { authorization: 'Bearer k' },
    });
    await expect(lost).rejects.toThrow();
    expect(await ended).toBe('SIGKILL');
    simulators = await start();

    expect(world().numbers.search({ state: 'owned' }).length).toBe(executed);
    expect(world().numbers.find(wanted)?.purchases).toBe(executed);
  });
});
