import { type DeliverDeps, deliverLine } from '../functions/jobs/deliver.ts';
import { type SweepDeps, sweep } from '../functions/jobs/sweep.ts';
import type { Clock } from '../functions/platform/clock.ts';
import { isOffered, type StoredLine } from '../functions/platform/outbox.ts';
import type { Write } from '../functions/platform/table.ts';

const AT_ONCE = 8;
const SWEEP_SECONDS = 60;
/** The sweep leaves lines younger than this to the delivery after the commit. */
const STRAGGLER_SECONDS = 60;

export interface Pump {
  /** To be called after each commit with what was written. */
  wrote(writes: readonly Write[]): void;
  /** Delivers what an earlier process left, then sweeps each minute by the clock. */
  start(): Promise<void>;
  /** Resolves when nothing is being delivered. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Delivers the outbox of one machine: right after the commit, and by a sweep each minute for what was missed. */
export function outboxPump(deps: () => SweepDeps): Pump {
  const waiting: string[] = [];
  const running = new Set<Promise<unknown>>();
  let closed = false;

  const run = () => {
    while (!closed && running.size < AT_ONCE) {
      const id = waiting.shift();
      if (id === undefined) return;
      track(deliverSafely(deps(), id));
    }
  };
  const track = (work: Promise<unknown>) => {
    running.add(work);
    void work.finally(() => {
      running.delete(work);
      run();
    });
  };
  const { later, cancelAll } = alarms(() => deps().clock);
  const put = (id: string) => {
    waiting.push(id);
    run();
  };
  const offer = ({ id, dueAt }: StoredLine) => {
    if (Date.parse(dueAt) > deps().clock.now().getTime()) later(new Date(dueAt), () => put(id));
    else queueMicrotask(() => put(id));
  };
  const idle = async () => {
    while (running.size > 0 || waiting.length > 0) await Promise.allSettled([...running]);
  };
  const next = () => later(inSeconds(deps(), SWEEP_SECONDS), tick);
  const tick = () => {
    track(sweepSafely(deps()));
    next();
  };
  return {
    wrote: (writes) => {
      if (!closed) for (const line of writes.flatMap(openLine)) offer(line);
    },
    async start() {
      await idle();
      // One machine runs one process: what was leased before now is nobody's any more.
      await sweepSafely(deps(), 0, deps().clock.now());
      next();
    },
    idle,
    close() {
      closed = true;
      cancelAll();
      return Promise.allSettled([...running]).then(() => undefined);
    },
  };
}

/** Wakes that can all be taken back at once. */
function alarms(clock: () => Clock) {
  const cancels = new Set<() => void>();
  return {
    later(at: Date, act: () => void) {
      const cancel = clock().wakeAt(at, () => {
        cancels.delete(cancel);
        act();
      });
      cancels.add(cancel);
    },
    cancelAll: () => {
      for (const cancel of cancels) cancel();
    },
  };
}

const inSeconds = ({ clock }: SweepDeps, seconds: number): Date => new Date(clock.now().getTime() + seconds * 1000);

function openLine(write: Write): readonly StoredLine[] {
  if (write.op !== 'put' || !write.key.pk.startsWith('OUT#')) return [];
  const line = write.data as unknown as StoredLine;
  return isOffered(line) ? [line] : [];
}

async function deliverSafely(deps: DeliverDeps, id: string): Promise<void> {
  try {
    await deliverLine(deps, id);
  } catch (error) {
    // The line stays open and due: the sweep finds it.
    deps.log.error('outbox_failed', error, { line: id });
  }
}

async function sweepSafely(deps: SweepDeps, olderThanSeconds = STRAGGLER_SECONDS, takenBefore?: Date): Promise<void> {
  try {
    await sweep(deps, olderThanSeconds, takenBefore);
  } catch (error) {
    deps.log.error('sweep_failed', error);
  }
}
