import { INVARIANTS, type InvariantId } from '../invariants.ts';
import { simulateMany, type Threads } from './many.ts';
import { shrink } from './shrink.ts';
import { simulateSeed } from './simulate.ts';

export interface SimulationReport {
  readonly wanted: number;
  readonly runs: number;
  readonly firstSeed: number;
  readonly seconds: number;
  readonly steps: number;
  readonly virtualDays: number;
  /** States the requests ended in, and how often. */
  readonly ends: Readonly<Record<string, number>>;
  readonly violations: Readonly<Record<InvariantId, number>>;
  readonly failures: readonly Failure[];
}
interface Failure {
  readonly seed: number;
  readonly violations: readonly string[];
  /** The least that still breaks it, for the first few. */
  readonly plan?: Readonly<Record<string, number>>;
  readonly trace?: readonly string[];
}
const SHRUNK = 3;

/** Simulates the money path for many seeds; what breaks is shrunk to the decisions that matter. */
export async function simulation(
  threads: Threads,
  options: {
    readonly from: number;
    readonly runs: number;
    readonly minutes: number;
    say(line: string): void;
  },
): Promise<SimulationReport> {
  const { from, runs, minutes, say } = options;
  const began = performance.now();
  say(`Simulation of the money path: seeds ${from} to ${from + runs - 1}`);
  const done = await simulateMany(threads, {
    from,
    to: from + runs,
    stopsAtFirst: false,
    stretch: 100,
    until: began + minutes * 60_000,
  });
  const seconds = Math.round((performance.now() - began) / 1000);
  const failures: Failure[] = [];
  for (const { seed, violations } of done.failed) {
    const told = violations.map(({ id, what }) => `${id} ${what}`);
    const shortest = failures.length < SHRUNK ? await shortestOf(seed, violations[0]?.id ?? '') : {};
    failures.push({ seed, violations: told, ...shortest });
  }
  const report = {
    ...{ wanted: runs, runs: done.runs, firstSeed: from, seconds, steps: done.steps },
    virtualDays: Math.round(done.virtualHours / 24),
    ends: done.states,
    violations: Object.fromEntries(
      INVARIANTS.map((id) => [
        id,
        done.failed.filter(({ violations }) => violations.some((one) => one.id === id)).length,
      ]),
    ) as Record<InvariantId, number>,
    failures,
  };
  show(report, say);
  return report;
}

function show(report: SimulationReport, say: (line: string) => void): void {
  const { wanted, runs, seconds, steps, virtualDays, ends, violations, failures } = report;
  say(
    `${runs} runs${runs < wanted ? ` of ${wanted}: the time was over` : ''} in ${seconds} s, ${steps} steps, ${virtualDays} days of virtual time; ${Object.entries(
      ends,
    )
      .map(([state, times]) => `${state} ${times}`)
      .join(', ')}`,
  );
  say(`violations: ${INVARIANTS.map((id) => `${id} ${violations[id]}`).join(', ')}\n`);
  for (const { seed, violations: told, trace } of failures.slice(0, SHRUNK))
    say(`FAILED  seed ${seed}: ${told.join('; ')}\n${(trace ?? []).map((line) => `        ${line}`).join('\n')}`);
}

async function shortestOf(seed: number, id: string): Promise<Pick<Failure, 'plan' | 'trace'>> {
  const { plan } = await simulateSeed(seed);
  const least = await shrink(plan, id, undefined);
  return { plan: Object.fromEntries(least.plan), trace: least.run.trace };
}

/** The events of one seed, as they happened. */
export async function tracedSeed(seed: number): Promise<readonly string[]> {
  const { trace, states, violations } = await simulateSeed(seed, undefined, true);
  return [...trace, `ends: ${states.join(', ')}`, ...violations.map(({ id, what }) => `BROKEN ${id}: ${what}`)];
}
