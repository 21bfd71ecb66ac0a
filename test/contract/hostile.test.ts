import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NASTY } from '../../scripts/fuzz/inputs.ts';
import { ACME, PEOPLE, send, startSample } from './sample.ts';

const nasty = [...NASTY, 'thg_1'];
const scalar = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...nasty),
  fc.double(),
  fc.constantFrom(null, true, -1, 0, 1.5, 2 ** 53, 1e308, '1', [], {}, [1], [[[]]]),
);
const fields = ['name', 'kind', 'count', 'number', 'price', 'text', 'target', 'items', 'metadata', 'what', 'comment'];
const member = fc.tuple(fc.oneof(fc.constantFrom(...fields, ...nasty), fc.string()), fc.oneof(scalar, fc.jsonValue()));
const near = fc
  .array(member, { maxLength: 6 })
  .map((members) => JSON.stringify({ name: 'a', ...Object.fromEntries(members) }));
const body = fc.oneof(
  near,
  fc.json(),
  fc.string(),
  fc.constantFrom('null', '[]', '"x"', '{', '{"name":"a"', '[['.repeat(2000), '{"__proto__":{"name":"a"}}', '1e999'),
);
const part = fc.oneof(fc.constantFrom(...nasty), fc.string()).map((text) => encodeURIComponent(text.toWellFormed()));
const path = fc.oneof(
  fc.constantFrom(
    '/v1/things',
    '/v1/things/thg_1',
    '/v1/things/thg_1/approval',
    '/v1/things/thg_1/rename',
    '/v1/breakages',
  ),
  fc.tuple(fc.constantFrom('/v1/things/', '/problems/', '/'), part).map(([start, end]) => start + end),
);
const query = fc.oneof(
  fc.constant(''),
  fc
    .array(fc.tuple(fc.constantFrom('limit', 'cursor', 'kind', 'number', 'quantity', 'dryRun', '%ff', 'a'), part), {
      maxLength: 3,
    })
    .map((pairs) => `?${pairs.map(([name, value]) => `${name}=${value}`).join('&')}`),
);
const visible = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 30,
});
const sensible = {
  'If-Match': fc.oneof(visible, fc.constantFrom('"1"', '*', 'W/"1"', '"9999999999999999999"')),
  Prefer: visible,
  'Idempotency-Key': fc.oneof(visible, fc.uuid()),
};
const wild = {
  ...sensible,
  'Content-Type': fc.constantFrom('application/json', 'text/plain', 'application/merge-patch+json', ';', ''),
  'Gateway-Tenant': fc.oneof(visible, fc.constant(ACME)),
  Authorization: fc.oneof(visible, fc.constantFrom(...Object.keys(PEOPLE).map((name) => `Bearer ${name}`))),
};
// Most calls get past the door, so that what lies behind it is tried as well.
const headers = fc.oneof(
  { weight: 3, arbitrary: fc.record(sensible, { requiredKeys: [] }) },
  { weight: 1, arbitrary: fc.record(wild, { requiredKeys: [] }) },
);
const caller = fc.oneof(
  { weight: 4, arbitrary: fc.constant('admin') },
  { weight: 1, arbitrary: fc.constantFrom('cs', 'nobody') },
);

describe('hostile input', () => {
  it('never gives 5xx, an undocumented status, or an answer without request id', async () => {
    const sample = startSample({ perMinute: 1_000_000 });
    await send(sample, 'POST /v1/things', { as: 'admin', key: 'first', body: { name: 'one' } });
    const method = fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT');
    const documented = new Set([200, 201, 204, 400, 401, 403, 404, 405, 409, 412, 413, 422, 428]);
    const seen = new Set<number>();

    await fc.assert(
      fc.asyncProperty(method, path, query, body, headers, caller, async (...call) => {
        const [verb, place, search, raw, more, as] = call;
        const sent = { as, headers: more, ...(verb === 'GET' ? {} : { raw }) };
        const answer = await send(sample, `${verb} ${place}${search}`, sent);
        seen.add(answer.status);
        expect(documented).toContain(answer.status);
        expect(answer.headers.get('request-id')).toMatch(/^[0-9a-z]{26}$/);
        if (answer.status >= 400) {
          expect(answer.type).toBe('application/problem+json');
          expect(answer.json['requestId']).toBe(answer.headers.get('request-id'));
        }
        expect(answer.text).not.toMatch(/MARKER|at .*\.ts:\d+/);
      }),
      { numRuns: 2000, seed: 20_261_121 },
    );

    expect([...seen].toSorted()).toEqual(expect.arrayContaining([200, 400, 401, 403, 404, 405, 422]));
  });

  it('refuses or takes a body, and what it takes is within the rules', async () => {
    const sample = startSample({ perMinute: 1_000_000 });
    await fc.assert(
      fc.asyncProperty(near, async (raw) => {
        const { status, json } = await send(sample, 'POST /v1/things?dryRun=true', { as: 'admin', raw });
        expect([200, 400, 422]).toContain(status);
        if (status !== 200) return;
        expect(Object.keys(JSON.parse(raw)).every((key) => fields.includes(key))).toBe(true);
        expect(String(json['name']).length).toBeLessThanOrEqual(20);
        expect(['small', 'large']).toContain(json['kind']);
      }),
      { numRuns: 800, seed: 20_261_121 },
    );
  });
});
