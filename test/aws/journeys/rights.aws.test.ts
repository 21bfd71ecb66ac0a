import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminFetch } from '../emulator/sign.ts';
import { createFunction } from '../emulator/stub-functions.ts';
import { type Deployed, openDeployed } from './installation.ts';

const FUNCTIONS = ['inbound', 'api', 'carriers', 'requests', 'jobs'] as const;
type Name = (typeof FUNCTIONS)[number];
type Act = (as: Clients) => Promise<unknown>;
interface Clients {
  readonly table: DynamoDBClient;
  readonly secrets: SecretsManagerClient;
  readonly files: S3Client;
  readonly workflows: SFNClient;
}

/** Tells with which credentials functions of a role run. */
const PROBE = `export const handler = async () => ({
  accessKeyId: process.env.AWS_ACCESS_KEY_ID,
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
  sessionToken: process.env.AWS_SESSION_TOKEN,
});`;

describe('least privilege, judged by an engine of policies', () => {
  const begun: { deployed?: Deployed } = {};
  const clients = new Map<Name, Clients>();
  const outputs = () => begun.deployed?.outputs ?? {};
  const lambda = async (method: string, path: string) => {
    const url = begun.deployed?.aws ?? '';
    const answer = await adminFetch({ service: 'lambda', method, url, path: `/2015-03-31/functions/${path}` });
    return answer.json();
  };
  beforeAll(async () => {
    begun.deployed = await openDeployed();
    const endpoint = begun.deployed.aws;
    for (const name of FUNCTIONS) {
      const { Role } = await lambda('GET', `numbergate-emulator-${name}/configuration`);
      await createFunction(endpoint, `probe-${name}`, PROBE, Role);
      const credentials = await lambda('POST', `probe-${name}/invocations`);
      const at = { endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
      clients.set(name, {
        table: new DynamoDBClient(at),
        secrets: new SecretsManagerClient(at),
        files: new S3Client({ ...at, forcePathStyle: true }),
        workflows: new SFNClient(at),
      });
    }
  });
  afterAll(() => {
    for (const one of clients.values()) for (const client of Object.values(one)) client.destroy();
  });

  const TableName = 'numbergate-emulator';
  const keyOf = (pk: string) => ({ pk: { S: pk }, sk: { S: 'NONE' } });
  const get =
    (pk: string): Act =>
    ({ table }) =>
      table.send(new GetItemCommand({ TableName, Key: keyOf(pk) }));
  const remove =
    (pk: string): Act =>
    ({ table }) =>
      table.send(new DeleteItemCommand({ TableName, Key: keyOf(pk) }));
  const put =
    (pk: string): Act =>
    ({ table }) =>
      table.send(new PutItemCommand({ TableName, Item: keyOf(pk) }));
  const update =
    (pk: string): Act =>
    ({ table }) =>
      table.send(
        new UpdateItemCommand({
          ...{
            TableName,
            Key: keyOf(pk),
            UpdateExpression: 'SET a = :a',
            ExpressionAttributeValues: { ':a': { S: 'x' } },
          },
        }),
      );
  const query =
    (pk: string): Act =>
    ({ table }) =>
      table.send(
        new QueryCommand({
          ...{ TableName, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: pk } } },
        }),
      );
  const secret =
    (name: string): Act =>
    ({ secrets }) =>
      secrets.send(new GetSecretValueCommand({ SecretId: `${outputs()['SecretsPrefix']}/${name}` }));
  const paper: Act = ({ files }) =>
    files.send(new GetObjectCommand({ Bucket: outputs()['PapersBucket'] ?? '', Key: 'papers/none' }));
  const start: Act = ({ workflows }) =>
    workflows.send(
      new StartExecutionCommand({
        stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:numbergate-emulator-request-number',
        ...{ name: `rights-${Math.random()}`, input: '{}' },
      }),
    );
  const outcome = async (name: Name, act: Act): Promise<string> => {
    const own = clients.get(name);
    if (!own) throw new Error(`no credentials of ${name}`);
    return act(own).then(
      () => 'may',
      (error: Error) => (/AccessDenied/.test(error.name) ? 'may not' : `may (${error.name})`),
    );
  };

  it.each<[Name, string, Act]>([
    ['inbound', 'read a routing entry', get('ROUTE#+441223555000')],
    ['inbound', 'read webhook secrets', secret('webhooks')],
    ['api', 'read tenants', get('TEN#x')],
    ['api', 'read its own key', secret('gateway')],
    ['carriers', "read a carrier's credentials", secret('carriers/telnyx')],
    ['jobs', 'start a workflow', start],
  ])('%s may %s', async (name, _, act) => {
    expect(await outcome(name, act)).toMatch(/^may($| \()/);
  });

  it.each<[Name, string, Act]>([
    ['inbound', 'read a tenant', get('TEN#x')],
    ['inbound', 'list a tenant', query('TEN#x')],
    ['inbound', 'write a routing entry', put('ROUTE#x')],
    ['inbound', 'delete a call', remove('CALL#x')],
    ['inbound', 'write an audit entry', put('AUD#x')],
    ['inbound', "read a carrier's credentials", secret('carriers/telnyx')],
    ['inbound', 'read the key of the gateway', secret('gateway')],
    ['inbound', 'read papers', paper],
    ['inbound', 'start a workflow', start],
    ['api', "read a carrier's credentials", secret('carriers/telnyx')],
    ['api', 'read webhook secrets', secret('webhooks')],
    ['api', 'read papers itself', paper],
    ['api', 'start a workflow', start],
    ['carriers', 'start a workflow', start],
    ['carriers', 'write a routing entry', put('ROUTE#x')],
    ['requests', "read a carrier's credentials", secret('carriers/telnyx')],
    ['requests', 'read webhook secrets', secret('webhooks')],
    ['requests', 'read papers', paper],
    ['jobs', "read a carrier's credentials", secret('carriers/telnyx')],
    ['jobs', 'read webhook secrets', secret('webhooks')],
  ])('%s may not %s', async (name, _, act) => {
    expect(await outcome(name, act)).toBe('may not');
  });

  it.each(FUNCTIONS)('I9: %s may neither change nor delete an audit entry', async (name) => {
    expect([await outcome(name, update('AUD#x')), await outcome(name, remove('AUD#x'))]).toEqual([
      'may not',
      'may not',
    ]);
  });
});
