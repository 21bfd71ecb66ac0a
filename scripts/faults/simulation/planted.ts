import { BUGS } from './bugs.ts';
import { simulateMany, type Threads } from './many.ts';
import { shrink } from './shrink.ts';
import { simulateSeed } from './simulate.ts';

export interface Planted {
  readonly name: string;
  readonly caught: boolean;
  /** First seed that shows it. */
  readonly seed?: number;
  readonly violation?: string;
  /** Decisions that are needed to show it. */
  readonly decisions?: number;
}
const AT_ONCE = 25;

/** Simulates with each bug until it shows; a harness that misses one proves nothing. */
export async function plantedBugs(
  threads: Threads,
  { most, say }: { readonly most: number; say(line: string): void },
): Promise<readonly Planted[]> {
  say('Planted bugs');
  const planted: Planted[] = [];
  for (const bug of BUGS) {
    const { failed } = await simulateMany(threads, {
      from: 1,
      to: most,
      stopsAtFirst: true,
      bug: bug.name,
      stretch: AT_ONCE,
    });
    const first = failed[0];
    const broken = first?.violations[0];
    const least = first && broken && (await shrink((await simulateSeed(first.seed, bug)).plan, broken.id, bug, 120));
    const found = least && {
      seed: first.seed,
      violation: `${broken.id} ${least.run.violations.find(({ id }) => id === broken.id)?.what ?? broken.what}`,
      decisions: least.plan.size,
    };
    planted.push({ name: bug.name, caught: found !== undefined, ...found });
    say(
      `  ${bug.name.padEnd(30)} ${found ? `caught by seed ${found.seed} (${found.decisions} decisions): ${found.violation}` : `NOT CAUGHT in ${most} runs`}`,
    );
  }
  say('');
  return planted;
}
