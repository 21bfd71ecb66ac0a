import {
  DeleteItemCommand,
  type DeleteItemCommandInput,
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  type GetItemCommandInput,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';
import { within } from './limits.ts';
import { type TableCall, toCallError, type WireObject } from './table-call.ts';

export interface OfficialOptions {
  /** Milliseconds one try may take; default 2000. */
  readonly requestMs?: number;
  /** Milliseconds for all tries of one operation; default three times `requestMs`. */
  readonly totalMs?: number;
  /** Region, credentials, endpoint where they do not come from the environment. */
  readonly config?: Pick<DynamoDBClientConfig, 'region' | 'credentials' | 'endpoint'>;
}

/** The first and two repeats. */
const TRIES = 3;

/** The table's operations over the official client, which signs, repeats and parses by itself. Make one per function. */
export function officialCalls({ requestMs = 2000, totalMs = 3 * requestMs, config = {} }: OfficialOptions): TableCall {
  const client = new DynamoDBClient({
    ...config,
    maxAttempts: TRIES,
    // The socket's own limit covers a body that stalls.
    requestHandler: { ...within(requestMs), socketTimeout: requestMs },
  });
  return async (operation, input) => {
    try {
      const answer = await sent(client, operation, input, { abortSignal: AbortSignal.timeout(totalMs) });
      return answer as WireObject;
    } catch (error) {
      throw toCallError(error);
    }
  };
}

/** The client takes and gives the very members of the wire, so its input types say nothing that is not known here. */
function sent(
  client: DynamoDBClient,
  operation: string,
  input: WireObject,
  options: { readonly abortSignal: AbortSignal },
): Promise<object> {
  switch (operation) {
    case 'GetItem':
      return client.send(new GetItemCommand(input as unknown as GetItemCommandInput), options);
    case 'PutItem':
      return client.send(new PutItemCommand(input as unknown as PutItemCommandInput), options);
    case 'DeleteItem':
      return client.send(new DeleteItemCommand(input as unknown as DeleteItemCommandInput), options);
    case 'Query':
      return client.send(new QueryCommand(input as unknown as QueryCommandInput), options);
    case 'TransactWriteItems':
      return client.send(new TransactWriteItemsCommand(input as unknown as TransactWriteItemsCommandInput), options);
    default:
      throw new TypeError(`the table has no use for ${operation}`);
  }
}
