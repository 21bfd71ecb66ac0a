import fc from 'fast-check';
import type { Operation, Schema } from './document.ts';
import { type Generator, hostile, NASTY } from './inputs.ts';

/** One call to be made. */
export interface Call {
  readonly kind: 'valid' | 'near' | 'hostile';
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
  /** As it goes over the wire; undefined: no body. */
  readonly body: string | undefined;
  /** What the body was made of, before it was bent; for the judge. */
  readonly json: unknown;
}
type Pairs = readonly (readonly [string, string])[];
type Values = Readonly<Record<string, unknown>>;
type Part = fc.Arbitrary<Values>;

/** Calls of an operation: all valid by the document, one thing wrong, or anything at all. */
export function callsOf(operation: Operation, make: Generator): fc.Arbitrary<Call> {
  return fc.oneof(
    { weight: 2, arbitrary: validCall(operation, make) },
    { weight: 4, arbitrary: nearCall(operation, make) },
    { weight: 1, arbitrary: hostileCall(operation, make) },
  );
}

const wireText = (value: unknown): string =>
  (typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)).toWellFormed();
const queryText = (value: unknown): string => (Array.isArray(value) ? value.map(wireText).join(',') : wireText(value));

/** Writing things down for real would start a purchase with every call: most only pretend. */
const pretends = (operation: Operation, pairs: Pairs): Pairs =>
  operation.parameters.some((one) => one.name === 'dryRun') && pairs.every(([name]) => name !== 'dryRun')
    ? [...pairs, ['dryRun', 'true']]
    : pairs;

function parts(operation: Operation, make: Generator, place: 'path' | 'query' | 'header'): Part {
  const own = operation.parameters.filter((one) => one.in === place && one.name !== 'cursor' && one.name !== 'Prefer');
  const known = own.filter((one) => one.name !== 'Gateway-Tenant' && (one.name !== 'If-Match' || one.required));
  const fields = known.map((one) => [one.name, make.valid(one.schema, one.name)] as const);
  const always = known.filter((one) => one.required || place === 'path').map((one) => one.name);
  return fc.record(Object.fromEntries(fields), { requiredKeys: always }) as Part;
}

const pairsOf = (values: Values): Pairs => Object.entries(values).map(([name, value]) => [name, queryText(value)]);
const headersOf = (values: Values): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));

/** Nothing, and dots alone, would be another address. */
const segmentOf = (text: string): string => encodeURIComponent(text.replace(/^\.*$/, '-'));

function fill(path: string, values: Values): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => segmentOf(wireText(values[name])));
}

function validCall(operation: Operation, make: Generator): fc.Arbitrary<Call> {
  const { body } = operation;
  const json = body ? make.valid(body) : fc.constant(undefined);
  const of = (place: 'path' | 'query' | 'header') => parts(operation, make, place);
  return fc.tuple(of('path'), of('query'), of('header'), json).map(([path, query, headers, sent]) => ({
    kind: 'valid',
    path: fill(operation.path, path),
    query: pretends(operation, pairsOf(query)),
    headers: headersOf(headers),
    body: sent === undefined ? undefined : JSON.stringify(sent),
    json: sent,
  }));
}

const smuggled = ['tenantId', 'state', 'version', 'price', 'roles', '__proto__', 'constructor', 'extra'];
type Bend = readonly ['set' | 'drop' | 'query', string, unknown];

