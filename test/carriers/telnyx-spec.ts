import { existsSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** The carrier's own description of its interface; absent where that folder is. */
const FOLDER = new URL('../../../shared/specs/', import.meta.url);
const FILES = ['telnyx-numbers', 'telnyx-regulatory', 'telnyx-voice', 'telnyx-messaging'];
export const hasSpecs = existsSync(new URL('telnyx-numbers.json', FOLDER));

type Node = { readonly [key: string]: Node };
interface Document {
  readonly id: string;
  readonly root: Node;
}
export interface Exchanged {
  readonly method: string;
  /** From `/v2` on, with its query. */
  readonly path: string;
  readonly request: unknown;
  readonly status: number;
  readonly answer: unknown;
}

/** Says what in an exchange, or in a webhook, is not as the carrier's documents have it. */
export function telnyxSpec() {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
  addFormats.default(ajv);
  const documents: Document[] = FILES.map((id) => {
    const root = JSON.parse(readFileSync(new URL(`${id}.json`, FOLDER), 'utf8')) as Node;
    ajv.addSchema(root as object, id);
    return { id, root };
  });
  const problems = ({ id }: Document, pointer: readonly string[], value: unknown): string[] => {
    const ref = `${id}#/${pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
    const validate = ajv.getSchema(ref) ?? ajv.compile({ $ref: ref });
    return validate(value) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  };
  return {
    exchange(seen: Exchanged): string[] {
      const [path = '', query = ''] = seen.path.replace(/^\/v2/, '').split('?');
      const method = seen.method.toLowerCase();
      const found = documents
        .map((document) => ({ document, template: templateFor(document, method, path) }))
        .find(({ template }) => template !== undefined);
      if (!found?.template) return [`no operation ${method} ${path}`];
      const { document, template } = found;
      const operation = ['paths', template, method];
      const content = ['content', 'application/json', 'schema'];
      const body = follow(document, [...operation, 'requestBody'], content);
      const given = body && seen.request !== undefined ? problems(document, body, seen.request) : [];
      const status = statusKey(at(document, [...operation, 'responses']), seen.status);
      const reply = status && follow(document, [...operation, 'responses', status], content);
      const told = reply
        ? problems(document, reply, seen.answer)
        : status
          ? []
          : [`status ${seen.status} is not described`];
      const unknown = unknownFilters(document, template, method, query).map((name) => `query ${name} is not described`);
      return [...given.map((text) => `request ${text}`), ...told.map((text) => `answer ${text}`), ...unknown];
    },
    webhook(name: string, body: unknown): string[] {
      const document = documents.find(({ root }) => root['webhooks']?.[name] !== undefined);
      if (!document) return [`no webhook ${name}`];
      const schema = follow(
        document,
        ['webhooks', name, 'post', 'requestBody'],
        ['content', 'application/json', 'schema'],
      );
      return schema ? problems(document, schema, body) : ['no schema'];
    },
  };
}

/** The description's path for a concrete one; the plainest wins. */
function templateFor({ root }: Document, method: string, path: string): string | undefined {
  return Object.entries(root['paths'] ?? {})
    .filter(([, operations]) => operations[method] !== undefined)
    .map(([template]) => template)
    .filter((template) => new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`).test(path))
    .sort((a, b) => a.split('{').length - b.split('{').length)[0];
}

/** A pointer below one that may be a reference to elsewhere. */
function follow(document: Document, start: readonly string[], rest: readonly string[]): string[] | undefined {
  const node = at(document, start);
  if (node === undefined) return undefined;
  const reference = node['$ref'] as unknown;
  const target = typeof reference === 'string' ? reference.slice(2).split('/') : [...start];
  const pointer = [...target, ...rest];
  return at(document, pointer) === undefined ? undefined : pointer;
}

function at({ root }: Document, pointer: readonly string[]): Node | undefined {
  return pointer.reduce<Node | undefined>((node, part) => node?.[part], root);
}

function statusKey(responses: Node | undefined, status: number): string | undefined {
  return [String(status), `${String(status)[0]}XX`, 'default'].find((key) => responses?.[key] !== undefined);
}

function unknownFilters(document: Document, template: string, method: string, query: string): string[] {
  const list = (at(document, ['paths', template, method, 'parameters']) ?? []) as unknown as Node[];
  const parameters = list.map((node) => {
    const reference = node['$ref'] as unknown;
    return typeof reference === 'string' ? at(document, reference.slice(2).split('/')) : node;
  });
  return [...new URLSearchParams(query).keys()].filter((key) => {
    const [name = '', ...inner] = key.replaceAll(']', '').split('[');
    const whole = parameters.find((node) => (node?.['name'] as unknown) === name);
    const schema = whole?.['schema'];
    const target =
      schema && typeof schema['$ref'] === 'string'
        ? at(document, (schema['$ref'] as string).slice(2).split('/'))
        : schema;
    return !inner.reduce<Node[]>(
      (nodes, part) => nodes.flatMap((node) => [...inside(node, part)]),
      target ? [target] : [],
    ).length;
  });
}

function inside(node: Node, part: string): Node[] {
  const own = node['properties']?.[part];
  const others = ((node['oneOf'] ?? []) as unknown as Node[]).flatMap((each) => inside(each, part));
  return own ? [own, ...others] : others;
}
