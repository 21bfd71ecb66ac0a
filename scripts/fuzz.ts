import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { knownFrom } from './fuzz/furnish.ts';
import { openHome } from './fuzz/home.ts';
import { fuzz, type OperationResult } from './fuzz/run.ts';

/** `npm run fuzz [-- --count 2000 --seed 1 --only operationId,…]`: inputs made from /openapi.json, judged by it (reliability §8). */
const { values } = parseArgs({
  options: { count: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
});
const count = Number(values.count ?? 2000);
const seed = Number(values.seed ?? 20_261_121);
const home = await openHome();
const began = performance.now();
let furniture = await home.furnish();
let left = 0;
try {
  const results = await fuzz({
    ...{ url: home.url, count: () => count, seed, credentials: home.credentials, done: show },
    ...(values.only === undefined ? {} : { only: values.only.split(',') }),
    async known({ method }) {
      if (method !== 'GET') furniture = await home.furnish();
      return knownFrom(furniture);
    },
  });
  const findings = results.flatMap((one) => one.findings);
  const calls = results.reduce((sum, one) => sum + one.calls, 0);
  left = findings.length;
  mkdirSync('reports', { recursive: true });
  const report = { seed, count, operations: results.length, calls, findings, results };
  writeFileSync('reports/fuzz.json', `${JSON.stringify(report, undefined, 2)}\n`);
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(`\n${results.length} operations, ${calls} calls, ${findings.length} findings, ${seconds} s`);
} finally {
  await home.close();
}
process.exitCode = left === 0 ? 0 : 1;

function show({ operation, seconds, statuses, findings }: OperationResult): void {
  const told = Object.entries(statuses).map(([status, times]) => `${status}×${times}`);
  console.log(
    `${findings.length === 0 ? 'ok  ' : 'FAIL'} ${operation.padEnd(24)} ${seconds.toFixed(1).padStart(5)} s ${told.join(' ')}`,
  );
  for (const one of findings) console.log(`       ×${one.times} ${one.what}\n         ${one.example}`);
}
