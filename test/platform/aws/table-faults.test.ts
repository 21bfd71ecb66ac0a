import diagnostics from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import { signedCalls } from '../../../functions/platform/aws/signed.ts';
import { dynamoTable } from '../../../functions/platform/aws/table.ts';
import { CallFailed, type TableCall } from '../../../functions/platform/aws/table-call.ts';
import { officialCalls } from '../../../functions/platform/aws/table-official.ts';
import { ConditionFailed, InvalidWrite, TableUnavailable, type Write } from '../../../functions/platform/table.ts';
import { systemClock, testClock } from '../../../local/engine/clock.ts';
import {
  type Act,
  answers,
  cuts,
  fails,
  refuses,
  resets,
  type ScriptedServer,
  scriptedServer,
  silent,
  stalls,
} from './scripted-server.ts';

const TRY_MS = 250;
const TOTAL_MS = 1000;
/** The official client pauses up to a second after being throttled. */
const OFFICIAL_TOTAL_MS = 4000;
/** A busy machine runs its timers late. */
const SLACK_MS = 1000;
const KEY = { pk: 'ROUTE#+15550100', sk: 'twilio' };
const ITEM = { pk: { S: KEY.pk }, sk: { S: KEY.sk }, name: { S: 'a' } };
const found = answers({ Item: ITEM });
const claim: Write = { op: 'put', key: KEY, data: { by: 'us' }, when: [{ is: 'absent' }] };
const pair: readonly Write[] = [claim, { op: 'add', key: { pk: 'C', sk: 'C' }, add: { used: 1 } }];

const credentials = { accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'session' };
const env: Record<string, string> = {
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_SESSION_TOKEN: credentials.sessionToken,
};
const region = 'eu-central-1';
const transports: readonly [string, (endpoint: string) => TableCall, number][] = [
  [
    'the official client',
    (endpoint) =>
      officialCalls({ requestMs: TRY_MS, totalMs: OFFICIAL_TOTAL_MS, config: { region, credentials, endpoint } }),
    OFFICIAL_TOTAL_MS,
  ],
  [
    'the signed requests',
    (endpoint) =>
      signedCalls({
        service: 'dynamodb',
        region,
        endpoint,
        env,
        tryMs: TRY_MS,
        totalMs: TOTAL_MS,
        clock: systemClock(),
      }),
    TOTAL_MS,
  ],
];

const open: ScriptedServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

