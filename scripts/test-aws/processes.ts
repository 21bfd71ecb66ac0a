import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

/** Something started that has to be ended, also after a failure. */
export type End = () => Promise<void> | void;

export interface Run {
  readonly command: string;
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Output goes to this file; without it, to ours. */
  readonly log?: string;
  readonly cwd?: string;
}

/** Runs a command to its end; throws with its name and exit code when that is not 0. */
export async function run({ command, words, env, log, cwd }: Run): Promise<void> {
  const child = spawn(command, [...words], {
    env,
    ...(cwd ? { cwd } : {}),
    stdio: ['ignore', log ? 'pipe' : 'inherit', log ? 'pipe' : 'inherit'],
  });
  const written = log ? keep(child, log) : undefined;
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    // Not `exit`: what it said last may still be on its way.
    child.once('close', resolve);
  });
  written?.end();
  if (code !== 0) throw new CommandFailed(`${command} ${words.join(' ')} ended with ${code}`, written?.tail());
}

export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  /** What it said last; undefined where that went to our own output. */
  readonly said: string | undefined;
  constructor(message: string, said: string | undefined) {
    super(message);
    this.said = said;
  }
}

interface Kept {
  /** The last of what it said, also when the file is gone. */
  tail(): string;
  end(): void;
}
const TAIL = 6_000;

/** Writes what a process says into a file. */
export function keep(child: ChildProcess, log: string): Kept {
  const file = createWriteStream(log, { flags: 'a' });
  const said = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.pipe(file, { end: false });
    stream?.on('data', (piece: Buffer) => {
      said.text = `${said.text}${piece.toString()}`.slice(-TAIL);
    });
  }
  return { tail: () => said.text, end: () => void file.end() };
}

/** A port of loopback that is free now. */
export function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/**
 * The environment of everything the harness starts: nothing of the caller's AWS settings, and an account that is none, so
 * that a mistake cannot reach a real one. `node` is the project's own.
 */
export function cleanEnv(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { PATH = '', HOME = '/', LANG = 'C.UTF-8' } = process.env;
  return {
    ...{
      PATH: `${process.cwd()}/node_modules/.bin:${PATH}`,
      HOME,
      LANG,
      NO_COLOR: '1',
      NO_PROXY: '127.0.0.1,localhost',
    },
    ...{
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
    },
    ...{ AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null', AWS_EC2_METADATA_DISABLED: 'true' },
    ...more,
  };
}
