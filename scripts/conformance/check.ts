import type { ErrorObject } from 'ajv';
import type { Observed } from '../../functions/carriers/client.ts';
import type { SpecOperation, Specs, Tree } from './specs.ts';

/** Something that is not as the carrier's own description says. */
export interface Finding {
  readonly side: 'request' | 'answer' | 'webhook';
  /** `POST /number/buy`. */
  readonly where: string;
  readonly problem: string;
}
export interface Checked {
  readonly operation: SpecOperation | undefined;
  readonly findings: readonly Finding[];
  /** Parts the description says nothing about: not wrong, but not proved either. */
  readonly silent: readonly Finding[];
}

/** Judges one exchange against the descriptions. `path` is the carrier's own, with its query. */
export function checkExchange(specs: Specs, seen: Observed, path: string): Checked {
  const { pathname, searchParams } = new URL(path, 'http://carrier');
  const { method } = seen.request;
  const matching = specs.operations.filter((one) => one.method === method && one.pattern.test(pathname));
  // A literal path before one with a placeholder in the same place.
  const operation = matching.sort((a, b) => a.pathNames.length - b.pathNames.length)[0];
  if (!operation) {
    const where = `${method} ${pathname.replace(/\/[A-Z]{2}[0-9a-f]{32}/g, '/{sid}').replace(/\/[0-9a-f-]{36}/g, '/{id}')}`;
    return { operation, findings: [], silent: [{ side: 'request', where, problem: 'not in the descriptions' }] };
  }
  const where = `${method} ${operation.template}`;
  const named = (side: Finding['side']) => (problem: string) => ({ side, where, problem });
  const request = [
    ...pathProblems(specs, operation, pathname),
    ...queryProblems(specs, operation, searchParams),
    ...bodyProblems(specs, operation, seen),
  ].map(named('request'));
  const { problems, silent } = answerProblems(specs, operation, seen);
  return { operation, findings: [...request, ...problems.map(named('answer'))], silent: silent.map(named('answer')) };
}

/** Judges a webhook body against a named webhook of the descriptions. */
export function checkWebhook(specs: Specs, name: string, body: unknown): Finding[] {
  const webhook = specs.webhooks.get(name);
  if (!webhook) return [{ side: 'webhook', where: name, problem: 'not in the descriptions' }];
  const validate = specs.validator(webhook.file, webhook.pointer, false);
  return validate(body) ? [] : texts(validate.errors).map((problem) => ({ side: 'webhook', where: name, problem }));
}

function pathProblems(specs: Specs, operation: SpecOperation, pathname: string): string[] {
  const values = operation.pattern.exec(pathname)?.slice(1) ?? [];
  return operation.pathNames.flatMap((name, n) => {
    const parameter = operation.parameters.find((one) => one.in === 'path' && one.name === name);
    if (!parameter) return [];
    const holder = { value: decodeURIComponent(values[n] ?? '') };
    return valueProblems(specs, operation.file, parameter.pointer, holder.value).map(
      (problem) => `path ${name}: ${problem}`,
    );
  });
}

function queryProblems(specs: Specs, operation: SpecOperation, query: URLSearchParams): string[] {
  const declared = operation.parameters.filter((one) => one.in === 'query');
  const found = nested(query, new Set(declared.map((one) => one.name)));
  const unknown = Object.keys(found).filter((name) => !declared.some((one) => one.name === name));
  const missing = declared.filter((one) => one.required && !(one.name in found)).map((one) => one.name);
  const wrong = declared.flatMap((one) =>
    one.name in found
      ? [
          ...valueProblems(specs, operation.file, one.pointer, found[one.name]).map(
            (text) => `query ${one.name}: ${text}`,
          ),
          ...unknownNames(specs, operation.file, one.schema, found[one.name]).map(
            (name) => `query ${one.name}[${name}] is not described`,
          ),
        ]
      : [],
  );
  return [
    ...unknown.map((name) => `query ${name} is not described`),
    ...missing.map((name) => `query ${name} is missing`),
    ...wrong,
  ];
}

/** `filter[a][b]=1` as objects, unless a parameter is described under that very name. */
function nested(query: URLSearchParams, literal: ReadonlySet<string>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name);
    const bare = name.endsWith('[]') ? name.slice(0, -2) : name;
    const path = literal.has(name) ? [name] : bare.split(/\[|\]\[|\]/).filter((part) => part !== '');
    const isList = name.endsWith('[]') || values.length > 1;
    let node = root;
    for (const part of path.slice(0, -1)) {
      node[part] ??= {};
      node = node[part] as Record<string, unknown>;
    }
    node[path.at(-1) ?? name] = isList ? values : values[0];
  }
  return root;
}

