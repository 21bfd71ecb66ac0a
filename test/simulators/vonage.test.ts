import { existsSync, readFileSync } from 'node:fs';
import { verifySignature } from '@vonage/jwt';
import { Vonage } from '@vonage/server-sdk';
import { Ajv } from 'ajv';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { vonageDialect } from '../../functions/carriers/vonage/dialect.ts';
import { CREDENTIALS, startVonage } from './vonage-setting.ts';

type Started = Awaited<ReturnType<typeof startVonage>>;
const { VONAGE_API_KEY: apiKey, VONAGE_API_SECRET: apiSecret, VONAGE_APPLICATION_ID: applicationId } = CREDENTIALS;
const dialect = vonageDialect();
const hello = dialect.render({ steps: [{ do: 'say', text: 'Hello' }] });

let current: Started | undefined;
beforeEach(async () => {
  current = await startVonage(({ path }) => (path.includes('/voice') ? hello : dialect.acknowledge('status')));
});
afterEach(async () => {
  await current?.close();
});
const started = (): Started => {
  if (current === undefined) throw new Error('not started');
  return current;
};
const client = (more: object = {}) =>
  new Vonage({ apiKey, apiSecret, privateKey: '' }, { restHost: started().url, apiHost: started().url, ...more });
const FREE = '441223318922';

/** The application with our addresses, written by the SDK, and a number that points to it. */
async function connected(isSigned = true) {
  const sdk = client();
  const root = 'https://gateway.example';
  await sdk.applications.updateApplication({
    id: applicationId,
    name: 'Numbergate',
    capabilities: {
      voice: {
        signedCallbacks: isSigned,
        webhooks: {
          answerUrl: { address: `${root}/voice?a=1`, httpMethod: 'POST' },
          fallbackAnswerUrl: { address: `${root}/fallback/voice.json`, httpMethod: 'GET' },
          eventUrl: { address: `${root}/status`, httpMethod: 'POST' },
        },
      },
      messages: {
        version: 'v1',
        webhooks: {
          inboundUrl: { address: `${root}/sms`, httpMethod: 'POST' },
          statusUrl: { address: `${root}/sms`, httpMethod: 'POST' },
        },
      },
    },
  } as Parameters<typeof sdk.applications.updateApplication>[0]);
  await sdk.numbers.buyNumber({ country: 'GB', msisdn: FREE });
  await sdk.numbers.updateNumber({ country: 'GB', msisdn: FREE, appId: applicationId });
  return sdk;
}

