import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { until } from '../../blackbox/house.ts';
import { type Json, key } from '../../blackbox/speaker.ts';
import { type Deployed, openDeployed } from './installation.ts';
import { webhookSecrets } from './secrets.ts';
import { CALLER, tellCall } from './twilio.ts';

const begun: { deployed?: Deployed } = {};
const at = (): Deployed => {
  if (!begun.deployed) throw new Error('not opened');
  return begun.deployed;
};
const usd = (amount: string) => ({ amount, currency: 'USD' });
let stocked = 0;
/** A number nobody else asks for, in the stock of a carrier. */
async function fresh(carrier: string): Promise<string> {
  const number = `+4412237${String(60_000 + ++stocked)}`;
  const monthly = usd('1.00');
  await at().control(`POST ${carrier}/stock`, { numbers: [{ number, country: 'GB', type: 'local', monthly }] });
  return number;
}
/** Files a request for exactly this number, ringing somebody. */
async function wish(carrier: string, number: string, seconds = 25) {
  const as = 'admin';
  const [extension] = (await at().ask('GET /v1/extensions', { as })).json.data;
  const assignment = { ownership: 'private', target: { type: 'extension', id: extension.id } };
  const body = { country: 'GB', numbers: [{ number, carrier, monthly: usd('1.00') }], assignment };
  const sent = { as, body, key: key(), prefer: `wait=${seconds}` };
  // As any caller does: a 503 is asked again under the same key.
  const reply = await vi.waitFor(
    async () => {
      const answer = await at().ask('POST /v1/number-requests', sent);
      expect(answer.status, answer.text).toBe(202);
      return answer;
    },
    { timeout: 30_000, interval: 500 },
  );
  return reply;
}
async function buy(carrier: string): Promise<string> {
  const number = await fresh(carrier);
  const { json, text } = await wish(carrier, number);
  expect(json.state, text).toBe('completed');
  return number;
}
const call = async (carrier: string, to: string) =>
  (await at().control(`POST ${carrier}/calls`, { from: CALLER, to })).json;
const bookOf = async (carrier: string, number: string) =>
  (await at().control(`GET ${carrier}/numbers`)).json.data.find((one: Json) => one['number'] === number);
/** Orders for this number that reached Telnyx. */
const ordersFor = async (number: string) =>
  (await at().control('GET telnyx/requests')).json.data.filter(
    (one: Json) =>
      one['method'] === 'POST' &&
      /number_orders$/.test(String(one['path'])) &&
      JSON.stringify(one['body']).includes(number),
  );
const pause = (ms: number) => new Promise((wake) => setTimeout(wake, ms));
const kill = async (name: string): Promise<number> =>
  Number((await at().harness('kill', { name: `numbergate-emulator-${name}` }))['killed']);

beforeAll(async () => {
  begun.deployed = await openDeployed();
});
afterEach(async () => {
  await at().harness('heal');
});

describe('the table in trouble', () => {
  it.each(['gone', 'throttled', 'failing', 'slow'])(
    'V1: %s while a call comes in: a document within 2 s',
    async (is) => {
      const number = await buy('telnyx');
      const route = { match: ['GetItem', `ROUTE#${number}`], is, ms: 4000 };

      await at().harness('fault', route);
      const begin = performance.now();
      const cold = await call('telnyx', number);
      const took = performance.now() - begin;
      await at().harness('heal');
      // Events that follow a call must not keep busy the process that shall know this number.
      await pause(1500);
      const well = await call('telnyx', number);
      await pause(1500);
      await at().harness('fault', route);
      const warm = await call('telnyx', number);

      expect([cold.status, cold.contentType], 'nothing known of the number yet').toEqual([
        200,
        expect.stringMatching(/xml/),
      ]);
      expect(cold.body).toMatch(/<Response>.*<Say/s);
      expect(cold.body).not.toContain('sip:');
      expect(took).toBeLessThan(2000);
      expect(well.body).toContain('sip:');
      expect([warm.status, warm.body], 'the last good route').toEqual([200, expect.stringContaining('sip:')]);
      expect((await at().harness('heal'))['hits']).toBeGreaterThan(0);
    },
  );
  it('throttled for a while: the request goes on and is bought once', async () => {
    await at().harness('fault', { match: ['TransactWriteItems', 'INTENT'], is: 'throttled', times: 2 });

    const number = await buy('telnyx');

    expect((await at().harness('heal'))['hits']).toBe(2);
    expect(await bookOf('telnyx', number)).toMatchObject({ state: 'owned', purchases: 1 });
  });
  it('P9: every first answer of the table lost after it wrote: nothing is written twice, bought once', async () => {
    const number = await fresh('telnyx');
    await at().harness('fault', { match: ['TransactWriteItems'], is: 'lost', every: 2 });

    const { json } = await wish('telnyx', number, 0);
    const done = await until(at(), json.id, 'completed');

    expect((await at().harness('heal'))['hits']).toBeGreaterThan(5);
    expect(done.json.numbers.filter((one: Json) => one['state'] === 'active')).toHaveLength(1);
    expect(await bookOf('telnyx', number)).toMatchObject({ state: 'owned', purchases: 1 });
  });
  it('failing while a request is filed: refused, nothing is left of it; the same call again is taken once', async () => {
    await at().harness('fault', { match: ['TransactWriteItems', 'start_workflow'], is: 'failing' });
    const sent = { as: 'admin', key: key(), body: { country: 'CO' } } as const;

    const refused = await at().ask('POST /v1/number-requests', sent);
    await at().harness('heal');
    const taken = await at().ask('POST /v1/number-requests', sent);
    const again = await at().ask('POST /v1/number-requests', sent);

    expect(refused.status, refused.text).toBe(503);
    expect(taken.status, taken.text).toBe(202);
    expect(again.json.id).toBe(taken.json.id);
  });
});

