import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';

const Results = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })),
    }),
  ),
});
export interface ContractResult {
  readonly carrier: string;
  readonly passed: number;
  readonly failed: readonly string[];
}

/** Runs the carrier contract of these carriers in the test runner and counts what it proved. */
export async function contractResults(carriers: readonly string[]): Promise<ContractResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  const file = join(folder, 'results.json');
  try {
    await run([
      'run',
      ...carriers.map((id) => `test/carriers/${id}.test.ts`),
      '--reporter=json',
      `--outputFile=${file}`,
    ]);
    const { testResults } = Results.parse(JSON.parse(readFileSync(file, 'utf8')));
    return carriers.map((carrier) => {
      const cases = testResults
        .flatMap((result) => result.assertionResults)
        .filter((one) => one.fullName.startsWith(`carrier contract: ${carrier}`));
      const failed = cases.filter((one) => one.status !== 'passed').map((one) => one.fullName);
      return { carrier, passed: cases.length - failed.length, failed };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(words: readonly string[]): Promise<void> {
  const vitest = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, ...words], { stdio: ['ignore', 'ignore', 'ignore'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve()); // a failed test shows in the results
  });
}
