import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Heard {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly json: Readonly<Record<string, unknown>>;
}
/** What the server does with one request. */
export type Act = (response: ServerResponse, heard: Heard) => void;

export interface ScriptedServer {
  readonly url: string;
  readonly heard: readonly Heard[];
  /** Connections made, and closed again by the other side while a request was open. */
  readonly counts: { connections: number; givenUp: number };
  close(): Promise<void>;
}

/** A service on loopback that acts by a list, one act a request; the last one serves for all that follow. */
export async function scriptedServer(acts: readonly Act[]): Promise<ScriptedServer> {
  const heard: Heard[] = [];
  const counts = { connections: 0, givenUp: 0 };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    response.on('close', () => {
      if (!response.writableFinished && !response.req.socket.errored) counts.givenUp++;
    });
    request.on('end', () => {
      const body = Buffer.concat(parts).toString();
      const one = { headers: request.headers, body, json: body.startsWith('{') ? JSON.parse(body) : {} };
      const act = acts[heard.length] ?? acts.at(-1);
      heard.push(one);
      act?.(response, one);
    });
  });
  server.on('connection', () => counts.connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    heard,
    counts,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const answers =
  (json: object, headers: Readonly<Record<string, string>> = {}): Act =>
  (response) => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', ...headers });
    response.end(JSON.stringify(json));
  };
export const refuses =
  (name: string, members: object = {}, headers: Readonly<Record<string, string>> = {}): Act =>
  (response) => {
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0', ...headers });
    response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: name, ...members }));
  };
export const fails =
  (status: number, body = '<html>down</html>'): Act =>
  (response) => {
    response.writeHead(status, { 'content-type': 'text/html' });
    response.end(body);
  };
/** Accepts and says nothing. */
export const silent: Act = () => undefined;
export const resets: Act = (response) => response.req.socket.resetAndDestroy();
/** The beginning of a good answer, then silence. */
export const stalls: Act = (response) => {
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': '500' });
  response.write('{"Item":');
};
/** The beginning of a good answer, then the end of the connection. */
export const cuts: Act = (response) => {
  stalls(response, { headers: {}, body: '', json: {} });
  setTimeout(() => response.req.socket.destroy(), 5);
};
