/** JSON Schema as the served document uses it; `true` and `{}` take anything. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly format?: string;
}
interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}
interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}
interface RawOperation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content & { readonly required?: boolean };
  readonly responses: Readonly<Record<string, Content & { readonly $ref?: string }>>;
  readonly 'x-roles': readonly string[];
}
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly parameters?: Readonly<Record<string, Parameter>>;
    readonly responses?: Readonly<Record<string, Content>>;
  };
}
export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly roles: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  /** Schema of the answer by status and media type; undefined: nothing is promised about the body. */
  readonly answers: ReadonlyMap<string, ReadonlyMap<string, Schema>>;
}

/** The operations of an OpenAPI 3.1 document, references to parameters and responses followed. */
export function operationsOf(document: Document): readonly Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]) => operationOf(document, path, method, raw)),
  );
}

function operationOf(document: Document, path: string, method: string, raw: RawOperation): Operation {
  const { parameters = {}, responses = {} } = document.components;
  const last = (reference: string): string => reference.slice(reference.lastIndexOf('/') + 1);
  const answers = Object.entries(raw.responses).map(([status, declared]) => {
    const answer = declared.$ref === undefined ? declared : (responses[last(declared.$ref)] ?? {});
    const media = Object.entries(answer.content ?? {}).map(([type, { schema }]): [string, Schema] => [type, schema]);
    return [status, new Map(media)] as const;
  });
  return {
    id: raw.operationId,
    method: method.toUpperCase(),
    path,
    roles: raw['x-roles'],
    parameters: (raw.parameters ?? []).map((one) =>
      one.$ref === undefined ? one : (parameters[last(one.$ref)] ?? one),
    ),
    body: raw.requestBody?.content?.['application/json']?.schema,
    answers: new Map(answers),
  };
}
