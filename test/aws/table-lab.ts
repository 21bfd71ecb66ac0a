import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../functions/platform/aws/table-shape.ts';
import { INDEXES } from '../../functions/platform/table.ts';

/** What the emulator takes for credentials. */
export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
export const region = 'us-east-1';

const text = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' as const });
const keys = (pk: string, sk: string) => [
  { AttributeName: pk, KeyType: 'HASH' as const },
  { AttributeName: sk, KeyType: 'RANGE' as const },
];

/** Makes empty tables of our shape on the emulator at AWS_ENDPOINT_URL. No expiry: its own clock is not that of the tests. */
export function tableMaker() {
  const client = new DynamoDBClient({ region, credentials });
  const run = Math.random().toString(36).slice(2, 8);
  let made = 0;
  return {
    async make(): Promise<string> {
      const TableName = `contract-${run}-${++made}`;
      const indexes = INDEXES.map((name) => TABLE.indexes[name]);
      await client.send(
        new CreateTableCommand({
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [TABLE.partitionKey, TABLE.sortKey, ...indexes.flatMap(({ pk, sk }) => [pk, sk])].map(
            text,
          ),
          KeySchema: keys(TABLE.partitionKey, TABLE.sortKey),
          GlobalSecondaryIndexes: INDEXES.map((IndexName) => ({
            IndexName,
            KeySchema: keys(TABLE.indexes[IndexName].pk, TABLE.indexes[IndexName].sk),
            Projection: { ProjectionType: 'ALL' as const },
          })),
        }),
      );
      return TableName;
    },
    async drop(TableName: string): Promise<void> {
      await client.send(new DeleteTableCommand({ TableName }));
    },
  };
}
