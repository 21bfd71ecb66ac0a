import { parentPort } from 'node:worker_threads';
import { BUGS } from './bugs.ts';
import { type Simulated, simulateSeed } from './simulate.ts';

/** A stretch of seeds, and what each came to. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly bug?: string;
  /** Stops at the first seed that breaks something. */
  readonly stopsAtFirst: boolean;
}
export interface Summary {
  readonly runs: number;
  readonly steps: number;
  readonly virtualHours: number;
  readonly states: Readonly<Record<string, number>>;
  readonly failed: readonly { readonly seed: number; readonly violations: Simulated['violations'] }[];
}

async function run({ from, to, bug: name, stopsAtFirst }: Stretch): Promise<Summary> {
  const bug = BUGS.find((one) => one.name === name);
  const states: Record<string, number> = {};
  const failed: { seed: number; violations: Simulated['violations'] }[] = [];
  let [runs, steps, virtualHours] = [0, 0, 0];
  for (let seed = from; seed < to; seed++) {
    const simulated = await simulateSeed(seed, bug);
    runs++;
    steps += simulated.steps;
    virtualHours += simulated.virtualHours;
    for (const state of simulated.states) states[state] = (states[state] ?? 0) + 1;
    if (simulated.violations.length === 0) continue;
    failed.push({ seed, violations: simulated.violations });
    if (stopsAtFirst) break;
  }
  return { runs, steps, virtualHours, states, failed };
}

parentPort?.on('message', (stretch: Stretch) => {
  void run(stretch).then((summary) => parentPort?.postMessage(summary));
});
