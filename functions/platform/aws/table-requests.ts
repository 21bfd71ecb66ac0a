import type { Condition, Key, Write } from '../table.ts';
import type { WireObject } from './table-call.ts';
import { type Attribute, attributeName, marshal, toItem, toKey } from './table-item.ts';
import { MARK, TABLE } from './table-shape.ts';

/** What every request of one write shares. */
export interface Setting {
  readonly tableName: string;
  /** Epoch seconds from which on an item counts as absent. */
  readonly now: number;
}

/** Names and values of an expression: neither stands in its text, so no field can be mistaken for a word of the language. */
export function vocabulary() {
  const names = new Map<string, string>();
  const values: Record<string, Attribute> = {};
  return {
    name(attribute: string): string {
      const known = names.get(attribute) ?? `#${names.size}`;
      names.set(attribute, known);
      return known;
    },
    value(attribute: Attribute): string {
      const placeholder = `:${Object.keys(values).length}`;
      values[placeholder] = attribute;
      return placeholder;
    },
    /** Empty maps are refused by the service. */
    members(): WireObject {
      const swapped = [...names].map(([attribute, placeholder]) => [placeholder, attribute]);
      return {
        ...(names.size > 0 ? { ExpressionAttributeNames: Object.fromEntries(swapped) } : {}),
        ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
      };
    },
  };
}
type Vocabulary = ReturnType<typeof vocabulary>;

/** The member of a transaction that carries out a write. */
export function transactItem(write: Write, setting: Setting): WireObject {
  switch (write.op) {
    case 'put':
      return { Put: putRequest({ write, ...setting }) };
    case 'delete':
      return { Delete: deleteRequest(write, setting) };
    case 'check':
      return { ConditionCheck: { ...deleteRequest(write, setting) } };
    case 'add':
      return { Update: addRequest(write, setting) };
  }
}

interface PutOptions extends Setting {
  readonly write: Extract<Write, { op: 'put' }>;
  readonly mark?: string;
}
export function putRequest({ write, mark, ...setting }: PutOptions): WireObject {
  const item = toItem(write, write.indexes);
  return {
    TableName: setting.tableName,
    Item: mark === undefined ? item : { ...item, [MARK]: { S: mark } },
    ...conditioned(write, setting, vocabulary()),
  };
}

export function deleteRequest(write: { readonly key: Key; readonly when?: readonly Condition[] }, setting: Setting) {
  return { TableName: setting.tableName, Key: toKey(write.key), ...conditioned(write, setting, vocabulary()) };
}

/**
 * Adds to an item that is alive or absent. An expired one fails the condition and comes back with the failure, since no
 * update can take away attributes it does not know; the caller then puts the counter anew.
 */
function addRequest(write: Extract<Write, { op: 'add' }>, setting: Setting): WireObject {
  const words = vocabulary();
  const sums = Object.entries(write.add).map(
    ([field, amount]) => `${words.name(attributeName(field))} ${words.value(marshal(amount))}`,
  );
  return {
    TableName: setting.tableName,
    Key: toKey(write.key),
    UpdateExpression: `ADD ${sums.join(', ')}`,
    ...conditioned(write, setting, words, [notExpired(words, setting)]),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}

function conditioned(
  { when = [] }: { readonly when?: readonly Condition[] },
  setting: Setting,
  words: Vocabulary,
  also: readonly string[] = [],
): WireObject {
  const all = [...also, ...when.map((condition) => conditionText(condition, setting, words))];
  const text = all.map((one) => `(${one})`).join(' AND ');
  return { ...(all.length > 0 ? { ConditionExpression: text } : {}), ...words.members() };
}

/** The condition in the service's language; `functions/platform/table-conditions.ts` says the same in ours. */
function conditionText(condition: Condition, setting: Setting, words: Vocabulary): string {
  const compared = (field: string, sign: '=' | '<=', value: string | number | boolean): string =>
    `${words.name(attributeName(field))} ${sign} ${words.value(marshal(value))}`;
  switch (condition.is) {
    case 'absent':
      return absent(words, setting);
    case 'present':
      return `attribute_exists(${words.name(TABLE.partitionKey)}) AND (${notExpired(words, setting)})`;
    case 'equals':
      return `${compared(condition.field, '=', condition.value)} AND (${notExpired(words, setting)})`;
    case 'at_most':
      return `${compared(condition.field, '<=', condition.value)} AND (${notExpired(words, setting)})`;
    case 'absent_or_equals':
      return `${absent(words, setting)} OR ${compared(condition.field, '=', condition.value)}`;
  }
}

function absent(words: Vocabulary, { now }: Setting): string {
  const ttl = words.name(TABLE.ttl);
  return `attribute_not_exists(${words.name(TABLE.partitionKey)}) OR ${ttl} <= ${words.value(marshal(now))}`;
}

function notExpired(words: Vocabulary, { now }: Setting): string {
  const ttl = words.name(TABLE.ttl);
  return `attribute_not_exists(${ttl}) OR ${ttl} > ${words.value(marshal(now))}`;
}