/** A valid call with one field replaced, added or left out, or one query parameter bent. */
function nearCall(operation: Operation, make: Generator): fc.Arbitrary<Call> {
  const schema = operation.body ? make.follow(operation.body) : {};
  const fields = [...Object.keys(schema.properties ?? {}), ...smuggled];
  const names = [...operation.parameters.filter((one) => one.in === 'query').map((one) => one.name), 'foo', 'cursor'];
  const set = fc.tuple(fc.constant('set' as const), fc.constantFrom(...fields), bentValue(schema, make));
  const drop = fc.tuple(fc.constant('drop' as const), fc.constantFrom(...fields), fc.constant(undefined));
  const query = fc.tuple(fc.constant('query' as const), fc.constantFrom(...names), hostile);
  const bend: fc.Arbitrary<Bend> = operation.body ? fc.oneof(set, set, drop, query) : query;
  return fc.tuple(validCall(operation, make), bend).map(([call, [how, name, value]]) => {
    if (how === 'query') {
      const kept = call.query.filter(([one]) => one !== name);
      return { ...call, kind: 'near', query: [...kept, [name, queryText(value)]] };
    }
    const { [name]: _gone, ...rest } = (call.json ?? {}) as Values;
    const json = how === 'drop' ? rest : withMember(rest, name, value);
    // As it arrives: a number that is none goes over the wire as null.
    const body = JSON.stringify(json);
    return { ...call, kind: 'near', json: JSON.parse(body), body };
  });
}

/** Hostile, or a valid value of another field. */
function bentValue(schema: Schema, make: Generator): fc.Arbitrary<unknown> {
  const others = Object.entries(schema.properties ?? {}).map(([name, one]) => make.valid(one, name));
  return others.length === 0 ? hostile : fc.oneof(hostile, hostile, fc.oneof(...others));
}

/** Also for `__proto__`, which assignment would take for something else. */
function withMember(rest: Values, name: string, value: unknown): Values {
  const copy = { ...rest };
  Object.defineProperty(copy, name, { value, enumerable: true, configurable: true, writable: true });
  return copy;
}

const RAW = [
  '',
  'null',
  '[]',
  '"x"',
  '{',
  '{"a":1',
  '[['.repeat(2000),
  '{"__proto__":{"a":1}}',
  '1e999',
  '\ufeff{}',
  '{"a":"\\ud800"}',
];
const TYPES = [
  'application/json',
  'text/plain',
  'application/merge-patch+json',
  ';',
  '',
  'application/json; charset=utf-16',
];

function hostileCall(operation: Operation, make: Generator): fc.Arbitrary<Call> {
  const visible = fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength: 30,
  });
  // Dots alone would be another address.
  const segment = fc
    .oneof(fc.constantFrom(...NASTY), fc.string())
    .map((one) => one.slice(0, 300).replace(/^\.+$/, '-'));
  const names = operation.path.match(/\{\w+\}/g) ?? [];
  const path = fc.array(segment, { minLength: names.length, maxLength: names.length });
  const pairs = fc.array(fc.tuple(fc.oneof(fc.constantFrom('limit', 'cursor', 'sort', 'a'), visible), segment), {
    maxLength: 3,
  });
  const body = fc.oneof(
    fc.constantFrom(...RAW),
    fc.json(),
    fc.string(),
    hostile.map((one) => JSON.stringify(one) ?? ''),
  );
  const headers = fc.record(
    {
      'If-Match': fc.oneof(visible, fc.constantFrom('"1"', '*', 'W/"1"')),
      Prefer: visible,
      'Idempotency-Key': visible,
      'Content-Type': fc.constantFrom(...TYPES),
      'Gateway-Tenant': visible,
    },
    { requiredKeys: [] },
  );
  return fc.tuple(validCall(operation, make), path, pairs, headers, body).map(([call, segments, query, bad, raw]) => ({
    kind: 'hostile',
    path: segments.length === 0 ? call.path : bentPath(operation.path, call.path, segments),
    query: pretends(
      operation,
      query.map(([name, value]) => [name.toWellFormed(), value.toWellFormed()]),
    ),
    headers: { ...call.headers, ...bad } as Record<string, string>,
    body: operation.method === 'GET' ? undefined : raw,
    json: undefined,
  }));
}

/** Half of the calls keep their address, so that what lies behind it is tried. */
function bentPath(pattern: string, valid: string, segments: readonly string[]): string {
  if ((segments[0]?.length ?? 0) % 2 === 0) return valid;
  let at = 0;
  return pattern.replace(/\{\w+\}/g, () => segmentOf((segments[at++] ?? '').toWellFormed()));
}
