import type { E164 } from '../domain/e164.ts';
import { Conflict, InvalidInput } from '../domain/errors.ts';
import { RequestId } from '../domain/ids.ts';
import { type Principal, tenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { outboxWrite } from '../platform/outbox.ts';
import type { Write } from '../platform/table.ts';
import type { InboxTask, TaskKind } from './inbox-schema.ts';
import { changeTask } from './inbox-store.ts';
import type { Intent } from './intent-schema.ts';
import { changeIntent, readIntents } from './intent-store.ts';

/** Tasks that stand for a decision on their request: they end with it. */
const DECIDED_THERE: readonly TaskKind[] = ['approval', 'quote', 'terms', 'documents_review'];
/** Intents of one transaction: the task, the signal and the call's record go with the last. */
const AT_ONCE = 8;

export interface Resolution {
  readonly verdict?: 'bought' | 'not_bought' | undefined;
  readonly number?: E164 | undefined;
  readonly comment?: string | undefined;
}

/** Throws 409: decided before (by whom), or a task that is decided on its request. */
export function requireResolvable(task: InboxTask): void {
  if (task.state === 'done')
    throw new Conflict({
      code: 'already_decided',
      detail: `This task is done${task.resolution ? `: ${task.resolution.verdict} at ${task.resolution.at}` : ''}.`,
      extra: { ...(task.resolution ? { resolution: task.resolution } : {}) },
    });
  if (DECIDED_THERE.includes(task.kind))
    throw new Conflict({
      code: 'wrong_state',
      detail: `A task of kind ${task.kind} is decided on ${task.subject.id} itself.`,
      extra: { subject: task.subject },
    });
}

/** Nobody knows whether these were bought: sent, no usable answer, no word of a person since. */
export const isUnclear = (intent: Intent): boolean =>
  intent.state === 'sent' && intent.lastOutcome !== 'accepted' && intent.verdict === undefined;

/**
 * A person's word (step 8): kept on the intents it concerns, then the execution looks again. A task without unclear
 * intents (a step that could not run) only makes it look again. `batches` before the last may be written by themselves.
 * Throws 409 for a verdict on orders that the carrier has accepted, 422 as `concerned`.
 */
export async function planResolution(
  deps: Pick<Deps, 'table'>,
  task: InboxTask,
  given: Resolution,
  who: Principal,
  at: Date,
): Promise<{ readonly task: InboxTask; readonly batches: readonly (readonly Write[])[] }> {
  const request = RequestId.safeParse(task.subject.id);
  const scope = task.tenantId && tenantScope(task.tenantId);
  const asked = scope && request.success && task.kind === 'unclear_order';
  const intents = asked ? await readIntents(deps.table, scope, request.data) : [];
  if (given.verdict !== undefined) refuseOnAccepted(intents);
  const unclear = intents.filter(isUnclear);
  const judged = concerned(unclear, given);
  const resolution = {
    verdict: given.verdict ?? 'done',
    by: who.name,
    at: at.toISOString(),
    ...(given.comment ? { detail: given.comment } : {}),
  };
  const rest = unclear.length - judged.length;
  const changed = changeTask(task, rest > 0 ? {} : { state: 'done', resolution }, at);
  const line = request.success && { kind: 'signal' as const, numberRequestId: request.data };
  const signal = asked && line ? [outboxWrite({ ...line, tenantId: scope.tenantId }, at)] : [];
  // Looked at anew: what the last look saw was before the verdict.
  const words = judged.map(
    (intent) => changeIntent(intent, { verdict: given.verdict, lastOutcome: undefined }, at).write,
  );
  const early = Array.from({ length: Math.ceil(words.length / AT_ONCE) }, (_, n) =>
    words.slice(n * AT_ONCE, (n + 1) * AT_ONCE),
  );
  const last = early.pop() ?? [];
  return { task: changed.task, batches: [...early, [...last, changed.write, ...signal]] };
}

/** What the carrier is known to have in hand ends by its own word alone: a verdict would be taken and change nothing. */
function refuseOnAccepted(intents: readonly Intent[]): void {
  const sent = intents.filter((intent) => intent.state === 'sent');
  if (sent.length === 0 || sent.some((intent) => intent.lastOutcome !== 'accepted')) return;
  const which = sent.map((intent) => `${intent.number} at ${intent.carrier} (${intent.reference})`).join(', ');
  throw new Conflict({
    code: 'wrong_state',
    detail: `The carrier says that it has accepted ${which}: settle it with the carrier, its end is seen here by itself. Resolve without a verdict to be asked again after a day.`,
  });
}

/** The intents a verdict is about. Throws 422 `verdict_required`, `unknown_number`. */
function concerned(unclear: readonly Intent[], given: Resolution): readonly Intent[] {
  if (unclear.length === 0) return [];
  if (given.verdict === undefined) {
    const detail = 'Say whether the carrier has sold it: "bought" or "not_bought".';
    throw new InvalidInput({
      code: 'verdict_required',
      detail,
      errors: [{ pointer: '#/verdict', code: 'verdict_required', detail }],
    });
  }
  if (given.number === undefined) return unclear;
  const named = unclear.filter((intent) => intent.number === given.number);
  if (named.length > 0) return named;
  const detail = `Unclear are ${unclear.map((intent) => intent.number).join(', ')}.`;
  throw new InvalidInput({
    code: 'unknown_number',
    detail,
    errors: [{ pointer: '#/number', code: 'unknown_number', detail }],
  });
}
