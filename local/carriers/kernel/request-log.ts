import type { CarrierId } from '../../../functions/domain/carrier-id.ts';
import type { Json } from '../../../functions/platform/table.ts';
import { dataOf, type SimDatabase } from './database.ts';

/** A request that reached a carrier. `path` as the carrier knows it, with its query. */
export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  /** JSON and forms as objects, other text as it came, files only counted. */
  readonly body: Json;
  readonly at: string;
}
const KEPT = 5_000;

/** Keeps the last requests of one carrier. */
export function requestLog(id: CarrierId, database: SimDatabase) {
  return {
    add(request: LoggedRequest) {
      database.transact(() => {
        database.run('INSERT INTO requests (carrier, data) VALUES (?, ?)', id, JSON.stringify(request));
        database.run('DELETE FROM requests WHERE carrier = ? AND seq <= (SELECT max(seq) FROM requests) - ?', id, KEPT);
      });
    },
    list: () =>
      database
        .all('SELECT data FROM requests WHERE carrier = ? ORDER BY seq', id)
        .map((row) => dataOf<LoggedRequest>(row)),
  };
}

/** A body as it may be shown. */
export function shownBody(contentType: string, body: Uint8Array): Json {
  if (body.byteLength === 0) return null;
  if (/^(multipart\/|application\/(octet-stream|pdf)|image\/)/i.test(contentType)) return `[${body.byteLength} bytes]`;
  const text = new TextDecoder().decode(body);
  if (/json/i.test(contentType)) {
    try {
      return JSON.parse(text) as Json;
    } catch {
      return text;
    }
  }
  if (/x-www-form-urlencoded/i.test(contentType)) return Object.fromEntries(new URLSearchParams(text));
  return text;
}
