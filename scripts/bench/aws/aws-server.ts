import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dynamoTable } from '../../../functions/platform/aws/table.ts';
import { CallRefused, type TableCall, type WireObject } from '../../../functions/platform/aws/table-call.ts';
import { SECRETS } from '../../../test/inbound/signed.ts';
import { seed } from '../numbers.ts';
import { LISTED, TABLE_NAME } from './function-env.ts';
import { type WireTable, wireTable } from './wire-table.ts';

/** DynamoDB and Secrets Manager on loopback. */
export interface AwsServer {
  readonly port: number;
  readonly table: WireTable;
  /** Requests so far, by operation. */
  readonly requests: ReadonlyMap<string, number>;
  close(): void;
}

/** Serves the table with the numbers of the load, and the one secret with every carrier's webhook keys. */
export async function serveAws(): Promise<AwsServer> {
  const table = wireTable();
  await seed(dynamoTable({ call: table.call, tableName: TABLE_NAME, clock: { now: () => new Date() } as never }));
  table.take();
  const requests = new Map<string, number>();
  const server = createServer((request, response) => {
    const operation = String(request.headers['x-amz-target']).replace(/^.*\./, '');
    requests.set(operation, (requests.get(operation) ?? 0) + 1);
    const call = operation === 'GetSecretValue' ? readSecret : table.call;
    collect(request)
      .then((text) => call(operation, JSON.parse(text) as WireObject))
      .then(
        (answer) => reply(response, 200, answer),
        (error: unknown) => reply(response, 400, problem(error)),
      );
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { port: (server.address() as AddressInfo).port, table, requests, close };
}

/** The values as lists of what is valid, or as texts, whose former version is asked for as well; there is none. */
const readSecret: TableCall = async (_, { SecretId: id, VersionStage: stage }) => {
  if (stage === 'AWSPREVIOUS') throw new CallRefused({ code: 'ResourceNotFoundException', message: 'no such version' });
  const isListed = String(id).startsWith(LISTED);
  const members = Object.entries(SECRETS).map(([name, versions]) => [name, isListed ? versions : versions[0]]);
  return { Name: id, SecretString: JSON.stringify(Object.fromEntries(members)), VersionStages: ['AWSCURRENT'] };
};

const problem = (error: unknown): WireObject => ({
  __type: error instanceof CallRefused ? error.code : 'InternalServerError',
  message: String(error),
});

function reply(response: ServerResponse, status: number, body: WireObject): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(text),
    'x-amzn-requestid': '01K0000000000000000000000A',
  });
  response.end(text);
}

async function collect(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
