import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { RawRequest } from '../../functions/carriers/inbound-port.ts';
import type { Sample } from './rounds.ts';

export interface Reply {
  readonly status: number;
  readonly body: string;
}
interface Used {
  readonly cpu: NodeJS.CpuUsage;
  readonly rss: number;
}
/** A server under load, in a process of its own. */
export interface Loaded {
  readonly port: number;
  /** Sends these calls, so many at once, and says what one of them cost the server. */
  load(calls: readonly RawRequest[], times: number): Promise<Sample>;
  send(call: RawRequest): Promise<Reply>;
  /** Resident memory, MiB. */
  memory(): Promise<number>;
  /** CPU time since its start, microseconds. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
}
const AT_ONCE = 16;

/** Starts `server.ts` with these arguments and waits until it listens. */
export function startServer(...args: readonly string[]): Promise<Loaded> {
  return startServerIn({}, ...args);
}

/** Likewise, with these variables in its environment. */
export async function startServerIn(
  variables: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Loaded> {
  const file = fileURLToPath(new URL('./server.ts', import.meta.url));
  const env = { ...process.env, NODE_ENV: 'production', ...variables };
  const child = fork(file, args, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const { port } = (await nextMessage(child)) as { port: number };
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const send = (call: RawRequest) => post(agent, port, call);
  const used = async (): Promise<Used> => {
    const answer = nextMessage(child);
    child.send('used');
    return (await answer) as Used;
  };
  return {
    port,
    send,
    async load(calls, times) {
      const before = await used();
      const start = performance.now();
      await inParallel(calls, times, send);
      const wall = ((performance.now() - start) * 1000) / times;
      const { cpu } = await used();
      return { cpu: (cpu.user + cpu.system - before.cpu.user - before.cpu.system) / times, wall };
    },
    memory: async () => (await used()).rss / 2 ** 20,
    async cpu() {
      const { user, system } = (await used()).cpu;
      return user + system;
    },
    async stop() {
      agent.destroy();
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

/** What the process says next; rejects when it ends instead. */
function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('the server ended'));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message);
    });
  });
}

async function inParallel(calls: readonly RawRequest[], times: number, send: (call: RawRequest) => Promise<Reply>) {
  let sent = 0;
  const lane = async (): Promise<void> => {
    while (sent < times) {
      const call = calls[sent++ % calls.length];
      const reply = call && (await send(call));
      if (reply?.status !== 200) throw new Error(`answered ${reply?.status}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

function post(agent: Agent, port: number, { method, path, headers, body }: RawRequest): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const length = { 'content-length': String(body.byteLength) };
    const sent = request(
      { agent, host: '127.0.0.1', port, method, path, headers: { ...headers, ...length } },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts).toString() }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
