import type { JsonObject, Key, Write } from '../../../functions/platform/table.ts';
import type { WorkflowOptions } from './engine.ts';
import { dueOf, type Frame } from './frame.ts';
import { frameKeys, frameWrites } from './frame-items.ts';
import { KEPT_AFTER_END_MS } from './limits.ts';
import type { Ending, Head, Saved, Step } from './step.ts';
import { dueIndex, headKey, historyKey, inputKey, outputKey } from './store.ts';

/** Items of removed frames that leave with one write; the rest leaves later. */
const REMOVED_A_WRITE = 15;

const epochSeconds = (ms: number): number => Math.ceil(ms / 1000);

/**
 * Writes a step in one transaction, on condition that nobody wrote to the execution since it was read.
 * Throws ConditionFailed; then the step has not happened.
 */
export async function commit(options: Pick<WorkflowOptions, 'table' | 'withBadEnd'>, step: Step): Promise<Saved> {
  const { saved, frames, ending } = step;
  const head = headAfter(step);
  const removed = [...saved.leftOver, ...removedFrames(step)];
  const leaving = firstOf(removed, REMOVED_A_WRITE);
  await options.table.write([
    putHead(saved.head, head),
    ...(saved.head.revision === 0 ? [putInput(saved)] : []),
    ...changedFrames(step),
    ...leaving.flat().map((key): Write => ({ op: 'delete', key })),
    ...putHistory(step, head),
    ...(ending ? putOutput(head, ending) : []),
    ...(ending ? withBadEnd(options, head, ending) : []),
  ]);
  return { head, input: saved.input, frames, leftOver: removed.slice(leaving.length) };
}

function withBadEnd({ withBadEnd: tell }: Pick<WorkflowOptions, 'withBadEnd'>, head: Head, { status }: Ending) {
  if (status === 'succeeded' || !tell) return [];
  const { machine, name: execution, startedAt, stoppedAt = startedAt } = head;
  return tell({ machine, execution, status, startedAt: new Date(startedAt), stoppedAt: new Date(stoppedAt) });
}

function headAfter({ saved, frames, queue, events, ending, now }: Step): Head {
  const { head } = saved;
  const counts = { revision: head.revision + 1, events: head.events + events.length };
  if (ending) {
    const { status, error, cause } = ending;
    const why = { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
    return { ...head, ...counts, status, pending: false, stoppedAt: now, ...why };
  }
  const all = [...frames.values()];
  const dueAt = Math.min(head.deadline, ...all.map((frame) => dueOf(frame) ?? head.deadline));
  return { ...head, ...counts, dueAt, pending: queue.length > 0 || all.some(isToBeCalled) };
}

/** A function that is still to be called, or whose call has not ended. */
function isToBeCalled({ phase }: Frame): boolean {
  return phase.kind === 'task' && !phase.delivered;
}

function putHead(before: Head, head: Head): Write {
  const isRunning = head.status === 'running';
  return {
    op: 'put',
    key: headKey(head),
    data: head as unknown as JsonObject,
    when: [before.revision === 0 ? { is: 'absent' } : { is: 'equals', field: 'revision', value: before.revision }],
    ...(isRunning ? { indexes: dueIndex(head) } : { expiresAt: keptUntil(head) }),
  };
}

/** What belongs to a running execution may stay until it would have ended at the latest: nobody touches it again. */
const outlives = (head: Head): number => epochSeconds(head.deadline + KEPT_AFTER_END_MS);
const keptUntil = ({ stoppedAt, deadline }: Head): number => epochSeconds((stoppedAt ?? deadline) + KEPT_AFTER_END_MS);

function putInput({ head, input }: Saved): Write {
  return { op: 'put', key: inputKey(head), data: { input }, expiresAt: outlives(head) };
}

function putOutput(head: Head, { output }: Ending): Write[] {
  if (output === undefined) return [{ op: 'delete', key: outputKey(head) }];
  return [{ op: 'put', key: outputKey(head), data: { output }, expiresAt: keptUntil(head) }];
}

function putHistory({ events, saved }: Step, head: Head): Write[] {
  if (events.length === 0) return [];
  const data = { events: events.map((event) => ({ ...event })) };
  return [{ op: 'put', key: historyKey(head, saved.head.events + 1), data, expiresAt: outlives(head) }];
}

function changedFrames({ saved, frames, changed }: Step): Write[] {
  const { head } = saved;
  return [...changed].flatMap((path) => {
    const after = frames.get(path);
    return after ? frameWrites(headKey(head).pk, saved.frames.get(path), after, outlives(head)) : [];
  });
}

function removedFrames({ saved, frames }: Step): Key[][] {
  const gone = [...saved.frames.values()].filter(({ path }) => !frames.has(path));
  return gone.map((frame) => frameKeys(headKey(saved.head).pk, frame));
}

/** The first groups that stay within a number of keys together, but at least one. */
export function firstOf(groups: readonly (readonly Key[])[], most: number): (readonly Key[])[] {
  let keys = 0;
  return groups.filter((group, at) => {
    keys += group.length;
    return at === 0 || keys <= most;
  });
}
