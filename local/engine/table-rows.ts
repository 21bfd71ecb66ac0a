import type { SQLOutputValue } from 'node:sqlite';
import { type IndexKeys, type JsonObject, type Stored, TableUnavailable } from '../../functions/platform/table.ts';

/** A row of `item`, or of a list entry joined with it. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/** Epoch seconds, `null` for never. */
export function expiryOf(row: Row): number | null {
  const expiresAt = row['expires_at'];
  return typeof expiresAt === 'number' ? expiresAt : null;
}

/** Expired at the very second it names, whether or not the item was removed (reliability 4.6). */
export function isExpired(expiresAt: number | null, now: Date): boolean {
  return expiresAt !== null && expiresAt * 1000 <= now.getTime();
}

export function textOf(row: Row): string {
  return String(row['data']);
}

export function dataOf(row: Row): JsonObject {
  return parsed(textOf(row));
}

export function indexesOf(row: Row): IndexKeys {
  return typeof row['indexes'] === 'string' ? parsed(row['indexes']) : {};
}

export function toStored(row: Row): Stored {
  const expiresAt = expiryOf(row);
  const key = { pk: String(row['pk']), sk: String(row['sk']) };
  return { key, data: dataOf(row), ...(expiresAt === null ? {} : { expiresAt }) };
}

/** The table alone writes these texts, so one that does not parse means a damaged file (X4). */
function parsed<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new TableUnavailable('the table file is damaged: an item does not read', { cause });
  }
}
