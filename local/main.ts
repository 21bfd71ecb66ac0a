import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { startGateway } from './gateway.ts';
import { listPeople } from './people.ts';
import { readSettings } from './settings.ts';

/** `npm start`: the whole gateway on loopback, with links and sign-ins printed; data stays in DATA_DIR. */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const logStream = process.stdout.isTTY ? lateLog(settings.dataDir) : process.stdout;
  const gateway = await startGateway({ settings, env: process.env, logStream });
  const people = await listPeople(gateway.table);
  process.stdout.write(`${banner(gateway.url, gateway.simulatorsUrl, people, settings.dataDir)}\n`);
  const stop = async () => {
    await gateway.close();
    process.exit(0);
  };
  process.once('SIGINT', () => void stop());
  process.once('SIGTERM', () => void stop());
}

/** A person's terminal gets the links; the log goes to a file beside the data. */
function lateLog(dataDir: string): { write(text: string): unknown } {
  let stream: ReturnType<typeof createWriteStream> | undefined;
  return {
    write(text) {
      stream ??= createWriteStream(join(dataDir, 'numbergate.log'), { flags: 'a' });
      return stream.write(text);
    },
  };
}

function banner(
  url: string,
  simulators: string | undefined,
  people: readonly { email: string; roles: readonly string[] }[],
  dataDir: string,
): string {
  const lines = [
    'Numbergate is running.',
    '',
    `  API         ${url}/v1`,
    `  Reference   ${url}/reference`,
    `  OpenAPI     ${url}/openapi.json`,
    `  Mails       ${url}/local/mails`,
    ...(simulators ? [`  Simulators  ${simulators}/_control/telnyx/numbers`] : []),
    `  Data        ${dataDir}`,
    '',
    'Sign in (no password, this machine only):',
    ...people.map(({ email, roles }) => `  ${email.padEnd(30)} ${roles.join(', ')}`),
    '',
    `  curl -s ${url}/local/sign-in -H 'content-type: application/json' -d '{"email":"customer@acme.example"}'`,
    '  npm run numbergate -- search --as customer@acme.example --country GB --area 1223',
  ];
  return lines.join('\n');
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
