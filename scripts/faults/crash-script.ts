import type { Kill } from './boundaries.ts';
import { chanceOf } from './chance.ts';
import type { Violation } from './invariants.ts';
import type { Ended, Lane } from './lane.ts';
import type { CarrierScript } from './scripts.ts';

export interface ScriptOptions {
  readonly seed: number;
  /** Every n-th boundary only; 1: all of them. */
  readonly every: number;
  /** Kill a second time during recovery as well: nowhere, once for each state a death can leave, or at all boundaries. */
  readonly pairs: 'none' | 'states' | 'all';
}
export interface ScriptResult {
  readonly script: string;
  readonly boundaries: number;
  readonly runs: number;
  readonly kills: number;
  readonly survived: number;
  /** Kills that never came although other whole runs do come to that boundary. */
  readonly missed: number;
  /** Boundaries that one whole run came to and no later one: something beside the workflow fell together there. */
  readonly occasional: readonly string[];
  /** States the requests ended in, and how often. */
  readonly ends: Readonly<Record<string, number>>;
}
export interface Failure {
  readonly script: string;
  readonly kills: readonly Kill[];
  readonly violations: readonly Violation[];
}

/** The n-th boundary of its name, so that it is met again whatever runs beside it. */
interface Point {
  readonly name: string;
  readonly nth: number;
}
interface Killed {
  readonly once: Ended;
  readonly twice?: Ended | undefined;
  /** Where in the recovery the second kill was to come. */
  readonly nth: number;
}
/** Times a kill is tried while all lanes run, and then by itself: a webhook or a sweep comes sooner or later. */
const TRIES = { beside: 3, alone: 8 };
const FURTHER_WHOLE_RUNS = 3;

/** Plays one script whole, then kills it at each of its boundaries, on all lanes at once; what ended badly goes to `failures`. */
export async function runScript(
  script: CarrierScript,
  lanes: readonly [Lane, ...Lane[]],
  options: ScriptOptions,
  failures: Failure[],
): Promise<ScriptResult> {
  const [alone] = lanes;
  const points = numbered(await wholeRun(script, alone)).filter((_, at) => at % options.every === 0);
  const tally = openTally(script.name, failures);
  const queue = [...points];
  const unmet: Point[] = [];
  const work = async (lane: Lane): Promise<void> => {
    for (let point = queue.shift(); point; point = queue.shift()) {
      const killed = await attempt(script, lane, point, options, TRIES.beside);
      if (isMet(killed) || isBad(killed)) tally.note(point, killed);
      else unmet.push(point);
    }
  };
  await Promise.all(lanes.map(work));
  const occasional: string[] = [];
  for (const point of unmet) {
    const killed = await attempt(script, alone, point, options, TRIES.alone);
    const isGone = killed.once.deaths === 0 && !isBad(killed) && !(await isSeenAgain(script, alone, point));
    if (isGone) occasional.push(`${point.name} (${point.nth})`);
    else tally.note(point, killed);
  }
  return { script: script.name, boundaries: points.length - occasional.length, occasional, ...tally.result };
}

async function wholeRun(script: CarrierScript, lane: Lane): Promise<readonly string[]> {
  const whole = await lane.play(script);
  if (whole.state === script.ends && whole.violations.length === 0) return whole.seen;
  throw new Error(
    `${script.name} ends as ${whole.state}, not ${script.ends}, without any kill: ${JSON.stringify(whole.violations)}`,
  );
}

async function isSeenAgain(script: CarrierScript, lane: Lane, { name, nth }: Point): Promise<boolean> {
  for (let runs = 0; runs < FURTHER_WHOLE_RUNS; runs++) {
    const times = (await wholeRun(script, lane)).filter((seen) => seen === name).length;
    if (times >= nth) return true;
  }
  return false;
}

async function attempt(
  script: CarrierScript,
  lane: Lane,
  point: Point,
  { seed, pairs }: ScriptOptions,
  tries: number,
): Promise<Killed> {
  for (let left = tries; ; left--) {
    let nth = 0;
    const again = (boundaries: number): number | undefined => {
      if (boundaries === 0 || !isPaired(point, pairs)) return undefined;
      nth = 1 + Math.floor(chanceOf(seed, `${script.name} ${point.name} ${point.nth}`) * boundaries);
      return nth;
    };
    const killed = { ...(await lane.kill(script, point, again)), nth };
    if (isMet(killed) || isBad(killed) || left === 1) return killed;
  }
}

const isMet = ({ once, twice }: Killed): boolean => once.deaths >= 1 && (twice === undefined || twice.deaths >= 2);
const isBad = ({ once, twice }: Killed): boolean => once.violations.length > 0 || (twice?.violations.length ?? 0) > 0;

function openTally(script: string, failures: Failure[]) {
  const result = { runs: 0, kills: 0, survived: 0, missed: 0, ends: {} as Record<string, number> };
  const add = (kills: readonly Kill[], ended: Ended): void => {
    result.runs++;
    result.kills += ended.deaths;
    if (ended.deaths < kills.length) result.missed++;
    if (ended.violations.length === 0) result.survived++;
    else failures.push({ script, kills, violations: ended.violations });
    result.ends[ended.state] = (result.ends[ended.state] ?? 0) + 1;
  };
  return {
    result,
    note(point: Point, { once, twice, nth }: Killed): void {
      add([point], once);
      if (twice) add([point, { nth }], twice);
    },
  };
}

/**
 * Between the end of one durable write and the beginning of the next nothing changes on disk or at a carrier, so a death
 * before a write leaves what a death after the one before it leaves.
 */
const isPaired = ({ name }: Point, pairs: ScriptOptions['pairs']): boolean =>
  pairs === 'all' || (pairs === 'states' && !/^(table:before-commit|before call)/.test(name));

function numbered(seen: readonly string[]): Point[] {
  const times = new Map<string, number>();
  return seen.map((name) => {
    const nth = (times.get(name) ?? 0) + 1;
    times.set(name, nth);
    return { name, nth };
  });
}
