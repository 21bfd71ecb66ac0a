import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { incoming } from '../../../test/inbound/signed.ts';
import { startServer } from '../load.ts';
import { numberAt, SIP } from '../load-numbers.ts';
import { median, ROUNDS } from '../rounds.ts';
import { type ColdBundles, coldBundles } from './cold-bundles.ts';
import { functionEnv, TEXTS, toEvent } from './function-env.ts';

/** The programs of a round; `texts` is inbound with secrets whose former version has to be asked for as well. */
export const PROGRAMS = ['empty', 'inbound', 'texts', 'official', 'officialOurs', 'obvious'] as const;
export type Program = (typeof PROGRAMS)[number];
export interface Start {
  /** User and system time from process start to the first answer, milliseconds. */
  readonly cpu: number;
  /** Largest resident memory, MiB. */
  readonly memory: number;
}
/** What every program took in one round. */
export type Round = Readonly<Record<Program, Start>>;

const run = promisify(execFile);

/** Starts every program in every round, in random order, each in a fresh process that answers one verified call. */
export async function coldRounds(): Promise<readonly Round[]> {
  const folder = mkdtempSync(join(tmpdir(), 'numbergate-cold-'));
  const aws = await startServer('aws');
  try {
    const bundles = await coldBundles(folder);
    const startOf = starter(bundles, aws.port);
    for (const program of PROGRAMS) await startOf(program); // The files are in the system's cache from here on.
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const starts: [Program, Start][] = [];
      for (const program of shuffled(PROGRAMS)) starts.push([program, await startOf(program)]);
      rounds.push(Object.fromEntries(starts) as Record<Program, Start>);
    }
    return rounds;
  } finally {
    await aws.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Median over the rounds of a figure made of one round. */
export const overRounds = (rounds: readonly Round[], figure: (round: Round) => number): number =>
  median(rounds.map(figure));

interface Told {
  readonly cpu: number;
  readonly memory: number;
  readonly body: string;
}

function starter(bundles: ColdBundles, port: number): (program: Program) => Promise<Start> {
  const call = incoming('twilio', { id: 'cold', from: '+447700900123', to: numberAt(7) }, new Date());
  const event = JSON.stringify(toEvent(call));
  return async (program) => {
    const file = program === 'texts' ? bundles.inbound : bundles[program];
    const env = functionEnv(port, ...(program === 'texts' ? [TEXTS] : []));
    const { stdout } = await run(process.execPath, [bundles.runner, file, event], { env }).catch((error) => {
      // The message of the original quotes whole bundles.
      throw new Error(`${program} did not answer: ${String(error.stderr).slice(-500)}`);
    });
    const told = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Told;
    if (program !== 'empty' && !told.body.includes(SIP)) throw new Error(`${program} answers ${stdout}`);
    return { cpu: told.cpu / 1000, memory: told.memory / 1024 };
  };
}

function shuffled<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
