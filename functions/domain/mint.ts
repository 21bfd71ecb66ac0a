import { monotonicFactory } from 'ulid';

/** Prefixes of identifiers, one per kind of object (api-conventions, Names and shapes). */
export type IdPrefix =
  | 'ten'
  | 'usr'
  | 'ext'
  | 'que'
  | 'flw'
  | 'org'
  | 'req'
  | 'tkt'
  | 'cmt'
  | 'tsk'
  | 'num'
  | 'doc'
  | 'bnd'
  | 'eus'
  | 'evt'
  | 'key'
  | 'call'
  | 'msg'
  | 'mail'
  | 'out';

const nextUlid = monotonicFactory();

/**
 * Mints `<prefix>_<ulid>` in lower case: sortable by creation, at most 40 characters.
 * @param prefix kind of object
 * @param at the instant of creation (passed in, so that a test clock moves it)
 */
export function newId(prefix: IdPrefix, at: Date): string {
  return `${prefix}_${nextUlid(at.getTime()).toLowerCase()}`;
}

/** Bucket 0–7 of an id, to spread due indexes over partitions (DESIGN §6: no partition for everything). */
export function bucketOf(id: string): number {
  let sum = 0;
  for (let i = 0; i < id.length; i++) sum = (sum * 31 + id.charCodeAt(i)) >>> 0;
  return sum % 8;
}
