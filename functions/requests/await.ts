import * as z from 'zod';
import { RequestId, TenantId } from '../domain/ids.ts';
import { tenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { outboxWrite } from '../platform/outbox.ts';
import { ConditionFailed, type Write } from '../platform/table.ts';
import { task } from '../platform/task.ts';
import { isAgreed } from './decide.ts';
import { giveBack } from './give-back.ts';
import { isGivenUp } from './given-up.ts';
import { accountProblem } from './hold.ts';
import type { Intent } from './intent-schema.ts';
import { latestIntents, openOrders, readIntents } from './intent-store.ts';
import { isFinal } from './move.ts';
import { openOrderTask } from './order-task.ts';
import { isOpen } from './papers-turn.ts';
import { readRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';
import { showResolving } from './show-resolving.ts';
import { takeMissed, waitWrite } from './store.ts';

const WaitInput = z.strictObject({ tenantId: TenantId, requestId: RequestId, token: z.string() });
const HelpInput = z.strictObject({ ...WaitInput.shape, stuckAt: z.string() });
const Waiting = z.object({ outcome: z.enum(['waiting', 'already_decided']) });
type Waiting = z.infer<typeof Waiting>;
type WaitPlace = z.infer<typeof WaitInput>;

/**
 * Stores the token of a wait, then looks whether what it waits for has happened already: a decision made before the wait
 * was stored must not be slept over.
 */
async function waitFor(
  deps: Deps,
  place: WaitPlace,
  state: string,
  isOver: (request: NumberRequest) => boolean | Promise<boolean>,
): Promise<Waiting> {
  await deps.table.write([waitWrite(place.requestId, place.token, state)]);
  const request = await readRequest(deps, place);
  if (!(await isOver(request))) return { outcome: 'waiting' };
  const line = { kind: 'signal', tenantId: place.tenantId, numberRequestId: place.requestId } as const;
  await deps.table.write([outboxWrite(line, deps.clock.now())]);
  return { outcome: 'already_decided' };
}

/** Waits for people to agree: approval, terms, quote, information; also while a tenant is on hold. */
export const awaitAgreement = task({
  name: 'AwaitAgreement',
  input: WaitInput,
  output: Waiting,
  async run(place, deps: Deps): Promise<Waiting> {
    await giveBack(deps, place);
    return waitFor(deps, place, 'agreement', async (request) => {
      if (isFinal(request) || isGivenUp(request)) return true;
      // A fresh execution begins here: what was ordered before does not wait for anybody (4.8).
      if ((await openOrders(deps.table, place)).length > 0) return true;
      if (!isAgreed(request, deps.clock.now())) {
        await lookAgainWhenAgreed(deps, request);
        return false;
      }
      // A hold whose reason has passed is lifted by looking again.
      return !request.hold || (await accountProblem(deps, request)) === undefined;
    });
  },
});

/** The approval's own signal goes by the clock of whoever delivers it; by ours the undo window may still be open (X1, I4). */
async function lookAgainWhenAgreed(deps: Deps, { tenantId, id, agreedAt }: NumberRequest): Promise<void> {
  if (agreedAt === undefined) return;
  const line = { kind: 'signal', tenantId, numberRequestId: id } as const;
  await deps.table.write([outboxWrite(line, deps.clock.now(), new Date(agreedAt))]);
}

/** Waits for papers: the customer's, customer success's check, the carrier's review. */
export const awaitPapers = task({
  name: 'AwaitPapers',
  input: WaitInput,
  output: Waiting,
  async run(place, deps: Deps): Promise<Waiting> {
    await giveBack(deps, place);
    const heard = () => takeMissed(deps.table, place.requestId);
    return waitFor(deps, place, 'papers', async (request) => papersMoved(request) || heard());
  },
});

/** True when the papers are not where the wait supposes them to be: look again. */
function papersMoved(request: NumberRequest): boolean {
  if (isFinal(request)) return true;
  if (request.state === 'info_requested') return false;
  if (request.agreedAt === undefined) return true;
  if (request.state === 'documents_pending') return !request.requirements.some(isOpen);
  if (request.state !== 'documents_review') return true;
  const handedIn = request.papers?.state === 'submitted' || request.papers?.state === 'in_review';
  if (request.waitingFor === 'carrier') return !handedIn;
  return (
    request.waitingFor === 'customer_success' &&
    request.papers?.known !== false &&
    !request.requirements.some((one) => one.state === 'received')
  );
}

/** Waits for orders to end: the carrier's webhook, a person's word, or the late poll as backstop (P10). */
export const awaitOrders = task({
  name: 'AwaitOrders',
  input: WaitInput,
  output: Waiting,
  async run(place, deps: Deps): Promise<Waiting> {
    const openIntents = async (): Promise<readonly Intent[]> => {
      const intents = await readIntents(deps.table, tenantScope(place.tenantId), place.requestId);
      return latestIntents(intents).filter((intent) => intent.state === 'sent');
    };
    await showResolving(deps, place, await openIntents());
    // Read after the token is stored; a word that the last look did not know yet ends the wait.
    const toldOf = (intent: Intent): boolean => intent.verdict !== undefined && intent.lastOutcome === undefined;
    return waitFor(deps, place, 'orders', async () => {
      const heard = await takeMissed(deps.table, place.requestId);
      return heard || (await openIntents()).some(toldOf);
    });
  },
});

/** A state that could not run asks for help: a person looks, then the execution goes on where it stood. */
export const awaitHelp = task({
  name: 'AwaitHelp',
  input: HelpInput,
  output: Waiting,
  async run(place, deps: Deps): Promise<Waiting> {
    const at = deps.clock.now();
    const request = await readRequest(deps, place);
    const { requestId: numberRequestId, stuckAt: state } = place;
    deps.log.error('workflow_stuck', new Error(state), { numberRequestId, state });
    const detail = `The step ${state} could not run; resolve to try it again.`;
    const asked = await openOrderTask(deps, request, { detail }, at);
    await unlessChanged(deps, asked);
    return waitFor(deps, place, 'help', () => false);
  },
});

/** Somebody who changed the task in between has it in view already. */
async function unlessChanged(deps: Deps, writes: readonly Write[]): Promise<void> {
  try {
    if (writes.length > 0) await deps.table.write(writes);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}