describe('the official SDK, unchanged, against the simulated Vonage', () => {
  it('searches, buys, lists, updates, cancels', async () => {
    const { numbers } = client();
    const found = await numbers.getAvailableNumbers({ country: 'GB', pattern: '441223', searchPattern: 0, size: 3 });
    const msisdn = found.numbers?.[0]?.msisdn ?? '';
    const bought = await numbers.buyNumber({ country: 'GB', msisdn });
    const owned = await numbers.getOwnedNumbers({ country: 'GB', pattern: msisdn, searchPattern: 1 });
    const updated = await numbers.updateNumber({ country: 'GB', msisdn, appId: applicationId });
    const after = await numbers.getOwnedNumbers({ applicationId });
    const cancelled = await numbers.cancelNumber({ country: 'GB', msisdn });

    expect(found.numbers).toHaveLength(3);
    expect(found.numbers?.[0]).toMatchObject({
      country: 'GB',
      type: 'landline',
      cost: '0.90',
      features: ['VOICE', 'SMS'],
    });
    expect(bought).toEqual({ errorCode: '200', errorCodeLabel: 'success' });
    expect(owned).toMatchObject({ count: 1, numbers: [{ msisdn }] });
    expect(updated.errorCode).toBe('200');
    expect(after).toMatchObject({ count: 1, numbers: [{ msisdn, app_id: applicationId }] });
    expect(cancelled.errorCode).toBe('200');
    expect(await numbers.getOwnedNumbers()).toEqual({});
  });

  it('reads the balance, and the price that was taken off it', async () => {
    const sdk = client();
    await sdk.numbers.buyNumber({ country: 'GB', msisdn: FREE });

    expect(await sdk.accounts.getBalance()).toEqual({ value: 999.1, autoReload: false });
  });

  it('creates, reads, replaces and removes applications', async () => {
    const { applications } = client();
    const made = await applications.createApplication({ name: 'Another', capabilities: {} });
    const listed = await applications.listApplications({});
    await applications.deleteApplication(made.id ?? '');

    expect(made.keys?.privateKey).toBeTruthy();
    expect(listed.totalItems).toBe(2);
    expect(await applications.getApplication(applicationId)).toMatchObject({ id: applicationId });
    await expect(applications.getApplication(made.id ?? '')).rejects.toThrow('404');
  });

  it('cannot set the connection time-out: it writes a name the API does not know', async () => {
    const { applications } = client();
    const answerUrl = { address: 'https://gateway.example', httpMethod: 'POST', connectTimeout: 500 };
    await applications.updateApplication({
      id: applicationId,
      name: 'Numbergate',
      capabilities: { voice: { webhooks: { answerUrl } } },
    } as Parameters<typeof applications.updateApplication>[0]);

    expect(JSON.stringify(started().world.records.get('applications', applicationId))).not.toContain(
      'connection_timeout',
    );
  });

  it('is turned away with the wrong secret; query credentials work as well', async () => {
    const wrong = new Vonage({ apiKey, apiSecret: 'wrong' }, { restHost: started().url, apiHost: started().url });
    const query = `api_key=${apiKey}&api_secret=${apiSecret}`;

    await expect(wrong.numbers.getOwnedNumbers()).rejects.toThrow('401');
    expect((await fetch(`${started().url}/account/get-balance?${query}`)).status).toBe(200);
    expect((await fetch(`${started().url}/account/get-balance`)).status).toBe(401);
    expect((await fetch(`${started().url}/v2/applications/${applicationId}`)).status).toBe(401);
  });
});

describe('oddities', () => {
  it('finds nothing as an empty object', async () => {
    expect(await client().numbers.getAvailableNumbers({ country: 'ZZ' })).toEqual({});
  });

  it('gives at most 100 rows and refuses to be asked for more', async () => {
    await expect(client().numbers.getAvailableNumbers({ country: 'GB', size: 101 })).rejects.toThrow('420');
  });

  it('P1: a number that is gone is 420 inside HTTP 200, which the SDK does not throw', async () => {
    await started().control('faults', { fault: 'gone_at_purchase' });

    expect(await client().numbers.buyNumber({ country: 'GB', msisdn: FREE })).toEqual({
      errorCode: '420',
      errorCodeLabel: 'method failed',
    });
  });

  it('answers 420 for papers, another country, a number twice, one that is not ours', async () => {
    const { numbers } = client();
    const french = started().world.numbers.search({ country: 'FR', type: 'local', limit: 1 })[0]?.number.slice(1) ?? '';
    await numbers.buyNumber({ country: 'GB', msisdn: FREE });

    await expect(numbers.buyNumber({ country: 'FR', msisdn: french })).rejects.toThrow('420');
    await expect(numbers.buyNumber({ country: 'GB', msisdn: FREE })).rejects.toThrow('420');
    await expect(numbers.buyNumber({ country: 'US', msisdn: '441223430298' })).rejects.toThrow('420');
    await expect(numbers.cancelNumber({ country: 'GB', msisdn: '441223430298' })).rejects.toThrow('420');
    await expect(numbers.updateNumber({ country: 'GB', msisdn: '441223430298' })).rejects.toThrow('420');
  });

  it('asks a legacy SMS address by GET, only when one is given', async () => {
    const { numbers } = client();
    await numbers.buyNumber({ country: 'GB', msisdn: FREE });
    const { gateway } = started();
    await numbers.updateNumber({ country: 'GB', msisdn: FREE, moHttpUrl: '' });
    const before = gateway.received.length;
    gateway.behaviour.answering = () => ({ status: 503, headers: {}, body: '' });
    const refused = numbers.updateNumber({ country: 'GB', msisdn: FREE, moHttpUrl: 'https://gateway.example/mo' });

    await expect(refused).rejects.toThrow('420');
    expect(before).toBe(0);
    expect(gateway.received).toMatchObject([{ method: 'GET', path: '/mo' }]);
    expect(gateway.received[0]?.headers['authorization']).toBeUndefined();
  });

  it('clears what an update leaves out', async () => {
    const { numbers } = await connected();
    await numbers.updateNumber({ country: 'GB', msisdn: FREE });

    expect((await numbers.getOwnedNumbers()).numbers?.[0]).not.toHaveProperty('app_id');
  });
});

