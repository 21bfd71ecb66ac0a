import type { Actor } from '../platform/entity.ts';
import type { TimelineEntry, TimelineStep } from './decision-schema.ts';

export const SYSTEM: Actor = { kind: 'system', id: 'numbergate', name: 'Numbergate' };

/** Adds a step, or moves the last entry of the same step on; an entry that ends gets its duration. Pure. */
export function withStep(
  timeline: readonly TimelineEntry[],
  step: TimelineStep,
  state: TimelineEntry['state'],
  by: { readonly actor: Actor; readonly at: Date; readonly detail?: string | undefined },
): TimelineEntry[] {
  const entry: TimelineEntry = {
    step,
    state,
    at: by.at.toISOString(),
    actor: { kind: by.actor.kind, id: by.actor.id, name: by.actor.name },
    ...(by.detail === undefined ? {} : { detail: by.detail }),
  };
  const open = timeline.findLastIndex(
    (one) => one.step === step && (one.state === 'current' || one.state === 'waiting'),
  );
  const before = timeline[open];
  if (!before) return [...timeline, entry];
  const began = before.at;
  const durationMs = Math.max(0, by.at.getTime() - Date.parse(began));
  const moved = state === 'current' || state === 'waiting' ? { ...entry, at: began } : { ...entry, durationMs };
  return timeline.with(open, moved);
}

/** The entries of a request that has ended: nothing is waited for any more. Pure. */
export function withoutOpen(
  timeline: readonly TimelineEntry[],
  state: 'failed' | 'undone',
  by: { readonly at: Date },
): TimelineEntry[] {
  return timeline.map((one) => {
    if (one.state !== 'current' && one.state !== 'waiting') return one;
    return { ...one, state, at: by.at.toISOString(), durationMs: Math.max(0, by.at.getTime() - Date.parse(one.at)) };
  });
}
