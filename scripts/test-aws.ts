import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { awsAt } from './test-aws/aws.ts';
import { startEmulator } from './test-aws/emulator.ts';
import { readFunctionLogs } from './test-aws/function-logs.ts';
import { install, timed } from './test-aws/installation.ts';
import { CommandFailed, type End } from './test-aws/processes.ts';
import { emulatorPython, findPython } from './test-aws/python.ts';
import { type Report, reportOf, rowsOf } from './test-aws/report.ts';
import { runSuites } from './test-aws/suites.ts';

/**
 * `npm run test:aws`: deploys the gateway to an emulator of AWS by the real toolkit, then runs the contract suites of both
 * engines and the journeys by address only. Writes `reports/aws.json`; ends with 1 when anything failed.
 *
 * `--require` fail where Python is missing (so does CI) · `--only contracts|journeys` · `--serve` deploy and wait ·
 * `--emulator` start the emulator alone and wait · `--keep` leave the folder with all logs
 */
const { values } = parseArgs({
  options: {
    require: { type: 'boolean', default: false },
    only: { type: 'string' },
    serve: { type: 'boolean', default: false },
    emulator: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const CONFIG = ['--config', 'vitest.aws.config.ts'];
const JOURNEYS = 'test/aws/journeys';
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const folder = mkdtempSync(join(tmpdir(), 'numbergate-aws-'));
const begun: End[] = [];
let isOver = false;

/** Ends what was begun, last first. Whatever happens, every part gets its turn. */
async function endAll(): Promise<void> {
  for (let end = begun.pop(); end; end = begun.pop())
    await Promise.resolve(end()).catch((error: unknown) => say(`could not be ended: ${String(error)}`));
}
async function over(code: number): Promise<never> {
  if (isOver) return new Promise(() => undefined);
  isOver = true;
  await endAll();
  // What failed is looked into afterwards.
  if (values.keep || (code !== 0 && code !== 130)) say(`logs: ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void over(130));

try {
  const found = findPython();
  const python = found === undefined ? undefined : await installed(found);
  await over(python === undefined ? unproved() : await main(python));
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  if (error instanceof CommandFailed && error.said) say(error.said);
  await over(1);
}

/** Path of the emulator's own Python; undefined where it cannot be had. */
async function installed(found: string): Promise<string | undefined> {
  try {
    const own = await timed(() => emulatorPython(found));
    say(`virtual environment: ${own.seconds} s`);
    return own.value;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    say([error.message, ...(error.said ? [error.said.slice(-2000)] : [])].join('\n'));
    return undefined;
  }
}

/** Says that nothing could be run; an error where it may not be left out. */
function unproved(): 0 | 1 {
  const isRequired = values.require || process.env['CI'] !== undefined;
  say('The AWS emulator needs Python 3.10 or later with venv and pip (Debian: python3-venv), and packages from PyPI.');
  say(isRequired ? 'It may not be left out here.' : 'SKIPPED: nothing was proved about AWS.');
  return isRequired ? 1 : 0;
}

async function main(python: string): Promise<number> {
  const ends = (end: End): void => void begun.push(end);
  if (values.emulator) {
    const emulator = await startEmulator(python, folder);
    ends(emulator.close);
    say(`AWS_ENDPOINT_URL=${emulator.url}`);
    return new Promise(() => undefined);
  }
  const late = Promise.withResolvers<void>();
  const { env, seconds, page, emulator, secrets } = await install({ python, folder, ends, say, begun: late.resolve });
  if (values.serve) {
    for (const [name, value] of Object.entries(env)) say(`${name}='${value}'`);
    return new Promise(() => undefined);
  }
  const isWanted = (part: string): boolean => values.only === undefined || values.only === part;
  const suites = (...words: readonly string[]) => ({ words: [...CONFIG, ...words], folder, env });
  const journeys = await timed(async () => {
    if (!isWanted('journeys')) return { early: [], late: Promise.resolve([]) };
    const main = await runSuites(suites(`${JOURNEYS}/main-job`));
    // Waits for minutes: meanwhile the others run.
    const slow = runSuites({ ...suites(`${JOURNEYS}/late`), isQuiet: true });
    await Promise.race([late.promise, slow]);
    const apart = ['--exclude', '**/main-job.*', '--exclude', '**/late.*', '--no-file-parallelism'];
    return { early: [...main, ...(await runSuites(suites(JOURNEYS, ...apart)))], late: slow };
  });
  const contracts = await timed(async () =>
    isWanted('contracts') ? runSuites(suites('--exclude', `${JOURNEYS}/**`)) : [],
  );
  const local = isWanted('contracts') ? await runSuites({ words: ['test/local'], folder }) : [];
  const waited = await timed(() => journeys.value.late);
  await page.keepUp();
  const { errors, leaks } = await readFunctionLogs(awsAt(emulator.url), folder, secrets);
  await page.tearDown();
  const report: Report = reportOf({
    journeys: [...journeys.value.early, ...waited.value],
    aws: contracts.value,
    local,
    refusals: emulator.refusals(),
    leaks,
    seconds: { ...seconds, journeys: journeys.seconds, contracts: contracts.seconds, waited: waited.seconds },
  });
  if (values.only === undefined) {
    mkdirSync('reports', { recursive: true });
    writeFileSync('reports/aws.json', `${JSON.stringify(report, null, 2)}\n`);
  }
  if (!report.holds) for (const line of errors) say(`logged  ${line.slice(0, 600)}`);
  console.table(rowsOf(report));
  for (const name of report.skipped) say(`skipped  ${name}`);
  say(
    `seconds: ${Object.entries(report.seconds)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}`,
  );
  for (const refusal of report.refusals) say(`REFUSED  ${refusal}`);
  for (const leak of report.leaks) say(`LEAKED  ${leak}`);
  for (const { file, name, failure } of report.failed) say(`FAILED  ${file}  ${name}\n${failure.slice(0, 1500)}`);
  return report.holds ? 0 : 1;
}