describe('webhooks of the simulated Vonage', () => {
  const secrets = Object.fromEntries(Object.entries(CREDENTIALS).map(([name, value]) => [name, [value]]));
  const verdict = (request: Parameters<typeof dialect.verify>[1]) =>
    dialect.verify('voice', request, secrets, { now: started().clock.now(), publicUrl: 'https://gateway.example' });

  it('asks for a call by signed POST, takes our NCCO, then tells the events', async () => {
    await connected();
    const { gateway, control, settle } = started();
    const answer = await control('calls', { from: '+447700900001', to: `+${FREE}` });
    await settle(4);

    expect(answer).toMatchObject({ status: 200, contentType: 'application/json', body: hello.body });
    expect(gateway.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /voice?a=1',
      'POST /status',
      'POST /status',
      'POST /status',
    ]);
    for (const request of gateway.received) {
      const token = request.headers['authorization']?.slice('Bearer '.length) ?? '';
      expect(verifySignature(token, CREDENTIALS.VONAGE_SIGNATURE_SECRET)).toBe(true);
      expect(verdict(request)).toMatchObject({ ok: true });
    }
    const [call, ...events] = gateway.received;
    expect(call && dialect.parse('voice', call)).toMatchObject({ from: '+447700900001', called: `+${FREE}` });
    expect(events.map((event) => dialect.parse('status', event))).toMatchObject([
      { state: 'ringing', called: `+${FREE}` },
      { state: 'answered' },
      { state: 'completed', durationSeconds: 7 },
    ]);
  });

  it('V4: asks twice, then takes the static fallback', async () => {
    await connected();
    const { gateway, control } = started();
    const fallback = '[{"action":"talk","text":"Please call later."}]';
    gateway.behaviour.answering = ({ path }) =>
      path.startsWith('/fallback')
        ? { status: 200, headers: {}, body: fallback }
        : { status: 503, headers: {}, body: '' };
    const answer = await control('calls', { from: '', to: `+${FREE}` });

    expect(answer).toMatchObject({ status: 200, body: fallback });
    expect(gateway.received.map(({ method, path }) => `${method} ${path.split('?')[0]}`)).toEqual([
      'POST /voice',
      'POST /voice',
      'GET /fallback/voice.json',
    ]);
    expect(gateway.received.every((request) => verdict(request).ok)).toBe(true);
  });

  it('sends voice webhooks unsigned while the application does not ask for signatures', async () => {
    await connected(false);
    await started().control('calls', { from: '+447700900001', to: `+${FREE}` });
    const [request] = started().gateway.received;

    expect(request && verdict(request)).toMatchObject({ ok: false, status: 503 });
  });

  it('delivers an SMS through the Messages API, signed', async () => {
    await connected();
    await started().control('messages', { from: '+447700900001', to: `+${FREE}`, text: 'Grüße 🐝' });
    const [request] = started().gateway.received;

    expect(request && verdict(request).ok).toBe(true);
    expect(request && dialect.parse('sms', request)).toMatchObject({
      state: 'received',
      from: '+447700900001',
      called: `+${FREE}`,
      text: 'Grüße 🐝',
    });
  });

  it('reaches nobody for a number that is diverted; one that is not ours is asked about at the gateway’s own address', async () => {
    const { numbers } = await connected();
    await numbers.updateNumber({
      country: 'GB',
      msisdn: FREE,
      appId: applicationId,
      voiceCallbackType: 'sip',
      voiceCallbackValue: 'sip:x@example.com',
    } as Parameters<typeof numbers.updateNumber>[0]);

    expect(await started().control('calls', { from: '+447700900001', to: `+${FREE}` })).toMatchObject({ status: 0 });
    expect(await started().control('calls', { from: '+447700900001', to: '+441223430298' })).toMatchObject({
      status: 200,
    });
  });
});

