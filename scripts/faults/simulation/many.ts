import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Stretch, Summary } from './worker.ts';

const STRETCH = 250;

/** Runs seeds `from` to `to` (exclusive) on all cores; with `until`, begins no new stretch after that instant (`performance.now()`). */
export async function simulateMany(
  what: Pick<Stretch, 'from' | 'to' | 'stopsAtFirst'> & { readonly bug?: string; readonly until?: number },
  stretch = STRETCH,
): Promise<Summary> {
  const { from, to, bug, stopsAtFirst, until = Number.POSITIVE_INFINITY } = what;
  let next = from;
  const summaries: Summary[] = [];
  const isDone = () => next >= to || performance.now() > until || (stopsAtFirst && summaries.some(({ failed }) => failed.length > 0));
  const work = async (): Promise<void> => {
    while (!isDone()) {
      const begin = next;
      next = Math.min(to, next + stretch);
      summaries.push(await inWorker({ from: begin, to: next, stopsAtFirst, ...(bug === undefined ? {} : { bug }) }));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
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

function inWorker(workerData: Stretch): Promise<Summary> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
