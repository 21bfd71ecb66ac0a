import * as z from 'zod';

export type JsonSchema = { readonly [keyword: string]: unknown };
/** Collects the shared schemas (those with `.meta({ id })`) while operations are written. */
export interface SchemaBook {
  /** JSON Schema of one side of a zod schema; shared ones become references. */
  use(schema: z.ZodType, side: 'input' | 'output'): JsonSchema;
  readonly components: Readonly<Record<string, JsonSchema>>;
}

/** Formats that say as much as the pattern zod adds to them. */
const SELF_EXPLAINING = new Set(['date', 'date-time', 'email', 'time', 'uri', 'uuid']);

export function schemaBook(): SchemaBook {
  const components: Record<string, JsonSchema> = {};
  const texts = new Map<string, string>();
  return {
    components,
    use(schema, side) {
      // Wrapped, because zod writes a root out even if it is a shared one.
      const made = z.toJSONSchema(z.object({ root: schema }), { io: side, unrepresentable: 'any', override: tidy });
      const shared = Object.entries((made.$defs ?? {}) as Readonly<Record<string, JsonSchema>>);
      const names = new Map(shared.map(([id, definition]) => [id, nameFor(texts, id, definition, side)]));
      for (const [id, definition] of shared) components[names.get(id) ?? id] = withReferences(definition, names);
      return withReferences((made.properties?.['root'] ?? {}) as JsonSchema, names);
    },
  };
}

/** A shared schema whose two sides differ (defaults, transforms) has two names. */
function nameFor(texts: Map<string, string>, id: string, definition: JsonSchema, side: 'input' | 'output'): string {
  const text = JSON.stringify(definition);
  const other = side === 'input' ? `${id}Input` : `${id}Output`;
  const name = (texts.get(id) ?? text) === text ? id : other;
  texts.set(name, text);
  return name;
}

function withReferences(schema: JsonSchema, names: ReadonlyMap<string, string>): JsonSchema {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, key === '$ref' ? rename(item) : walk(item)]),
    );
  };
  const rename = (reference: unknown) => {
    const id = String(reference).replace('#/$defs/', '');
    return `#/components/schemas/${names.get(id) ?? id}`;
  };
  return walk(schema) as JsonSchema;
}

type Override = NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']>;

const tidy: Override = ({ zodSchema, jsonSchema }) => {
  if (SELF_EXPLAINING.has(String(jsonSchema.format))) delete jsonSchema.pattern;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  const { def } = zodSchema._zod;
  // Answers may gain fields within the major version; only what is declared strict is closed.
  if (def.type === 'object' && 'catchall' in def && def.catchall === undefined) delete jsonSchema.additionalProperties;
};