const SPECS = '../shared/specs';
describe.skipIf(!existsSync(SPECS))('answers against the official description', () => {
  const document = (name: string) => JSON.parse(readFileSync(`${SPECS}/vonage-${name}.json`, 'utf8')) as object;
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  // The body of a skipped group is run as well: what is read belongs into the hook.
  beforeAll(() => {
    for (const name of ['numbers', 'account', 'applications']) ajv.addSchema(document(name), name);
  });
  const problems = async (api: string, path: string, method: string, response: Response): Promise<unknown> => {
    const pointer = `${api}#/paths/${path.replaceAll('/', '~1')}/${method}/responses/${response.status}`;
    const body: unknown = await response.json();
    // Refusals of update and cancel are not described; they look as those of buy.
    const check =
      ajv.getSchema(`${pointer}/content/application~1json/schema`) ??
      (response.status === 420 ? ajv.getSchema(`${api}#/components/schemas/response420`) : undefined);
    if (check === undefined) return `${pointer} is not described`;
    return check(body) ? [] : check.errors;
  };
  const authorization = `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(started().url + path, { ...init, headers: { authorization, ...init.headers } });
  const form = (fields: Record<string, string>): RequestInit => ({ method: 'POST', body: new URLSearchParams(fields) });
  const number = { country: 'GB', msisdn: FREE };

  it('holds for numbers and balance', async () => {
    const french = started().world.numbers.search({ country: 'FR', limit: 1 })[0]?.number.slice(1) ?? '';
    const steps: [string, string, string, RequestInit?][] = [
      ['/number/search', '/number/search?country=GB&size=100', 'get'],
      ['/number/search', '/number/search?country=ZZ', 'get'],
      ['/number/buy', '/number/buy', 'post', form(number)],
      ['/number/buy', '/number/buy', 'post', form(number)],
      ['/number/buy', '/number/buy', 'post', form({ country: 'FR', msisdn: french })],
      ['/number/update', '/number/update', 'post', form({ ...number, app_id: applicationId })],
      ['/account/numbers', '/account/numbers', 'get'],
      ['/number/cancel', '/number/cancel', 'post', form(number)],
      ['/number/cancel', '/number/cancel', 'post', form(number)],
      ['/account/numbers', '/account/numbers', 'get'],
      ['/number/search', '/number/search?country=GB', 'get', { headers: { authorization: 'Basic eDp5' } }],
      ['/number/buy', '/number/buy', 'post', { ...form(number), headers: { authorization: 'Basic eDp5' } }],
    ];

    for (const [path, url, method, init] of steps)
      expect(await problems('numbers', path, method, await ask(url, init)), `${method} ${url}`).toEqual([]);
    expect(await problems('account', '/account/get-balance', 'get', await ask('/account/get-balance'))).toEqual([]);
  });

  it('holds for applications', async () => {
    const put = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"name":"Numbergate"}' };
    const url = `/v2/applications/${applicationId}`;

    expect(await problems('applications', '/', 'get', await ask('/v2/applications'))).toEqual([]);
    expect(await problems('applications', '/{id}', 'get', await ask(url))).toEqual([]);
    expect(await problems('applications', '/{id}', 'put', await ask(url, put))).toEqual([]);
    expect(
      await problems('applications', '/', 'post', await ask('/v2/applications', { ...put, method: 'POST' })),
    ).toEqual([]);
  });
});
