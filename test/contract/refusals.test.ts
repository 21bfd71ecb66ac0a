import { describe, expect, it } from 'vitest';
import { PROBLEMS } from '../../functions/contract/problem-catalogue.ts';
import { send, startSample } from './sample.ts';

type Refusal = { code: string; pointer?: string; parameter?: string; rule?: string; remedy?: string };
const admin = { as: 'admin', key: 'k' } as const;
const post = 'POST /v1/things';
const errorsOf = (json: Record<string, unknown>) => (json['errors'] ?? []) as Refusal[];

describe('400: what cannot be read', () => {
  it.each<[string, unknown, string, string]>([
    ['an unknown field', { name: 'a', nmae: 'b' }, 'unknown_field', '#/nmae'],
    ['an unknown field that is null', { name: 'a', nmae: null }, 'unknown_field', '#/nmae'],
    ['a smuggled tenant', { name: 'a', tenantId: 'ten_x' }, 'unknown_field', '#/tenantId'],
    ['an unknown field deep inside', { name: 'a', items: [{ value: 'x', y: 1 }] }, 'unknown_field', '#/items/0/y'],
    ['a missing field', {}, 'missing_field', '#/name'],
    ['null for a required field', { name: null }, 'missing_field', '#/name'],
    ['a number for a text', { name: 5 }, 'wrong_type', '#/name'],
    ['a text for a number', { name: 'a', count: '2' }, 'wrong_type', '#/count'],
    ['a list for an object', { name: 'a', metadata: [] }, 'wrong_type', '#/metadata'],
    ['an object for a choice', { name: 'a', kind: {} }, 'wrong_type', '#/kind'],
    ['a value outside the list', { name: 'a', kind: 'huge' }, 'value_not_allowed', '#/kind'],
    ['an unknown alternative', { name: 'a', target: { type: 'moon' } }, 'value_not_allowed', '#/target/type'],
    ['an alternative without its name', { name: 'a', target: {} }, 'missing_field', '#/target/type'],
    ['a list as body', [], 'wrong_type', '#'],
    ['a text as body', 'x', 'wrong_type', '#'],
  ])('%s', async (_what, body, code, pointer) => {
    const sample = startSample();
    const answer = await send(sample, post, { ...admin, body });

    expect([answer.status, answer.json['code']]).toEqual([400, code]);
    expect(errorsOf(answer.json)).toContainEqual(expect.objectContaining({ code, pointer }));
    expect(sample.stock.runs.size).toBe(0);
  });

  it('an own member called __proto__', async () => {
    const answer = await send(startSample(), post, { ...admin, raw: '{"name":"a","metadata":{"__proto__":"x"}}' });

    expect([answer.status, answer.json['code']]).toEqual([400, 'unknown_field']);
  });

  it.each<[string, string | Uint8Array<ArrayBuffer>, string]>([
    ['cut JSON', '{"name":"a"', 'application/json'],
    ['not UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'application/json'],
    ['a form', 'name=a', 'application/x-www-form-urlencoded'],
    ['a text', '{"name":"a"}', 'text/plain'],
  ])('malformed_json: %s', async (_what, raw, type) => {
    const answer = await send(startSample(), post, { ...admin, raw, headers: { 'Content-Type': type } });

    expect([answer.status, answer.json['code']]).toEqual([400, 'malformed_json']);
  });

  it.each([
    ['stat=x', 'unknown_parameter', 'stat'],
    ['kind=small&kind=large', 'repeated_parameter', 'kind'],
    ['kind=huge', 'value_not_allowed', 'kind'],
    ['quantity=many', 'wrong_type', 'quantity'],
  ])('query %s', async (query, code, parameter) => {
    const answer = await send(startSample(), `GET /v1/things?${query}`, { as: 'admin' });

    expect([answer.status, answer.json['code']]).toEqual([400, code]);
    expect(errorsOf(answer.json)[0]).toMatchObject({ code, parameter });
  });

  it('fields in the body of a call that takes none', async () => {
    const answer = await send(startSample(), 'DELETE /v1/things/thg_1', { as: 'admin', body: { force: true } });

    expect([answer.status, answer.json['code']]).toEqual([400, 'unknown_field']);
  });
});

describe('422: understood, but against a rule', () => {
  it.each<[unknown, string, string, string | undefined]>([
    [{ name: '' }, '#/name', 'too_short', 'min_length 1'],
    [{ name: 'x'.repeat(21) }, '#/name', 'too_long', 'max_length 20'],
    [{ name: 'a', count: 0 }, '#/count', 'too_small', 'min 1'],
    [{ name: 'a', count: 101 }, '#/count', 'too_large', 'max 100'],
    [{ name: 'a', count: 1.5 }, '#/count', 'not_whole', 'whole_number'],
    [{ name: 'a', price: { amount: '1,5', currency: 'USD' } }, '#/price/amount', 'wrong_format', undefined],
    [{ name: 'a', items: Array(4).fill({ value: 'x' }) }, '#/items', 'too_many', 'max_items 3'],
    [{ name: 'a', items: [{ value: 'x' }, { value: 'toolong' }] }, '#/items/1/value', 'too_long', 'max_length 5'],
    [{ name: 'a', metadata: { 'a/b~c d': 'x'.repeat(11) } }, '#/metadata/a~1b~0c%20d', 'too_long', 'max_length 10'],
    [{ name: 'a', metadata: { ['k'.repeat(11)]: 'x' } }, `#/metadata/${'k'.repeat(11)}`, 'too_long', 'max_length 10'],
  ])('%j', async (body, pointer, code, rule) => {
    const answer = await send(startSample(), post, { ...admin, body });

    expect([answer.status, answer.json['code']]).toEqual([422, 'invalid_input']);
    const [found] = errorsOf(answer.json);
    expect(found).toMatchObject({ pointer, code, ...(rule ? { rule } : {}) });
    expect(found?.remedy).toMatch(/^Send /);
  });

  it('invalid_number, as a code of its own, in body and query', async () => {
    const sample = startSample();
    const inBody = await send(sample, post, { ...admin, body: { name: 'a', number: '01223 555010' } });
    const deep = await send(sample, post, { ...admin, body: { name: 'a', target: { type: 'forward', number: '1' } } });
    const inQuery = await send(sample, 'GET /v1/things?number=0123', { as: 'admin' });

    expect([inBody, deep, inQuery].map(({ status, json }) => [status, json['code']])).toEqual(
      Array(3).fill([422, 'invalid_number']),
    );
  });

  it('a plus sign nobody encoded still means the number', async () => {
    const answer = await send(startSample(), 'GET /v1/things?number=+441223555010', { as: 'admin' });

    expect(answer.status).toBe(200);
  });

  it('names every problem at once; one that cannot be read makes it 400', async () => {
    const both = { name: '', count: 'x', extra: 1 };
    const answer = await send(startSample(), post, { ...admin, body: both });

    expect(answer.status).toBe(400);
    expect(errorsOf(answer.json).map(({ pointer }) => pointer)).toEqual(['#/name', '#/count', '#/extra']);
    expect(answer.json['detail']).toContain('2 more');
  });

  it.each([
    ['a zero byte', { name: 'a\u0000b' }],
    ['an escape', { name: 'a\u001b[31m' }],
    ['a line break in a name', { name: 'a\r\nBcc: x' }],
    ['half a surrogate pair', { name: 'a\ud800' }],
    ['a control character in a key', { name: 'a', metadata: { 'a\u0007': 'x' } }],
  ])('control_character: %s', async (_what, body) => {
    const answer = await send(startSample(), post, { ...admin, body });

    expect([answer.status, answer.json['code']]).toEqual([422, 'control_character']);
  });

  it('line breaks are welcome in free texts; texts are brought into Unicode form C', async () => {
    const sample = startSample();
    const answer = await send(sample, post, { ...admin, body: { name: 'Cafe\u0301', text: 'one\ntwo' } });

    expect([answer.status, answer.json['name']]).toEqual([201, 'Caf\u00e9']);
  });

  it('too_deep, too_many_keys, without a stack overflow', async () => {
    const sample = startSample();
    const deep = await send(sample, post, { ...admin, raw: `{"name":${'['.repeat(30_000)}${']'.repeat(30_000)}}` });
    const many = Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`k${n}`, 'x']));
    const wide = await send(sample, post, { ...admin, body: { name: 'a', metadata: many } });

    expect([deep.status, deep.json['code']]).toEqual([422, 'too_deep']);
    expect([wide.status, wide.json['code']]).toEqual([422, 'too_many_keys']);
  });
});

