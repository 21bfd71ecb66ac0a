import { newId, TaskId } from '../domain/ids.ts';
import type { Deps } from '../platform/deps.ts';
import type { Actor } from '../platform/entity.ts';
import { outboxWrite } from '../platform/outbox.ts';
import type { Write } from '../platform/table.ts';
import type { TimelineEntry, TimelineStep } from './decision-schema.ts';
import type { InboxTask, TaskKind } from './inbox-schema.ts';
import { changeTask, findTask, newTaskWrite } from './inbox-store.ts';
import { noticesOfChange, noticeWrite } from './mails.ts';
import { FINAL_STATES, type NumberRequest } from './schema.ts';
import { requests } from './store.ts';
import { withoutOpen, withStep } from './timeline.ts';
import { beginWait, waitKindOf, withTimer } from './waiting.ts';

export interface Move {
  readonly action: string;
  readonly actor: Actor;
  readonly at: Date;
  readonly fields: Partial<NumberRequest>;
  readonly steps?: readonly (readonly [TimelineStep, TimelineEntry['state'], string?])[];
  /** Wakes the execution, at the instant given or at once: "look again". */
  readonly signal?: boolean | Date;
}

const TASK_OF_WAIT = { approval: 'approval', quote: 'quote', terms: 'terms', review: 'documents_review' } as const;
function taskKindOf(request: NumberRequest): TaskKind | undefined {
  const kind = waitKindOf(request);
  return kind && kind in TASK_OF_WAIT ? TASK_OF_WAIT[kind as keyof typeof TASK_OF_WAIT] : undefined;
}

/** True when nothing more can happen to the request. */
export const isFinal = (request: Pick<NumberRequest, 'state'>): boolean => FINAL_STATES.includes(request.state);

/**
 * One change of a request with all that belongs to it: timeline, due dates, the inbox task opened or closed, mails,
 * signal, audit. Returns the next record and the writes of one transaction (≤ 9 items); nothing is written here.
 */
export async function moveRequest(
  deps: Pick<Deps, 'table' | 'settings'>,
  before: NumberRequest,
  move: Move,
): Promise<{ request: NumberRequest; writes: readonly Write[] }> {
  const next = nextRecord(before, move);
  const inbox = await inboxWrites(deps, before, next, move.at);
  const { record, writes } = requests.replace(
    before,
    { ...next, ...inbox.fields },
    { action: move.action, actor: move.actor, at: move.at },
  );
  const told = noticesOfChange(before, record).map((notice) => noticeWrite(record, notice, move.at, deps.settings));
  return { request: record, writes: [...writes, ...inbox.writes, ...told, ...signalWrites(record, move)] };
}

/** Ends after which no step can still be under way; an order may still be after the others. */
const ENDED_WITHOUT: readonly NumberRequest['state'][] = ['declined', 'expired', 'cancelled', 'failed'];

function nextRecord(before: NumberRequest, move: Move): NumberRequest {
  const by = { actor: move.actor, at: move.at };
  let timeline = before.timeline;
  for (const [step, state, detail] of move.steps ?? []) timeline = withStep(timeline, step, state, { ...by, detail });
  const end = move.fields.state ?? before.state;
  if (ENDED_WITHOUT.includes(end)) timeline = withoutOpen(timeline, end === 'cancelled' ? 'undone' : 'failed', by);
  const changed: NumberRequest = { ...before, ...move.fields, timeline, updatedAt: move.at.toISOString() };
  const held = (changed.hold === undefined) !== (before.hold === undefined);
  const turned = held || changed.state !== before.state || changed.waitingFor !== before.waitingFor;
  const renewed = changed.terms?.version !== before.terms?.version && changed.terms?.state === 'offered';
  if (!turned && !renewed) return withTimer(changed);
  const wait = beginWait(changed, move.at);
  return withTimer({ ...changed, ...wait, dueAt: move.fields.dueAt ?? wait.dueAt });
}

function signalWrites(request: NumberRequest, move: Move): readonly Write[] {
  if (!move.signal) return [];
  const line = { kind: 'signal', tenantId: request.tenantId, numberRequestId: request.id } as const;
  return [outboxWrite(line, move.at, move.signal === true ? move.at : move.signal)];
}

async function inboxWrites(
  deps: Pick<Deps, 'table'>,
  before: NumberRequest,
  next: NumberRequest,
  at: Date,
): Promise<{ writes: readonly Write[]; fields: Partial<NumberRequest> }> {
  const wanted = taskKindOf(next);
  const open = before.taskId ? await findTask(deps.table, before.taskId) : undefined;
  if (open && open.state === 'open' && open.kind === wanted) return { writes: [], fields: {} };
  const closed = open?.state === 'open' ? [changeTask(open, { state: 'done' }, at).write] : [];
  if (!wanted) return { writes: closed, fields: { taskId: undefined } };
  const opened = openTask(next, wanted, at);
  return { writes: [...closed, opened.write], fields: { taskId: opened.id } };
}

const TASK_TEXT: Readonly<Partial<Record<TaskKind, string>>> = {
  approval: 'Approve or reject before any carrier is asked.',
  quote: 'Make an offer, or reject.',
  terms: 'Enter terms and price for the customer.',
  documents_review: 'Check the papers.',
};

/** With the carrier's own words where it refused the papers: they are for customer success alone (R4). */
function textOf({ papers }: NumberRequest, kind: TaskKind): string {
  const text = TASK_TEXT[kind] ?? '';
  const isRefused = kind === 'documents_review' && papers?.state === 'rejected' && papers.remark !== undefined;
  return isRefused ? `${text} The carrier says: ${papers.remark}` : text;
}

/** The inbox task that stands for a request's wait for customer success. */
export function openTask(
  request: NumberRequest,
  kind: TaskKind,
  at: Date,
  more: Partial<Pick<InboxTask, 'detail' | 'dueAt'>> = {},
): { readonly id: TaskId; readonly write: Write } {
  const id = TaskId.parse(newId('tsk', at));
  const stamp = at.toISOString();
  const write = newTaskWrite({
    id,
    object: 'task',
    kind,
    subject: { object: 'number_request', id: request.id },
    tenantId: request.tenantId,
    country: request.country,
    class: request.class,
    detail: textOf(request, kind),
    state: 'open',
    dueAt: request.dueAt ?? stamp,
    ...more,
    escalated: false,
    reminded: false,
    createdAt: stamp,
    updatedAt: stamp,
    version: 1,
  });
  return { id, write };
}
