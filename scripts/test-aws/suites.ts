import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { CommandFailed, cleanEnv, run } from './processes.ts';

const Results = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string().optional(),
      status: z.string(),
      assertionResults: z.array(
        z.object({
          status: z.string(),
          fullName: z.string(),
          ancestorTitles: z.array(z.string()),
          title: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});
export interface Case {
  /** Path of the file, from the project's root. */
  readonly file: string;
  readonly name: string;
  /** Without the first title, which names the engine. */
  readonly check: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly failure: string;
}

interface Suites {
  /** What the test runner is told: files, configuration. */
  readonly words: readonly string[];
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What it says goes into a file, since others speak at the same time. */
  readonly isQuiet?: boolean;
}
let runs = 0;

/** Runs test files and tells every case; a file that could not be run is a failed case. */
export async function runSuites({ words, folder, env = {}, isQuiet = false }: Suites): Promise<readonly Case[]> {
  const name = `suites-${++runs}`;
  const file = join(folder, `${name}.json`);
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...words];
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  try {
    const log = isQuiet ? { log: join(folder, `${name}.log`) } : {};
    await run({ command: process.execPath, words: [...vitest, ...reporters], env: cleanEnv(env), ...log });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error; // failed cases are in the results
  }
  const root = `${process.cwd()}/`;
  return Results.parse(JSON.parse(readFileSync(file, 'utf8'))).testResults.flatMap((result) => {
    const path = result.name.replace(root, '');
    const hasFailed = result.assertionResults.some(({ status }) => status === 'failed');
    // A file that broke before its first test tells of tests that were left out.
    if (result.assertionResults.length === 0 || (result.status !== 'passed' && !hasFailed))
      return [broken(path, result.message ?? 'no test in it')];
    return result.assertionResults.map((one) => ({
      file: path,
      name: one.fullName,
      check: [...one.ancestorTitles.slice(1), one.title].join(' › '),
      outcome: one.status === 'passed' || one.status === 'failed' ? one.status : 'skipped',
      failure: one.failureMessages?.join('\n') ?? '',
    }));
  });
}

const broken = (file: string, failure: string): Case => ({ file, name: file, check: file, outcome: 'failed', failure });