describe('413 and 404', () => {
  it('body_too_large: by its announced length, and by its real one', async () => {
    const sample = startSample();
    const large = JSON.stringify({ name: 'x'.repeat(65_536) });
    const announced = await send(sample, post, { ...admin, raw: large, headers: { 'Content-Length': '999999' } });
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('x'.repeat(16_384))),
    });
    const streamed = await sample.app.fetch(
      new Request('http://127.0.0.1/v1/things', { method: 'POST', body: endless, duplex: 'half' } as RequestInit),
    );

    expect([announced.status, announced.json['code'], streamed.status]).toEqual([413, 'body_too_large', 413]);
  });

  it('exactly 64 KiB is read', async () => {
    const text = 'x'.repeat(65_536 - '{"name":""}'.length);
    const answer = await send(startSample(), post, { ...admin, raw: `{"name":"${text}"}` });

    expect(answer.status).toBe(422);
  });

  it.each(['thg_', 'num_1', '..%2f..', '%E0%A4%A', 'thg_%00', 'x'.repeat(5000)])('404 for the id %s', async (id) => {
    const answer = await send(startSample(), `GET /v1/things/${id}`, { as: 'admin' });

    expect([answer.status, answer.json['code']]).toEqual([404, 'not_found']);
  });
});

describe('the problem document', () => {
  it('has every member of api-conventions "Errors"; requestId equals the header', async () => {
    const answer = await send(startSample(), 'GET /v1/things/thg_9', { as: 'admin' });

    expect(answer.type).toBe('application/problem+json');
    expect(answer.json).toEqual({
      type: 'https://gateway.example.com/problems/not_found',
      title: PROBLEMS.get('not_found')?.title,
      status: 404,
      code: 'not_found',
      detail: 'There is no such thing.',
      instance: '/v1/things/thg_9',
      requestId: answer.headers.get('request-id'),
    });
    expect(answer.headers.get('request-id')).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    ['timeout', 504, undefined, true],
    ['rate_limited', 503, '7', true],
    ['not_available', 409, undefined, false],
    ['malformed_reply', 502, undefined, false],
    ['documents_required', 422, undefined, false],
    ['not_portable', 422, undefined, false],
  ])('a carrier: %s is %i', async (what, status, wait, retryable) => {
    const answer = await send(startSample(), 'POST /v1/breakages', { as: 'admin', body: { what } });

    expect([answer.status, answer.json['code']]).toEqual([status, what]);
    if (wait) expect(answer.headers.get('retry-after')).toBe(wait);
    expect(answer.json['carrier']).toEqual({ name: 'telnyx', code: '10015', message: 'no', retryable });
  });

  it.each(['bug', 'text'])(
    'a fault of ours (%s) is 500 internal_error, logged with its cause and shown without',
    async (what) => {
      const sample = startSample();
      const answer = await send(sample, 'POST /v1/breakages', { as: 'admin', body: { what } });

      expect([answer.status, answer.json['code']]).toEqual([500, 'internal_error']);
      expect(answer.text).not.toContain('SECRET');
      expect(answer.text).not.toMatch(/\.ts|at /);
      const requestId = answer.headers.get('request-id');
      expect(sample.logged).toContainEqual({
        event: 'call_failed',
        fields: expect.objectContaining({ requestId, operation: 'breakIt', cause: expect.anything() }),
      });
    },
  );

  it('X4: a store that is down is 503 with Retry-After, and says how to repeat: what was sent may have been done', async () => {
    const answer = await send(startSample(), 'POST /v1/breakages', { as: 'admin', body: { what: 'table' } });

    expect([answer.status, answer.json['code']]).toEqual([503, 'unavailable']);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(answer.json['detail']).toMatch(/not known; a repeat with the same Idempotency-Key/);
    expect(answer.json['detail']).not.toMatch(/nothing was/i);
    expect(answer.text).not.toContain('SECRET');
  });

  it('one log line a call, without body or credential', async () => {
    const sample = startSample();
    await send(sample, post, { ...admin, body: { name: 'PRIVATE' } });

    const lines = sample.logged.filter(({ event }) => event === 'http');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.fields).toMatchObject({ operation: 'createThing', status: 201 });
    expect(JSON.stringify(sample.logged)).not.toMatch(/PRIVATE|Bearer/);
  });
});
