import { createRequire } from 'node:module';
import type { FindRouteLater } from '../reference-store.ts';
import { TABLE_NAME } from './function-env.ts';

const load = createRequire(import.meta.url);

interface Documents {
  readonly DynamoDBDocumentClient: { from(client: object): { send(command: object): Promise<{ Item?: Stored }> } };
  readonly GetCommand: new (input: object) => object;
}
interface Stored {
  readonly target: { readonly sipUri: string; readonly timeoutSeconds: number };
}

/** Routes read as one does with the document client: one eventually consistent read by key. */
export function routesInDynamo(): FindRouteLater {
  const { DynamoDBClient } = load('@aws-sdk/client-dynamodb') as { DynamoDBClient: new (config: object) => object };
  const { DynamoDBDocumentClient, GetCommand } = load('@aws-sdk/lib-dynamodb') as Documents;
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  return async (number) => {
    const Key = { pk: `ROUTE#${number}`, sk: 'twilio' };
    const { Item: item } = await documents.send(new GetCommand({ TableName: TABLE_NAME, Key }));
    return item && { sip: item.target.sipUri, timeout: item.target.timeoutSeconds };
  };
}
