import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http';

export interface Received {
  readonly method: string;
  /** Path and query, untouched. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** A request with its whole body. */
export async function received(incoming: IncomingMessage): Promise<Received> {
  const parts: Buffer[] = [];
  for await (const part of incoming as AsyncIterable<Buffer>) parts.push(part);
  const { method = 'GET', url: target = '/', headers } = incoming;
  return { method, target, headers, body: Buffer.concat(parts) };
}

/**
 * Hands a request on, byte for byte, and its answer back.
 * @param origin where to
 */
export function relay(origin: string, { method, target, headers, body }: Received, outgoing: ServerResponse) {
  const { connection: _c, 'transfer-encoding': _t, ...rest } = headers;
  const { hostname, port } = new URL(origin);
  return new Promise<void>((resolve) => {
    const sent = request(
      {
        ...{ hostname, port, method, path: target, agent },
        headers: { ...rest, 'content-length': String(body.length) },
      },
      (answer) => {
        const { 'transfer-encoding': _chunked, connection: _closed, ...kept } = answer.headers;
        outgoing.writeHead(answer.statusCode ?? 502, kept);
        answer.pipe(outgoing).once('close', resolve);
        answer.once('error', () => outgoing.destroy());
      },
    );
    sent.once('error', () => {
      if (!outgoing.headersSent) outgoing.writeHead(502);
      outgoing.end();
      resolve();
    });
    sent.end(body);
  });
}
