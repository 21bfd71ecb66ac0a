import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalMail, localMails, localSignIn } from '../../cli/local-lines.ts';
import { type Simulators, simulators } from '../../cli/simulators.ts';
import type { Terminal } from '../../cli/terminal.ts';
import type { Observe } from '../../functions/carriers/client.ts';
import { type Client, createClient } from '../../functions/contract/client.ts';
import { startGateway } from '../gateway.ts';
import { readSettings } from '../settings.ts';

/** Somebody who takes part, signed in. */
export interface Person {
  readonly name: string;
  readonly email: string;
  readonly roles: readonly string[];
  readonly client: Client;
}
/** The gateway of a demo with its simulated carriers and people. */
export interface World {
  readonly url: string;
  readonly carriersUrl: string;
  readonly carriers: Simulators;
  readonly terminal: Terminal;
  /** Where the gateway's log lies, for when something fails. */
  readonly logPath: string;
  /** @param tenant for whom staff act */
  signIn(email: string, tenant?: string): Promise<Person>;
  /** Every mail sent so far, oldest first. */
  mails(): Promise<readonly LocalMail[]>;
  /** Milliseconds in which anything that needs nobody happens. */
  readonly patienceMs: number;
  /** @param keep leaves the data folder for a look */
  close(keep: boolean): Promise<void>;
}

/** Starts a gateway of its own on free ports with a fresh data folder; nothing of the environment reaches it. */
export async function openWorld(terminal: Terminal, observe: Observe | undefined): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), 'numbergate-demo-'));
  const logPath = join(dataDir, 'numbergate.log');
  const logStream = createWriteStream(logPath, { flags: 'a' });
  // A slow machine loads the carriers' libraries for seconds; nothing here is about deadlines.
  const env = { PORT: '0', SIMULATORS_PORT: '0', DATA_DIR: dataDir, SEARCH_DEADLINE_MS: '10000' };
  const gateway = await startGateway({
    settings: readSettings(env),
    env,
    logStream,
    ...(observe ? { observe } : {}),
  });
  const carriersUrl = gateway.simulatorsUrl ?? '';
  const anyone = createClient({ baseUrl: gateway.url });
  return {
    url: gateway.url,
    carriersUrl,
    carriers: simulators(carriersUrl),
    terminal,
    logPath,
    patienceMs: 20_000,
    mails: async () => (await anyone.call(localMails)).body.data,
    async signIn(email, tenant) {
      const { accessToken, user } = (await anyone.call(localSignIn, { body: { email } })).body;
      const client = createClient({ baseUrl: gateway.url, token: accessToken, ...(tenant ? { tenant } : {}) });
      return { name: user.name, email: user.email, roles: user.roles, client };
    },
    async close(keep) {
      await gateway.close();
      await new Promise((resolve) => logStream.end(resolve));
      if (!keep) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