describe.each(transports)('a table that fails, over %s', (_, transport, totalMs) => {
  async function served(...acts: Act[]) {
    const server = await scriptedServer(acts);
    open.push(server);
    const table = dynamoTable({ call: transport(server.url), tableName: 'numbers', clock: testClock() });
    return { table, server };
  }
  async function timed(work: Promise<unknown>): Promise<number> {
    const start = performance.now();
    await work.catch(() => undefined);
    return performance.now() - start;
  }

  it.each<[string, Act]>([
    ['X2: throttled', refuses('ProvisionedThroughputExceededException')],
    ['X2: throttled by rate', refuses('ThrottlingException')],
    ['V1: silent', silent],
    ['V1: an answer that stalls', stalls],
    ['V1: reset', resets],
    ['V1: 500', fails(500, '{"__type":"InternalServerError"}')],
    ['V1: 503 of a proxy', fails(503)],
    ['V1: cut body', cuts],
  ])('%s once: asks again and answers', async (name, act) => {
    const { table, server } = await served(act, found);
    expect(await table.get(KEY)).toEqual({ key: KEY, data: { name: 'a' } });
    expect(server.heard, name).toHaveLength(2);
  });

  it.each<[string, Act]>([
    ['X2: throttled', refuses('ThrottlingException')],
    ['V1: silent', silent],
    ['V1: an answer that stalls', stalls],
    ['V1: reset', resets],
    ['V1: 500', fails(500)],
    ['V1: cut body', cuts],
    ['V1: markup instead of an answer', fails(200)],
    ['an expired session', refuses('ExpiredTokenException')],
    ['no right to read', refuses('AccessDeniedException')],
    ['no such table', refuses('ResourceNotFoundException')],
  ])('%s always: says that it is unavailable, in time, after at most three tries', async (_name, act) => {
    const { table, server } = await served(act);
    const get = table.get(KEY);
    const took = timed(get);
    await expect(get).rejects.toBeInstanceOf(TableUnavailable);
    expect(await took).toBeLessThan(totalMs + SLACK_MS);
    expect(server.heard.length).toBeLessThanOrEqual(3);
  });

  it.each<[string, Act]>([
    ['silent', silent],
    ['an answer that stalls', stalls],
  ])(
    'V1: %s: gives the connection up when the time is over, instead of waiting behind the back of the caller',
    async (_name, act) => {
      const { table, server } = await served(act);
      await expect(table.get(KEY)).rejects.toBeInstanceOf(TableUnavailable);
      const asked = server.heard.length;
      await expect.poll(() => server.counts.givenUp).toBe(asked);
      expect(server.heard.length).toBe(asked);
    },
  );

  it('V1: unavailable when nobody listens', async () => {
    const { table, server } = await served(found);
    await server.close();
    await expect(table.get(KEY)).rejects.toBeInstanceOf(TableUnavailable);
    await expect(table.query({ pk: 'A', limit: 1 })).rejects.toBeInstanceOf(TableUnavailable);
    await expect(table.write([claim])).rejects.toBeInstanceOf(TableUnavailable);
  });

  it('keeps its connection, and asks again on a new one when the kept one is dead', async () => {
    const { table, server } = await served(found, found, resets, found);
    for (let n = 0; n < 3; n++) expect(await table.get(KEY)).toBeDefined();
    expect(server.counts.connections).toBe(2);
  });

  it('P5: a repeat after a lost answer is the same transaction: same token, same contents', async () => {
    const { table, server } = await served(resets, answers({}));
    await table.write(pair);
    const [first, second] = server.heard;
    expect(first?.json['ClientRequestToken']).toMatch(/^.{36}$/);
    expect(second?.json).toEqual(first?.json);
  });

  it('X2: a conflict with another writer is repeated as the same transaction', async () => {
    const reasons = { CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }] };
    const conflict = refuses('TransactionCanceledException', reasons);
    const { table, server } = await served(conflict, conflict, answers({}));
    await table.write(pair);
    expect(server.heard.map(({ body }) => body)).toEqual(Array(3).fill(server.heard[0]?.body));
  });

  it.each(['AccessDeniedException', 'ResourceNotFoundException', 'UnrecognizedClientException'])(
    'V1: %s is logged under a name of its own: no waiting heals it',
    async (code) => {
      const server = await scriptedServer([refuses(code)]);
      open.push(server);
      const told: unknown[] = [];
      const log = { error: (...said: unknown[]) => void told.push(said) };
      const table = dynamoTable({ call: transport(server.url), tableName: 'numbers', clock: testClock(), log });

      await expect(table.get(KEY)).rejects.toBeInstanceOf(TableUnavailable);
      await expect(table.write(pair)).rejects.toBeInstanceOf(TableUnavailable);

      const refused = expect.objectContaining({ code });
      expect(told).toEqual([
        ['table_refused', refused, { operation: 'GetItem' }],
        ['table_refused', refused, { operation: 'TransactWriteItems' }],
      ]);
    },
  );

  it.each<[string, Act]>([
    ['throttled', refuses('ThrottlingException')],
    ['down', fails(500)],
    ['a failed condition', refuses('ConditionalCheckFailedException', { Item: { ...ITEM, w: { S: 'another' } } })],
    ['a wrong request', refuses('ValidationException')],
  ])('%s is no refusal to be alarmed of', async (_name, act) => {
    const server = await scriptedServer([act]);
    open.push(server);
    const told: unknown[] = [];
    const log = { error: (...said: unknown[]) => void told.push(said) };
    const table = dynamoTable({ call: transport(server.url), tableName: 'numbers', clock: testClock(), log });

    await expect(table.write([claim])).rejects.toBeInstanceOf(Error);

    expect(told).toEqual([]);
  });

  it('names the writes whose condition failed', async () => {
    const reasons = [{ Code: 'ConditionalCheckFailed' }, { Code: 'None' }];
    const { table } = await served(refuses('TransactionCanceledException', { CancellationReasons: reasons }));
    await expect(table.write(pair)).rejects.toEqual(new ConditionFailed([0]));
  });

  it('P5: a put whose first answer was lost is known by its mark, not taken for a lost race', async () => {
    const present: Act = (response, { json }) =>
      refuses('ConditionalCheckFailedException', { Item: json['Item'] })(response, { headers: {}, body: '', json });
    const { table, server } = await served(resets, present);
    await table.write([claim]);
    expect(server.heard).toHaveLength(2);
  });

  it('P6: the same item of another writer is a failed condition', async () => {
    const Item = { pk: { S: KEY.pk }, sk: { S: KEY.sk }, by: { S: 'us' }, w: { S: 'another' } };
    const { table } = await served(refuses('ConditionalCheckFailedException', { Item }));
    await expect(table.write([claim])).rejects.toEqual(new ConditionFailed([0]));
  });

  it('says that a write is wrong when the service does', async () => {
    const reasons = [{ Code: 'None' }, { Code: 'ValidationError', Message: 'no number' }];
    const one = await served(refuses('ValidationException'));
    await expect(one.table.write([claim])).rejects.toBeInstanceOf(InvalidWrite);
    const two = await served(refuses('TransactionCanceledException', { CancellationReasons: reasons }));
    await expect(two.table.write(pair)).rejects.toBeInstanceOf(InvalidWrite);
  });

  it('X1: learns the right time from a service that refuses ours', async () => {
    const date = (minutes: number) => ({ date: new Date(Date.now() + minutes * 60_000).toUTCString() });
    const late = refuses('InvalidSignatureException', { message: 'Signature expired: is now earlier than' }, date(20));
    const { table, server } = await served(late, answers({ Item: ITEM }, date(20)));
    expect(await table.get(KEY)).toBeDefined();
    const [wrong, right] = server.heard.map(({ headers }) => instant(String(headers['x-amz-date'])));
    expect(((right ?? 0) - (wrong ?? 0)) / 60_000).toBeCloseTo(20, 0);
  });
});

