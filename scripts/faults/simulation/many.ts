import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Stretch, Summary } from './worker.ts';

/** Threads that simulate, one for each core. A failure in one is thrown to whoever waits for it. */
export interface Threads {
  readonly run: readonly ((stretch: Stretch) => Promise<Summary>)[];
  close(): Promise<void>;
}

export function openThreads(): Threads {
  const workers = Array.from(
    { length: availableParallelism() },
    () => new Worker(new URL('./worker.ts', import.meta.url)),
  );
  return {
    run: workers.map((worker) => async (stretch) => {
      worker.postMessage(stretch);
      const [summary] = await once(worker, 'message');
      return summary as Summary;
    }),
    close: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))),
  };
}

interface Wanted extends Pick<Stretch, 'from' | 'to' | 'stopsAtFirst'> {
  readonly bug?: string;
  /** No new stretch begins after this instant (`performance.now()`). */
  readonly until?: number;
  /** Seeds a thread takes at once. */
  readonly stretch: number;
}

/** Simulates seeds `from` to `to` (exclusive) on all threads. */
export async function simulateMany(threads: Threads, wanted: Wanted): Promise<Summary> {
  const { from, to, bug, stopsAtFirst, stretch, until = Number.POSITIVE_INFINITY } = wanted;
  let next = from;
  const summaries: Summary[] = [];
  const isDone = () =>
    next >= to || performance.now() > until || (stopsAtFirst && summaries.some(({ failed }) => failed.length > 0));
  const work = async (run: Threads['run'][number]): Promise<void> => {
    while (!isDone()) {
      const begin = next;
      next = Math.min(to, next + stretch);
      summaries.push(await run({ from: begin, to: next, stopsAtFirst, ...(bug === undefined ? {} : { bug }) }));
    }
  };
  await Promise.all(threads.run.map(work));
  return summaries.reduce(together, NOTHING);
}

const NOTHING: Summary = { runs: 0, steps: 0, virtualHours: 0, states: {}, failed: [] };

function together(a: Summary, b: Summary): Summary {
  const names = new Set([...Object.keys(a.states), ...Object.keys(b.states)]);
  return {
    runs: a.runs + b.runs,
    steps: a.steps + b.steps,
    virtualHours: a.virtualHours + b.virtualHours,
    states: Object.fromEntries([...names].map((name) => [name, (a.states[name] ?? 0) + (b.states[name] ?? 0)])),
    failed: [...a.failed, ...b.failed].sort((one, other) => one.seed - other.seed),
  };
}
