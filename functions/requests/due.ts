import type { RequestId, TenantId } from '../domain/ids.ts';
import { tenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { outboxWrite } from '../platform/outbox.ts';
import { ConditionFailed, type Write } from '../platform/table.ts';
import { endedEarly } from './given-up.ts';
import { changeTask, findTask } from './inbox-store.ts';
import { mailOf } from './mails.ts';
import { isFinal, type Move, moveRequest } from './move.ts';
import type { NumberRequest } from './schema.ts';
import { findRequest } from './store.ts';
import { SYSTEM } from './timeline.ts';
import { type Timer, timersOf, waitKindOf } from './waiting.ts';

/**
 * Does the next thing that is due for a request: reminder, escalation, expiry, or asking again (N5, P10). One at a time and
 * conditional on the version read, so that running twice does it once.
 */
export async function requestDue(deps: Deps, tenantId: TenantId, requestId: RequestId): Promise<void> {
  for (let round = 0; round < 8; round++) {
    const request = await findRequest(deps.table, tenantScope(tenantId), requestId);
    const timer = request && !isFinal(request) ? timersOf(request)[0] : undefined;
    const now = deps.clock.now();
    if (!request || !timer || Date.parse(timer.at) > now.getTime()) return;
    const { move, also } = await actOn(deps, request, timer, now);
    const { writes } = await moveRequest(deps, request, move);
    try {
      await deps.table.write([...writes, ...also]);
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }
}

type Act = { readonly move: Move; readonly also: readonly Write[] };
async function actOn(deps: Deps, request: NumberRequest, timer: Timer, at: Date): Promise<Act> {
  switch (timer.do) {
    case 'look_again':
      return { move: { action: 'looked_again', actor: SYSTEM, at, fields: {}, signal: true }, also: [] };
    case 'remind':
      return {
        move: { action: 'reminded', actor: SYSTEM, at, fields: { reminded: request.reminded + 1 } },
        also: [reminder(deps, request, at)],
      };
    case 'escalate':
      return {
        move: { action: 'escalated', actor: SYSTEM, at, fields: { escalated: true } },
        also: await escalation(deps, request, at),
      };
    case 'expire':
      return { move: expiry(request, at), also: [] };
  }
}

/** Terms nobody accepted go back to customer success; everything else ends the request. */
function expiry(request: NumberRequest, at: Date): Move {
  const terms = request.terms;
  if (waitKindOf(request) === 'acceptance' && terms)
    return {
      action: 'terms_expired',
      actor: SYSTEM,
      at,
      fields: { terms: { ...terms, state: 'expired' }, waitingFor: 'customer_success' },
      steps: [['terms', 'waiting', 'The offer has expired.']],
    };
  const failure = { code: 'expired', detail: 'Nothing came in time.' };
  const ended = terms?.state === 'offered' ? { terms: { ...terms, state: 'expired' as const } } : {};
  return {
    action: 'expired',
    actor: SYSTEM,
    at,
    fields: { ...endedEarly(request, 'expired'), failure, ...ended },
    signal: true,
  };
}

const turnOf = (request: NumberRequest): 'requester' | 'customer_success' =>
  request.waitingFor === 'customer' ? 'requester' : 'customer_success';

function reminder(deps: Deps, request: NumberRequest, at: Date): Write {
  const lines = [`This request still waits for you: ${request.state.replaceAll('_', ' ')}.`];
  const event = `reminder_${waitKindOf(request) ?? 'wait'}_${request.reminded + 1}_${Date.parse(request.waitingSince)}`;
  const notice = { event, audience: turnOf(request), subject: 'Reminder: a number request waits', lines };
  return outboxWrite(
    { kind: 'mail', mail: mailOf(request, notice, deps.settings.csMail, deps.settings.publicUrl) },
    at,
  );
}

async function escalation(deps: Deps, request: NumberRequest, at: Date): Promise<readonly Write[]> {
  const open = request.taskId ? await findTask(deps.table, request.taskId) : undefined;
  const notice = {
    event: `escalated_${waitKindOf(request) ?? 'wait'}_${Date.parse(request.waitingSince)}`,
    audience: 'customer_success' as const,
    subject: 'Overdue: a number request waits too long',
    lines: [`Due since ${request.dueAt ?? 'long'}. Nobody has decided yet.`],
  };
  const mail = outboxWrite(
    { kind: 'mail', mail: mailOf(request, notice, deps.settings.csMail, deps.settings.publicUrl) },
    at,
  );
  return open?.state === 'open' ? [mail, changeTask(open, { escalated: true }, at).write] : [mail];
}

/** Reminder and escalation of a task that stands for itself (an unclear order, a quarantined number). */
export async function taskDue(deps: Deps, taskId: string): Promise<void> {
  const task = await findTask(deps.table, taskId);
  const at = deps.clock.now();
  if (task?.state !== 'open' || task.nextTimerAt === undefined || Date.parse(task.nextTimerAt) > at.getTime()) return;
  const event = task.reminded ? 'escalated' : 'reminder';
  const subject = task.reminded ? 'Overdue task' : 'A task is due';
  const text = `${subject}: ${task.kind.replaceAll('_', ' ')}. ${task.detail}`;
  const mail = {
    to: [deps.settings.csMail],
    subject,
    text,
    html: '<p>A task in the inbox is due.</p>',
    messageKey: `${task.id}.${event}.customer_success`,
  };
  const { write } = changeTask(task, task.reminded ? { escalated: true } : { reminded: true }, at);
  try {
    await deps.table.write([write, outboxWrite({ kind: 'mail', mail }, at)]);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}
