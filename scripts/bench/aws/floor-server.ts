import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { numberAt } from '../load-numbers.ts';
import { TABLE_NAME } from './function-env.ts';

const ANSWER = `<?xml version="1.0" encoding="UTF-8"?><Response>${'x'.repeat(280)}</Response>`;
const HEADERS = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.GetItem' };
/** As long as a signed request's. */
const SIGNATURE = 'x'.repeat(900);

/**
 * What a call costs at least here: HTTP in, one request to the table, one log line, HTTP out, with nothing verified, signed,
 * checked or decided. Gives its port.
 */
export async function serveFloor(): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  const { port, hostname } = new URL(process.env['AWS_ENDPOINT_URL'] ?? '');
  const Key = { pk: { S: `ROUTE#${numberAt(7)}` }, sk: { S: 'twilio' } };
  const body = JSON.stringify({ TableName: TABLE_NAME, Key, ConsistentRead: false });
  const headers = { ...HEADERS, authorization: SIGNATURE, 'content-length': Buffer.byteLength(body) };
  const read = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const sent = request({ hostname, port, path: '/', method: 'POST', agent, headers }, (answer) =>
        collect(answer).then(resolve, reject),
      );
      sent.on('error', reject);
      sent.end(body);
    });
  const server = createServer((incoming, outgoing) => {
    void collect(incoming)
      .then(read)
      .then((text) => {
        const { Item: item } = JSON.parse(text);
        console.log(JSON.stringify({ time: new Date(), level: 'info', event: 'call', of: item.numberId.S }));
        outgoing.writeHead(200, { 'content-type': 'text/xml', 'content-length': ANSWER.length }).end(ANSWER);
      });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return (server.address() as AddressInfo).port;
}

function collect(message: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    message.setEncoding('utf8');
    message.on('data', (part: string) => {
      text += part;
    });
    message.on('end', () => resolve(text));
    message.on('error', reject);
  });
}
