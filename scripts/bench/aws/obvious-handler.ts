import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { Vonage } from '@vonage/server-sdk';
import { parsePhoneNumber } from 'libphonenumber-js';
import Telnyx from 'telnyx';
// biome-ignore lint/style/noRestrictedImports: the whole package is what this reference is about
import twilio from 'twilio';
import * as z from 'zod';

/** The reference of C3: the same answer as one writes it first, every package imported whole at the top of the file. */
const Call = z.object({ To: z.string(), From: z.string(), CallSid: z.string() });
const Secret = z.record(z.string(), z.array(z.string()));
const Item = z.object({ target: z.object({ sipUri: z.string(), timeoutSeconds: z.number() }) });
const { TABLE_NAME: TableName = '', SECRETS_PREFIX: prefix = '', PUBLIC_URL: publicUrl = '' } = process.env;

const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const secretStore = new SecretsManagerClient({});
const carriers = { telnyx: new Telnyx({ apiKey: 'unused' }), vonage: new Vonage({ apiKey: 'a', apiSecret: 'b' }) };

interface Event {
  readonly rawPath: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export async function handler({ rawPath, headers, body }: Event) {
  const { SecretString: text = '{}' } = await secretStore.send(
    new GetSecretValueCommand({ SecretId: `${prefix}/webhooks` }),
  );
  const [token = ''] = Secret.parse(JSON.parse(text))['carriers/twilio/auth-token'] ?? [];
  const fields = Object.fromEntries(new URLSearchParams(Buffer.from(body, 'base64').toString()));
  const signature = headers['x-twilio-signature'] ?? '';
  if (!twilio.validateRequest(token, signature, publicUrl + rawPath, fields)) return { statusCode: 403, body: '' };
  const call = Call.parse(fields);
  const Key = { pk: `ROUTE#${parsePhoneNumber(call.To).number}`, sk: 'twilio' };
  const { target } = Item.parse((await documents.send(new GetCommand({ TableName, Key }))).Item);
  const response = new twilio.twiml.VoiceResponse();
  response.dial({ answerOnBridge: true, timeout: target.timeoutSeconds }).sip(target.sipUri);
  console.log(JSON.stringify({ level: 'info', event: 'call', call: call.CallSid, carriers: Object.keys(carriers) }));
  return { statusCode: 200, headers: { 'content-type': 'text/xml' }, body: response.toString() };
}
