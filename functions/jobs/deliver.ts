import { attendWrite, findBundleByCarrierRef } from '../compliance/bundle-store.ts';
import type { CarrierId } from '../domain/carrier-id.ts';
import type { RequestId, TenantId } from '../domain/ids.ts';
import type { Deps } from '../platform/deps.ts';
import { type OutboxLine, outboxKey, putLine, type StoredLine } from '../platform/outbox.ts';
import { ConditionFailed, type Write } from '../platform/table.ts';
import { requestOfReference } from '../requests/intent-store.ts';
import { findByCarrierRef, findScopeOf, findWait, missedWrite } from '../requests/store.ts';
import { undeliveredWrites } from '../requests/undelivered-store.ts';
import type { BadEnd } from './events.ts';

/** How long one deliverer has a line to itself. */
const LEASE_SECONDS = 60;
/** Tries before a line goes to a person: with the waits below 26.8 hours (N1). */
const MOST_ATTEMPTS = 23;
const waitSeconds = (attempts: number): number => Math.min(2 * 3600, 5 * 2 ** attempts);

/** What a line needs beyond the platform: given by the composition. */
export interface DeliverDeps extends Deps {
  /** Content check of an uploaded paper; removes the file of one that is gone (compliance room). */
  checkDocument(tenantId: TenantId, documentId: string, blobKey: string | undefined): Promise<void>;
  /** Goes on with a request in a fresh execution, should the one that carried it have died (requests room). */
  goOnIfDead(requestId: RequestId): Promise<void>;
  /** Takes up an execution that ended otherwise than by its own last state (requests room). */
  endedBadly(end: BadEnd): Promise<void>;
  /** Has a line delivered again after so long; absent: whoever runs this sees what is due by itself. */
  delay?(lineId: string, seconds: number): Promise<void>;
}

/**
 * Delivers one line: takes a lease by a conditional write, acts, marks it. Several deliverers may try the same line at once
 * (change stream and sweep); one has it. An action that throws is tried again later; acting twice after a crash is harmless,
 * since every message carries its key (I12, N2).
 * @param takenBefore a lease from before this instant is a dead process's and counts no more
 * @returns false when somebody else has the line or it is done
 */
export async function deliverLine(deps: DeliverDeps, id: string, takenBefore?: Date): Promise<boolean> {
  const found = await deps.table.get(outboxKey(id));
  const line = found?.data as unknown as StoredLine | undefined;
  const now = deps.clock.now();
  if (line?.state !== 'open' || Date.parse(line.dueAt) > now.getTime()) return false;
  const leasedUntil = Date.parse(line.leasedUntil);
  const takenAt = leasedUntil - LEASE_SECONDS * 1000;
  const isDead = takenBefore !== undefined && takenAt < takenBefore.getTime();
  if (line.lease > 0 && leasedUntil > now.getTime() && !isDead) return false;
  const leased: StoredLine = {
    ...line,
    lease: line.lease + 1,
    attempts: line.attempts + 1,
    leasedUntil: new Date(now.getTime() + LEASE_SECONDS * 1000).toISOString(),
  };
  if (!(await replaceLine(deps, line, leased))) return false;
  try {
    await act(deps, line.line);
    await replaceLine(deps, leased, { ...leased, state: 'delivered' });
  } catch (error) {
    await failed(deps, leased, error);
  }
  return true;
}

