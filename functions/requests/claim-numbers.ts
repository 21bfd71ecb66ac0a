import * as z from 'zod';
import type { E164 } from '../domain/e164.ts';
import { RequestId, TenantId } from '../domain/ids.ts';
import { tenantScope } from '../platform/auth.ts';
import { task } from '../platform/task.ts';
import type { BuyDeps } from './buy-deps.ts';
import { type Chosen, chooseNumbers } from './choose-numbers.ts';
import { monthlyOf } from './committed.ts';
import { isAgreed } from './decide.ts';
import { isGivenUp } from './given-up.ts';
import { putOnHold } from './hold.ts';
import { holdNumber } from './hold-numbers.ts';
import type { Intent } from './intent-schema.ts';
import { latestIntents, openOrders, readIntents } from './intent-store.ts';
import { isFinal } from './move.ts';
import { offerNewPrice } from './price-changed.ts';
import { Claimed } from './purchase-schema.ts';
import { type Place, readRequest, saveRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';
import { shortOfNumbers } from './short-of-numbers.ts';
import { takeSlots, type Wanted } from './slots.ts';
import { SYSTEM } from './timeline.ts';

const LIVE: readonly Intent['state'][] = ['recorded', 'sent', 'bought'];
/** Rounds of choosing within one run, when others are faster at the claims. */
const ROUNDS = 40;

/**
 * Chooses, takes slots, claims and records intents; its last write is the point of no return (reliability §2, steps 2–5).
 * Running it again finds what it did before and goes on.
 */
export const claimNumbers = task({
  name: 'ClaimNumbers',
  input: z.strictObject({ tenantId: TenantId, requestId: RequestId }),
  output: Claimed,
  async run(place, deps: BuyDeps): Promise<Claimed> {
    const claimed = await claim(deps, place);
    if (claimed.items.length > 0) return claimed;
    // What was ordered is followed whatever the rest waits for: a fresh execution knows of it by this alone (4.8).
    return { ...claimed, items: (await openOrders(deps.table, place)).map(placeOf) };
  },
});

/** The carrier or a person has papers in hand: nothing is chosen or ordered before they are through (R4). */
const PAPERS_OPEN: readonly NumberRequest['state'][] = ['documents_pending', 'documents_review', 'info_requested'];

async function claim(deps: BuyDeps, place: Place): Promise<Claimed> {
  const request = await readRequest(deps, place);
  // Nothing more is chosen for a request that has ended.
  if (isFinal(request) || isGivenUp(request)) return none('ended');
  if (!isAgreed(request, deps.clock.now())) return none('price_changed');
  if (PAPERS_OPEN.includes(request.state)) return none('papers_missing');
  if (await putOnHold(deps, request)) return none('hold');
  const intents = await readIntents(deps.table, tenantScope(request.tenantId), request.id);
  const found = await chooseAndHold(deps, request, intents);
  // A twin of this run or a person has moved the request on: what it needs now is judged anew.
  if (found === 'moved_on') return claim(deps, place);
  if ('outcome' in found) return found;
  const live = latestIntents(found.intents).filter((intent) => LIVE.includes(intent.state));
  if (live.length === 0) return none('nothing_left');
  const after = await beginOrdering(deps, request);
  return after.state === 'ordering' ? { outcome: 'claimed', items: live.map(placeOf) } : claim(deps, place);
}

const placeOf = ({ item, attempt }: Intent) => ({ item, attempt });
const none = (outcome: Claimed['outcome']): Claimed => ({ outcome, items: [] });

function placesToFill(request: NumberRequest, intents: readonly Intent[]): readonly number[] {
  const latest = new Map(latestIntents(intents).map((intent) => [intent.item, intent]));
  const places = Array.from({ length: request.quantity }, (_, item) => item);
  return places.filter((item) => {
    const intent = latest.get(item);
    return !intent || intent.state === 'refused' || intent.state === 'withdrawn';
  });
}

/** Given up unsent for a reason that may pass: price, hold, others missing, a wait for people. */
const PASSING: readonly (string | undefined)[] = ['price_changed', 'on_hold', 'not_enough_numbers', 'given_back'];
/** Refused for a reason that lies with the papers or the carrier, not with the number. */
const PASSING_CLASSES: readonly (string | undefined)[] = ['DocumentsRequired', 'CarrierBusy', 'CarrierUnusable'];
const mayBeTriedAgain = (intent: Intent): boolean =>
  PASSING.includes(intent.failure?.code) || PASSING_CLASSES.includes(intent.refusalClass);

async function chooseAndHold(
  deps: BuyDeps,
  request: NumberRequest,
  known: readonly Intent[],
): Promise<Claimed | 'moved_on' | { readonly intents: readonly Intent[] }> {
  const reread = () => readIntents(deps.table, tenantScope(request.tenantId), request.id);
  const tried = new Set<E164>(known.filter((one) => !mayBeTriedAgain(one)).map((intent) => intent.number));
  let intents = known;
  let open = placesToFill(request, intents);
  for (let round = 0; round < ROUNDS && open.length > 0; round++) {
    const found = await chooseNumbers(deps, request, open, { intents, tried, round });
    // A twin of this run may have filled a place meanwhile (P4): what is short or dear is judged by what is stored.
    intents = await reread();
    const chosen = within(found, placesToFill(request, intents));
    if (chosen.dearer) return priceRose(deps, request, chosen.dearer);
    if (stopsShort(request, intents, chosen)) return shortOfNumbers(deps, request, intents, chosen.missing);
    if (chosen.choices.length === 0) break;
    const slotted = await takeSlots(deps, request, wantedOf(request, intents, chosen.choices));
    if (!slotted) return none('ended');
    const holder = { ...request, slots: slotted.slots };
    if ((await holdAll(deps, holder, chosen.choices, intents)) === 'moved_on') return 'moved_on';
    for (const choice of chosen.choices) tried.add(choice.offer.number);
    intents = await reread();
    open = placesToFill(request, intents);
  }
  open = placesToFill(request, intents);
  return stopsShort(request, intents, { choices: [], missing: open })
    ? shortOfNumbers(deps, request, intents, open)
    : { intents };
}

/** What was chosen for the places that are still to be filled. */
function within({ choices, missing, dearer }: Chosen, open: readonly number[]): Chosen {
  return {
    choices: choices.filter((choice) => open.includes(choice.item)),
    missing: missing.filter((item) => open.includes(item)),
    ...(dearer && open.includes(dearer.item) ? { dearer } : {}),
  };
}

/** Slots and money that are used, held, or wanted for what was just chosen. */
function wantedOf(request: NumberRequest, intents: readonly Intent[], choices: Chosen['choices']): Wanted {
  const settled = intents.filter((one) => one.state === 'settled');
  const live = latestIntents(intents).filter((one) => LIVE.includes(one.state));
  const all = [...settled, ...live, ...choices.map(({ offer }) => offer)];
  return { slots: all.length, prices: all.map((one) => monthlyOf(request, one)) };
}

async function holdAll(
  deps: BuyDeps,
  request: NumberRequest,
  choices: Chosen['choices'],
  intents: readonly Intent[],
): Promise<'moved_on' | undefined> {
  for (const choice of choices)
    if ((await holdNumber(deps, request, choice, nextAttempt(intents, choice.item))) === 'moved_on') return 'moved_on';
  return undefined;
}

const nextAttempt = (intents: readonly Intent[], item: number): number =>
  Math.max(0, ...intents.filter((one) => one.item === item).map((one) => one.attempt)) + 1;

/** All-or-nothing is settled before the first order leaves; a named number that is gone is asked about first. */
function stopsShort(
  request: NumberRequest,
  intents: readonly Intent[],
  chosen: Pick<Chosen, 'choices' | 'missing'>,
): boolean {
  if (chosen.missing.length === 0) return false;
  const ordered = intents.some((one) => one.sends > 0);
  const namedGone =
    request.named.length > 0 &&
    !intents.some((one) => one.state === 'settled' || one.state === 'bought' || one.state === 'sent');
  return (request.policy === 'all_or_nothing' && !ordered) || namedGone;
}

async function priceRose(
  deps: BuyDeps,
  request: NumberRequest,
  dearer: NonNullable<Chosen['dearer']>,
): Promise<Claimed> {
  await offerNewPrice(deps, request, dearer);
  return none('price_changed');
}

/** The last write before orders leave: it loses against whoever moved the request on, or makes a cancellation too late (P16). */
function beginOrdering(deps: BuyDeps, request: NumberRequest): Promise<NumberRequest> {
  const at = deps.clock.now();
  return saveRequest(deps, { tenantId: request.tenantId, requestId: request.id }, (before) =>
    before.state === 'ordering' || before.state !== request.state
      ? undefined
      : {
          move: {
            action: 'ordering',
            actor: SYSTEM,
            at,
            fields: {
              state: 'ordering',
              waitingFor: 'carrier',
              orderedAt: before.orderedAt ?? at.toISOString(),
              question: undefined,
            },
            steps: [
              ['sourcing', 'done'],
              ['purchase', 'current'],
            ],
          },
        },
  );
}
