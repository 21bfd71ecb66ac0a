import { createHash } from 'node:crypto';
import type { JsonObject, Key, Stored, Table, Write } from '../platform/table.ts';
import type { RouteEntry } from '../routing/schema.ts';
import { callKey } from './call-days-store.ts';
import { ATTEMPTS, DAY, epoch, type Filed, type Filing, newerRecord, newItem, tryWrite } from './filing.ts';
import { type CallFact, laterCall, newCall } from './records.ts';
import type { CallRecord } from './schema.ts';

/** Longest a call waits unanswered, clocks that differ by minutes included (X1). */
const RING_MS = 15 * 60_000;
/** Longest a call lasts whose length is not told, and longest a carrier repeats an event. */
const LONGEST_MS = DAY * 1000;
/** Longest from taking the time to the write that uses it, with room to spare. */
const FILING_MS = 60_000;
interface Found extends Stored {
  readonly record: CallRecord;
}

/**
 * Files what was learnt of a call (V5). Its record lies under a day and a digest of the carrier's id, so that making it is
 * also the check that there was none; later facts replace it if they change it (docs/decisions/0011-cheap-webhooks.md).
 */
export async function fileCall(table: Table, fact: CallFact, filing: Filing): Promise<Filed> {
  const route = await filing.route();
  if (!route) return 'nobodys';
  const places = placesOf(fact, filing, route);
  let isNew = fact.isFirst === true && places.length === 1;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = isNew ? undefined : await findIn(table, places);
    const writes = found ? laterWrites(found, fact) : firstWrites(places, newCall(fact, filing.carrier, route), filing);
    if (!writes) return 'repeated';
    if (await tryWrite(table, writes)) return 'stored';
    isNew = false;
  }
  throw new Error(`a call record of ${filing.carrier} changed under every attempt`);
}

/**
 * Where the call's record may lie: on this fact's own day first, then on those on which the call may have begun, or a fact
 * that came before this one may have been. Nearly always one place.
 */
function placesOf(fact: CallFact, { carrier, now }: Filing, { numberId }: RouteEntry): readonly Key[] {
  const name = createHash('sha256').update(`${carrier} ${fact.callId}`).digest('base64url').slice(0, 22);
  const at = fact.at.getTime();
  const until = Math.min(now.getTime() + FILING_MS, at + LONGEST_MS);
  const instants = [at, at - reachOf(fact), Math.max(at, until)];
  const days = new Set(instants.map((instant) => new Date(instant).toISOString().slice(0, 10)));
  return [...days].map((day) => callKey(numberId, day, name));
}

/** Milliseconds from the fact back to the call's beginning at most. */
function reachOf({ state, durationSeconds, isVague }: CallFact): number {
  if (isVague || (state === 'completed' && durationSeconds === undefined)) return LONGEST_MS;
  if (state === 'ringing') return 0;
  return Math.min(RING_MS + (durationSeconds ?? 0) * 1000, LONGEST_MS);
}

async function findIn(table: Table, places: readonly Key[]): Promise<Found | undefined> {
  const stored = await Promise.all(places.map((place) => table.get(place)));
  const found = stored.find((one) => one !== undefined);
  return found && { ...found, record: found.data as unknown as CallRecord };
}

function firstWrites(places: readonly Key[], record: CallRecord, { now, recordDays }: Filing): readonly Write[] {
  return places.map((key, at) =>
    at === 0
      ? newItem(key, record as unknown as JsonObject, epoch(now) + recordDays * DAY)
      : { op: 'check', key, when: [{ is: 'absent' }] },
  );
}

function laterWrites({ key, record, expiresAt }: Found, fact: CallFact): readonly Write[] | undefined {
  return newerRecord(key, { before: record, after: laterCall(record, fact) }, expiresAt);
}
