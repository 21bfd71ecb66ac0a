import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { allCarriers } from '../../functions/carriers/all-carriers.ts';
import type { Carrier, Order, SearchWish } from '../../functions/carriers/port.ts';
import { MANIFESTS } from '../../functions/carriers/registry.ts';
import { CountryCode } from '../../functions/domain/country.ts';
import type { E164 } from '../../functions/domain/e164.ts';
import { NumberId } from '../../functions/domain/ids.ts';
import { inboundApp } from '../../functions/inbound/app.ts';
import { inboundDialects } from '../../functions/inbound/dialects.ts';
import { inboundListener } from '../../functions/inbound/on-node.ts';
import { readCalls, readMessages } from '../../functions/inbound/store.ts';
import { fetchHttp } from '../../functions/platform/fetch-http.ts';
import { credentialsOf, secretRules, withSimulatedKeys } from '../../local/credentials.ts';
import { systemClock } from '../../local/engine/clock.ts';
import { openSecrets } from '../../local/engine/secrets.ts';
import { openTable } from '../../local/engine/table.ts';
import { startSimulators } from '../../local/simulator.ts';
import { SIMULATORS } from '../../local/start-carriers.ts';
import { CALLER, entry, keptLog, NUMBER_ID, route } from './house.ts';
import { CARRIERS, type SigningCarrier } from './signed.ts';

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
const ID = NumberId.parse(NUMBER_ID);
const page = { limit: 10 };
const call = () => ({ signal: AbortSignal.timeout(5_000), timeoutMs: 5_000 });

/** Inbound on a real port, the simulated carriers beside it, keys as a local installation makes them. */
async function world() {
  const folder = mkdtempSync(join(tmpdir(), 'numbergate-inbound-'));
  const clock = systemClock();
  const opened = openSecrets({ env: {}, path: join(folder, 'secrets.json'), local: true, rules: secretRules({}) });
  const secrets = withSimulatedKeys(opened);
  const table = openTable({ path: ':memory:', clock });
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const log = keptLog();
  const inbound = inboundApp({
    table,
    secrets,
    clock,
    log,
    settings: { publicUrl },
    dialects: inboundDialects(publicUrl),
  });
  server.on('request', inboundListener(inbound));
  const credentials = await Promise.all(MANIFESTS.map((manifest) => credentialsOf(manifest, secrets)));
  const simulators = await startSimulators({
    dataDir: folder,
    port: 0,
    clock,
    gatewayUrl: publicUrl,
    carriers: SIMULATORS(),
    credentials: Object.assign({}, ...credentials),
  });
  const carriers = allCarriers({
    http: fetchHttp(),
    clock,
    publicUrl,
    credentials: (manifest) => credentialsOf(manifest, secrets),
    baseUrl: (id) => `${simulators.url}/${id}`,
  });
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  closing.push(() => new Promise<void>((done) => server.close(() => done())));
  closing.push(() => server.closeAllConnections());
  closing.push(() => simulators.close());
  const control = async (id: SigningCarrier, what: string, body: object) => {
    const answer = await fetch(`${simulators.url}/_control/${id}/${what}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as { status: number; contentType: string; body: string };
  };
  return { table, carriers, control, log, simulators };
}

const country = CountryCode.parse('GB');
const WISH: SearchWish = { country, type: 'local', areaCode: '1223', features: ['voice', 'sms'], limit: 5 };

/** A number this carrier has, bought and pointed at us. */
async function buy(carrier: Carrier, webhooks: Order['webhooks']): Promise<E164> {
  let number: E164 | undefined;
  for await (const { offers } of carrier.search(WISH, call())) {
    number = offers.find(({ features }) => features.includes('sms'))?.number;
    if (number) break;
  }
  if (!number) throw new Error('nothing found');
  const order: Order = { number, country, type: 'local', reference: 'req_x.1.1', webhooks, refs: {} };
  const outcome = await carrier.purchase(order, call());
  if (outcome.kind === 'refused' || outcome.kind === 'unknown') throw new Error(JSON.stringify(outcome));
  const refs = { ...order, refs: outcome.refs };
  await expect.poll(async () => (await carrier.probe(refs, call())).kind, { timeout: 8_000 }).toBe('ours');
  const probe = await carrier.probe(refs, call());
  if (probe.kind !== 'ours') throw new Error('not bought');
  const { carrierNumberId } = probe.value;
  expect((await carrier.configure({ number, country, carrierNumberId }, webhooks, call())).kind).toBe('done');
  return number;
}

describe.each(CARRIERS)('the simulated %s', (id) => {
  it('I6, S3-4, S3-9, V5: its signed calls, events and texts are understood and kept', async () => {
    const { table, carriers, control, log, simulators } = await world();
    const number = await buy(await carriers.get(id), carriers.webhooks(id));
    await route(table, entry({ carrier: id, number }));

    const answer = await control(id, 'calls', { from: CALLER, to: number });
    const text = await control(id, 'messages', { from: CALLER, to: number, text: 'Hello 👋' });
    await simulators.worlds.get(id)?.deliveries.settled();

    expect(answer).toMatchObject({ status: 200, contentType: expect.stringMatching(id === 'vonage' ? 'json' : 'xml') });
    expect(answer.body).toContain('sip:100@pbx.example.com');
    expect(text.status).toBeLessThan(300);
    await expect
      .poll(async () => (await readCalls(table, ID, page)).items)
      .toMatchObject([{ state: 'completed', to: number, target: { id: 'ext_1' } }]);
    expect((await readMessages(table, ID, page)).items).toMatchObject([{ text: 'Hello 👋', direction: 'inbound' }]);
    expect(log.lines.filter((line) => line.event === 'webhook_refused')).toEqual([]);
  });

  it('V4: with the gateway refusing, the caller hears the static document', async () => {
    const { table, carriers, control } = await world();
    const webhooks = carriers.webhooks(id);
    const number = await buy(await carriers.get(id), {
      ...webhooks,
      voiceUrl: webhooks.voiceUrl.replace('/voice', '/nowhere'),
    });
    await route(table, entry({ carrier: id, number }));

    const answer = await control(id, 'calls', { from: CALLER, to: number });

    expect(answer.status).toBe(200);
    expect(answer.body).toContain('cannot be connected');
  });
});
