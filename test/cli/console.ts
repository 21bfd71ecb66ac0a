import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../cli/run.ts';
import { painter, type Terminal } from '../../cli/terminal.ts';
import { type Gateway, startGateway } from '../../local/gateway.ts';
import { readSettings } from '../../local/settings.ts';

export const ACME = 'ten_00000000000000000000000001';
export const PAM = 'customer@acme.example';
export const CHRIS = 'cs@numbergate.example';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A terminal that keeps what is written, without colours. */
export function quietTerminal(env: Terminal['env']): Terminal & { said(): Omit<Said, 'code'> } {
  const kept = { out: '', err: '' };
  return {
    out: (text) => {
      kept.out += text;
    },
    err: (text) => {
      kept.err += text;
    },
    env,
    paint: painter(false),
    isLive: false,
    width: 100,
    said: () => ({ ...kept }),
  };
}

/** A gateway on free ports, and the program pointed at it. */
export async function startConsole() {
  const dataDir = mkdtempSync(join(tmpdir(), 'numbergate-cli-'));
  // The first search of a process loads the carriers' SDKs, which takes seconds on a busy machine.
  const settings = { PORT: '0', SIMULATORS_PORT: '0', DATA_DIR: dataDir, SEARCH_DEADLINE_MS: '15000' };
  const gateway: Gateway = await startGateway({
    settings: readSettings(settings),
    env: settings,
    logStream: { write: () => true },
  });
  const env = { NUMBERGATE_URL: gateway.url, SIMULATORS_URL: gateway.simulatorsUrl, DATA_DIR: join(dataDir, 'cli') };
  const numbergate = async (args: readonly string[], more: Terminal['env'] = {}): Promise<Said> => {
    const terminal = quietTerminal({ ...env, ...more });
    const code = await run(args, terminal);
    return { code, ...terminal.said() };
  };
  return {
    gateway,
    env,
    /** Gone with the gateway. */
    folder: dataDir,
    numbergate,
    /** The answer of a command that must be taken. */
    async json(...args: readonly string[]) {
      const { code, out, err } = await numbergate([...args, '--json']);
      if (code !== 0) throw new Error(`numbergate ${args.join(' ')}: ${code} ${err}`);
      return JSON.parse(out);
    },
    async end() {
      await gateway.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
