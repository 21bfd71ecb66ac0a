import type { CarrierId } from '../../../functions/domain/carrier-id.ts';
import type { Clock } from '../../../functions/platform/clock.ts';
import { dataOf, type SimDatabase } from './database.ts';
import type { JsonObject } from './simulator-port.ts';

export interface SimTimers {
  after(seconds: number, name: string, data: JsonObject): void;
  /** Runs every timer of this name now, due or not. */
  fireAll(name: string): void;
  /** Sets all saved timers going: after a start, and after the clock was changed. */
  arm(): void;
  /** Stops waiting; the saved ones stay saved. */
  stop(): void;
}
/** Something already due still lets the present answer go out first. */
const AT_ONCE_MS = 20;

/** Durable timers of one carrier; `fire` runs in one transaction with the timer's removal. */
export function simTimers(
  id: CarrierId,
  database: SimDatabase,
  clock: () => Clock,
  fire: (name: string, data: JsonObject) => void,
): SimTimers {
  const waiting = new Map<number, () => void>();
  const run = (seq: number) => {
    waiting.get(seq)?.();
    waiting.delete(seq);
    database.transact(() => {
      const row = database.get('SELECT name, data FROM timers WHERE seq = ?', seq);
      if (!row) return;
      database.run('DELETE FROM timers WHERE seq = ?', seq);
      fire(String(row['name']), dataOf(row));
    });
  };
  const wait = (seq: number, due: Date) => {
    waiting.get(seq)?.();
    if (due > clock().now()) {
      waiting.set(
        seq,
        clock().wakeAt(due, () => run(seq)),
      );
      return;
    }
    const timeout = setTimeout(() => run(seq), AT_ONCE_MS);
    waiting.set(seq, () => clearTimeout(timeout));
  };
  const saved = (name?: string) =>
    database
      .all('SELECT seq, due, name FROM timers WHERE carrier = ? ORDER BY due, seq', id)
      .filter((row) => name === undefined || row['name'] === name)
      .map((row) => ({ seq: Number(row['seq']), due: new Date(String(row['due'])) }));
  return {
    after(seconds, name, data) {
      const due = new Date(clock().now().getTime() + seconds * 1000);
      const text = JSON.stringify(data);
      const row = database.get(
        'INSERT INTO timers (carrier, due, name, data) VALUES (?, ?, ?, ?) RETURNING seq',
        ...[id, due.toISOString(), name, text],
      );
      wait(Number(row?.['seq']), due);
    },
    fireAll: (name) => {
      for (const timer of saved(name)) run(timer.seq);
    },
    arm: () => {
      for (const timer of saved()) wait(timer.seq, timer.due);
    },
    stop: () => {
      for (const cancel of waiting.values()) cancel();
      waiting.clear();
    },
  };
}
