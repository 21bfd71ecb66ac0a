import * as z from 'zod';
import { Malformed } from '../domain/errors.ts';
import { cleanParameter } from './hygiene.ts';
import { parseJson, withoutNulls } from './read-body.ts';
import type { Method, Route } from './route.ts';
import { parseInput, refuseUnknownFields } from './validate.ts';

/** A route's schemas as they are applied: unknown members refused, whatever the declaration says. */
export interface InputSchemas {
  readonly params: z.ZodType;
  readonly query: z.ZodType;
  readonly body: z.ZodType | undefined;
}
export interface Input {
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  /** As it was sent, cleaned: what makes two calls the same call. */
  readonly sent: unknown;
}
export interface Received {
  readonly method: Method;
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
  readonly contentType: string | undefined;
  readonly bytes: Uint8Array;
}

export function inputSchemas(route: Route): InputSchemas {
  const strict = (schema: z.ZodType) => (schema instanceof z.ZodObject ? schema.strict() : schema);
  return {
    params: strict(route.params ?? z.object({})),
    query: strict(route.query ?? z.object({})),
    body: route.body && strict(route.body),
  };
}

const nothing = z.strictObject({});

/** Path, query and body, cleaned and parsed. Throws Malformed, InvalidInput, NotFound (see `parseInput`). */
export function receive(schemas: InputSchemas, from: Received): Input {
  const params = parseInput(schemas.params, from.params, 'path');
  const rawQuery = readQuery(from.url);
  const query = parseInput(schemas.query, rawQuery, 'query');
  const rawBody = from.method === 'get' ? {} : readBody(schemas.body ?? nothing, from);
  const body = parseInput(schemas.body ?? nothing, rawBody, 'body');
  return {
    params: params as Input['params'],
    query: query as Input['query'],
    body: schemas.body ? body : undefined,
    sent: { params: from.params, query: rawQuery, body: rawBody },
  };
}

/** In PATCH `null` takes a value away; elsewhere it means absent, which does not make an unknown field a known one. */
function readBody(schema: z.ZodType, from: Received): unknown {
  const sent = parseJson(from.bytes, from.contentType);
  if (from.method === 'patch') return sent;
  const meant = withoutNulls(sent);
  if (JSON.stringify(meant) !== JSON.stringify(sent)) refuseUnknownFields(schema, sent);
  return meant;
}

function readQuery(url: string): Readonly<Record<string, string>> {
  const pairs = [...new URL(url).searchParams];
  const names = new Set<string>();
  for (const [name] of pairs) {
    if (names.has(name)) throw repeated(name);
    names.add(name);
  }
  return Object.fromEntries(pairs.map(([name, text]) => [name, withPlus(cleanParameter(name, text))]));
}

/** A plus sign nobody encoded arrives as a space: `to=+4412…` means the number. */
const withPlus = (text: string): string => text.replace(/^ (?=\d)/, '+');

function repeated(name: string): Malformed {
  const detail = `The query parameter ${name} is given twice; several values go into one, separated by commas.`;
  return new Malformed({
    code: 'repeated_parameter',
    detail,
    errors: [{ parameter: name, code: 'repeated_parameter', detail: 'is given twice' }],
  });
}
