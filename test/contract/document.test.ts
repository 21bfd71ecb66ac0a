import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { allRoutes } from '../../functions/api/routes.ts';
import { openApiDocument } from '../../functions/contract/openapi.ts';
import { PARAMETERS } from '../../functions/contract/openapi-parts.ts';
import { readIfMatch } from '../../functions/contract/precondition.ts';
import { PROBLEMS } from '../../functions/contract/problem-catalogue.ts';
import { route } from '../../functions/contract/route.ts';
import { sampleRoutes } from './sample-routes.ts';

const about = { version: '1', server: '/' };
const sample = openApiDocument(sampleRoutes, about);

describe('the document', () => {
  it('docs/openapi.json is what the routes make it', () => {
    const written = readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8');

    expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(openApiDocument(allRoutes, about))));
  });

  it('passes the linter, which asks nobody for anything', () => {
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const lint = ['node_modules/@redocly/cli/bin/cli.js', 'lint', 'docs/openapi.json', '--format=summary'];
    const output = execFileSync(process.execPath, lint, { cwd: new URL('../..', import.meta.url), env, stdio: 'pipe' });

    expect(String(output)).not.toMatch(/error/i);
  });

  it.each([
    ['"1"', true],
    ['*', true],
    ['W/"1"', true],
    ['"1", "2" ,W/"x"', true],
    ['""', true],
    ['1', false],
    ['"1', false],
    ['"a" "b"', false],
    ['*, "1"', false],
    ['"a"b"', false],
  ])('If-Match %s is an ETag in the document as to the server: %j', (header, isOne) => {
    const read = () => readIfMatch(header);

    for (const name of ['IfMatch', 'IfMatchRequired']) {
      const schema = PARAMETERS[name]?.['schema'] as { readonly pattern?: string } | undefined;
      expect(new RegExp(schema?.pattern ?? 'no pattern', 'u').test(header)).toBe(isOne);
    }
    if (isOne) expect(read()).toBeDefined();
    else expect(read).toThrow('If-Match');
  });

  it('summaries are plain text: navigation shows them as they are', () => {
    expect(allRoutes.filter(({ summary }) => /[`*_<>]/.test(summary)).map(({ summary }) => summary)).toEqual([]);
  });

  it('says of an operation what it takes and answers', () => {
    const create = sample.paths['/v1/things']?.['post'];
    const approve = sample.paths['/v1/things/{id}/approval']?.['post'];

    expect(create).toMatchObject({
      operationId: 'createThing',
      tags: ['Things'],
      security: [{ accessToken: [] }, { apiKey: ['things:write'] }],
      'x-roles': ['customer', 'customer_success'],
    });
    expect(Object.keys(create?.responses ?? {})).toEqual([
      '200',
      '201',
      '400',
      '401',
      '403',
      '404',
      '409',
      '413',
      '422',
      '429',
      '500',
      '503',
    ]);
    expect(JSON.stringify(create?.responses['422'])).toContain('number_limit_reached');
    const headers = (operation: typeof create) => operation?.parameters.flatMap((given) => given['$ref'] ?? []);
    const at = (name: string) => `#/components/parameters/${name}`;
    expect(headers(create)).toEqual([at('GatewayTenant'), at('IdempotencyKeyRequired'), at('Prefer')]);
    expect(headers(approve)).toEqual([at('GatewayTenant'), at('IdempotencyKeyRequired'), at('IfMatchRequired')]);
    expect(Object.keys(approve?.responses ?? {})).toEqual(expect.arrayContaining(['412', '428']));
  });

  it('shows query parameters as they are understood', () => {
    const parameters = sample.paths['/v1/things']?.['get']?.parameters ?? [];
    const named = (name: string) => parameters.find((given) => given['name'] === name);

    expect(named('limit')).toMatchObject({ required: false, schema: { type: 'integer', minimum: 1, default: 50 } });
    expect(named('kind')).toMatchObject({ style: 'form', explode: false, schema: { type: 'array' } });
    expect(named('quantity')).toMatchObject({ schema: { type: 'integer', minimum: 1, maximum: 100 } });
  });

  it('names shared shapes once; the two sides of one that differ have two names', () => {
    const Shared = z.strictObject({ a: z.string(), b: z.int().default(1) }).meta({ id: 'Shared' });
    const both = route({
      method: 'post',
      path: '/both',
      operationId: 'both',
      summary: 'both',
      tag: 't',
      roles: 'any',
      scope: 'platform',
      body: z.strictObject({ one: Shared, two: Shared }),
      returns: z.object({ one: Shared }),
      errors: [],
    });
    const { components } = openApiDocument([both], about);

    expect(Object.keys(components.schemas).toSorted()).toEqual(['Problem', 'Shared', 'SharedOutput']);
    expect(sample.components.schemas).toHaveProperty('Thing');
  });

  it('refuses two lines at one address and a path parameter nobody declared', () => {
    const [first] = sampleRoutes;
    if (!first) throw new Error('no routes');

    expect(() => openApiDocument([first, first], about)).toThrow('declared twice');
    expect(() => openApiDocument([{ ...first, path: '/v1/{what}' }], about)).toThrow('{what}');
  });

  it('every schema in it is one a validator can use', () => {
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const definitions = JSON.parse(
      JSON.stringify(sample.components.schemas).replaceAll('#/components/schemas/', '#/$defs/'),
    );

    expect(() =>
      ajv.compile({ $defs: definitions, anyOf: [{ $ref: '#/$defs/Thing' }, { $ref: '#/$defs/Problem' }] }),
    ).not.toThrow();
  });
});

describe('all lines', () => {
  const ids = allRoutes.map((line) => line.operationId);

  it('have operation ids of their own', () => {
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  });

  it('name only codes that have a page', () => {
    const unknown = allRoutes.flatMap((line) => (line.codes ?? []).filter((code) => !PROBLEMS.has(code)));

    expect(unknown).toEqual([]);
  });

  it.each(allRoutes.filter((line) => line.body).map((line) => [line.operationId, line] as const))(
    '%s refuses unknown fields in nested objects too',
    (_id, line) => {
      const schema = z.toJSONSchema(line.body ?? z.undefined(), { io: 'input', unrepresentable: 'any' });

      expect(openObjects(schema, '#')).toEqual([]);
    },
  );
});

/** Places below the top (which is closed when it is bound) where unknown members would be dropped in silence. */
function openObjects(schema: unknown, place: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { type, properties, additionalProperties } = schema as Record<string, unknown>;
  const isOpen = place !== '#' && type === 'object' && properties !== undefined && additionalProperties === undefined;
  const inside = Object.entries(schema).flatMap(([key, value]) => openObjects(value, `${place}/${key}`));
  return isOpen ? [place, ...inside] : inside;
}
