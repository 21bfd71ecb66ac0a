import { bucketOf, newId } from '../domain/mint.ts';
import type { Mail } from './mailer.ts';
import type { JsonObject, Key, Write } from './table.ts';

/**
 * What follows from a change, written with it and delivered by the jobs room at least once (reliability 4.3).
 * A signal carries nothing: it means "look again", and the token is read when it is delivered.
 */
export type OutboxLine =
  | { readonly kind: 'start_workflow'; readonly machine: string; readonly name: string; readonly input: JsonObject }
  | { readonly kind: 'signal'; readonly tenantId: string; readonly numberRequestId: string }
  | { readonly kind: 'mail'; readonly mail: Mail }
  | {
      readonly kind: 'carrier_event';
      readonly carrier: string;
      readonly subject: 'order' | 'papers' | 'number';
      readonly carrierId: string;
      readonly reference?: string;
      readonly number?: string;
    }
  | {
      readonly kind: 'check_document';
      readonly tenantId: string;
      readonly documentId: string;
      /** Of a paper that was deleted: what was uploaded under this name since then is removed. */
      readonly blobKey?: string;
    }
  /** Written by the one-machine engine with the end itself; on AWS the platform tells the jobs function. */
  | { readonly kind: 'bad_end'; readonly execution: string; readonly status: string; readonly seconds: number };

/** A line as it lies in the table; `list1` holds it under its due time until it is delivered. */
export interface StoredLine {
  readonly id: string;
  readonly line: OutboxLine;
  readonly createdAt: string;
  readonly dueAt: string;
  readonly attempts: number;
  /** Instant until which one deliverer has it. */
  readonly leasedUntil: string;
  /** Changes with every lease: the condition of the next one. */
  readonly lease: number;
  readonly state: 'open' | 'delivered' | 'gave_up';
  readonly lastError?: string;
}

export const outboxKey = (id: string): Key => ({ pk: `OUT#${id}`, sk: 'LINE' });
/** Due index of a kind of thing: eight buckets, since nearly every change writes one. */
export const duePartition = (kind: string, id: string): string => `DUE#${kind}#${bucketOf(id)}`;

/**
 * The write of a new line, for the transaction of the change it follows from.
 * @param at instant of the change
 * @param notBefore earliest delivery (undo of an approval), default at once
 */
export function outboxWrite(line: OutboxLine, at: Date, notBefore: Date = at): Write {
  const id = newId('out', at);
  return putLine({
    id,
    line,
    createdAt: at.toISOString(),
    dueAt: notBefore.toISOString(),
    attempts: 0,
    leasedUntil: at.toISOString(),
    lease: 0,
    state: 'open',
  });
}

/** The write of a line as it shall stand; a delivered one leaves the due index and expires after 7 days. */
export function putLine(stored: StoredLine, when: Extract<Write, { op: 'put' }>['when'] = [{ is: 'absent' }]): Write {
  const open = stored.state === 'open';
  const due = { pk: duePartition('outbox', stored.id), sk: `${stored.dueAt}#${stored.id}` };
  const stuck = { pk: 'STUCK#outbox', sk: stored.id };
  return {
    op: 'put',
    key: outboxKey(stored.id),
    data: stored as unknown as JsonObject,
    indexes: open ? { list1: due } : stored.state === 'gave_up' ? { list1: stuck } : {},
    ...(stored.state === 'delivered'
      ? { expiresAt: Math.floor(Date.parse(stored.createdAt) / 1000) + 7 * 86_400 }
      : {}),
    when: when ?? [],
  };
}

/** Whether a line that was written stands to be delivered: new or put off; one that was only leased is somebody's already. */
export function isOffered(line: Pick<StoredLine, 'state' | 'lease' | 'leasedUntil' | 'dueAt'>): boolean {
  const isLeased = line.lease > 0 && Date.parse(line.leasedUntil) !== Date.parse(line.dueAt);
  return line.state === 'open' && !isLeased;
}
