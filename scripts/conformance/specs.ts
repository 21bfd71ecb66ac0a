import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export type Tree = { readonly [name: string]: unknown };
interface SpecParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required: boolean;
  readonly schema: Tree;
  readonly pointer: string;
}
/** One operation of an official API description. */
export interface SpecOperation {
  readonly file: string;
  readonly method: string;
  readonly template: string;
  readonly pattern: RegExp;
  readonly pathNames: readonly string[];
  readonly parameters: readonly SpecParameter[];
  /** Schemas by content type, as pointers into the file. */
  readonly requestBody: ReadonlyMap<string, string>;
  readonly bodyRequired: boolean;
  /** By status (`200`, `4XX`, `default`), the JSON schema's pointer; undefined: documented without a body. */
  readonly responses: ReadonlyMap<string, string | undefined>;
}
export interface Specs {
  readonly operations: readonly SpecOperation[];
  readonly webhooks: ReadonlyMap<string, { readonly file: string; readonly pointer: string }>;
  /** The validator of a schema in a file. `lenient`: texts may stand for numbers and booleans (forms, queries). */
  validator(file: string, pointer: string, lenient: boolean): ValidateFunction;
  resolve(file: string, schema: Tree): Tree;
}

/** Where the official descriptions lie: `SPECS_DIR`, or the folder beside this checkout. Undefined: nowhere. */
export function specsFolder(): string | undefined {
  const folder = process.env['SPECS_DIR'] ?? join(import.meta.dirname, '../../../shared/specs');
  return existsSync(folder) ? folder : undefined;
}

/** Reads all descriptions of one carrier. */
export function loadSpecs(folder: string, carrier: string): Specs {
  const files = readdirSync(folder).filter((name) => name.startsWith(`${carrier}-`) && name.endsWith('.json'));
  const documents = new Map(files.map((file) => [file, readSpec(join(folder, file))]));
  const strict = ajvWith(documents, false);
  const lenient = ajvWith(documents, true);
  const operations = [...documents].flatMap(([file, document]) => operationsOf(file, document));
  const webhooks = new Map([...documents].flatMap(([file, document]) => webhooksOf(file, document)));
  return {
    operations,
    webhooks,
    resolve: (file, schema) => resolved(documents.get(file) ?? {}, schema),
    validator(file, pointer, loose) {
      const found = (loose ? lenient : strict).getSchema(`${file}#${pointer}`);
      if (!found) throw new Error(`no schema at ${file}#${pointer}`);
      return found;
    },
  };
}

/** Webhooks as OpenAPI 3.1 has them, and as one vendor wrote them before (`x-webhooks`, one level deeper). */
function webhooksOf(file: string, document: Tree) {
  return ['webhooks', 'x-webhooks'].flatMap((place) =>
    Object.entries(treeAt(document, place)).flatMap(([name, entry]) => {
      const item = entry as Tree;
      const [inner = ''] = Object.keys(item);
      const path = 'post' in item ? [place, name, 'post', 'requestBody'] : [place, name, inner, 'post', 'requestBody'];
      const holder = treeAt(document, ...path);
      const content = contentOf(resolved(document, holder), refOr(holder, `/${path.map(escaped).join('/')}`));
      return [...content.values()].slice(0, 1).map((pointer) => [name, { file, pointer }] as const);
    }),
  );
}

function readSpec(path: string): Tree {
  const document = JSON.parse(readFileSync(path, 'utf8')) as Tree;
  return (String(document['openapi']).startsWith('3.0') ? from30(document) : document) as Tree;
}

/** Texts of OpenAPI 3.0 that JSON Schema says otherwise: `nullable`, and boolean exclusive limits. */
function from30(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(from30);
  if (typeof node !== 'object' || node === null) return node;
  const tree = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, from30(value)]));
  if (typeof tree['exclusiveMinimum'] === 'boolean') delete tree['exclusiveMinimum'];
  if (typeof tree['exclusiveMaximum'] === 'boolean') delete tree['exclusiveMaximum'];
  if (tree['nullable'] !== true) return tree;
  const { nullable: _, ...rest } = tree;
  if (typeof rest['type'] !== 'string') return { anyOf: [{ type: 'null' }, rest] };
  const values = Array.isArray(rest['enum']) ? { enum: [...rest['enum'], null] } : {};
  return { ...rest, type: [rest['type'], 'null'], ...values };
}

