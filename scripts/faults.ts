import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type CrashReport, crashPoints } from './faults/crash-points.ts';
import { INVARIANTS } from './faults/invariants.ts';
import { openThreads } from './faults/simulation/many.ts';
import { plantedBugs } from './faults/simulation/planted.ts';
import { simulation, tracedSeed } from './faults/simulation/report.ts';

/**
 * Kills the gateway wherever a kill can hurt, simulates the money path with faults drawn from seeds, and shows that planted
 * bugs are caught (reliability §8). Writes `reports/faults.json`; ends with 1 when anything did not hold.
 *
 * `--quick` a sample · `--full` every pair of kills · `--runs N` simulated runs · `--seed N` the first of them ·
 * `--only crash|simulation|bugs` · `--trace N` the events of one seed
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    runs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    trace: { type: 'string' },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const seed = Number(values.seed);
const runs = Number(values.runs ?? (values.quick ? 500 : values.full ? 200_000 : 20_000));
/** Time the simulation may take; what is not run by then does not hold. */
const MINUTES = values.full ? 120 : values.runs ? 60 : 20;
const isWanted = (part: string): boolean => values.only === undefined || values.only === part;

if (values.trace !== undefined) {
  for (const line of await tracedSeed(Number(values.trace))) say(line);
  process.exit(0);
}

const pairs = values.full ? 'all' : values.quick ? 'none' : 'states';
const crashes = isWanted('crash') ? await crashPart() : undefined;
const threads = isWanted('simulation') || isWanted('bugs') ? openThreads() : undefined;
const simulated =
  threads && isWanted('simulation')
    ? await simulation(threads, { from: seed, runs, minutes: MINUTES, say })
    : undefined;
const planted =
  threads && isWanted('bugs') ? await plantedBugs(threads, { most: values.quick ? 1500 : 5000, say }) : undefined;
await threads?.close();

mkdirSync('reports', { recursive: true });
writeFileSync(
  'reports/faults.json',
  `${JSON.stringify({ ...(crashes ? { crashPoints: crashes } : {}), ...(simulated ? { simulation: simulated } : {}), ...(planted ? { plantedBugs: planted } : {}) }, null, 2)}\n`,
);
const holds =
  (crashes === undefined || (crashes.survived === crashes.runs && crashes.missed === 0 && isRepeatable(crashes))) &&
  (simulated === undefined || (simulated.failures.length === 0 && simulated.runs === runs)) &&
  (planted === undefined || planted.every(({ caught }) => caught));
say(holds ? 'Everything held.' : 'NOT everything held.');
process.exit(holds ? 0 : 1);

/** A few boundaries may come to pass once only; were they many, the check would see little. */
function isRepeatable({ scripts, boundaries }: CrashReport): boolean {
  return scripts.reduce((sum, { occasional }) => sum + occasional.length, 0) * 50 <= boundaries;
}

async function crashPart(): Promise<CrashReport> {
  say(
    'Crash points: killed before and after every durable write, every state’s call and every exchange with a carrier',
  );
  const report = await crashPoints({ seed, every: values.quick ? 12 : 1, pairs, say });
  say(
    `${report.boundaries} boundaries of ${report.scripts.length} scripts, ${report.kills} kills in ${report.runs} runs: ${report.survived} survived, ${report.missed} missed (${report.seconds} s)`,
  );
  say(`violations: ${INVARIANTS.map((id) => `${id} ${report.violations[id]}`).join(', ')}\n`);
  for (const { script, occasional } of report.scripts)
    for (const name of occasional) say(`only in the first whole run of “${script}”: ${name}`);
  for (const failure of report.failures.slice(0, 10)) say(`FAILED  ${JSON.stringify(failure)}`);
  return report;
}
