import * as z from 'zod';
import { newId, RequestId, TaskId, TenantId } from '../domain/ids.ts';
import { tenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { outboxWrite } from '../platform/outbox.ts';
import { task } from '../platform/task.ts';
import { isAgreed } from './decide.ts';
import { findTask, newTaskWrite } from './inbox-store.ts';
import type { Intent } from './intent-schema.ts';
import { latestIntents, readIntents } from './intent-store.ts';
import { isFinal } from './move.ts';
import { readRequest, saveRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';
import { waitWrite } from './store.ts';
import { SYSTEM } from './timeline.ts';

const WaitInput = z.strictObject({ tenantId: TenantId, requestId: RequestId, token: z.string() });
const HelpInput = z.strictObject({ ...WaitInput.shape, stuckAt: z.string() });
const Waiting = z.object({ outcome: z.enum(['waiting', 'already_decided']) });
type Waiting = z.infer<typeof Waiting>;
type WaitPlace = z.infer<typeof WaitInput>;

/** Hours until somebody must have looked at an order nobody can find, and until it is escalated (api-map §13, Clocks). */
const UNCLEAR_DUE_HOURS = 4;

/**
 * Stores the token of a wait, then looks whether what it waits for has happened already: a decision made before the wait
 * was stored must not be slept over.
 */
async function waitFor(
  deps: Deps,
  place: WaitPlace,
  state: string,
  isOver: (request: NumberRequest) => boolean,
): Promise<Waiting> {
  await deps.table.write([waitWrite(place.requestId, place.token, state)]);
  const request = await readRequest(deps, place);
  if (!isOver(request)) return { outcome: 'waiting' };
  const line = { kind: 'signal', tenantId: place.tenantId, numberRequestId: place.requestId } as const;
  await deps.table.write([outboxWrite(line, deps.clock.now())]);
  return { outcome: 'already_decided' };
}

/** Waits for people to agree: approval, terms, quote, information; also while a tenant is on hold. */
export const awaitAgreement = task({
  name: 'AwaitAgreement',
  input: WaitInput,
  output: Waiting,
  run: (place, deps: Deps) =>
    waitFor(
      deps,
      place,
      'agreement',
      (request) => isFinal(request) || (isAgreed(request, deps.clock.now()) && !request.hold),
    ),
});

/** Waits for papers: the customer's, customer success's check, the carrier's review. */
export const awaitPapers = task({
  name: 'AwaitPapers',
  input: WaitInput,
  output: Waiting,
  run: (place, deps: Deps) => waitFor(deps, place, 'papers', papersMoved),
});

/** True when the papers are not where the wait supposes them to be: look again. */
function papersMoved(request: NumberRequest): boolean {
  if (isFinal(request) || request.agreedAt === undefined) return true;
  if (request.state === 'documents_pending')
    return !request.requirements.some((one) => one.required && (one.state === 'missing' || one.state === 'rejected'));
  if (request.state !== 'documents_review') return true;
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
    const intents = latestIntents(await readIntents(deps.table, tenantScope(place.tenantId), place.requestId));
    const open = intents.filter((intent) => intent.state === 'sent');
    await showResolving(deps, place, open);
    return waitFor(
      deps,
      place,
      'orders',
      (request) => isFinal(request) || open.some((intent) => intent.verdict !== undefined),
    );
  },
});

/** An order that stays unclear after the window goes to a person; claim and slot stay held (step 8). */
async function showResolving(deps: Deps, place: WaitPlace, open: readonly Intent[]): Promise<void> {
  const at = deps.clock.now();
  const unclear = open.filter((intent) => intent.lastOutcome !== 'accepted');
  await saveRequest(deps, place, async (before) => {
    const known = before.taskId && (await findTask(deps.table, before.taskId));
    const waitingFor = unclear.length > 0 ? 'customer_success' : 'carrier';
    if (before.state === 'resolving' && before.waitingFor === waitingFor) return undefined;
    const due = new Date(at.getTime() + UNCLEAR_DUE_HOURS * 3_600_000).toISOString();
    const needsTask = unclear.length > 0 && !(known && known.state === 'open');
    const id = TaskId.parse(newId('tsk', at));
    return {
      move: {
        action: 'resolving',
        actor: SYSTEM,
        at,
        fields: { state: 'resolving', waitingFor },
        steps: [['purchase', 'waiting', unclear.length > 0 ? 'being confirmed' : 'the carrier works on it']],
      },
      also: needsTask ? [unclearTask(before, unclear, id, due, at)] : [],
    };
  });
}

function unclearTask(
  request: NumberRequest,
  unclear: readonly Intent[],
  id: z.infer<typeof TaskId>,
  dueAt: string,
  at: Date,
) {
  const stamp = at.toISOString();
  const named = unclear.map((intent) => `${intent.number} at ${intent.carrier} (${intent.reference})`).join(', ');
  return newTaskWrite({
    id,
    object: 'task',
    kind: 'unclear_order',
    subject: { object: 'number_request', id: request.id },
    tenantId: request.tenantId,
    country: request.country,
    class: request.class,
    detail: `Was it bought? ${named}`,
    state: 'open',
    dueAt,
    escalated: false,
    reminded: false,
    createdAt: stamp,
    updatedAt: stamp,
    version: 1,
  });
}

/** A state that could not run asks for help: a person looks, then the execution goes on where it stood. */
export const awaitHelp = task({
  name: 'AwaitHelp',
  input: HelpInput,
  output: Waiting,
  async run(place, deps: Deps): Promise<Waiting> {
    const at = deps.clock.now();
    const request = await readRequest(deps, place);
    deps.log.error('workflow_stuck', new Error(place.stuckAt), {
      numberRequestId: place.requestId,
      state: place.stuckAt,
    });
    const due = new Date(at.getTime() + UNCLEAR_DUE_HOURS * 3_600_000).toISOString();
    const made = unclearTask(request, [], TaskId.parse(newId('tsk', at)), due, at);
    const worded =
      made.op === 'put'
        ? {
            ...made,
            data: { ...made.data, detail: `The step ${place.stuckAt} could not run; resolve to try it again.` },
          }
        : made;
    await deps.table.write([worded]);
    return waitFor(deps, place, 'help', () => false);
  },
});
