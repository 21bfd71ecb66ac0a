import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Observed } from '../../functions/carriers/client.ts';
import { checkExchange, checkWebhook } from '../../scripts/conformance/check.ts';
import { loadSpecs } from '../../scripts/conformance/specs.ts';

const description = {
  openapi: '3.0.0',
  servers: [{ url: 'https://api.example/v9' }],
  paths: {
    '/things/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^T\\d+$' } }],
      get: {
        parameters: [
          { name: 'limit', in: 'query', schema: { type: 'integer', maximum: 10 } },
          { name: 'filter', in: 'query', style: 'deepObject', schema: { properties: { country: { type: 'string' } } } },
        ],
        responses: { 200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } } },
      },
      post: {
        requestBody: {
          required: true,
          content: { 'application/x-www-form-urlencoded': { schema: { $ref: '#/components/schemas/Wish' } } },
        },
        responses: { 204: { description: 'done' } },
      },
    },
  },
  components: {
    schemas: {
      Thing: {
        type: 'object',
        required: ['id', 'note'],
        properties: {
          id: { type: 'string' },
          note: { type: 'string', nullable: true },
          kind: { type: 'string', enum: ['a'], nullable: true },
        },
      },
      Wish: {
        type: 'object',
        required: ['Count'],
        properties: { Count: { type: 'integer' }, Flag: { type: 'boolean' } },
      },
    },
  },
  'x-webhooks': {
    changed: {
      '{$url}': {
        post: { requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } } },
      },
    },
  },
};
const folder = mkdtempSync(join(tmpdir(), 'specs-'));
writeFileSync(join(folder, 'toy-things.json'), JSON.stringify(description));
const specs = loadSpecs(folder, 'toy');
afterAll(() => rmSync(folder, { recursive: true }));

const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
function problems(method: 'GET' | 'POST', path: string, body: string | undefined, status: number, answer: unknown) {
  const seen: Observed = {
    ...{ carrier: 'wavix', operation: 'x', kind: 'read', durationMs: 1 },
    request: {
      method,
      url: `https://x${path}`,
      headers: body === undefined ? {} : form,
      ...(body === undefined ? {} : { body }),
    },
    answer: { status, headers: {}, body: new TextEncoder().encode(answer === undefined ? '' : JSON.stringify(answer)) },
  };
  const { findings, silent } = checkExchange(specs, seen, path);
  return { found: findings.map((one) => one.problem), silent: silent.map((one) => one.problem) };
}
const thing = { id: 'T1', note: null, kind: null };

describe('judging exchanges by an API description', () => {
  it('finds nothing wrong with what is right, nullable and deep parameters included', () => {
    expect(problems('GET', '/v9/things/T1?limit=3&filter[country]=GB', undefined, 200, thing)).toEqual({
      found: [],
      silent: [],
    });
    expect(problems('POST', '/v9/things/T1', 'Count=2&Flag=true', 204, undefined)).toEqual({ found: [], silent: [] });
  });

  it.each([
    ['a wrong path value', 'GET', '/v9/things/x', undefined, 200, thing, 'path id'],
    ['an unknown parameter', 'GET', '/v9/things/T1?colour=red', undefined, 200, thing, 'query colour is not described'],
    ['an unknown deep parameter', 'GET', '/v9/things/T1?filter[city]=x', undefined, 200, thing, 'query filter[city]'],
    ['a wrong parameter', 'GET', '/v9/things/T1?limit=11', undefined, 200, thing, 'query limit'],
    ['a missing answer field', 'GET', '/v9/things/T1', undefined, 200, { id: 'T1' }, "required property 'note'"],
    ['a wrong answer type', 'GET', '/v9/things/T1', undefined, 200, { ...thing, id: 1 }, '/id must be string'],
    ['an answer that is no JSON', 'GET', '/v9/things/T1', undefined, 200, undefined, 'status 200'],
    ['an undescribed success', 'GET', '/v9/things/T1', undefined, 201, thing, 'status 201 is not described'],
    ['a missing form field', 'POST', '/v9/things/T1', 'Flag=true', 204, undefined, "required property 'Count'"],
    ['a form field of another type', 'POST', '/v9/things/T1', 'Count=many', 204, undefined, '/Count must be integer'],
    [
      'an unknown form field',
      'POST',
      '/v9/things/T1',
      'Count=1&Colour=red',
      204,
      undefined,
      'body Colour is not described',
    ],
    ['no body', 'POST', '/v9/things/T1', undefined, 204, undefined, 'body is missing'],
  ] as const)('finds %s', (_, method, path, body, status, answer, text) => {
    expect(problems(method, path, body, status, answer).found.join('; ')).toContain(text);
  });

  it('says apart what the description is silent about', () => {
    expect(problems('GET', '/v9/other', undefined, 200, {}).silent).toEqual(['not in the descriptions']);
    expect(problems('GET', '/v9/things/T1', undefined, 429, {})).toEqual({
      found: [],
      silent: ['status 429 is not described'],
    });
  });

  it('judges webhooks by name', () => {
    expect(checkWebhook(specs, 'changed', thing)).toEqual([]);
    expect(checkWebhook(specs, 'changed', {}).length).toBeGreaterThan(0);
    expect(checkWebhook(specs, 'nothing', {}).length).toBe(1);
  });
});
