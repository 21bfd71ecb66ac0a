import { describe, expect, it } from 'vitest';
import type { Call } from '../../scripts/fuzz/calls.ts';
import { type Document, operationsOf } from '../../scripts/fuzz/document.ts';
import { judgeBy } from '../../scripts/fuzz/judge.ts';

const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const problem = { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
const thing = { type: 'object', required: ['id'], properties: { id: { type: 'string' } }, additionalProperties: false };
const body = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' } },
  additionalProperties: false,
};
const DOCUMENT = {
  paths: {
    '/v1/things': {
      post: {
        operationId: 'createThing',
        'x-roles': ['customer'],
        parameters: [{ name: 'dryRun', in: 'query', schema: { type: 'boolean' } }],
        requestBody: json(body),
        responses: { 201: json(thing), 204: {}, 400: problem },
      },
    },
  },
  components: {
    schemas: { Problem: { type: 'object', required: ['code'], properties: { code: { type: 'string' } } } },
  },
} as unknown as Document;
const [operation] = operationsOf(DOCUMENT);
const judge = judgeBy(DOCUMENT);
const VALID: Call = {
  kind: 'valid',
  path: '/v1/things',
  query: [],
  headers: {},
  body: '{"name":"a"}',
  json: { name: 'a' },
};
const said = (status: number, text: string, call: Partial<Call> = {}, requestId: string | null = '0'.repeat(26)) => {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  return operation && judge(operation, { ...VALID, ...call }, { status, type, text, requestId });
};

describe('the judge of generated calls finds planted faults', () => {
  it('nothing is wrong with what the document says', () => {
    expect(said(201, '{"id":"1"}')).toBeUndefined();
    expect(said(204, '')).toBeUndefined();
    expect(said(400, '{"code":"x"}', { kind: 'near', json: {} })).toBeUndefined();
  });
  it.each([
    ['5xx', 500, '{"code":"internal_error"}', {}, /status 500/],
    ['an undocumented status', 422, '{"code":"x"}', {}, /undocumented status 422/],
    ['a shape of its own', 201, '{"id":1}', {}, /does not match/],
    ['a member too many', 201, '{"id":"1","secret":"x"}', {}, /does not match/],
    ['a refusal without code', 400, '{}', { kind: 'near', json: {} }, /does not match/],
    ['its inside', 201, '{"id":"at run (/srv/app.ts:12:3)"}', {}, /inside/],
    ['a body where none is', 204, 'x', {}, /a body/],
    ['an invalid body accepted', 201, '{"id":"1"}', { kind: 'near', json: { name: 5 } }, /invalid body accepted/],
    [
      'an unknown field accepted',
      201,
      '{"id":"1"}',
      { kind: 'near', json: { name: 'a', b: 1 } },
      /invalid body accepted/,
    ],
    [
      'an unknown parameter accepted',
      201,
      '{"id":"1"}',
      { kind: 'near', query: [['dryrun', 'x']] },
      /unknown parameter/,
    ],
    ['a valid call called malformed', 400, '{"code":"wrong_type"}', {}, /valid call/],
  ] as const)('%s', (_name, status, text, call, what) => {
    expect(said(status, text, call as Partial<Call>)).toMatch(what);
  });
  it('an answer without Request-Id', () => {
    expect(said(201, '{"id":"1"}', {}, null)).toBe('no Request-Id');
  });
});
