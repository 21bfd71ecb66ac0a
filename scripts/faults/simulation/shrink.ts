import type { Plan } from './choices.ts';
import { type Simulated, simulatePlan } from './simulate.ts';
import type { Bug } from './world.ts';

export interface Shrunk {
  readonly plan: Plan;
  readonly run: Simulated;
  readonly tried: number;
}

/**
 * Takes decisions back to the ordinary, in ever smaller groups, as long as the same invariant stays broken. What is left is
 * needed: without any one of it the run is sound.
 */
export async function shrink(plan: Plan, invariant: string, bug: Bug | undefined, most = 400): Promise<Shrunk> {
  let kept = [...plan];
  let tried = 0;
  const breaks = async (
    entries: readonly (readonly [string, number])[],
  ): Promise<readonly [string, number][] | undefined> => {
    tried++;
    const run = await simulatePlan(new Map(entries), bug);
    if (!run.violations.some(({ id }) => id === invariant)) return undefined;
    // Decisions nobody came to any more are gone by themselves.
    return [...run.plan];
  };
  for (let size = Math.ceil(kept.length / 2); size >= 1 && tried < most; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < kept.length && tried < most; ) {
      const without = [...kept.slice(0, at), ...kept.slice(at + size)];
      const still = await breaks(without);
      if (still && still.length < kept.length) kept = [...still];
      else at += size;
    }
  }
  for (let at = 0; at < kept.length && tried < most; at++) {
    const [name, value] = kept[at] ?? ['', 0];
    if (value <= 1) continue;
    const smaller = kept.with(at, [name, 1]);
    const still = await breaks(smaller);
    if (still && still.length <= kept.length) kept = [...still];
  }
  const last = new Map(kept);
  return { plan: last, run: await simulatePlan(last, bug, true), tried };
}
