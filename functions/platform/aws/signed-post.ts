import type { IncomingMessage, RequestOptions } from 'node:http';

export interface Posted {
  readonly status: number;
  /** Read only where it is asked for: an answer that is good is good without. */
  readonly header: (name: 'date' | 'x-amzn-errortype') => unknown;
  readonly text: string;
}
export interface Posting {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Milliseconds until the answer must be complete. */
  readonly limitMs: number;
}
export interface Poster {
  post(posting: Posting): Promise<Posted>;
  /** Closes the connections that wait for use: after a freeze of the process they may all be dead. */
  forget(): void;
}

/** More than the largest page of the table takes as JSON. */
const LARGEST = 16 * 1024 * 1024;

/**
 * POSTs to one address over kept connections; rejects when the whole answer was not there in time, was cut or too large.
 * The modules are taken from the process, since importing them by name loads Node's fetch and streams as well.
 */
export function poster(endpoint: URL): Poster {
  const http = process.getBuiltinModule(endpoint.protocol === 'http:' ? 'node:http' : 'node:https');
  const agent = new http.Agent({ keepAlive: true, maxSockets: 50 });
  const { hostname: host, pathname: path, port } = endpoint;
  const place: RequestOptions = { host, path, method: 'POST', agent, ...(port ? { port } : {}) };
  return {
    post: ({ headers, body, limitMs }) =>
      new Promise((resolve, reject) => {
        const lines = ['content-length', String(Buffer.byteLength(body))];
        for (const name in headers) lines.push(name, headers[name] ?? '');
        const request = http.request({ ...place, headers: lines });
        const timer = setTimeout(() => {
          request.destroy(new Error(`no complete answer in ${limitMs} ms`));
        }, limitMs);
        const end = (error: unknown): void => {
          clearTimeout(timer);
          reject(error);
        };
        request.on('error', end);
        request.on('response', (response) => {
          collect(
            response,
            (posted) => {
              clearTimeout(timer);
              resolve(posted);
            },
            end,
          );
        });
        request.end(body);
      }),
    forget() {
      for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
    },
  };
}

function collect(response: IncomingMessage, done: (posted: Posted) => void, fail: (error: unknown) => void): void {
  const parts: Buffer[] = [];
  let size = 0;
  let isWhole = false;
  response.on('data', (part: Buffer) => {
    parts.push(part);
    size += part.length;
    if (size > LARGEST) response.destroy(new Error(`an answer of more than ${LARGEST} bytes`));
  });
  response.on('error', fail);
  response.on('end', () => {
    const whole = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    const text = whole?.toString('utf8') ?? '';
    isWhole = response.complete;
    if (isWhole) done({ status: response.statusCode ?? 0, header: (name) => response.headers[name], text });
  });
  response.on('close', () => {
    if (!isWhole) fail(new Error('the answer was cut off'));
  });
}
