import { createHash, randomUUID } from 'node:crypto';
import { Conflict, InvalidInput } from '../domain/errors.ts';
import { ConditionFailed, type Json, type JsonObject, type Key, type Table, type Write } from './table.ts';

/** Days an answer is kept (api-conventions, Writing). */
const KEPT_SECONDS = 7 * 86_400;
/**
 * How long the marker of a running call stands. A process that dies leaves it behind; after this time it counts as absent
 * (the table checks expiry in code) and a repeat runs the call again. That cannot act twice where the call's own
 * transaction holds its key record (`complete`): if the first run committed, the repeat finds the record instead of the
 * marker; if a slow first run commits after another took over, its key record's condition fails and with it the whole
 * transaction. Longer than any call may last.
 */
const RUNNING_SECONDS = 60;

/** The answer a repeat is given again; `body` is the text as it was sent. */
export interface StoredAnswer {
  readonly status: number;
  readonly body?: string;
  readonly location?: string;
  readonly etag?: string;
}
export interface IdempotentCall {
  /** Tenant, or `platform`. */
  readonly tenant: string;
  readonly operation: string;
  readonly key: string;
  /** SHA-256 of the canonical call: `fingerprintOf`. */
  readonly fingerprint: string;
}
/** A call that goes ahead under its key. */
export interface RunningCall {
  /** The key record as a write for the call's own transaction. */
  complete(answer: StoredAnswer): Write;
  /** Takes the marker away after a refusal or a failure, so that the key is free again; a finished record stays. */
  forget(): Promise<void>;
}

/** Canonical JSON: members sorted, so that two spellings of one body are one body. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, item]) => item !== undefined);
  const sorted = members.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${sorted.map(([name, item]) => `${JSON.stringify(name)}:${canonicalJson(item)}`).join(',')}}`;
}

export function fingerprintOf(call: unknown): string {
  return createHash('sha256').update(canonicalJson(call)).digest('hex');
}

/**
 * Begins a call under its key, or hands back the answer of the first one. One create-if-absent decides between parallel
 * calls. Throws Conflict `idempotency_in_progress` while the first runs, InvalidInput `idempotency_key_reused` (P15).
 */
export async function beginIdempotent(
  table: Table,
  now: () => Date,
  call: IdempotentCall,
): Promise<{ readonly replay: StoredAnswer } | { readonly running: RunningCall }> {
  const attempt = randomUUID();
  const key = recordKey(call);
  const marker = { state: 'running', attempt, operation: call.operation, fingerprint: call.fingerprint };
  try {
    const expiresAt = epochSeconds(now()) + RUNNING_SECONDS;
    await table.write([{ op: 'put', key, data: marker, expiresAt, when: [{ is: 'absent' }] }]);
    return { running: runningCall(table, now, call, attempt) };
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
  const found = await table.get(key);
  if (found && found.data['fingerprint'] !== call.fingerprint) {
    const detail = 'This Idempotency-Key came before with another call.';
    throw new InvalidInput({ code: 'idempotency_key_reused', detail });
  }
  if (found?.data['state'] === 'done') return { replay: readAnswer(found.data) };
  const detail = 'The first call with this Idempotency-Key is still running.';
  throw new Conflict({ code: 'idempotency_in_progress', detail, retryAfterSeconds: 1 });
}

function runningCall(table: Table, now: () => Date, call: IdempotentCall, attempt: string): RunningCall {
  const key = recordKey(call);
  const ours = { is: 'equals', field: 'attempt', value: attempt } as const;
  return {
    complete(answer) {
      const data: Record<string, Json> = {
        state: 'done',
        attempt,
        operation: call.operation,
        fingerprint: call.fingerprint,
        status: answer.status,
        ...(answer.body === undefined ? {} : { body: answer.body }),
        ...(answer.location === undefined ? {} : { location: answer.location }),
        ...(answer.etag === undefined ? {} : { etag: answer.etag }),
      };
      // An expired marker nobody took over counts as absent: the slow call may still end as the only one.
      const when = [{ is: 'absent_or_equals', field: 'attempt', value: attempt }] as const;
      return { op: 'put', key, data, expiresAt: epochSeconds(now()) + KEPT_SECONDS, when };
    },
    async forget() {
      try {
        await table.write([{ op: 'delete', key, when: [ours, { is: 'equals', field: 'state', value: 'running' }] }]);
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },
  };
}

/** Hashed, because a key is any visible text and the table's separator is one of its characters. */
function recordKey(call: IdempotentCall): Key {
  const name = JSON.stringify([call.tenant, call.operation, call.key]);
  return { pk: `IDEM#${createHash('sha256').update(name).digest('hex')}`, sk: 'KEY' };
}

function readAnswer(data: JsonObject): StoredAnswer {
  const text = (name: string) => (typeof data[name] === 'string' ? { [name]: data[name] } : {});
  return { status: Number(data['status']), ...text('body'), ...text('location'), ...text('etag') };
}

const epochSeconds = (at: Date): number => Math.floor(at.getTime() / 1000);
