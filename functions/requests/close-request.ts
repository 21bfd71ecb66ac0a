import * as z from 'zod';
import { RequestId, TenantId } from '../domain/ids.ts';
import { tenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import type { Write } from '../platform/table.ts';
import { ConditionFailed } from '../platform/table.ts';
import { task } from '../platform/task.ts';
import { findTenant, freeSlots } from '../tenants/store.ts';
import { microsOf, moneyBack, monthlyOf } from './committed.ts';
import { keepsSlot } from './give-back.ts';
import { isClosed } from './go-on.ts';
import { withdraw } from './hold-numbers.ts';
import type { Intent } from './intent-schema.ts';
import { latestIntents, readIntents } from './intent-store.ts';
import { isFinal, moveRequest, openTask } from './move.ts';
import { closeOrderTask } from './order-task.ts';
import { type Place, readRequest } from './save.ts';
import type { NumberRequest, RequestState } from './schema.ts';
import { settleUser } from './settle-user.ts';
import { findTicket, tickets } from './ticket-store.ts';
import { SYSTEM } from './timeline.ts';

const Closed = z.object({ outcome: z.string() });

/** The end of a request: what nothing left for is given back, ticket closed, requester told, in one transaction at last. */
export const closeRequest = task({
  name: 'CloseRequest',
  input: z.strictObject({ tenantId: TenantId, requestId: RequestId }),
  output: Closed,
  async run(place, deps: Deps): Promise<z.infer<typeof Closed>> {
    const intents = await readIntents(deps.table, tenantScope(place.tenantId), place.requestId);
    for (const intent of intents)
      if (intent.state === 'recorded')
        await withdraw(deps, intent, { code: 'request_ended', detail: 'The request ended before the order left.' });
    const outcome = await close(deps, place, latestIntents(intents));
    if (!intents.some(isOpen))
      await settleUser(
        deps,
        place,
        intents.some(({ state }) => state === 'settled'),
      );
    return { outcome };
  },
});

/** An order that may still come, or a number that is not recorded yet. */
const isOpen = (intent: Intent): boolean => intent.state === 'sent' || intent.state === 'bought';

async function close(deps: Deps, place: Place, intents: readonly Intent[]): Promise<RequestState> {
  for (let round = 1; ; round++) {
    const request = await readRequest(deps, place);
    // An order that may still come, and a number not recorded yet, keep their slot.
    const held = request.slots - intents.filter(keepsSlot).length;
    if (isClosed(request) && held <= 0) return request.state;
    try {
      return await writeEnd(deps, request, intents, held);
    } catch (error) {
      if (!(error instanceof ConditionFailed) || round >= 8) throw error;
    }
  }
}

async function writeEnd(
  deps: Deps,
  request: NumberRequest,
  intents: readonly Intent[],
  held: number,
): Promise<RequestState> {
  const at = deps.clock.now();
  const end = isFinal(request) ? { state: request.state } : endOf(request, intents);
  const ok = end.state === 'completed' || end.state === 'completed_with_issue' || end.state === 'partially_completed';
  const settled = request.slots - held;
  const money = await unspent(deps, request, intents, at);
  const { request: after, writes } = await moveRequest(deps, request, {
    action: 'closed',
    actor: SYSTEM,
    at,
    fields: { ...end, waitingFor: 'nobody', slots: Math.max(0, settled), hold: undefined, ...money.fields },
    steps: [...(ok ? successSteps(request) : failureSteps(request, end.failure?.detail)), ['closed', 'done']],
  });
  const freed = held > 0 ? [freeSlots(tenantScope(request.tenantId), held)] : [];
  const ticket = await ticketWrites(deps, after);
  const tasks = [
    ...(intents.some(isOpen) ? [] : await closeOrderTask(deps, after, at)),
    ...shortOfExact(request, after, at),
  ];
  await deps.table.write([...writes, ...ticket, ...freed, ...money.writes, ...tasks]);
  return after.state;
}

/** What was counted against the day's cap for numbers that are not bought in the end. */
async function unspent(deps: Deps, request: NumberRequest, intents: readonly Intent[], at: Date) {
  const tenant = await findTenant(deps.table, tenantScope(request.tenantId));
  const kept = intents.filter(keepsSlot).map((intent) => monthlyOf(request, intent));
  return moneyBack(request, microsOf(kept, tenant), at);
}

/** Exactly so many were wanted and cannot be had: a person may know a way (api-map §13, Quantity). */
function shortOfExact(before: NumberRequest, after: NumberRequest, at: Date): readonly Write[] {
  const short = after.state === 'partially_completed' || after.state === 'failed';
  if (after.policy !== 'exact_count' || !short || before.state === 'failed') return [];
  const detail = `${after.failure?.detail ?? 'Not all numbers could be had.'} Exactly ${after.quantity} were wanted.`;
  return [
    openTask(after, 'manual_order', at, { detail, dueAt: new Date(at.getTime() + MANUAL_DUE_MS).toISOString() }).write,
  ];
}
const MANUAL_DUE_MS = 5 * 86_400_000;

/** Only a purchase that had begun can have failed. */
const failureSteps = (request: NumberRequest, detail = 'Not bought.') =>
  request.orderedAt ? [['purchase', 'failed', detail] as const] : [];

const successSteps = (request: NumberRequest) =>
  [
    ['purchase', 'done'],
    ['activation', 'done'],
    ...(request.assignment ? [['assignment', 'done'] as const] : []),
  ] as const;

/** How a request ends by what its places came to, and how it was given up before (api-map §13, Quantity). Pure. */
export function endOf(
  request: NumberRequest,
  intents: readonly Intent[],
): { readonly state: RequestState; readonly failure?: NumberRequest['failure'] } {
  const bought = intents.filter((intent) => intent.state === 'settled');
  const last = intents.findLast((intent) => intent.failure);
  if (bought.length === 0 && request.givenUp)
    return { state: request.givenUp, ...(request.failure ? { failure: request.failure } : {}) };
  if (bought.length === 0)
    return {
      state: 'failed',
      failure: last?.failure ?? {
        code: 'not_enough_numbers',
        detail: 'No number that fits could be found at any carrier.',
      },
    };
  if (bought.length < request.quantity)
    return {
      state: 'partially_completed',
      failure: { code: 'not_enough_numbers', detail: `${bought.length} of ${request.quantity} numbers were bought.` },
    };
  const issue = bought.find((intent) => intent.issue)?.issue;
  return issue
    ? { state: 'completed_with_issue', failure: { code: issue, detail: ISSUES[issue] ?? issue } }
    : { state: 'completed' };
}

const ISSUES: Readonly<Record<string, string>> = {
  feature_missing: 'A number lacks a feature that was asked for; the ticket stays open.',
  assignment_failed: 'The assignment target no longer exists; the number is pre-provisioned.',
};

/** The ticket ends with the request, unless a person still has something to look at (P18, step 10). */
async function ticketWrites(deps: Deps, request: NumberRequest): Promise<readonly Write[]> {
  const ticket = await findTicket(deps.table, tenantScope(request.tenantId), request.ticketId);
  const state =
    request.state === 'completed_with_issue' || request.state === 'partially_completed' ? 'waiting' : 'closed';
  if (!ticket || ticket.state === state) return [];
  const at = deps.clock.now();
  return tickets.replace(
    ticket,
    { ...ticket, state, updatedAt: at.toISOString() },
    { action: state, actor: SYSTEM, at },
  ).writes;
}
