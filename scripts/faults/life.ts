import { type ChildProcess, fork } from 'node:child_process';
import { request as httpRequest } from 'node:http';
import type { Ask, Standing, Told } from './child.ts';

/** A process of the gateway as the harness sees it. Every call ends in `killed` when the process dies meanwhile. */
export interface Life {
  start(how: Omit<Extract<Ask, { do: 'start' }>, 'do'>): Promise<'started' | 'killed'>;
  settle(): Promise<Standing | 'killed'>;
  /** Ends the gateway in order; the boundaries it came to. */
  stop(): Promise<readonly string[] | 'killed'>;
  /** Ends the process. */
  end(): void;
  isDead(): boolean;
}

/** A new process, with a second one already warming up behind it. */
export function lives(program: string, cache: string): { next(): Life; close(): void } {
  const spawned = () =>
    fork(program, [], {
      env: { ...process.env, NODE_COMPILE_CACHE: cache },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  let spare: ChildProcess | undefined;
  return {
    next() {
      const child = spare ?? spawned();
      spare = spawned();
      return lifeOf(child);
    },
    close() {
      spare?.kill('SIGKILL');
      spare = undefined;
    },
  };
}

function lifeOf(child: ChildProcess): Life {
  const death = new Promise<'killed'>((resolve) => child.once('exit', () => resolve('killed')));
  const ask = async (what: Ask): Promise<Told | 'killed'> => {
    const told = new Promise<Told>((resolve) => child.once('message', (message) => resolve(message as Told)));
    child.send(what, () => undefined);
    const answer = await Promise.race([told, death]);
    if (answer !== 'killed' && 'problem' in answer) throw new Error(`the gateway's process: ${answer.problem}`);
    return answer;
  };
  return {
    async start(how) {
      return (await ask({ do: 'start', ...how })) === 'killed' ? 'killed' : 'started';
    },
    async settle() {
      const told = await ask({ do: 'settle' });
      return told !== 'killed' && 'standing' in told ? told.standing : 'killed';
    },
    async stop() {
      const told = await ask({ do: 'stop' });
      return told !== 'killed' && 'seen' in told ? told.seen : 'killed';
    },
    end: () => child.kill('SIGKILL'),
    isDead: () => child.exitCode !== null || child.signalCode !== null,
  };
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** One HTTP call on a connection of its own; `lost` when it broke, whatever was done by then. */
export function call(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<Answer | 'lost'> {
  return new Promise((resolve) => {
    const sent = httpRequest(
      url,
      {
        method,
        agent: false,
        headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      },
      (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.on('error', () => resolve('lost'));
        incoming.on('end', () => {
          const text = Buffer.concat(parts).toString();
          resolve(
            incoming.complete
              ? { status: incoming.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) }
              : 'lost',
          );
        });
      },
    );
    sent.on('error', () => resolve('lost'));
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
