import { answersOf, takesIfMatch } from './openapi-answers.ts';
import { DESCRIPTION, HEADERS, PARAMETERS, PROBLEM, SECURITY } from './openapi-parts.ts';
import { type JsonSchema, type SchemaBook, schemaBook } from './openapi-schemas.ts';
import type { Route } from './route.ts';

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly JsonSchema[];
  readonly requestBody?: JsonSchema;
  readonly responses: Readonly<Record<string, JsonSchema>>;
  /** Who may call it: role names, `any`, `public`. */
  readonly 'x-roles': readonly string[];
}
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: JsonSchema;
  readonly servers: readonly JsonSchema[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly parameters: Readonly<Record<string, JsonSchema>>;
    readonly headers: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, JsonSchema>>;
  };
}

/** The OpenAPI 3.1 document of the declared lines; `server` is the address it is served from (`/`: the same). */
export function openApiDocument(
  routes: readonly Route[],
  about: { readonly version: string; readonly server: string },
): OpenApiDocument {
  const book = schemaBook();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    const operations = paths[route.path] ?? {};
    if (operations[route.method]) throw new Error(`declared twice: ${route.method} ${route.path}`);
    paths[route.path] = { ...operations, [route.method]: operationOf(route, book) };
  }
  const tags = [...new Set(routes.map((route) => route.tag))].map((name) => ({ name }));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Numbergate',
      version: about.version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: about.server }],
    tags,
    paths,
    components: {
      schemas: { ...book.components, Problem: PROBLEM },
      parameters: PARAMETERS,
      headers: HEADERS,
      securitySchemes: SECURITY,
    },
  };
}

function operationOf(route: Route, book: SchemaBook): Operation {
  const body = requestBody(route, book);
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(route.description ? { description: route.description } : {}),
    tags: [route.tag],
    security: securityOf(route),
    'x-roles': typeof route.roles === 'string' ? [route.roles] : route.roles,
    parameters: [...pathParameters(route, book), ...queryParameters(route, book), ...headerParameters(route)],
    ...(body ? { requestBody: body } : {}),
    responses: answersOf(route, book),
  };
}

function securityOf(route: Route): Operation['security'] {
  if (route.roles === 'public') return [];
  if (route.keyScope) return [{ accessToken: [] }, { apiKey: [route.keyScope] }];
  return route.roles === 'any' ? [{ accessToken: [] }, { apiKey: [] }] : [{ accessToken: [] }];
}

function requestBody(route: Route, book: SchemaBook): JsonSchema | undefined {
  if (!route.body) return undefined;
  const schema = book.use(route.body, 'input');
  const type = route.method === 'patch' ? 'application/merge-patch+json' : 'application/json';
  const types = [...new Set(['application/json', type])];
  const mayBeLeftOut = route.body.safeParse({}).success;
  return { required: !mayBeLeftOut, content: Object.fromEntries(types.map((name) => [name, { schema }])) };
}

function pathParameters(route: Route, book: SchemaBook): JsonSchema[] {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return names.map((name) => {
    const schema = route.params?.shape[name];
    if (!schema) throw new Error(`${route.operationId}: the path names {${name}}, params do not`);
    return parameter(name, 'path', book.use(schema, 'input'), { required: true });
  });
}

function queryParameters(route: Route, book: SchemaBook): JsonSchema[] {
  return Object.entries(route.query?.shape ?? {}).map(([name, field]) => {
    const required = !field.safeParse(undefined).success;
    const sent = book.use(field, 'input');
    const understood = book.use(field, 'output');
    const isList = understood['type'] === 'array';
    const isRead =
      sent['type'] === 'string' && ['array', 'boolean', 'integer', 'number'].includes(String(understood['type']));
    const more = isList ? { required, style: 'form', explode: false } : { required };
    return parameter(name, 'query', isRead ? understood : sent, more);
  });
}

function parameter(name: string, place: 'path' | 'query', schema: JsonSchema, more: JsonSchema): JsonSchema {
  const { description, ...rest } = schema;
  return { name, in: place, ...more, ...(description ? { description } : {}), schema: rest };
}

function headerParameters(route: Route): JsonSchema[] {
  const staff = route.roles !== 'public' && (route.scope === 'tenant' || route.roles === 'any' || servesTenants(route));
  const key = route.method === 'post' && route.roles !== 'public';
  const names = [
    ...(staff ? ['GatewayTenant'] : []),
    ...(key ? [route.idempotency === 'required' ? 'IdempotencyKeyRequired' : 'IdempotencyKey'] : []),
    ...(takesIfMatch(route) ? [route.ifMatch === 'required' ? 'IfMatchRequired' : 'IfMatch'] : []),
    ...(route.prefersWait ? ['Prefer'] : []),
  ];
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
}

const servesTenants = (route: Route): boolean =>
  typeof route.roles !== 'string' && route.roles.some((role) => role === 'customer' || role === 'tenant_admin');
