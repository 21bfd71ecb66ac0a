/** Rounds of every comparison (performance §9: at least 15). */
export const ROUNDS = 15;

export interface Sample {
  /** User and system time, microseconds an operation. */
  readonly cpu: number;
  /** Wall time, microseconds an operation. */
  readonly wall: number;
}
export interface Compared {
  /** Median over the rounds of ours ÷ reference, by CPU time; both of the same round, so that a slow machine cancels out. */
  readonly ratio: number;
  readonly wallRatio: number;
  readonly ours: Sample;
  readonly reference: Sample;
}
interface Pair {
  readonly ours: () => Promise<Sample>;
  readonly reference: () => Promise<Sample>;
}

/** Measures both in every round, in random order. */
export async function compare(pair: Pair, rounds = ROUNDS): Promise<Compared> {
  const ours: Sample[] = [];
  const reference: Sample[] = [];
  for (let round = 0; round < rounds; round++) {
    const first = Math.random() < 0.5;
    if (first) ours.push(await pair.ours());
    reference.push(await pair.reference());
    if (!first) ours.push(await pair.ours());
  }
  const ratios = (of: keyof Sample) => ours.map((sample, i) => sample[of] / (reference[i]?.[of] ?? Number.NaN));
  return {
    ratio: median(ratios('cpu')),
    wallRatio: median(ratios('wall')),
    ours: middle(ours),
    reference: middle(reference),
  };
}

/** CPU and wall time of one operation, over a slice of about `ms`. */
export async function slice(operation: () => Promise<unknown> | unknown, ms = 60): Promise<Sample> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  let operations = 0;
  while (performance.now() - start < ms) {
    for (let i = 0; i < 20; i++) await operation();
    operations += 20;
  }
  const wall = (performance.now() - start) * 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / operations, wall: wall / operations };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function middle(samples: readonly Sample[]): Sample {
  return { cpu: median(samples.map(({ cpu }) => cpu)), wall: median(samples.map(({ wall }) => wall)) };
}