function instant(date: string): number {
  return Date.parse(date.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z'));
}

describe('the official client alone', () => {
  const BUSY_MS = 450;

  it('V1: a process too busy to hear of its connection for a moment does not take the table for unreachable', async () => {
    const server = await scriptedServer([found]);
    open.push(server);
    const call = officialCalls({ config: { region, credentials, endpoint: server.url } });
    // As a cold start is: the connection stands at once, but modules are still being loaded.
    const busy = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_MS);
    diagnostics.subscribe('http.client.request.start', busy);
    try {
      expect(await call('GetItem', {})).toMatchObject({ Item: ITEM });
    } finally {
      diagnostics.unsubscribe('http.client.request.start', busy);
    }
    expect(server.counts.connections).toBe(1);
  });

  it('V1: an answer that comes in drops ends with the time for all tries', async () => {
    const drops: Act = (response) => {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    };
    const server = await scriptedServer([drops]);
    open.push(server);
    const call = officialCalls({
      requestMs: TRY_MS,
      totalMs: 600,
      config: { region, credentials, endpoint: server.url },
    });
    const start = performance.now();
    await expect(call('GetItem', {})).rejects.toBeInstanceOf(CallFailed);
    expect(performance.now() - start).toBeLessThan(600 + SLACK_MS);
  });
});

describe('the signed requests alone', () => {
  const calls = (endpoint: string, environment: Readonly<Record<string, string>>, clock = systemClock()) =>
    signedCalls({ service: 'dynamodb', region, endpoint, env: environment, clock, tryMs: TRY_MS, totalMs: TOTAL_MS });

  it('read the credentials anew at each signing', async () => {
    const server = await scriptedServer([answers({})]);
    open.push(server);
    const changing = { ...env };
    const call = calls(server.url, changing);
    await call('GetItem', {});
    Object.assign(changing, { AWS_ACCESS_KEY_ID: 'NEXT', AWS_SESSION_TOKEN: 'next' });
    await call('GetItem', {});
    expect(server.heard.map(({ headers }) => headers['x-amz-security-token'])).toEqual(['session', 'next']);
    expect(server.heard[1]?.headers.authorization).toContain('Credential=NEXT/');
  });

  it('V1: after one kept connection proved dead the others are not tried: a freeze kills all of them', async () => {
    const server = await scriptedServer([answers({}), answers({}), silent, answers({})]);
    open.push(server);
    const call = calls(server.url, env);
    await Promise.all([call('GetItem', {}), call('GetItem', {})]);
    expect(server.counts.connections).toBe(2);
    await call('GetItem', {});
    expect(server.counts.connections).toBe(3);
  });

  it('refuse to go without credentials, and ask nobody', async () => {
    const server = await scriptedServer([answers({})]);
    open.push(server);
    await expect(calls(server.url, {})('GetItem', {})).rejects.toThrow('no AWS credentials');
    expect(server.heard).toHaveLength(0);
  });

  it('S3: give up an answer that is too large', async () => {
    const endless: Act = (response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(1 << 20)));
      };
      response.on('drain', more);
      more();
    };
    const server = await scriptedServer([endless]);
    open.push(server);
    const call = signedCalls({
      service: 'dynamodb',
      region,
      endpoint: server.url,
      env,
      clock: systemClock(),
      totalMs: 2000,
      tryMs: 1500,
    });
    await expect(call('GetItem', {})).rejects.toThrow(/more than|no complete answer/);
  });

  it('speak to Secrets Manager by its own names and address', async () => {
    const server = await scriptedServer([answers({ SecretString: '{}' })]);
    open.push(server);
    const places = { ...env, AWS_ENDPOINT_URL_SECRETS_MANAGER: server.url, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    const call = signedCalls({ service: 'secretsmanager', region, env: places, clock: systemClock() });
    expect(await call('GetSecretValue', { SecretId: 'a' })).toEqual({ SecretString: '{}' });
    expect(server.heard[0]?.headers['x-amz-target']).toBe('secretsmanager.GetSecretValue');
    expect(server.heard[0]?.headers['content-type']).toBe('application/x-amz-json-1.1');
    expect(server.heard[0]?.headers.authorization).toContain('/eu-central-1/secretsmanager/aws4_request');
  });
});
