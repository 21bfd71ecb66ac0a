import { html } from 'hono/html';
import type { JsonSchema } from '../contract/openapi-schemas.ts';
import { type Markup, marks } from './page.ts';

export type Schemas = Readonly<Record<string, JsonSchema>>;

/** The value as a schema, or an empty one. */
export function asSchema(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : {};
}
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Name of the shared schema a reference leads to. */
export function referenceOf(schema: JsonSchema): string | undefined {
  const reference = schema['$ref'];
  return typeof reference === 'string' ? reference.split('/').at(-1) : undefined;
}

/** A schema written out: type, rules, and its fields below it; shared schemas inside it are links. */
export function schemaMarkup(schema: JsonSchema, depth = 0): Markup {
  const name = referenceOf(schema);
  if (name !== undefined) return html`<a href="#schema-${name}"><code>${name}</code></a>`;
  return html`<span class="dim">${typeText(schema)}${ruleText(schema)}</span>${fields(schema, depth)}`;
}

function fields(schema: JsonSchema, depth: number): Markup | '' {
  const choices = [...asList(schema['oneOf']), ...asList(schema['anyOf'])].map(asSchema);
  if (choices.length > 0) {
    return html`<ul class="fields">${choices.map((one) => html`<li>${schemaMarkup(one, depth + 1)}</li>`)}</ul>`;
  }
  if (schema['type'] === 'array') return html` ${schemaMarkup(asSchema(schema['items']), depth + 1)}`;
  const properties = Object.entries(asSchema(schema['properties']));
  if (properties.length === 0) return '';
  const required = new Set(asList(schema['required']));
  const list = html`<ul class="fields">${properties.map(([name, field]) => {
    const described = asSchema(field)['description'];
    const mark = required.has(name) ? html` <span class="req">required</span>` : '';
    const note = typeof described === 'string' ? html`<br>${marks(described)}` : '';
    return html`<li><code>${name}</code>${mark} ${schemaMarkup(asSchema(field), depth + 1)}${note}</li>`;
  })}</ul>`;
  return depth < 2 ? list : html`<details><summary>fields</summary>${list}</details>`;
}

function typeText(schema: JsonSchema): string {
  const values = asList(schema['enum']);
  if (schema['const'] !== undefined) return JSON.stringify(schema['const']);
  if (values.length > 0) return `one of ${values.join(' · ')}`;
  if (schema['oneOf'] || schema['anyOf']) return 'one of these';
  if (schema['type'] === 'array') return 'list of';
  const type = schema['type'] ?? 'any';
  return schema['format'] ? `${String(type)} (${String(schema['format'])})` : String(type);
}

const RULES: Readonly<Record<string, string>> = {
  minLength: 'at least # characters',
  maxLength: 'at most # characters',
  minimum: 'from #',
  maximum: 'up to #',
  minItems: 'at least # items',
  maxItems: 'at most # items',
  pattern: 'pattern #',
  default: 'default #',
};

function ruleText(schema: JsonSchema): string {
  const rules = Object.entries(RULES).flatMap(([keyword, words]) =>
    schema[keyword] === undefined ? [] : [words.replace('#', () => String(schema[keyword]))],
  );
  return rules.map((rule) => `, ${rule}`).join('');
}

/** A value of the schema's shape, from its own examples where it has some. */
export function exampleOf(schema: JsonSchema, shared: Schemas, depth = 0): unknown {
  const name = referenceOf(schema);
  if (name !== undefined) return depth > 6 ? {} : exampleOf(shared[name] ?? {}, shared, depth + 1);
  const [given] = [...asList(schema['examples']), schema['example'], schema['const'], schema['default']].filter(
    isGiven,
  );
  if (given !== undefined) return given;
  const [first] = [...asList(schema['enum']), ...asList(schema['oneOf']), ...asList(schema['anyOf'])];
  if (first !== undefined) return typeof first === 'object' ? exampleOf(asSchema(first), shared, depth + 1) : first;
  if (schema['type'] === 'array') return depth > 6 ? [] : [exampleOf(asSchema(schema['items']), shared, depth + 1)];
  if (schema['type'] !== 'object') return plainExample(schema);
  const properties = Object.entries(asSchema(schema['properties']));
  const shown = depth > 6 ? [] : properties;
  return Object.fromEntries(shown.map(([key, field]) => [key, exampleOf(asSchema(field), shared, depth + 1)]));
}

const isGiven = (value: unknown): boolean => value !== undefined;

const BY_PATTERN: readonly (readonly [start: string, example: string])[] = [
  ['^\\+[1-9]', '+441223555010'],
  ['^[A-Z]{2}$', 'GB'],
  ['^[A-Z]{3}$', 'USD'],
  ['^\\d{1,9}(\\.', '1.15'],
];

function plainExample(schema: JsonSchema): unknown {
  const { type, format, pattern, minimum } = schema;
  if (type === 'integer' || type === 'number') return typeof minimum === 'number' ? minimum : 1;
  if (type === 'boolean') return true;
  if (format === 'date-time') return '2026-11-21T10:00:00Z';
  if (format === 'date') return '2026-11-21';
  if (format === 'email') return 'admin@acme.example';
  if (format === 'uri') return 'https://gateway.example.com';
  const text = String(pattern ?? '');
  const id = /^\^([a-z]+)_\[0-9a-hj/.exec(text);
  if (id) return `${id[1]}_01k9zq4x8m2v6c3b7n5t1r0dsy`;
  return BY_PATTERN.find(([start]) => text.startsWith(start))?.[1] ?? (type === 'string' ? 'text' : null);
}
