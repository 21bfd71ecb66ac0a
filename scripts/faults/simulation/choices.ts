import { chanceOf } from '../chance.ts';

/** Decisions that were not the ordinary ones, by name: all that has to be known to run a simulation again. */
export type Plan = ReadonlyMap<string, number>;

/** Everything that chance decides in a simulation. Ordinary is always 0: no fault, no crash, first come first served. */
export interface Choices {
  /** Position in `weights`, by their weight. */
  weigh(what: string, weights: readonly number[]): number;
  /** A number below `count`. */
  pick(what: string, count: number): number;
  /** Decisions so far that were not 0. */
  readonly made: Plan;
}

/** Decisions that follow from a seed. */
export function seeded(seed: number): Choices {
  return deciding((name, weights) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    let left = chanceOf(seed, name) * total;
    return Math.max(
      0,
      weights.findIndex((weight) => {
        left -= weight;
        return left < 0;
      }),
    );
  });
}

/** The decisions of a plan; whatever it does not name is ordinary. */
export function planned(plan: Plan): Choices {
  return deciding((name, weights) => Math.min(plan.get(name) ?? 0, weights.length - 1));
}

function deciding(decide: (name: string, weights: readonly number[]) => number): Choices {
  const made = new Map<string, number>();
  const times = new Map<string, number>();
  const weigh = (what: string, weights: readonly number[]): number => {
    const nth = (times.get(what) ?? 0) + 1;
    times.set(what, nth);
    const name = `${what} #${nth}`;
    const value = decide(name, weights);
    if (value > 0) made.set(name, value);
    return value;
  };
  return {
    weigh,
    pick: (what, count) => (count <= 1 ? 0 : weigh(what, EVEN[count] ?? Array.from({ length: count }, () => 1))),
    made,
  };
}

const EVEN: readonly (readonly number[])[] = Array.from({ length: 20 }, (_, count) =>
  Array.from({ length: count }, () => 1),
);
