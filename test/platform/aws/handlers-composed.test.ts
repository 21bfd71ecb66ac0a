import { generateKeyPairSync } from 'node:crypto';
import { exportJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { allRoutes } from '../../../functions/api/routes.ts';
import { type Item, toItem } from '../../../functions/platform/aws/table-item.ts';
import { onTask } from '../../../functions/platform/on-task.ts';
import type { Key, Write } from '../../../functions/platform/table.ts';
import { routeWrite } from '../../../functions/routing/store.ts';
import { subjectKey } from '../../../functions/tenants/store.ts';
import { ownerTasks } from '../../../functions/tenants/tasks.ts';
import { LINES } from '../../../infra/constructs/api.ts';
import { testClock } from '../../../local/engine/clock.ts';
import { openTable } from '../../../local/engine/table.ts';
import { CALLER, entry, NUMBER } from '../../inbound/house.ts';
import { incoming, SECRETS } from '../../inbound/signed.ts';
import { GIVEN } from './environment.ts';
import { httpEvent } from './http-events.ts';
import { type Heard, type ScriptedServer, scriptedServer } from './scripted-server.ts';

/** Items the service holds; what is written is only counted. */
const items = new Map<string, Item>();
const nameOf = ({ pk, sk }: Key): string => `${pk} ${sk}`;
const keep = (write: Write) => {
  if (write.op !== 'put') throw new Error(write.op);
  items.set(nameOf(write.key), toItem({ key: write.key, data: write.data }));
};
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
let service: ScriptedServer;

/** AWS as far as the handlers ask it here, and the issuer's keys. */
async function answerOf({ headers, json }: Heard): Promise<object> {
  const operation = String(headers['x-amz-target'] ?? '').split('.')[1];
  if (operation === 'GetSecretValue')
    return { SecretString: JSON.stringify({ ...SECRETS, 'cursor/key': ['k'.repeat(40)] }) };
  if (operation === 'GetItem') {
    const { pk, sk } = json['Key'] as { pk: { S: string }; sk: { S: string } };
    const Item = items.get(nameOf({ pk: pk.S, sk: sk.S }));
    return Item ? { Item } : {};
  }
  if (operation === undefined) return { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'RS256' }] };
  return { Items: [], Count: 0 };
}
const operations = (): readonly string[] =>
  service.heard.map(
    ({ headers }) =>
      String(headers['x-amz-target'] ?? 'keys')
        .split('.')
        .at(-1) ?? '',
  );

type Handler = (event: unknown) => Promise<unknown>;
interface Answer {
  readonly statusCode: number;
  readonly body: string;
}

beforeAll(async () => {
  service = await scriptedServer([
    (response, heard) =>
      void answerOf(heard).then((answer) => {
        response.setHeader(
          'content-type',
          heard.headers['x-amz-target'] ? 'application/x-amz-json-1.0' : 'application/json',
        );
        response.end(JSON.stringify(answer));
      }),
  ]);
  for (const [name, value] of Object.entries({
    ...GIVEN,
    OIDC_JWKS_URL: `${service.url}/keys`,
    AWS_ENDPOINT_URL: service.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    AWS_SESSION_TOKEN: 'token',
  }))
    vi.stubEnv(name, value);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await service.close();
});
const load = async (module: Promise<{ readonly handler: unknown }>) => (await module).handler as Handler;

describe('the inbound function', () => {
  it('reads secrets and opens its connections during init; a call is then one eventually consistent read (V1)', async () => {
    keep(routeWrite(entry()));
    const handler = await load(import('../../../functions/inbound/handler.ts'));
    expect(operations().toSorted()).toEqual(['GetItem', 'GetSecretValue']);
    const call = async () => {
      const { method, path, headers, body } = incoming('twilio', { id: 'x', from: CALLER, to: NUMBER }, new Date());
      return (await handler(httpEvent(`${method} ${path}`, { headers, body }))) as Answer;
    };
    await call();
    const before = service.heard.length;

    const answer = await call();

    expect(answer).toMatchObject({ statusCode: 200, body: expect.stringContaining('sip:100@pbx.example.com') });
    expect(operations().slice(before)).toEqual(['GetItem']);
    expect(service.heard.at(-1)?.json).toMatchObject({ ConsistentRead: false, TableName: GIVEN.TABLE_NAME });
    expect(service.counts.connections).toBeLessThanOrEqual(2);
  });
});