describe('a function killed in the middle', () => {
  it('I1: of a purchase, with the order under way: found by its reference, bought once', async () => {
    const number = await fresh('telnyx');
    await at().control('POST telnyx/faults', { fault: 'slow', on: 'order' });

    const { json } = await wish('telnyx', number, 0);
    await vi.waitFor(async () => expect(await ordersFor(number)).toHaveLength(1), { timeout: 15_000 });
    expect(await kill('carriers')).toBeGreaterThan(0);
    const done = await until(at(), json.id, 'completed');

    expect(done.json.numbers).toMatchObject([{ number, state: 'active' }]);
    expect(await ordersFor(number)).toHaveLength(1);
    expect(await bookOf('telnyx', number)).toMatchObject({ state: 'owned', purchases: 1 });
  });
});

describe('secrets', () => {
  const operator: { secrets?: ReturnType<typeof webhookSecrets> } = {};
  const secrets = () => {
    operator.secrets ??= webhookSecrets(at());
    return operator.secrets;
  };
  const known = { token: '', account: '' };
  beforeAll(async () => {
    const members = await secrets().read();
    Object.assign(known, {
      token: members['carriers/twilio/auth-token'],
      account: members['carriers/twilio/account-sid'],
    });
  });
  afterAll(() => operator.secrets?.close());

  it('I16: a forged webhook is turned away, whatever is wrong with it', async () => {
    const to = await buy('twilio');
    const tell = (more: object) => tellCall(at().url, { ...known, to, ...more });

    expect((await tell({})).status, 'a genuine one').toBe(200);
    expect((await tell({ token: 'f'.repeat(32) })).status, 'another token').toBe(403);
    expect((await tell({ token: '' })).status, 'an empty token').toBe(403);
    expect((await tell({ account: `AC${'0'.repeat(32)}` })).status, 'another account').toBe(403);
    expect((await tell({ bent: (body: string) => `${body}&a=b` })).status, 'a field more').toBe(403);
    expect((await tell({ bent: (body: string) => body.replace('ringing', 'in-progress') })).status).toBe(403);
  });
  it('X8: while a secret is rotated old and new signatures hold, then only the new ones', async () => {
    const to = await buy('twilio');
    const next = randomBytes(16).toString('hex');
    const told = (token: string) => tellCall(at().url, { ...known, token, to });

    await secrets().change({ 'carriers/twilio/auth-token': next });
    // Wrong signatures make it read anew, but not more often than once a second; carriers try again.
    const early = { timeout: 10_000, interval: 600 };
    await vi.waitFor(async () => expect((await told(next)).status, 'new, without a restart').toBe(200), early);
    expect((await told(known.token)).status, 'old').toBe(200);
    expect((await call('twilio', to)).body, 'as the carrier signs still').toContain('<Dial');
    await secrets().change({ 'carriers/twilio/auth-token': [next] });
    await kill('inbound');
    expect((await told(known.token)).status, 'expired').toBe(403);
    expect((await told(next)).status).toBe(200);

    await secrets().change({ 'carriers/twilio/auth-token': known.token });
    await kill('inbound');
    expect((await told(known.token)).status).toBe(200);
  });
  it('V7: the store down: a warm function goes on by what it knows, a cold one answers 503 and believes nobody', async () => {
    const to = await buy('twilio');
    const told = (token = known.token) => tellCall(at().url, { ...known, token, to });
    expect((await told()).status).toBe(200);
    await at().harness('fault', { match: ['GetSecretValue', '/webhooks'], is: 'failing' });

    expect((await told()).status, 'warm').toBe(200);
    expect((await told('f'.repeat(32))).status, 'warm, forged').toBe(403);
    await kill('inbound');
    expect([(await told()).status, (await told('f'.repeat(32))).status], 'cold').toEqual([503, 503]);
    await at().harness('heal');
    await vi.waitFor(async () => expect((await told()).status).toBe(200), { timeout: 20_000, interval: 500 });
  });
});
