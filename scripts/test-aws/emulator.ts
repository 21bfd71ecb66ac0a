import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonataServer } from '../../test/aws/emulator/jsonata-server.ts';
import { cleanEnv, freePort, keep } from './processes.ts';

export interface Emulator {
  /** Root of every AWS interface, on loopback. */
  readonly url: string;
  readonly port: number;
  /** Where its log lies. */
  readonly log: string;
  /** Processes of functions that run now, by function name. */
  functionProcesses(name: string): readonly number[];
  /** Calls of the gateway's own functions that their roles had no right to, since the start. */
  refusals(): readonly string[];
  /** From now on the table's stream loses every event of a record that holds this text; undefined: none. */
  loseEventsOf(text: string | undefined): void;
  close(): Promise<void>;
}
const STARTS_WITHIN_MS = 30_000;

/**
 * Starts a fresh emulator.
 * @param python of the virtual environment
 * @param folder for everything it writes
 * @param env in addition, for the functions it runs as well
 */
export async function startEmulator(
  python: string,
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Emulator> {
  const shared = join(folder, 'shared');
  for (const each of ['tmp', 'state', 's3', 'shared']) mkdirSync(join(folder, each), { recursive: true });
  const jsonata = await jsonataServer();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(python, ['-u', 'test/aws/emulator/start.py'], {
    // A group of its own: ended with all functions it has started.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: cleanEnv({
      ...{
        GATEWAY_PORT: String(port),
        BIND_HOST: '127.0.0.1',
        MINISTACK_HOST: '127.0.0.1',
        JSONATA_URL: jsonata.url,
        HARNESS_DIR: shared,
      },
      ...{ TMPDIR: join(folder, 'tmp'), STATE_DIR: join(folder, 'state'), S3_DATA_DIR: join(folder, 's3') },
      ...{ AUTH: 'true', SFTP_ENABLED: '0', IOT_MTLS_ENABLED: '0', PYTHONDONTWRITEBYTECODE: '1', ...env },
    }),
  });
  const log = join(folder, 'emulator.log');
  const written = keep(child, log);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const close = async () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, 'SIGKILL');
      await ended;
    }
    written.end();
    await jsonata.close();
  };
  try {
    await answering(url, () => child.exitCode !== null);
  } catch (error) {
    await close();
    throw new Error(`the emulator did not start: ${readFileSync(log, 'utf8').slice(-2000)}`, { cause: error });
  }
  const lost = join(shared, 'lose-events-of');
  return {
    ...{ url, port, log, close },
    refusals: () => linesOf(join(shared, 'refusals')).filter((line) => line.startsWith('numbergate-')),
    functionProcesses: (name) => runningOf(join(shared, 'processes'), name),
    loseEventsOf: (text) => (text === undefined ? rmSync(lost, { force: true }) : writeFileSync(lost, text)),
  };
}

async function answering(url: string, isOver: () => boolean): Promise<void> {
  const end = Date.now() + STARTS_WITHIN_MS;
  for (;;) {
    const health = await fetch(`${url}/_ministack/health`).catch(() => undefined);
    if (health?.ok) return;
    if (isOver() || Date.now() > end) throw new Error('no answer');
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

const linesOf = (file: string): readonly string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];

function runningOf(file: string, name: string): readonly number[] {
  const started = linesOf(file)
    .filter((line) => line.endsWith(` ${name}`))
    .map((line) => Number.parseInt(line, 10));
  return started.filter((pid) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  });
}
