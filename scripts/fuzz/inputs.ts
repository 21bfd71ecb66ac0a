import fc from 'fast-check';
import type { Document, Schema } from './document.ts';

/** Ids that exist, by their prefix, and words that mean something, by the name of their field. */
export interface Known {
  readonly ids: Readonly<Record<string, readonly string[]>>;
  readonly words: Readonly<Record<string, readonly string[]>>;
}
type Any = fc.Arbitrary<unknown>;
type Objects = fc.Arbitrary<Readonly<Record<string, unknown>>>;

export const NASTY: readonly string[] = [
  '',
  ' ',
  '\u0000',
  '../../etc/passwd',
  "' OR 1=1--",
  '=cmd|calc!A1',
  '{{7*7}}',
  '<Dial>',
  '__proto__',
  'constructor',
  'toString',
  '\ud800',
  'A'.repeat(5000),
  '9'.repeat(400),
  '+441223555010',
  '%00',
  '\r\nX-Evil: 1',
  '２０',
];
const scalars = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...NASTY),
  fc.double(),
  fc.constantFrom<unknown[]>(null, true, -1, 0, 1.5, 2 ** 53, 1e308, '1', [], {}, [1], [[[]]]),
);
/** What does not belong anywhere, weighted towards what once broke a server. */
export const hostile: Any = fc.oneof({ weight: 4, arbitrary: scalars }, { weight: 1, arbitrary: fc.jsonValue() });

/** Makes values a schema allows; where ids and words are known, mostly those. */
export function generator(document: Document, known: Known, pool: Pool = patternPool()) {
  const follow = (schema: Schema): Schema => {
    if (schema.$ref === undefined) return schema;
    return follow(document.components.schemas[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)] ?? {});
  };
  const valid = (given: Schema, name = ''): Any => {
    const schema = follow(given);
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    const choices = schema.oneOf ?? schema.anyOf;
    if (choices) return fc.oneof(...choices.map((one) => valid(one, name)));
    switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
      case 'string':
        return text(schema, name, known, pool);
      case 'integer':
        return fc.integer({ min: schema.minimum ?? -1000, max: Math.min(schema.maximum ?? 1000, 100_000) });
      case 'number':
        return fc.double({ min: schema.minimum ?? -1000, max: schema.maximum ?? 1000, noNaN: true });
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      case 'array':
        return list(schema, (one) => valid(one, name));
      case 'object':
        return object(schema);
      default:
        return fc.constantFrom<unknown[]>('a', 1, true);
    }
  };
  const object = (schema: Schema): Objects => {
    const required = schema.required ?? [];
    const fields = Object.entries(schema.properties ?? {}).map(([key, one]) => [key, valid(one, key)] as const);
    const requiredKeys = required.filter((key) => schema.properties?.[key]);
    const all = fc.record(Object.fromEntries(fields), { requiredKeys }) as Objects;
    const own = fc.oneof(all, sparse(all, requiredKeys));
    const more = schema.additionalProperties;
    if (typeof more !== 'object' || schema.properties !== undefined) return own;
    const keys = schema.propertyNames ? valid(schema.propertyNames) : fc.string({ minLength: 1, maxLength: 20 });
    // The document says of this one name that nothing may be called so.
    const names = keys.map(String).filter((name) => name !== '__proto__');
    return fc.dictionary(names, valid(more), { maxKeys: 4 }) as Objects;
  };
  return { valid, follow, object: (schema: Schema) => object(follow(schema)) };
}
export type Generator = ReturnType<typeof generator>;

/** Fields that may be absent mostly exclude each other by rules no schema tells; with few of them a call gets further. */
function sparse(all: Objects, required: readonly string[]): Objects {
  return fc.tuple(all, fc.nat(2)).map(([values, more]) => {
    const optional = Object.keys(values).filter((name) => !required.includes(name));
    const kept = [...required, ...optional.slice(0, more)];
    return Object.fromEntries(Object.entries(values).filter(([name]) => kept.includes(name)));
  });
}

function list(schema: Schema, valid: (item: Schema) => Any): Any {
  const minLength = schema.minItems ?? 0;
  const maxLength = Math.max(minLength, Math.min(schema.maxItems ?? 3, 3));
  return fc.array(valid(schema.items ?? {}), { minLength, maxLength });
}

const INSTANT = { min: new Date('2020-01-01T00:00:00Z'), max: new Date('2040-01-01T00:00:00Z'), noInvalidDate: true };
const FORMATS: Readonly<Record<string, Any>> = {
  'date-time': fc.date(INSTANT).map((at) => at.toISOString()),
  date: fc.date(INSTANT).map((at) => at.toISOString().slice(0, 10)),
  email: fc.stringMatching(/^[a-z]{1,8}@[a-z]{1,8}\.example$/),
  uri: fc.stringMatching(/^https:\/\/[a-z]{1,8}\.example$/),
};

function text(schema: Schema, name: string, known: Known, pool: Pool): Any {
  const fits = fitting(schema);
  const words = [...(known.words[name] ?? []), ...idsOf(schema, known)].filter(fits);
  const free = freeText(schema, pool).filter((one) => fits(String(one)));
  if (words.length === 0) return free;
  return fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...words) }, { weight: 1, arbitrary: free });
}

function idsOf(schema: Schema, known: Known): readonly string[] {
  const [, prefix = ''] = /^\^([a-z]{3})_/.exec(schema.pattern ?? '') ?? [];
  return known.ids[prefix] ?? [];
}

function freeText(schema: Schema, pool: Pool): Any {
  const format = schema.format === undefined ? undefined : FORMATS[schema.format];
  if (format) return format;
  if (schema.pattern !== undefined) return pool(schema.pattern);
  const minLength = schema.minLength ?? 0;
  return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(schema.maxLength ?? 30, 30)) });
}

type Pool = (pattern: string) => Any;
const POOLED = 60;

/** Making texts of a pattern is slow; a handful of each, made once, will do. */
export function patternPool(): Pool {
  const made = new Map<string, Any>();
  return (pattern) => {
    const texts = () => fc.sample(fc.stringMatching(new RegExp(pattern, 'u')), { numRuns: POOLED, seed: 1 });
    const arbitrary = made.get(pattern) ?? fc.constantFrom(...texts());
    made.set(pattern, arbitrary);
    return arbitrary;
  };
}

function fitting(schema: Schema): (one: string) => boolean {
  const pattern = schema.pattern === undefined ? undefined : new RegExp(schema.pattern, 'u');
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
  return (one) => one.length >= minLength && one.length <= maxLength && (pattern?.test(one) ?? true);
}
