import { join } from 'node:path';
import { systemClock } from '../../local/engine/clock.ts';
import { startSimulators } from '../../local/simulator.ts';
import { SIMULATORS } from '../../local/start-carriers.ts';
import { awsAt } from './aws.ts';
import { openControl } from './control.ts';
import { type Deployed, openPage, type Page, STACK } from './deploy.ts';
import { type Emulator, startEmulator } from './emulator.ts';
import { openFaultProxy } from './fault-proxy.ts';
import { openFrontDoor } from './front-door.ts';
import type { End } from './processes.ts';
import { addPeople, CARRIERS, newPassword, putSecrets, secretOnes, simulatedCredentials } from './seed.ts';

export interface Installation {
  readonly emulator: Emulator;
  readonly page: Page;
  /** Values that nothing may show, by their names. */
  readonly secrets: Readonly<Record<string, string>>;
  /** For the tests: where everything is. */
  readonly env: Readonly<Record<string, string>>;
  readonly seconds: { readonly bootstrap: number; readonly deploy: number; readonly people: number };
}
interface Options {
  /** Python of the virtual environment. */
  readonly python: string;
  /** For everything that is written. */
  readonly folder: string;
  /** Takes what has to be ended, in the order it was begun. */
  readonly ends: (end: End) => void;
  readonly say: (line: string) => void;
  /** See `openControl`. */
  readonly begun: () => void;
}

/** Gives a fresh emulator the whole gateway by a real deployment, simulated carriers, credentials and first people. */
export async function install({ python, folder, ends, say, begun }: Options): Promise<Installation> {
  const door = await openFrontDoor();
  ends(door.close);
  const late: { url?: string } = {};
  const proxy = await openFaultProxy(() => late.url ?? '');
  ends(proxy.close);
  const emulator = await startEmulator(python, folder, {
    // Functions reach table, secrets and mail through the proxy; everything else, and everybody else, the emulator itself.
    AWS_ENDPOINT_URL_DYNAMODB: proxy.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: proxy.url,
    AWS_ENDPOINT_URL_SES: proxy.url,
    NODE_OPTIONS: `--import=${join(process.cwd(), 'test/aws/emulator/amazon-names.mjs')}`,
  });
  ends(emulator.close);
  late.url = emulator.url;
  const credentials = simulatedCredentials();
  const simulators = await startSimulators({
    ...{ dataDir: folder, port: 0, clock: systemClock(), gatewayUrl: door.url },
    ...{ carriers: SIMULATORS(), credentials: credentials.byVariable },
  });
  ends(simulators.close);
  const control = await openControl({ emulator, proxy, begun });
  ends(control.close);
  say(`emulator ${emulator.url}, simulators ${simulators.url}, log ${emulator.log}`);

  const carrierBaseUrls = Object.fromEntries(CARRIERS.map((id) => [id, `${simulators.url}/${id}`]));
  // A busy machine loads the carriers' libraries for seconds; nothing here is about deadlines.
  const settings = { publicUrl: door.url, carrierBaseUrls, searchDeadlineMs: 10_000 };
  const page = openPage({ emulatorUrl: emulator.url, folder, python, settings });
  ends(page.shell.close);
  const deployed = await page.deploy();
  const took = page.shell.took();
  say(
    `docs/deploy.md up to the deployment: ${Object.entries(took)
      .map((one) => one.join(' '))
      .join(', ')} s`,
  );
  const password = newPassword();
  const aws = awsAt(emulator.url);
  const people = await timed(async () => {
    door.leadTo(emulator.url, await aws.apiNamed(STACK));
    await page.begin();
    await putSecrets(aws, deployed, credentials);
    await addPeople(aws, deployed, password);
  });
  say(`docs/deploy.md from the first people to the first call, and ours: ${people.seconds} s`);
  const places = { url: door.url, simulators: simulators.url, control: control.url, emulator: emulator.url };
  return {
    ...{ emulator, page, secrets: { ...secretOnes(credentials), password } },
    env: envOf(places, deployed, password),
    seconds: { bootstrap: took['bootstrap'] ?? 0, deploy: took['deploy'] ?? 0, people: people.seconds },
  };
}

interface Places {
  readonly url: string;
  readonly simulators: string;
  readonly control: string;
  readonly emulator: string;
}

const envOf = (places: Places, deployed: Deployed, password: string) => ({
  AWS_ENDPOINT_URL: places.emulator,
  NUMBERGATE_URL: places.url,
  SIMULATORS_URL: places.simulators,
  HARNESS_URL: places.control,
  DEPLOYED: JSON.stringify(deployed),
  PEOPLE_PASSWORD: password,
});

/** Seconds something took, with one decimal. */
export async function timed<T>(act: () => Promise<T>): Promise<{ readonly value: T; readonly seconds: number }> {
  const begun = performance.now();
  const value = await act();
  return { value, seconds: Math.round((performance.now() - begun) / 100) / 10 };
}
