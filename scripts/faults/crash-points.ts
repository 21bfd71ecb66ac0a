import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kill } from './boundaries.ts';
import { bundleChild } from './bundle.ts';
import { chanceOf } from './chance.ts';
import { INVARIANTS, type InvariantId, type Violation } from './invariants.ts';
import { type Ended, type Lane, openLane } from './lane.ts';
import { type CarrierScript, SCRIPTS } from './scripts.ts';

export interface CrashOptions {
  readonly seed: number;
  /** Every n-th boundary only; 1: all of them. */
  readonly every: number;
  /** Kill a second time during recovery as well: nowhere, once for each state a death can leave, or at all boundaries. */
  readonly pairs: 'none' | 'states' | 'all';
  readonly scripts?: readonly CarrierScript[];
  say(line: string): void;
}
interface ScriptResult {
  readonly script: string;
  readonly boundaries: number;
  readonly runs: number;
  readonly kills: number;
  readonly survived: number;
  /** Kills that never came, since another order of things avoided that boundary. */
  readonly missed: number;
  /** States the requests ended in, and how often. */
  readonly ends: Readonly<Record<string, number>>;
}
export interface CrashReport {
  readonly runs: number;
  readonly boundaries: number;
  readonly kills: number;
  readonly survived: number;
  readonly missed: number;
  readonly seconds: number;
  readonly violations: Readonly<Record<InvariantId, number>>;
  readonly scripts: readonly ScriptResult[];
  readonly failures: readonly Failure[];
}
interface Failure {
  readonly script: string;
  readonly kills: readonly Kill[];
  readonly violations: readonly Violation[];
}

/** Where short-lived files lie: memory if there is some, since a kill takes nothing from it that is written. */
const scratch = (): string => mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'numbergate-faults-'));

/** Kills the gateway's process at every boundary of every script, and once more while it recovers; judges every end. */
export async function crashPoints(options: CrashOptions): Promise<CrashReport> {
  const began = performance.now();
  const { program, folder } = await bundleChild();
  const files = scratch();
  const count = Math.max(1, availableParallelism());
  const lanes = await Promise.all(
    Array.from({ length: count }, (_, at) => openLane(join(files, `lane-${at}`), program, join(folder, 'cache'))),
  );
  const failures: Failure[] = [];
  const results: ScriptResult[] = [];
  try {
    for (const script of options.scripts ?? SCRIPTS) {
      const result = await runScript(script, lanes, options, failures);
      results.push(result);
      options.say(line(result));
    }
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
    for (const each of [files, folder]) rmSync(each, { recursive: true, force: true });
  }
  const sum = (of: (result: ScriptResult) => number) => results.reduce((total, result) => total + of(result), 0);
  const all = failures.flatMap(({ violations }) => violations);
  return {
    runs: sum(({ runs }) => runs),
    boundaries: sum(({ boundaries }) => boundaries),
    kills: sum(({ kills }) => kills),
    survived: sum(({ survived }) => survived),
    missed: sum(({ missed }) => missed),
    seconds: Math.round((performance.now() - began) / 1000),
    violations: Object.fromEntries(INVARIANTS.map((id) => [id, all.filter((one) => one.id === id).length])) as Record<
      InvariantId,
      number
    >,
    scripts: results,
    failures,
  };
}

const line = ({ script, boundaries, runs, survived, missed, ends }: ScriptResult): string =>
  `${script.padEnd(38)} ${String(boundaries).padStart(4)} boundaries ${String(runs).padStart(5)} runs ${String(survived).padStart(5)} survived` +
  `${missed > 0 ? ` ${missed} missed` : ''}  ${Object.entries(ends)
    .map(([state, times]) => `${state} ${times}`)
    .join(', ')}`;

async function runScript(
  script: CarrierScript,
  lanes: readonly Lane[],
  options: CrashOptions,
  failures: Failure[],
): Promise<ScriptResult> {
  const whole = await lanes[0]?.play(script);
  if (!whole || whole.state !== script.ends || whole.violations.length > 0)
    throw new Error(
      `${script.name} ends as ${whole?.state}, not ${script.ends}, without any kill: ${JSON.stringify(whole?.violations)}`,
    );
  const points = numbered(whole.seen).filter((_, at) => at % options.every === 0);
  const result = { runs: 0, kills: 0, survived: 0, missed: 0, ends: {} as Record<string, number> };
  const note = (kills: readonly Kill[], ended: Ended): void => {
    result.runs++;
    result.kills += ended.deaths;
    if (ended.deaths < kills.length) result.missed++;
    if (ended.violations.length === 0) result.survived++;
    else failures.push({ script: script.name, kills, violations: ended.violations });
    result.ends[ended.state] = (result.ends[ended.state] ?? 0) + 1;
  };
  const queue = [...points.entries()];
  const work = async (lane: Lane): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [at, kill] = next;
      const again = (boundaries: number): number | undefined =>
        boundaries > 0 && isPaired(kill, options.pairs)
          ? 1 + Math.floor(chanceOf(options.seed, `${script.name} ${at}`) * boundaries)
          : undefined;
      const { once, twice } = await met(() => lane.kill(script, kill, again));
      note([kill], once);
      if (twice) note([kill, { nth: again(once.seen.length) ?? 0 }], twice);
    }
  };
  await Promise.all(lanes.map(work));
  return { script: script.name, boundaries: points.length, ...result };
}

interface Killed {
  readonly once: Ended;
  readonly twice?: Ended | undefined;
}
const TRIES = 4;

/** What happens beside the workflow (a webhook, a sweep) comes sooner or later: a boundary that was not met is tried again. */
async function met(kill: () => Promise<Killed>): Promise<Killed> {
  for (let tries = 1; ; tries++) {
    const killed = await kill();
    const { once, twice } = killed;
    const isMet = once.deaths >= 1 && (twice === undefined || twice.deaths >= 2);
    const isBad = once.violations.length > 0 || (twice?.violations.length ?? 0) > 0;
    if (isMet || isBad || tries === TRIES) return killed;
  }
}

/**
 * Between the end of one durable write and the beginning of the next nothing changes on disk or at a carrier, so a death
 * before a write leaves what a death after the one before it leaves.
 */
const isPaired = (kill: Kill, pairs: CrashOptions['pairs']): boolean =>
  pairs === 'all' || (pairs === 'states' && 'name' in kill && !/^(table:before-commit|before call)/.test(kill.name));

/** Each boundary as the n-th of its name, so that it is met again whatever runs beside it. */
function numbered(seen: readonly string[]): Kill[] {
  const times = new Map<string, number>();
  return seen.map((name) => {
    const nth = (times.get(name) ?? 0) + 1;
    times.set(name, nth);
    return { name, nth };
  });
}
