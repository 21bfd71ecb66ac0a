import type { Clock } from '../../../functions/platform/clock.ts';
import type { Choices } from './choices.ts';

/** Somebody who works in the simulation. Who dies is never resumed: nothing of it runs any more, no `finally` either. */
export interface Actor {
  readonly name: string;
  alive: boolean;
  /** Points it has come to. */
  points: number;
  /** Called at each point: may kill the actor, or hold it up for some milliseconds. */
  meets?: (points: number, label: string) => number | 'dies';
  /** Told when it dies. */
  died?: () => void;
}
interface Parked {
  readonly actor: Actor;
  readonly label: string;
  readonly resume: () => void;
}
interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** One thread of virtual time: always exactly one actor moves, and chance says which. */
export interface Scheduler {
  readonly clock: Clock;
  readonly steps: () => number;
  actor(name: string): Actor;
  kill(actor: Actor): void;
  /** A place where others may come first, and where the actor may die. */
  point(actor: Actor, label: string): Promise<void>;
  sleep(actor: Actor, ms: number): Promise<void>;
  /** Work that belongs to no actor: a carrier's own doings. */
  after(ms: number, fire: () => void): void;
  /** Resumes an actor, when its turn comes. */
  wake(actor: Actor, label: string, resume: () => void): void;
  /** Runs until nothing is left to do before `end` (epoch milliseconds). */
  run(end: number): Promise<void>;
}

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

/** @param unruly how seldom actors take their turns in order, 0–1 */
export function scheduler(choices: Choices, start: Date, unruly: number): Scheduler {
  const ready: Parked[] = [];
  const timers: Timer[] = [];
  let now = start.getTime();
  let steps = 0;
  const after = (ms: number, fire: () => void): void => {
    const at = now + Math.max(0, ms);
    let place = timers.length;
    while (place > 0 && (timers[place - 1]?.at ?? 0) > at) place--;
    timers.splice(place, 0, { at, fire });
  };
  const wake = (actor: Actor, label: string, resume: () => void): void => {
    if (actor.alive) ready.push({ actor, label, resume });
  };
  const kill = (actor: Actor): void => {
    if (!actor.alive) return;
    actor.alive = false;
    actor.died?.();
  };
  const sleep = (actor: Actor, ms: number): Promise<void> =>
    new Promise((resume) => after(ms, () => wake(actor, 'woke', resume)));
  const next = (): Parked | undefined => {
    const isUnruly = ready.length > 1 && unruly > 0 && choices.weigh('out of turn', [1 - unruly, unruly]) === 1;
    return ready.splice(isUnruly ? choices.pick('turn', ready.length) : 0, 1)[0];
  };
  return {
    clock: {
      now: () => new Date(now),
      wakeAt(at, ring) {
        let isOff = false;
        after(at.getTime() - now, () => isOff || ring());
        return () => {
          isOff = true;
        };
      },
    },
    steps: () => steps,
    actor: (name) => ({ name, alive: true, points: 0 }),
    kill,
    after,
    wake,
    sleep,
    point(actor, label) {
      actor.points++;
      const met = actor.meets?.(actor.points, label) ?? 0;
      if (met === 'dies') {
        kill(actor);
        return new Promise(() => undefined);
      }
      return met > 0 ? sleep(actor, met) : new Promise((resume) => wake(actor, label, resume));
    },
    async run(end) {
      for (;;) {
        await turn();
        steps++;
        const parked = next();
        if (parked) {
          if (parked.actor.alive) parked.resume();
          continue;
        }
        const timer = timers[0];
        if (!timer || timer.at > end) return;
        timers.shift();
        now = Math.max(now, timer.at);
        timer.fire();
      }
    },
  };
}
