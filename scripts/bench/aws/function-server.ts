import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import type { HttpEvent, HttpResult } from '../../../functions/platform/on-lambda.ts';
import { toEvent } from './function-env.ts';

type Handler = (event: HttpEvent) => Promise<HttpResult>;

/** Serves a bundled function over HTTP: request in, JSON event, the handler, answer out (performance §8). Gives its port. */
export async function serveFunction(file: string): Promise<number> {
  const { handler } = (await import(pathToFileURL(file).href)) as { handler: Handler };
  const server = createServer((request, response) => {
    void collect(request)
      .then((body) => handler(JSON.parse(JSON.stringify(eventOf(request, body))) as HttpEvent))
      .then(({ statusCode, headers, body }) => {
        response.writeHead(statusCode, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
      });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return (server.address() as AddressInfo).port;
}

function eventOf({ method = 'POST', url = '/', headers }: IncomingMessage, body: Uint8Array) {
  const query = url.split('?', 2)[1] ?? '';
  return toEvent({ method, path: url, query, headers: headers as Readonly<Record<string, string>>, body });
}

function collect(request: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => resolve(Buffer.concat(parts)));
    request.on('error', reject);
  });
}
