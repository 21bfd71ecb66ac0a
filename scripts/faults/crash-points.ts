import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleChild } from './bundle.ts';
import { type Failure, runScript, type ScriptOptions, type ScriptResult } from './crash-script.ts';
import { INVARIANTS, type InvariantId } from './invariants.ts';
import { openLane } from './lane.ts';
import { type CarrierScript, SCRIPTS } from './scripts.ts';

export interface CrashOptions extends ScriptOptions {
  readonly scripts?: readonly CarrierScript[];
  say(line: string): void;
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
/** Where short-lived files lie: memory if there is some, since a kill takes nothing from it that is written. */
const scratch = (): string => mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'numbergate-faults-'));

/** Kills the gateway's process at every boundary of every script, and once more while it recovers; judges every end. */
export async function crashPoints(options: CrashOptions): Promise<CrashReport> {
  const began = performance.now();
  const { program, folder } = await bundleChild();
  const files = scratch();
  const count = Math.max(1, availableParallelism());
  const lane = (at: number) => openLane(join(files, `lane-${at}`), program, join(folder, 'cache'));
  const others = Array.from({ length: count - 1 }, (_, at) => lane(at + 1));
  const lanes = [await lane(0), ...(await Promise.all(others))] as const;
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

const line = ({ script, boundaries, runs, survived, missed, occasional, ends }: ScriptResult): string =>
  `${script.padEnd(38)} ${String(boundaries).padStart(4)} boundaries ${String(runs).padStart(5)} runs ${String(survived).padStart(5)} survived` +
  `${missed > 0 ? ` ${missed} missed` : ''}${occasional.length > 0 ? ` ${occasional.length} occasional` : ''}  ${Object.entries(
    ends,
  )
    .map(([state, times]) => `${state} ${times}`)
    .join(', ')}`;
