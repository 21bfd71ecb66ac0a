import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { Malformed } from '../domain/errors.ts';
import type { Position } from './table.ts';

/** What a cursor belongs to: used with anything else it is refused. */
export interface CursorBinding {
  readonly tenantId: string | undefined;
  /** As in `GET /v1/numbers`. */
  readonly route: string;
  /** Filters and sort as they were understood, without `cursor` and `limit`; absent and `undefined` are the same. */
  readonly query: Readonly<Record<string, unknown>>;
}
interface Sealing {
  readonly binding: CursorBinding;
  /** Secret of any length from 16 bytes; one replaced key makes older cursors bad, which only costs a reload. */
  readonly key: Uint8Array;
  readonly now: Date;
}

const FORMAT = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const MAX_LENGTH = 4096;
const LIFE_MS = 24 * 60 * 60 * 1000;

/** Seals a place in a list, so that a caller can neither read nor change it, for 24 hours (reliability §6). */
export function sealCursor({ position, binding, key, now }: Sealing & { readonly position: Position }): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', cipherKey(key), iv);
  const text = JSON.stringify([position, digest(binding), now.getTime() + LIFE_MS]);
  const sealed = [Buffer.of(FORMAT), iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(sealed).toString('base64url');
}

/**
 * Gives the place back. Throws `Malformed`: `bad_cursor` when it is not ours, changed or older than 24 hours,
 * `cursor_mismatch` when it belongs to another tenant, route, filter or sort.
 */
export function openCursor({ cursor, binding, key, now }: Sealing & { readonly cursor: string }): Position {
  const [position, bound, expiresAt] = unsealed(cursor, key);
  if (now.getTime() >= expiresAt) throw bad('The cursor is older than 24 hours.');
  if (bound === digest(binding)) return position;
  const detail = 'The cursor belongs to a list with other filters or another order.';
  throw new Malformed({ code: 'cursor_mismatch', detail });
}

function unsealed(cursor: string, key: Uint8Array): readonly [position: string, bound: string, expiresAt: number] {
  if (cursor.length > MAX_LENGTH || !/^[\w-]+$/.test(cursor)) throw bad('The cursor does not read.');
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes[0] !== FORMAT || bytes.length <= 1 + IV_BYTES + TAG_BYTES) throw bad('The cursor does not read.');
  try {
    const iv = bytes.subarray(1, 1 + IV_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', cipherKey(key), iv, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = Buffer.concat([decipher.update(bytes.subarray(1 + IV_BYTES, -TAG_BYTES)), decipher.final()]);
    return JSON.parse(text.toString('utf8')) as readonly [string, string, number];
  } catch (cause) {
    throw bad('The cursor does not read.', cause);
  }
}

function bad(detail: string, cause?: unknown): Malformed {
  return new Malformed({
    code: 'bad_cursor',
    detail,
    errors: [{ parameter: 'cursor', code: 'bad_cursor', detail }],
    cause,
  });
}

function cipherKey(key: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', 'list cursors', 32));
}

/** Same for the same query whatever the order of its parameters. */
function digest({ tenantId, route, query }: CursorBinding): string {
  const filters = Object.entries(query).filter(([, value]) => value !== undefined);
  filters.sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([tenantId ?? null, route, filters]);
  return createHash('sha256').update(text).digest('base64url');
}
