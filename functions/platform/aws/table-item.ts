import type { IndexKeys, IndexName, Json, JsonObject, Key, Stored } from '../table.ts';
import type { WireObject } from './table-call.ts';
import { RESERVED, TABLE } from './table-shape.ts';

/** A value as DynamoDB writes it; sets and binary are never ours. */
export type Attribute =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly L: readonly Attribute[] }
  | { readonly M: Item };
export type Item = { readonly [name: string]: Attribute };

/** Fields of that many digits come back as they went: a double has at most 17, the table keeps 38. */
export function marshal(value: Json): Attribute {
  switch (typeof value) {
    case 'string':
      // Half a surrogate pair has no UTF-8; every encoder writes U+FFFD for it, here it is said openly.
      return { S: value.toWellFormed() };
    case 'number':
      return { N: String(value) };
    case 'boolean':
      return { BOOL: value };
    default:
      if (value === null) return { NULL: true };
      return isList(value) ? { L: value.map(marshal) } : { M: fields(value, escaped) };
  }
}

/** Throws on an attribute that `marshal` does not write: then somebody else wrote the item. */
export function unmarshal(attribute: Attribute): Json {
  if ('S' in attribute) return attribute.S;
  if ('N' in attribute) return Number(attribute.N);
  if ('M' in attribute) return plain(attribute.M);
  if ('BOOL' in attribute) return attribute.BOOL;
  if ('L' in attribute) return attribute.L.map(unmarshal);
  if ('NULL' in attribute) return null;
  throw new TypeError(`an attribute of type ${Object.keys(attribute).join(', ')} is not ours`);
}

/** Attribute under which a field of the data lies: its own name, unless that is taken by a key, or empty. */
export function attributeName(field: string): string {
  return RESERVED.has(field) ? `~${field}` : escaped(field);
}

export function toKey({ pk, sk }: Key): Item {
  return { [TABLE.partitionKey]: { S: pk }, [TABLE.sortKey]: { S: sk } };
}

/** The item to be put. */
export function toItem(stored: Stored, indexes: IndexKeys = {}): Item {
  const keys: Record<string, Attribute> = { ...toKey(stored.key) };
  for (const [index, key] of Object.entries(indexes)) {
    const names = TABLE.indexes[index as IndexName];
    keys[names.pk] = { S: key.pk };
    keys[names.sk] = { S: key.sk };
  }
  if (stored.expiresAt !== undefined) keys[TABLE.ttl] = { N: String(stored.expiresAt) };
  return { ...fields(stored.data, attributeName), ...keys };
}

/** An item as the table or its stream (`NewImage`) gives it. */
export function toStored(item: Item): Stored {
  const expiresAt = expiryOf(item);
  return {
    key: { pk: textOf(item, TABLE.partitionKey), sk: textOf(item, TABLE.sortKey) },
    data: plain(item, RESERVED),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

/** Epoch seconds. */
export function expiryOf(item: Item): number | undefined {
  const attribute = item[TABLE.ttl];
  return attribute && 'N' in attribute ? Number(attribute.N) : undefined;
}

/** Text of an attribute; throws when it is none. */
export function textOf(item: Item, name: string): string {
  const attribute = item[name];
  if (attribute && 'S' in attribute) return attribute.S;
  throw new TypeError(`an item without text ${name}`);
}

/** The member of an answer that is an item; the service's word is taken for its shape. */
export function itemIn(answer: WireObject, member: string): Item | undefined {
  return answer[member] as Item | undefined;
}

function escaped(field: string): string {
  return field === '' || field.startsWith('~') ? `~${field}` : field;
}

function fields(data: JsonObject, name: (field: string) => string): Item {
  const present = Object.entries(data).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([field, value]) => [name(field), marshal(value)]));
}

const NONE: ReadonlySet<string> = new Set();
/** One pass, since each call that is answered reads an item; pairs, since a field may be called `__proto__`. */
function plain(item: Item, without = NONE): JsonObject {
  const entries: [string, Json][] = [];
  for (const [name, value] of Object.entries(item))
    if (!without.has(name)) entries.push([name.startsWith('~') ? name.slice(1) : name, unmarshal(value)]);
  return Object.fromEntries(entries);
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value);
}
