import type * as z from 'zod';
import type { IndexKeys, JsonObject, Key, Stored, Table, Write } from './table.ts';

/** Who did something, for the audit entry. */
export interface Actor {
  readonly kind: 'person' | 'api_key' | 'system' | 'carrier';
  readonly id: string;
  readonly name: string;
}
export interface Change {
  /** Verb in the past or present fact: `created`, `approved`, `renamed`. */
  readonly action: string;
  readonly actor: Actor;
  readonly at: Date;
}
interface Described<S extends z.ZodObject> {
  /** Type name, as in `object`. */
  readonly name: string;
  readonly schema: S;
  key(record: z.infer<S>): Key;
  indexes?(record: z.infer<S>): IndexKeys;
  /** Id under which audit entries lie. */
  auditId(record: z.infer<S>): string;
}
type Versioned = { readonly version: number };

/**
 * A record people see: versioned and audited. `create` and `replace` return the writes (record + audit entry of the same
 * version, I9) for one transaction; the caller adds others and hands all to `table.write`.
 */
export interface Entity<T extends Versioned> {
  readonly name: string;
  find(table: Table, key: Key): Promise<T | undefined>;
  parse(stored: Stored): T;
  /** `record.version` is set to 1; the record must be absent. */
  create(record: Omit<T, 'version'>, change: Change): { readonly record: T; readonly writes: readonly Write[] };
  /** Takes `before.version + 1`; the stored version must still be `before.version`. */
  replace(
    before: T,
    after: Omit<T, 'version'>,
    change: Change,
  ): { readonly record: T; readonly writes: readonly Write[] };
  /** Takes the record away; its audit entries stay and gain one of the version after the last (I9). */
  remove(before: T, change: Change): readonly Write[];
}

/** Makes an entity of a zod schema (with a `version` field) and its keys. Reading parses, so a damaged item is an error. */
export function entity<S extends z.ZodObject>(described: Described<S>): Entity<z.infer<S> & Versioned> {
  type T = z.infer<S> & Versioned;
  const parse = (stored: Stored): T => described.schema.parse(stored.data) as T;
  const put = (record: T, when: NonNullable<Extract<Write, { op: 'put' }>['when']>): Write => {
    const indexes = described.indexes?.(record);
    const data = described.schema.parse(record) as JsonObject;
    return { op: 'put', key: described.key(record), data, when, ...(indexes ? { indexes } : {}) };
  };
  const audited = (before: T | undefined, after: T | undefined, change: Change): Write =>
    auditWrite(described, before, after, change);
  return {
    name: described.name,
    parse,
    async find(table, key) {
      const stored = await table.get(key);
      return stored && parse(stored);
    },
    create(fresh, change) {
      const record = { ...fresh, version: 1 } as T;
      return { record, writes: [put(record, [{ is: 'absent' }]), audited(undefined, record, change)] };
    },
    replace(before, next, change) {
      const record = { ...next, version: before.version + 1 } as T;
      const same = [{ is: 'equals', field: 'version', value: before.version }] as const;
      return { record, writes: [put(record, same), audited(before, record, change)] };
    },
    remove(before, change) {
      const same = [{ is: 'equals', field: 'version', value: before.version }] as const;
      return [{ op: 'delete', key: described.key(before), when: same }, audited(before, undefined, change)];
    },
  };
}

function auditWrite<S extends z.ZodObject>(
  described: Described<S>,
  before: (z.infer<S> & Versioned) | undefined,
  after: (z.infer<S> & Versioned) | undefined,
  change: Change,
): Write {
  const last = after ?? before;
  if (!last) throw new Error('an audit entry needs a record');
  const id = described.auditId(last);
  const version = after ? after.version : last.version + 1;
  const fields = changedFields(before as JsonObject | undefined, (after ?? {}) as JsonObject);
  return {
    op: 'put',
    key: { pk: `AUD#${id}`, sk: String(version).padStart(8, '0') },
    data: {
      entity: described.name,
      id,
      version,
      action: change.action,
      actor: { ...change.actor },
      at: change.at.toISOString(),
      before: fields.before,
      after: fields.after,
    },
    when: [{ is: 'absent' }],
  };
}

/** Only what changed, so that an audit entry stays small. */
function changedFields(before: JsonObject | undefined, after: JsonObject): { before: JsonObject; after: JsonObject } {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after)]);
  const pick = (from: JsonObject | undefined, name: string) =>
    from?.[name] === undefined ? [] : [[name, from[name]] as const];
  const changed = [...names].filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after[name]));
  return {
    before: Object.fromEntries(changed.flatMap((name) => pick(before, name))),
    after: Object.fromEntries(changed.flatMap((name) => pick(after, name))),
  };
}
