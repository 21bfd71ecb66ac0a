import { existsSync, readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';

/** Twilio's own API descriptions, kept beside the checkout where they are. */
const FOLDER = new URL('../../../shared/specs/', import.meta.url);
const FILES = ['twilio-numbers.json', 'twilio-pricing.json', 'twilio-regulatory.json'];

interface Schema {
  readonly [key: string]: unknown;
}
interface Operation {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: Schema;
    readonly required?: boolean;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}
interface Known {
  readonly method: string;
  readonly template: string;
  readonly path: RegExp;
  readonly operation: Operation;
  compile(schema: Schema): ValidateFunction;
}
export interface SpecExchange {
  readonly method: string;
  /** Path and query, without the root. */
  readonly path: string;
  /** A form's text; absent for none and for files. */
  readonly form?: string;
  readonly status: number;
  readonly answer: string;
}

export const hasTwilioSpecs = FILES.every((file) => existsSync(new URL(file, FOLDER)));

/** A checker of exchanges against the descriptions: what is wrong with one, and which operations were seen. */
export function twilioSpecs() {
  const known = hasTwilioSpecs ? FILES.flatMap(readSpec) : [];
  const seen = new Set<string>();
  return {
    seen,
    problems(exchange: SpecExchange): readonly string[] {
      if (!hasTwilioSpecs) return [];
      const [path = '', query = ''] = exchange.path.split('?');
      const found = known.find((one) => one.method === exchange.method && one.path.test(path));
      if (found === undefined) return [`${exchange.method} ${path} is not described`];
      seen.add(`${found.method} ${found.template}`);
      return [...requestProblems(found, query, exchange.form), ...answerProblems(found, exchange)].map(
        (problem) => `${found.method} ${found.template}: ${problem}`,
      );
    },
  };
}

function readSpec(file: string): readonly Known[] {
  const spec = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as {
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, Schema> };
  };
  const ajv = new Ajv({ strict: false, allErrors: true, formats: { date: true }, validateFormats: false });
  ajv.addSchema({ $id: 'spec', components: plain(spec.components) as object });
  const compiled = new Map<Schema, ValidateFunction>();
  const compile = (schema: Schema) => {
    const check = compiled.get(schema) ?? ajv.compile(plain(schema) as object);
    compiled.set(schema, check);
    return check;
  };
  return Object.entries(spec.paths).flatMap(([template, operations]) =>
    ['get', 'post', 'delete'].flatMap((name) => {
      const operation = operations[name];
      if (operation === undefined) return [];
      const path = new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{[^}]+\}/g, '[^/]+?')}$`);
      return [{ method: name.toUpperCase(), template, path, operation, compile }];
    }),
  );
}

/** OpenAPI 3.0 as JSON schema: `nullable`, local references, and texts that the vendor's generator calls numbers. */
function plain(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(plain);
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, $ref, 'x-twilio': vendor, ...rest } = node as Schema;
  if (typeof $ref === 'string') return { $ref: $ref.replace('#/', 'spec#/') };
  const out = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, plain(value)])) as Record<
    string,
    unknown
  >;
  if ((vendor as { overrideType?: string } | undefined)?.overrideType === 'string') out['type'] = 'string';
  if (nullable === true && typeof out['type'] === 'string') out['type'] = [out['type'], 'null'];
  return out;
}

function requestProblems({ operation, compile }: Known, query: string, form: string | undefined): readonly string[] {
  const problems: string[] = [];
  const named = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
  for (const [name, value] of new URLSearchParams(query)) {
    const parameter = named.find((one) => one.name === name);
    if (parameter === undefined) problems.push(`query ${name} is not described`);
    else problems.push(...textProblems(compile(parameter.schema), parameter.schema, `query ${name}`, value));
  }
  const schema = operation.requestBody?.content['application/x-www-form-urlencoded']?.schema;
  if (form === undefined || schema === undefined) return problems;
  const fields = Object.fromEntries(new URLSearchParams(form));
  const properties = (schema['properties'] ?? {}) as Record<string, Schema>;
  for (const name of (schema['required'] ?? []) as string[]) if (!(name in fields)) problems.push(`${name} is missing`);
  for (const [name, value] of Object.entries(fields)) {
    const property = properties[name];
    if (property === undefined) problems.push(`field ${name} is not described`);
    // An empty text clears a setting.
    else if (value !== '') problems.push(...textProblems(compile(property), property, `field ${name}`, value));
  }
  return problems;
}

function textProblems(check: ValidateFunction, schema: Schema, name: string, text: string): readonly string[] {
  const isText = schema['type'] === 'string' || schema['$ref'] !== undefined;
  const value = isText || schema['type'] === undefined ? text : (JSON.parse(text) as unknown);
  return check(value) ? [] : [`${name} ${text}: ${check.errors?.[0]?.message ?? 'invalid'}`];
}

function answerProblems({ operation, compile }: Known, { status, answer }: SpecExchange): readonly string[] {
  if (status >= 400) {
    const body = JSON.parse(answer) as Record<string, unknown>;
    const isWhole =
      typeof body['code'] === 'number' && typeof body['message'] === 'string' && body['status'] === status;
    return isWhole ? [] : [`${status} is not Twilio's form of an error`];
  }
  const described = operation.responses[String(status)];
  if (described === undefined) return [`status ${status} is not described`];
  const schema = described.content?.['application/json']?.schema;
  if (schema === undefined) return answer === '' ? [] : ['an answer where none is described'];
  const check = compile(schema);
  return check(JSON.parse(answer)) ? [] : (check.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}
