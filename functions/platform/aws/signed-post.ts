import type { IncomingMessage, RequestOptions } from 'node:http';

export interface Posted {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
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
  const place: RequestOptions = { host: endpoint.hostname, path: endpoint.pathname, method: 'POST', agent };
  const { port } = endpoint;
  return {
    post: ({ headers, body, limitMs }) =>
      new Promise((resolve, reject) => {
        const lengthened = { ...headers, 'content-length': Buffer.byteLength(body) };
        const request = http.request({ ...place, ...(port ? { port } : {}), headers: lengthened }, (response) => {
          collect(response)
            .then(resolve, reject)
            .finally(() => clearTimeout(timer));
        });
        const timer = setTimeout(() => {
          const error = new Error(`no complete answer in ${limitMs} ms`);
          reject(error);
          request.destroy(error);
        }, limitMs);
        request.on('error', (error) => {
          clearTimeout(timer);
          reject(error);
        });
        request.end(body);
      }),
    forget() {
      for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
    },
  };
}

function collect(response: IncomingMessage): Promise<Posted> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    response.on('data', (part: Buffer) => {
      parts.push(part);
      size += part.length;
      if (size > LARGEST) response.destroy(new Error(`an answer of more than ${LARGEST} bytes`));
    });
    response.on('error', reject);
    response.on('end', () => {
      const text = Buffer.concat(parts).toString('utf8');
      if (response.complete) resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
    response.on('close', () => reject(new Error('the answer was cut off')));
  });
}
