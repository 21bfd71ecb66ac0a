import { InvalidWrite, type Json, type JsonObject, type Key, type Write } from './table.ts';

/** What DynamoDB takes at most, the same on every engine so that nothing works on one only. */
const MAX_WRITES = 100;
const MAX_ITEM_BYTES = 400 * 1024;
const MAX_WRITE_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 32;
const MAX_PK_BYTES = 2048;
const MAX_SK_BYTES = 1024;
/** Magnitudes a number may have, besides 0. */
const LEAST = 1e-130;
const MOST = 9.999e125;

/** An empty part, a control character, or the character that stands for "after everything" in a range. */
const BAD_KEY_TEXT = /^$|^#|##|#$|[\p{Cc}\u{10ffff}]/u;

/** A write made ready: its data as text, measured once. */
export interface Measured {
  readonly write: Write;
  readonly text: string | undefined;
}

/** Whether an item could lie under this key: parts not empty, well-formed text, at most 2048 and 1024 bytes. */
export function isKey({ pk, sk }: Key): boolean {
  return isKeyText(pk, MAX_PK_BYTES) && isKeyText(sk, MAX_SK_BYTES);
}

function isKeyText(text: string, maxBytes: number): boolean {
  return !BAD_KEY_TEXT.test(text) && text.isWellFormed() && Buffer.byteLength(text) <= maxBytes;
}

/** Refuses with `InvalidWrite` what no engine could take; otherwise the writes with their data as text. */
export function measured(writes: readonly Write[]): readonly Measured[] {
  if (writes.length > MAX_WRITES) throw new InvalidWrite(`${writes.length} writes at once, at most ${MAX_WRITES}`);
  const seen = new Set<string>();
  let bytes = 0;
  return writes.map((write) => {
    requireKey('key', write.key);
    const name = `${write.key.pk}\u0000${write.key.sk}`;
    if (seen.has(name)) throw new InvalidWrite(`two writes of ${shown(write.key)} at once`);
    seen.add(name);
    const text = checkedText(write);
    bytes += text === undefined ? 0 : Buffer.byteLength(text);
    if (bytes > MAX_WRITE_BYTES) throw new InvalidWrite(`more than ${MAX_WRITE_BYTES} bytes at once`);
    return { write, text };
  });
}

/** Also for the result of an `add`. */
export function requireSize(key: Key, text: string): void {
  const bytes = Buffer.byteLength(text) + Buffer.byteLength(key.pk) + Buffer.byteLength(key.sk);
  if (bytes > MAX_ITEM_BYTES) throw new InvalidWrite(`${shown(key)} has ${bytes} bytes, at most ${MAX_ITEM_BYTES}`);
}

function checkedText(write: Write): string | undefined {
  if (write.op === 'delete') return undefined;
  if (write.op === 'check') {
    if (write.when.length === 0) throw new InvalidWrite(`a check of ${shown(write.key)} without condition`);
    return undefined;
  }
  if (write.op === 'add') {
    checkAmounts(write.key, write.add);
    return undefined;
  }
  for (const [index, key] of Object.entries(write.indexes ?? {})) requireKey(index, key);
  if (write.expiresAt !== undefined && !Number.isSafeInteger(write.expiresAt))
    throw new InvalidWrite(`expiresAt of ${shown(write.key)} is not whole epoch seconds`);
  requireJson(write.key, write.data, 1);
  const text = JSON.stringify(write.data);
  requireSize(write.key, text);
  return text;
}

function checkAmounts(key: Key, amounts: Readonly<Record<string, number>>): void {
  const values = Object.values(amounts);
  if (values.length === 0) throw new InvalidWrite(`an add to ${shown(key)} without fields`);
  if (!values.every(Number.isSafeInteger)) throw new InvalidWrite(`an add to ${shown(key)} of no whole number`);
}

function requireKey(what: string, key: Key): void {
  if (!isKey(key)) throw new InvalidWrite(`${what} ${shown(key)} has an empty, unreadable or too long part`);
}

/** Only plain data that reads back as it was written: no NaN, Date or class instance slips in by JSON.stringify. */
function requireJson(key: Key, value: unknown, depth: number): asserts value is Json | undefined {
  if (depth > MAX_DEPTH) throw new InvalidWrite(`${shown(key)} is nested deeper than ${MAX_DEPTH}`);
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number' && isStorable(value)) return;
  if (typeof value !== 'object' || !isPlain(value)) throw new InvalidWrite(`${shown(key)} holds what is not JSON`);
  for (const inner of Object.values(value)) requireJson(key, inner, depth + 1);
}

function isStorable(value: number): boolean {
  const magnitude = Math.abs(value);
  return value === 0 || (magnitude >= LEAST && magnitude <= MOST);
}

function isPlain(value: object): value is JsonObject {
  if (Array.isArray(value)) return !value.includes(undefined);
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function shown({ pk, sk }: Key): string {
  return JSON.stringify(`${pk} / ${sk}`.slice(0, 120));
}