function bodyProblems(specs: Specs, operation: SpecOperation, { request }: Observed): string[] {
  const type = Object.entries(request.headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  const text = String(request.body ?? '');
  if (text === '') return operation.bodyRequired ? ['body is missing'] : [];
  if (operation.requestBody.size === 0) return ['a body is not described'];
  const media = [...operation.requestBody].find(([described]) => type.startsWith(described));
  if (!media)
    return [
      `content type ${type.split(';')[0] || '(none)'} is not described, only ${[...operation.requestBody.keys()].join(', ')}`,
    ];
  if (media[0].startsWith('multipart/')) return [];
  const isForm = media[0] === 'application/x-www-form-urlencoded';
  const body: unknown = isForm ? nested(new URLSearchParams(text), new Set()) : JSON.parse(text);
  const validate = specs.validator(operation.file, media[1], isForm);
  const wrong = validate(structuredClone(body)) ? [] : texts(validate.errors);
  const names = unknownNames(specs, operation.file, { $ref: `#${media[1]}` }, body);
  return [...wrong.map((problem) => `body${problem}`), ...names.map((name) => `body ${name} is not described`)];
}

function answerProblems(
  specs: Specs,
  operation: SpecOperation,
  { answer }: Observed,
): { problems: string[]; silent: string[] } {
  if (!answer) return { problems: [], silent: [] };
  const { status } = answer;
  const described = [String(status), `${Math.floor(status / 100)}XX`, 'default'].find((key) =>
    operation.responses.has(key),
  );
  if (described === undefined) {
    const problem = `status ${status} is not described`;
    return status < 400 ? { problems: [problem], silent: [] } : { problems: [], silent: [problem] };
  }
  const pointer = operation.responses.get(described);
  const text = new TextDecoder().decode(answer.body);
  if (pointer === undefined)
    return { problems: [], silent: text === '' ? [] : [`status ${status}: its body is not described`] };
  try {
    const validate = specs.validator(operation.file, pointer, false);
    const problems = validate(JSON.parse(text)) ? [] : texts(validate.errors);
    return { problems: problems.map((problem) => `status ${status}${problem}`), silent: [] };
  } catch (error) {
    return { problems: [`status ${status}: ${error instanceof Error ? error.message : error}`], silent: [] };
  }
}

function valueProblems(specs: Specs, file: string, pointer: string, value: unknown): string[] {
  const validate = specs.validator(file, pointer, true);
  return validate(structuredClone(value)) ? [] : texts(validate.errors);
}

/** Members of a value that its schema does not name although it names others. */
function unknownNames(specs: Specs, file: string, schema: Tree, value: unknown): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const names = namesOf(specs, file, schema);
  return names === undefined || names.size === 0 ? [] : Object.keys(value).filter((name) => !names.has(name));
}

/** Names a schema describes, over all its branches; undefined: any name goes. */
function namesOf(specs: Specs, file: string, schema: Tree): Set<string> | undefined {
  const tree = specs.resolve(file, schema);
  if (tree['additionalProperties'] !== undefined && tree['additionalProperties'] !== false) return undefined;
  const names = new Set(Object.keys((tree['properties'] as Tree | undefined) ?? {}));
  for (const join of ['allOf', 'anyOf', 'oneOf'])
    for (const branch of (tree[join] as Tree[] | undefined) ?? []) {
      const more = namesOf(specs, file, branch);
      if (!more) return undefined;
      for (const name of more) names.add(name);
    }
  return names;
}

function texts(errors: readonly ErrorObject[] | null | undefined): string[] {
  const shown = (errors ?? []).map((error) => {
    const values = 'allowedValues' in error.params ? ` (${String(error.params['allowedValues'])})` : '';
    return `${error.instancePath.replace(/\/\d+/g, '/n')} ${error.message}${values}${shownValue(error.data)}`;
  });
  return [...new Set(shown)];
}

/** A short value as it is, so that a known deviation covers that value and no other. */
function shownValue(value: unknown): string {
  if (typeof value !== 'string') return '';
  if (/^\/\w/.test(value)) return ', is a path';
  if (/^\d+(\.\d+)?$/.test(value)) return ', is a decimal text';
  return value.length <= 12 ? `, is "${value}"` : '';
}