describe('the api function', () => {
  const token = (claims: object = {}) =>
    new SignJWT({ client_id: 'console', token_use: 'access', ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuer(GIVEN.OIDC_ISSUER)
      .setSubject('sub-1')
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(pair.privateKey);
  const me = async (bearer: string) => {
    const handler = await load(import('../../../functions/api/handler.ts'));
    const event = httpEvent('GET /v1/me', { headers: { authorization: `Bearer ${bearer}` } });
    const { statusCode, body } = (await handler(event)) as Answer;
    return { status: statusCode, ...JSON.parse(body) };
  };

  it('takes roles and tenant from our record, not from the token', async () => {
    await addPam();

    const found = await me(await token({ roles: ['operator'], 'cognito:groups': ['operator'], tenantId: 'ten_x' }));

    expect(found).toMatchObject({ status: 200, roles: ['customer'], email: 'pam@acme.example', tenantId: ACME });
  });

  it('refuses tokens for other clients, id tokens and strangers alike', async () => {
    expect(await me(await token({ client_id: 'other' }))).toMatchObject({ status: 401, code: 'invalid_token' });
    expect(await me(await token({ token_use: 'id' }))).toMatchObject({ status: 401, code: 'invalid_token' });
    items.delete(nameOf(subjectKey(GIVEN.OIDC_ISSUER, 'sub-1')));
    expect(await me('gw_live_nonsense')).toMatchObject({ status: 401, code: 'invalid_api_key' });
  });

  it('serves none of the lines that ask carriers', async () => {
    const handler = await load(import('../../../functions/api/handler.ts'));

    const { statusCode } = (await handler(httpEvent('GET /v1/available-numbers?country=GB'))) as Answer;

    expect(statusCode).toBe(404);
  });

  it('names engine and version', async () => {
    const handler = await load(import('../../../functions/api/handler.ts'));

    const { body } = (await handler(httpEvent('GET /health'))) as Answer;

    expect(JSON.parse(body)).toMatchObject({ status: 'ok', engine: 'aws' });
  });
});

describe('the carriers function', () => {
  it('serves the lines that ask carriers, and no other', async () => {
    const handler = await load(import('../../../functions/carriers/handler.ts'));
    const status = async (call: string) => ((await handler(httpEvent(call))) as Answer).statusCode;

    expect(await status('GET /v1/available-numbers?country=GB')).toBe(401);
    expect(await status('GET /v1/carriers')).toBe(401);
    expect(await status('GET /v1/carriers/twilio')).toBe(401);
    expect(await status('POST /v1/carriers')).toBe(405);
    expect(await status('GET /v1/number-requests')).toBe(404);
    expect(await status('GET /health')).toBe(404);
  });

  it('and the api together serve every line where the front door sends it', async () => {
    const ours = {
      api: await load(import('../../../functions/api/handler.ts')),
      carriers: await load(import('../../../functions/carriers/handler.ts')),
    };
    const exact = LINES.filter(({ to }) => to === 'carriers').map(({ path }) => path);
    const misled: string[] = [];
    for (const { method, path, roles } of allRoutes.filter((line) => line.path.startsWith('/v1/'))) {
      const to = exact.includes(path) ? 'carriers' : 'api';
      const call = `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, 'x')}`;
      const { statusCode } = (await ours[to](httpEvent(call))) as Answer;
      if (statusCode !== 401) misled.push(`${call}: ${to} answers ${statusCode} (${String(roles)})`);
    }

    expect(misled).toEqual([]);
  });

  it('runs the states that ask carriers, and no other; errors keep the names a Retry matches', async () => {
    const handler = await load(import('../../../functions/carriers/handler.ts'));

    await expect(handler({ task: 'CloseRequest', input: {} })).rejects.toMatchObject({ name: 'NotFound' });
    await expect(handler({ task: 'ClaimNumbers', input: {} })).rejects.toMatchObject({ name: 'ZodError' });
  });
});

describe('the requests function', () => {
  it('runs its own states only', async () => {
    const handler = await load(import('../../../functions/requests/handler.ts'));

    await expect(handler({ task: 'ClaimNumbers', input: {} })).rejects.toMatchObject({ name: 'NotFound' });
    await expect(handler({ task: 'CloseRequest', input: {} })).rejects.toMatchObject({ name: 'ZodError' });
  });
});

describe('the jobs function', () => {
  it('sweeps, and runs the owner’s tasks', async () => {
    const handler = await load(import('../../../functions/jobs/handler.ts'));
    const person = { name: 'Olga', email: 'olga@numbergate.example', roles: ['operator'], subject: 'sub-9' };

    expect(await handler({ 'detail-type': 'Scheduled Event', source: 'aws.events' })).toMatchObject({ lines: 0 });
    expect(await handler({ task: 'AddPerson', input: person })).toMatchObject({ created: true });

    const written = service.heard.filter(
      (one) => one.headers['x-amz-target'] === 'DynamoDB_20120810.TransactWriteItems',
    );
    expect(JSON.stringify(written.at(-1)?.json)).toContain(subjectKey(GIVEN.OIDC_ISSUER, 'sub-9').pk);
  });
});

const ACME = 'ten_01k0000000000000000000000a';
/** Made by the owner's tasks on a table of one machine, then put before the service. */
async function addPam(): Promise<void> {
  const clock = testClock();
  const table = openTable({ path: ':memory:', clock });
  const run = onTask([...ownerTasks], { table, clock, issuer: GIVEN.OIDC_ISSUER });
  await run({ task: 'CreateTenant', input: { tenantId: ACME, name: 'Acme', country: 'GB' } });
  const pam = { name: 'Pam', email: 'pam@acme.example', roles: ['customer'], tenantId: ACME, subject: 'sub-1' };
  await run({ task: 'AddPerson', input: pam });
  for (const { key, data } of table.scan()) items.set(nameOf(key), toItem({ key, data }));
}