function ajvWith(documents: ReadonlyMap<string, Tree>, lenient: boolean): Ajv2020 {
  const ajv = new Ajv2020({
    ...{ strict: false, allErrors: true, verbose: true, validateSchema: false, logger: false },
    coerceTypes: lenient ? 'array' : false,
  });
  addFormats.default(ajv);
  // The descriptions' own formats say nothing that can be checked.
  for (const format of ['date-time-rfc-2822', 'phone-number', 'uri-map', 'http-method', 'sid'])
    ajv.addFormat(format, true);
  for (const [file, document] of documents) ajv.addSchema(document, file);
  return ajv;
}

function operationsOf(file: string, document: Tree): SpecOperation[] {
  const methods = ['get', 'post', 'put', 'patch', 'delete'];
  return Object.entries(treeAt(document, 'paths')).flatMap(([path, item]) =>
    methods
      .filter((method) => method in (item as Tree))
      .map((method) => operationOf(file, document, path, item as Tree, method)),
  );
}

function operationOf(file: string, document: Tree, path: string, item: Tree, method: string): SpecOperation {
  const operation = treeAt(item, method);
  const servers = (operation['servers'] ?? item['servers'] ?? document['servers']) as { url: string }[] | undefined;
  const root = new URL(servers?.[0]?.url ?? 'https://x').pathname.replace(/\/$/, '');
  const template = `${root}${path === '/' ? '' : path}`;
  const base = `/paths/${escaped(path)}/${method}`;
  const body = resolved(document, treeAt(operation, 'requestBody'));
  const bodyBase = refOr(treeAt(operation, 'requestBody'), `${base}/requestBody`);
  return {
    ...{ file, method: method.toUpperCase(), template },
    pattern: new RegExp(`^${template.replace(/[.+*]/g, '\\$&').replace(/\{[^}]+\}/g, '([^/]+?)')}/?$`),
    pathNames: [...template.matchAll(/\{([^}]+)\}/g)].map((found) => found[1] ?? ''),
    parameters: [
      ...parametersOf(document, item['parameters'], `/paths/${escaped(path)}/parameters`),
      ...parametersOf(document, operation['parameters'], `${base}/parameters`),
    ],
    requestBody: contentOf(body, bodyBase),
    bodyRequired: body['required'] === true,
    responses: new Map(
      Object.entries(treeAt(operation, 'responses')).map(([status, response]) => {
        const found = contentOf(
          resolved(document, response as Tree),
          refOr(response as Tree, `${base}/responses/${status}`),
        );
        return [status, [...found].find(([type]) => type.includes('json'))?.[1]] as const;
      }),
    ),
  };
}

function parametersOf(document: Tree, list: unknown, base: string): SpecParameter[] {
  return ((list as Tree[] | undefined) ?? []).map((entry, n) => {
    const parameter = resolved(document, entry);
    return {
      name: String(parameter['name']),
      in: parameter['in'] as SpecParameter['in'],
      required: parameter['required'] === true,
      schema: treeAt(parameter, 'schema'),
      pointer: `${refOr(entry, `${base}/${n}`)}/schema`,
    };
  });
}

function contentOf(holder: Tree, base: string): Map<string, string> {
  const types = Object.entries(treeAt(holder, 'content')).filter(
    ([, media]) => (media as Tree)['schema'] !== undefined,
  );
  return new Map(types.map(([type]) => [type, `${base}/content/${escaped(type)}/schema`]));
}

function refOr(node: Tree, pointer: string): string {
  return typeof node['$ref'] === 'string' ? node['$ref'].slice(1) : pointer;
}

/** Follows `$ref` inside one document. */
function resolved(document: Tree, node: Tree): Tree {
  const ref = node['$ref'];
  if (typeof ref !== 'string') return node;
  const parts = ref
    .slice(2)
    .split('/')
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
  return resolved(document, treeAt(document, ...parts));
}

function treeAt(tree: Tree, ...path: readonly string[]): Tree {
  return path.reduce<Tree>((node, name) => (node[name] as Tree | undefined) ?? {}, tree);
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')).replaceAll('%7E', '~');
}