async function replaceLine(
  deps: Deps,
  before: StoredLine,
  after: StoredLine,
  also: readonly Write[] = [],
): Promise<boolean> {
  try {
    await deps.table.write([
      putLine(after, [
        { is: 'equals', field: 'lease', value: before.lease },
        { is: 'equals', field: 'state', value: 'open' },
      ]),
      ...also,
    ]);
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

/** Without these an acknowledged request would be lost (I5), or have no timer (I4): they are never given up. */
const NEVER_GIVEN_UP: readonly OutboxLine['kind'][] = ['start_workflow', 'bad_end'];

/** Tried again later; after a day a person is told. */
async function failed(deps: Deps, line: StoredLine, error: unknown): Promise<void> {
  const now = deps.clock.now();
  const isSpent = line.attempts >= MOST_ATTEMPTS;
  const gaveUp = isSpent && !NEVER_GIVEN_UP.includes(line.line.kind);
  const next = new Date(now.getTime() + waitSeconds(line.attempts) * 1000).toISOString();
  const lastError = error instanceof Error ? error.message.slice(0, 300) : 'unknown';
  deps.log.error('outbox_delivery_failed', error, {
    line: line.id,
    kind: line.line.kind,
    attempts: line.attempts,
    gaveUp,
  });
  const state = gaveUp ? 'gave_up' : 'open';
  const told = isSpent ? await undeliveredWrites(deps.table, line, now) : [];
  const isPutOff = await replaceLine(deps, line, { ...line, state, dueAt: next, leasedUntil: next, lastError }, told);
  if (isPutOff && !gaveUp) await delayLine(deps, line.id, waitSeconds(line.attempts) * 1000);
}

/** The queue takes no longer delay; lines due later are the sweep's. */
const LONGEST_DELAY_SECONDS = 900;

/** Sends a line that is due soon to the queue. */
export async function delayLine(deps: Pick<DeliverDeps, 'delay' | 'log'>, id: string, waitMs: number): Promise<void> {
  if (!deps.delay || waitMs >= (LONGEST_DELAY_SECONDS - 1) * 1000) return;
  try {
    // A second more than needed: another machine's clock decides whether it is due.
    await deps.delay(id, Math.ceil(waitMs / 1000) + 1);
  } catch (error) {
    // The sweep finds it.
    deps.log.error('outbox_not_delayed', error, { line: id });
  }
}

async function act(deps: DeliverDeps, line: OutboxLine): Promise<void> {
  switch (line.kind) {
    case 'mail':
      return deps.mailer.send(line.mail);
    case 'start_workflow':
      // `exists` counts as started: the first state looks whether the request is final already.
      await deps.workflows.start(line.machine, line.name, line.input);
      return;
    case 'signal':
      return signal(deps, line.numberRequestId);
    case 'carrier_event':
      return carrierEvent(deps, line);
    case 'check_document':
      return deps.checkDocument(line.tenantId as TenantId, line.documentId, line.blobKey);
    case 'bad_end':
      return deps.endedBadly(line);
    default:
      throw new Error(`a line of no known kind: ${(line satisfies never as OutboxLine).kind}`);
  }
}

/**
 * The token is read now, not when the line was written; a wait that is over closes the line (N7). A signal that met no wait
 * is kept for the next one; should that have begun just now, it is told at once. An execution that has died is followed by a
 * fresh one.
 */
async function signal(deps: DeliverDeps, requestId: string): Promise<void> {
  const wait = await findWait(deps.table, requestId);
  if (wait && (await deps.workflows.succeedTask(wait.token, {})) === 'done') return;
  await deps.table.write([missedWrite(requestId, deps.clock.now())]);
  const next = await findWait(deps.table, requestId);
  if (next && next.token !== wait?.token) await deps.workflows.succeedTask(next.token, {});
  else await deps.goOnIfDead(requestId as RequestId);
}

/** A carrier's event is a hint: find whose request or set of papers it concerns, and let that look again. */
async function carrierEvent(deps: DeliverDeps, line: Extract<OutboxLine, { kind: 'carrier_event' }>): Promise<void> {
  const byReference = line.reference && requestOfReference(line.reference);
  const scope = byReference ? await findScopeOf(deps.table, byReference) : undefined;
  if (byReference && scope) return signal(deps, byReference);
  const found = await findByCarrierRef(deps.table, line.carrier as CarrierId, line.carrierId);
  if (found) return signal(deps, found.requestId);
  const bundle = await findBundleByCarrierRef(deps.table, line.carrier, line.carrierId);
  if (bundle) await deps.table.write([attendWrite(bundle, deps.clock.now())]);
}
