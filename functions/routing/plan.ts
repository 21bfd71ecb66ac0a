import type { CallPlan, CallStep } from '../carriers/inbound-port.ts';
import { fallbackPlace, targetsOf } from './resolve.ts';
import type { ResolvedTarget, RouteEntry } from './schema.ts';

/** Place in the list of targets, or `recorded`: the caller has left a message. */
export type CallPlace = number | 'recorded';
/** What a carrier may ask for later: a place, or what somebody hears who waits in a queue, so many seconds. */
export type LaterPlace = CallPlace | { readonly hold: number };

/** Where a call stands when its carrier asks. */
export interface AskedFor {
  readonly place: CallPlace;
  /** Version of the routing entry the place was counted in; absent for a new call. */
  readonly version?: number;
  /** How the step before ended: `completed busy no_answer failed cancelled`. */
  readonly lastStep?: string;
}

/** Address the carrier asks for what comes next; absent when no such address can be made. */
export type NextAddress = (place: LaterPlace, version: number) => string | undefined;

const NEUTRAL = 'The number you have called is not in service.';
const APOLOGY = 'We are sorry, your call cannot be connected right now, please try again later.';

const HOLD = 'Please hold. Your call will be taken as soon as possible.';
const STILL_HOLD = 'Thank you for holding. Your call will be taken as soon as possible.';
/** Between two sentences to somebody who waits, and what saying one takes. */
const SILENT_SECONDS = 26;
const SPOKEN_SECONDS = 4;

const spoken = (text: string): CallPlan => ({ steps: [{ do: 'say', text }, { do: 'hangup' }] });
const hungUp: CallPlan = { steps: [{ do: 'hangup' }] };

/** For a number that is unknown, released, suspended, quarantined or another carrier's: no tenant data in it (V2). */
export const neutralPlan: CallPlan = spoken(NEUTRAL);
/** For the moment when nothing better can be said (V1, V3), and the static document of the day we are down (V4). */
export const apologyPlan: CallPlan = spoken(APOLOGY);

/** What somebody hears who waits in a queue, who leaves it after so many seconds: a word each half minute. */
export function holdPlan(seconds: number): CallPlan {
  const steps: CallStep[] = [];
  for (let left = seconds; left > 0; left -= SPOKEN_SECONDS + SILENT_SECONDS) {
    steps.push({ do: 'say', text: left === seconds ? HOLD : STILL_HOLD });
    if (left > SPOKEN_SECONDS) steps.push({ do: 'pause', seconds: Math.min(SILENT_SECONDS, left - SPOKEN_SECONDS) });
  }
  return { steps: [...steps, { do: 'leave' }] };
}

/**
 * What is to happen to a call. Pure: the entry as read (undefined: none), where the call stands, how to make the address
 * of the next step. A flow's targets are tried in order: unanswered leads to the next, answered to the end.
 */
export function planFor(entry: RouteEntry | undefined, asked: AskedFor, next: NextAddress): CallPlan {
  if (entry?.state !== 'active') return neutralPlan;
  if (asked.place === 'recorded') return spoken('Thank you, goodbye.');
  if (asked.place > 0 && (asked.lastStep === 'completed' || asked.lastStep === 'cancelled')) return hungUp;
  const targets = targetsOf(entry);
  const steps: CallStep[] = [];
  for (let place = startOf(entry, asked); place < targets.length; place++) {
    const target = targets[place];
    if (!target) break;
    steps.push(...stepsOf(entry, target, next(place + 1, entry.version), next));
    if (target.type !== 'announce') return { steps };
  }
  return steps.length > 0 ? { steps: [...steps, { do: 'hangup' }] } : apologyPlan;
}

/** A place counted in another version of the entry may mean another target by now: go to the fallback. */
function startOf(entry: RouteEntry, { place, version }: AskedFor): number {
  const isCurrent = version === undefined || version === entry.version;
  return typeof place === 'number' && isCurrent ? place : fallbackPlace(entry);
}

function stepsOf(
  entry: RouteEntry,
  target: ResolvedTarget,
  after: string | undefined,
  next: NextAddress,
): readonly CallStep[] {
  const andThen = after === undefined ? {} : { next: after };
  switch (target.type) {
    case 'extension':
      return [{ do: 'dial', to: { sip: target.sipUri }, timeoutSeconds: target.timeoutSeconds, ...andThen }];
    case 'forward':
      // The number that was called is shown: some carriers present nothing but their own numbers to the network.
      return [
        {
          do: 'dial',
          to: { number: target.number },
          timeoutSeconds: target.timeoutSeconds,
          callerId: entry.number,
          ...andThen,
        },
      ];
    case 'queue':
      return [queue(target, next({ hold: target.timeoutSeconds }, entry.version), andThen)];
    case 'announce':
      return [
        { do: 'say', text: target.text, ...(target.language === undefined ? {} : { language: target.language }) },
      ];
    case 'voicemail':
      return voicemail(target, next('recorded', entry.version));
  }
}

/** By id: a carrier's queue names are one space for all tenants (I7). */
function queue(
  { id, timeoutSeconds }: Extract<ResolvedTarget, { type: 'queue' }>,
  hold: string | undefined,
  andThen: { readonly next?: string },
): CallStep {
  return { do: 'queue', name: id, waitSeconds: timeoutSeconds, ...(hold === undefined ? {} : { hold }), ...andThen };
}

function voicemail(
  target: Extract<ResolvedTarget, { type: 'voicemail' }>,
  recorded: string | undefined,
): readonly CallStep[] {
  if (recorded === undefined) return apologyPlan.steps;
  return [
    { do: 'say', text: target.prompt },
    { do: 'record', maxSeconds: target.maxSeconds, next: recorded },
    { do: 'hangup' },
  ];
}
