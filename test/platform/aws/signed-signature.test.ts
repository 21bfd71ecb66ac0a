import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { signer } from '../../../functions/platform/aws/signed-signature.ts';
import { answers, scriptedServer } from './scripted-server.ts';

/** The cases AWS publishes for Signature Version 4, those that fit a POST to `/`. */
const published = {
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
  host: 'example.amazonaws.com',
  at: new Date('2015-08-30T12:36:00Z'),
};
const sign = signer({ service: 'service', region: 'us-east-1' });

it.each<[string, Readonly<Record<string, string>>, string, string]>([
  ['post-vanilla', {}, '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'post-x-www-form-urlencoded',
    { 'content-type': 'application/x-www-form-urlencoded' },
    'Param1=value1',
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
  ['post-header-key-case', {}, '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'post-header-key-sort',
    { 'my-header1': 'value1' },
    '',
    'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  ],
])('signs the published case %s', (_, headers, body, signature) => {
  const { authorization } = sign({ ...published, headers, body });
  expect(authorization).toMatch(new RegExp(`Signature=${signature}$`));
  expect(authorization).toContain('Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request');
});

const word = fc.stringMatching(/^[A-Za-z0-9/+=]{16,60}$/);
const credentials = fc.record({
  accessKeyId: word,
  secretAccessKey: word,
  sessionToken: word,
});

it.each(['eu-central-1', 'us-east-1'])('signs what the official client signs, in the same way (%s)', async (region) => {
  const server = await scriptedServer([answers({})]);
  const own = signer({ service: 'dynamodb', region });
  let present = { ...published.credentials, sessionToken: '' };
  const client = new DynamoDBClient({
    region,
    endpoint: server.url,
    // Expired at once, so that each request is signed with those of its run.
    credentials: async () => ({ ...present, expiration: new Date(0) }),
  });
  const text = fc.string({ unit: 'binary', minLength: 1 }).filter((one) => one.isWellFormed());
  await fc.assert(
    fc.asyncProperty(credentials, text, text, async (keys, TableName, pk) => {
      present = keys;
      await client.send(new GetItemCommand({ TableName, Key: { pk: { S: pk } } }));
      const { headers = {}, body = '' } = server.heard.at(-1) ?? {};
      const [, list = ''] = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '') ?? [];
      const added = ['host', 'x-amz-date', 'x-amz-security-token'];
      const given = list.split(';').filter((name) => !added.includes(name));
      const at = new Date(String(headers['x-amz-date']).replace(/(....)(..)(..T..)(..)(..)Z/, '$1-$2-$3:$4:$5Z'));
      const signed = own({
        host: String(headers.host),
        headers: Object.fromEntries(given.map((name) => [name, String(headers[name])])),
        body,
        credentials: keys,
        at,
      });
      expect(signed['authorization']).toBe(headers.authorization);
    }),
    { numRuns: 100 },
  );
  client.destroy();
  await server.close();
});

it('makes a new key for a new day and for a new secret', () => {
  const signature = (secretAccessKey: string, at: string) =>
    sign({
      ...published,
      headers: {},
      body: '',
      credentials: { accessKeyId: 'A', secretAccessKey },
      at: new Date(at),
    })['authorization'];
  const first = signature('one', '2026-01-01T00:00:00Z');
  const others = [signature('two', '2026-01-01T00:00:00Z'), signature('one', '2026-01-02T00:00:00Z')];
  expect(new Set([first, ...others]).size).toBe(3);
  expect(signature('one', '2026-01-01T00:00:00Z')).toBe(first);
});
