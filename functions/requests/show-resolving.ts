import type { Deps } from '../platform/deps.ts';
import { ConditionFailed } from '../platform/table.ts';
import type { Intent } from './intent-schema.ts';
import { isFinal } from './move.ts';
import { type Asked, dueOf, openOrderTask, orderTaskDue } from './order-task.ts';
import { isUnclear } from './resolve-task.ts';
import { type Place, saveRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';
import { SYSTEM } from './timeline.ts';
import { waitKindOf } from './waiting.ts';

const HOUR = 3_600_000;
/** Hours after which an accepted order that has not ended is put before a person, and before one is asked again (P10). */
const LONG_HOURS = 24;
/** Hours a carrier's own review may take before somebody asks how it stands (P19). */
const REVIEW_HOURS = 48;

interface Wanted {
  /** What the inbox is asked; absent: nothing yet. */
  readonly task?: Asked;
  readonly shown: string;
  /** Only a person's word moves it on. */
  readonly needsWord: boolean;
}

/** What a person is asked about orders that have not ended, the most urgent first. Pure. */
function wantedFor(open: readonly Intent[], at: Date): Wanted {
  const unclear = open.filter(isUnclear);
  if (unclear.length > 0)
    return { task: { detail: `Was it bought? ${named(unclear)}` }, shown: 'being confirmed', needsWord: true };
  const accepted = open.filter((one) => one.lastOutcome === 'accepted');
  const reviewed = accepted.filter((one) => one.reviewing);
  const late = accepted.filter(
    (one) => !one.reviewing && Date.parse(one.createdAt) + LONG_HOURS * HOUR <= at.getTime(),
  );
  if (late.length > 0) {
    const detail = `Accepted more than ${LONG_HOURS} hours ago and not delivered; ask the carrier: ${named(late)}`;
    return { task: { detail, quietHours: LONG_HOURS }, shown: 'the carrier takes longer than usual', needsWord: true };
  }
  if (reviewed.length === 0) return { shown: 'the carrier works on it', needsWord: false };
  const detail = `The carrier reviews by hand; ask how it stands when this is due: ${named(reviewed)}`;
  const by = new Date(at.getTime() + REVIEW_HOURS * HOUR).toISOString().slice(0, 10);
  return {
    task: { detail, dueHours: REVIEW_HOURS, quietHours: LONG_HOURS },
    shown: `the carrier is reviewing; we ask by ${by}`,
    needsWord: false,
  };
}

const named = (intents: readonly Intent[]): string =>
  intents.map((intent) => `${intent.number} at ${intent.carrier} (${intent.reference})`).join(', ');

/** When a person must have looked: at what is asked just now, or was asked before; undefined when nobody is waited for. */
async function dueAtOf(deps: Deps, request: NumberRequest, wanted: Wanted & { isAsked: boolean }, at: Date) {
  if (!wanted.needsWord) return undefined;
  return wanted.task && wanted.isAsked ? dueOf(wanted.task, at) : orderTaskDue(deps, request);
}

/**
 * Shows that orders have not ended. One that stays unclear after the window, one accepted for long and one under the
 * carrier's review lie in the inbox with a due date (step 8, P10, P19, I4); claim and slot stay held.
 */
export async function showResolving(deps: Deps, place: Place, open: readonly Intent[]): Promise<void> {
  const at = deps.clock.now();
  const wanted = wantedFor(open, at);
  const after = await saveRequest(deps, place, async (before) => {
    const asked = wanted.task ? await openOrderTask(deps, before, wanted.task, at) : [];
    const dueAt = await dueAtOf(deps, before, { ...wanted, isAsked: asked.length > 0 }, at);
    const waitingFor = dueAt ? 'customer_success' : 'carrier';
    // Somebody is waited for beside the orders (a new price, another number): that stays in view.
    const shown =
      waitKindOf(before) !== undefined || (before.state === 'resolving' && before.waitingFor === waitingFor);
    if (shown && asked.length === 0) return undefined;
    const fields = waitKindOf(before) === undefined ? ({ state: 'resolving', waitingFor, dueAt } as const) : {};
    return {
      move: { action: 'resolving', actor: SYSTEM, at, fields, steps: [['purchase', 'waiting', wanted.shown]] },
      also: asked,
    };
  });
  // The end of a request stands; its open order is put before a person all the same.
  if (isFinal(after) && wanted.task) await askOnly(deps, after, wanted.task, at);
}

/** Shows that it is being asked whether an order was executed (step 7); in the window the carrier alone is waited for. */
export async function showUnclear(deps: Pick<Deps, 'table' | 'settings' | 'clock'>, place: Place): Promise<void> {
  await saveRequest(deps, place, (before) => {
    if (before.state !== 'ordering' || before.hold) return undefined;
    const fields = { state: 'resolving', waitingFor: 'carrier' } as const;
    const steps = [['purchase', 'waiting', 'being confirmed']] as const;
    return { move: { action: 'resolving', actor: SYSTEM, at: deps.clock.now(), fields, steps } };
  });
}

async function askOnly(deps: Deps, request: NumberRequest, task: Asked, at: Date): Promise<void> {
  try {
    const asked = await openOrderTask(deps, request, task, at);
    if (asked.length > 0) await deps.table.write(asked);
  } catch (error) {
    // Somebody who changed the task in between has it in view already.
    if (!(error instanceof ConditionFailed)) throw error;
  }
}
