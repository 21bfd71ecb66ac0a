import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../functions/platform/clock.ts';
import {
  ConditionFailed,
  type IndexKeys,
  InvalidWrite,
  type JsonObject,
  type Key,
  type Write,
} from '../../functions/platform/table.ts';
import { type Measured, measured, requireSize } from '../../functions/platform/table-checks.ts';
import { fieldOf, holds } from '../../functions/platform/table-conditions.ts';
import { entryKeeper, type Indexed } from './table-entries.ts';
import { dataOf, expiryOf, indexesOf, isExpired, textOf } from './table-rows.ts';

interface WriterOptions {
  readonly clock: Clock;
  readonly indexLagMs: number;
  readonly boundary: (name: string, writes: readonly Write[]) => void;
}
/** An item as a write finds it: the row that is there, and its data unless expired. */
interface Before {
  readonly row: Indexed | undefined;
  readonly data: JsonObject | undefined;
}

/** One transaction: all conditions judged first, then all writes, then one commit that is on disk when it returns. */
export function writer(file: DatabaseSync, { clock, indexLagMs, boundary }: WriterOptions) {
  const begin = file.prepare('begin immediate');
  const commit = file.prepare('commit');
  const select = file.prepare('select data, indexes, expires_at from item where pk = ? and sk = ?');
  const put = file.prepare('insert or replace into item values (?, ?, ?, ?, ?)');
  const remove = file.prepare('delete from item where pk = ? and sk = ?');
  const keepEntries = entryKeeper(file, indexLagMs);

  const find = ({ pk, sk }: Key, now: Date): Before => {
    const found = select.get(pk, sk);
    if (!found) return { row: undefined, data: undefined };
    const row = { indexes: indexesOf(found), text: textOf(found), expiresAt: expiryOf(found) };
    return { row, data: isExpired(row.expiresAt, now) ? undefined : dataOf(found) };
  };
  const apply = (step: Measured, before: Before, now: Date): void => {
    const { key } = step.write;
    const after = result(step, before);
    if (after === 'unchanged') return;
    if (after) put.run(key.pk, key.sk, after.text, indexText(after.indexes), after.expiresAt);
    else remove.run(key.pk, key.sk);
    keepEntries(key, before.row, after?.indexes ?? {}, now.getTime());
  };
  return (writes: readonly Write[]): void => {
    const steps = measured(writes);
    if (steps.length === 0) return;
    const now = clock.now();
    begin.run();
    try {
      const found = steps.map((step) => ({ step, before: find(step.write.key, now) }));
      const failed = found.flatMap(({ step, before }, at) => (allHold(step.write, before.data) ? [] : [at]));
      if (failed.length > 0) throw new ConditionFailed(failed);
      for (const { step, before } of found) apply(step, before, now);
      boundary('table:before-commit', writes);
      commit.run();
    } catch (cause) {
      // A full disk may have ended the transaction by itself.
      if (file.isTransaction) file.exec('rollback');
      throw cause;
    }
    boundary('table:after-commit', writes);
  };
}

function allHold(write: Write, data: JsonObject | undefined): boolean {
  return (write.when ?? []).every((condition) => holds(condition, data));
}

/** The item after the write; `undefined` when it is gone. */
function result({ write, text }: Measured, { row, data }: Before): Indexed | 'unchanged' | undefined {
  switch (write.op) {
    case 'check':
      return 'unchanged';
    case 'delete':
      return row ? undefined : 'unchanged';
    case 'put':
      return { text: text ?? '', indexes: write.indexes ?? {}, expiresAt: write.expiresAt ?? null };
    case 'add': {
      const added = sum(write.key, data ?? {}, write.add);
      // An expired item counts as absent: the counter begins anew and its old lists and expiry go.
      return data && row ? { ...row, text: added } : { text: added, ...NOTHING_KEPT };
    }
  }
}

const NOTHING_KEPT = { indexes: {}, expiresAt: null } as const;

function sum(key: Key, data: JsonObject, amounts: Readonly<Record<string, number>>): string {
  const sums = Object.entries(amounts).map(([field, amount]) => {
    const value = fieldOf(data, field) ?? 0;
    if (typeof value !== 'number') throw new InvalidWrite(`an add to field ${field}, which is no number`);
    return [field, value + amount] as const;
  });
  const text = JSON.stringify({ ...data, ...Object.fromEntries(sums) });
  requireSize(key, text);
  return text;
}

function indexText(indexes: IndexKeys): string | null {
  return Object.keys(indexes).length > 0 ? JSON.stringify(indexes) : null;
}
