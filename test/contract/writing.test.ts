import { describe, expect, it } from 'vitest';
import { ACME, send, startSample } from './sample.ts';

const body = { name: 'one', count: 2 };
const admin = { as: 'admin' } as const;
const post = 'POST /v1/things';

describe('Idempotency-Key', () => {
  it('400 idempotency_key_required where the act spends, and nothing was done', async () => {
    const sample = startSample();
    const answer = await send(sample, post, { ...admin, body });

    expect([answer.status, answer.json['code']]).toEqual([400, 'idempotency_key_required']);
    expect(sample.stock.runs.size).toBe(0);
  });

  it.each(['a'.repeat(256), 'with space', 'käse'])('400 for the key "%s"', async (key) => {
    const answer = await send(startSample(), post, { ...admin, body, headers: { 'Idempotency-Key': key } });

    expect([answer.status, answer.json['code']]).toEqual([400, 'idempotency_key_invalid']);
  });

  it('takes any 1–255 visible characters, separators of the table included', async () => {
    const sample = startSample();
    for (const key of ['#', 'KEY#KEY', '"', 'x'.repeat(255)]) {
      expect((await send(sample, post, { ...admin, key, body })).status).toBe(201);
    }
  });

  it('P15, I1: the same key and body gives the stored answer again and runs nothing', async () => {
    const sample = startSample();
    const first = await send(sample, post, { ...admin, key: 'k', body });
    const again = await send(sample, post, { ...admin, key: 'k', raw: '{ "count":2, "name":"one", "text":null }' });

    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('location')).toBe('/v1/things/thg_1');
    expect(again.headers.get('etag')).toBe('"1"');
    expect([first, again].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    expect(again.headers.get('request-id')).not.toBe(first.headers.get('request-id'));
    expect(sample.stock.runs.get('createThing')).toBe(1);
  });

  it('P15: the same key with another body is 422 and changes nothing', async () => {
    const sample = startSample();
    await send(sample, post, { ...admin, key: 'k', body });
    const other = await send(sample, post, { ...admin, key: 'k', body: { ...body, count: 3 } });

    expect([other.status, other.json['code']]).toEqual([422, 'idempotency_key_reused']);
    expect(sample.stock.runs.get('createThing')).toBe(1);
  });

  it('P15: of parallel calls one runs, the others are 409 with Retry-After', async () => {
    const sample = startSample();
    const { promise: held, resolve: go } = Promise.withResolvers<void>();
    sample.stock.hold = () => held;
    const first = send(sample, post, { ...admin, key: 'k', body });
    const others = await Promise.all([1, 2, 3].map(() => send(sample, post, { ...admin, key: 'k', body })));
    go();

    expect((await first).status).toBe(201);
    expect(others.map(({ status, json }) => [status, json['code']])).toEqual(
      Array(3).fill([409, 'idempotency_in_progress']),
    );
    expect(others[0]?.headers.get('retry-after')).toBe('1');
    expect((await send(sample, post, { ...admin, key: 'k', body })).headers.get('idempotency-replayed')).toBe('true');
  });

  it('keys are per tenant and per operation, and belong to the caller', async () => {
    const sample = startSample();
    await send(sample, post, { ...admin, key: 'k', body });

    const otherTenant = await send(sample, post, { as: 'globex', key: 'k', body });
    const otherRoute = await send(sample, 'POST /v1/breakages', { ...admin, key: 'k', body: { what: 'nothing' } });
    const otherPerson = await send(sample, post, { as: 'customer', key: 'k', body });

    expect([otherTenant.status, otherRoute.status, otherPerson.status]).toEqual([201, 200, 422]);
    expect(otherTenant.headers.get('idempotency-replayed')).toBeNull();
  });

  it('keeps the answer 7 days, by the clock of the gateway', async () => {
    const sample = startSample();
    await send(sample, post, { ...admin, key: 'k', body });
    sample.clock.advance(7 * 86_400 - 1);
    const before = await send(sample, post, { ...admin, key: 'k', body });
    sample.clock.advance(1);
    const after = await send(sample, post, { ...admin, key: 'k', body });

    expect(before.headers.get('idempotency-replayed')).toBe('true');
    expect([after.status, after.headers.get('idempotency-replayed')]).toEqual([201, null]);
  });

  it('does not store refused input: the corrected body goes through under the same key', async () => {
    const sample = startSample();
    const invalid = await send(sample, post, { ...admin, key: 'k', body: { name: '' } });
    const refused = await send(sample, post, { ...admin, key: 'k', body: { name: 'refuse me' } });
    const corrected = await send(sample, post, { ...admin, key: 'k', body });

    expect([invalid.status, refused.status, corrected.status]).toEqual([422, 422, 201]);
  });

  it('does not store 5xx: the repeat runs again', async () => {
    const sample = startSample();
    sample.stock.hold = () => Promise.reject(new Error('broken'));
    const broken = await send(sample, post, { ...admin, key: 'k', body });
    sample.stock.hold = async () => undefined;
    const again = await send(sample, post, { ...admin, key: 'k', body });

    expect([broken.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([500, 201, null]);
  });

  it('I1, I5: a process that dies after its transaction answers the repeat with the first outcome', async () => {
    const sample = startSample();
    const first = await send(sample, post, { ...admin, key: 'k', body: { name: 'die after' } });
    const again = await send(sample, post, { ...admin, key: 'k', body: { name: 'die after' } });

    expect([first.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([500, 201, 'true']);
    expect(sample.stock.runs.get('createThing')).toBe(1);
  });

  it('I1: a marker left by a dead process stops nobody for ever, and the dead one cannot write any more', async () => {
    const sample = startSample();
    const { promise: asleep, resolve: wake } = Promise.withResolvers<void>();
    const { promise: reached, resolve: arrive } = Promise.withResolvers<void>();
    sample.stock.hold = async () => {
      sample.stock.hold = async () => undefined;
      arrive();
      await asleep;
    };
    const slow = send(sample, post, { ...admin, key: 'k', body });
    await reached;
    sample.clock.advance(59);
    const early = await send(sample, post, { ...admin, key: 'k', body });
    sample.clock.advance(1);
    const takenOver = await send(sample, post, { ...admin, key: 'k', body });
    wake();

    expect([early.status, takenOver.status, (await slow).status]).toEqual([409, 201, 409]);
    const things = await send(sample, 'GET /v1/things', admin);
    expect(things.json['data']).toHaveLength(1);
    expect((await send(sample, post, { ...admin, key: 'k', body })).text).toBe(takenOver.text);
  });

  it('an answer is stored too when the handler brings no key record of its own', async () => {
    const sample = startSample();
    await send(sample, post, { ...admin, key: 'k', body });
    const renaming = { ...admin, key: 'r', body: { name: 'two' } };
    const first = await send(sample, 'POST /v1/things/thg_1/rename', renaming);
    const again = await send(sample, 'POST /v1/things/thg_1/rename', renaming);

    expect([first.status, again.status, again.text === first.text]).toEqual([200, 200, true]);
    expect(sample.stock.runs.get('renameThing')).toBe(1);
  });

  it('what was stored in the transaction stands, also when the first answer waited for more', async () => {
    const sample = startSample();
    const sent = { ...admin, key: 'k', body, headers: { Prefer: 'wait=5' } };
    const first = await send(sample, post, sent);
    const again = await send(sample, post, sent);

    expect([first.json['name'], again.json['name']]).toEqual(['one (waited)', 'one']);
  });

  it('dryRun=true takes no key and leaves none', async () => {
    const sample = startSample();
    const dry = await send(sample, 'POST /v1/things?dryRun=true', { ...admin, body });
    const keyed = await send(sample, 'POST /v1/things?dryRun=true', { ...admin, key: 'k', body });
    const wet = await send(sample, post, { ...admin, key: 'k', body });

    expect([dry.status, keyed.status, wet.status]).toEqual([200, 200, 201]);
    expect(wet.headers.get('idempotency-replayed')).toBeNull();
  });
});

describe('ETag and If-Match', () => {
  async function withThing() {
    const sample = startSample();
    await send(sample, post, { ...admin, key: 'k', body });
    return sample;
  }
  const patch = 'PATCH /v1/things/thg_1';
  const approve = 'POST /v1/things/thg_1/approval';

  it('a single object carries a strong ETag of its version', async () => {
    const sample = await withThing();
    const read = await send(sample, 'GET /v1/things/thg_1', admin);
    const changed = await send(sample, patch, { ...admin, body: { name: 'two' } });

    expect([read.headers.get('etag'), changed.headers.get('etag')]).toEqual(['"1"', '"2"']);
  });

  it('A2: the second of two editors gets 412 with the present version, and nothing is overwritten', async () => {
    const sample = await withThing();
    const headers = { 'If-Match': '"1"' };
    await send(sample, patch, { ...admin, headers, body: { name: 'first' } });
    const second = await send(sample, patch, { ...admin, headers, body: { name: 'second' } });

    expect([second.status, second.json['code'], second.json['presentVersion']]).toEqual([412, 'stale_version', 2]);
    expect(second.headers.get('etag')).toBe('"2"');
    expect(second.json['present']).toMatchObject({ name: 'first' });
    expect(second.text).not.toContain('MARKER');
    expect((await send(sample, 'GET /v1/things/thg_1', admin)).json['name']).toBe('first');
  });

  it.each([
    ['"1"', 200],
    ['"7", "1"', 200],
    ['*', 200],
    ['W/"1"', 412],
    ['"abc"', 412],
    ['""', 412],
    ['1', 400],
    ['"1', 400],
  ])('If-Match: %s on a PATCH answers %i', async (header, status) => {
    const sample = await withThing();
    const answer = await send(sample, patch, { ...admin, headers: { 'If-Match': header }, body: { name: 'two' } });

    expect(answer.status).toBe(status);
  });

  it('approval: 428 without, 412 stale, and * names no version', async () => {
    const sample = await withThing();
    const as = { as: 'cs', tenant: ACME, body: {} };
    const without = await send(sample, approve, { ...as, key: 'a' });
    const any = await send(sample, approve, { ...as, key: 'a', headers: { 'If-Match': '*' } });
    const stale = await send(sample, approve, { ...as, key: 'a', headers: { 'If-Match': '"9"' } });
    const good = await send(sample, approve, { ...as, key: 'a', headers: { 'If-Match': '"1"' } });

    expect([without, any, stale, good].map(({ status }) => status)).toEqual([428, 428, 412, 200]);
    expect(without.json['code']).toBe('precondition_required');
  });

  it('409 already_decided comes before 428, and a repeat with its key is a replay whatever its If-Match', async () => {
    const sample = await withThing();
    const as = { as: 'cs', tenant: ACME, body: {} };
    await send(sample, approve, { ...as, key: 'a', headers: { 'If-Match': '"1"' } });
    const decided = await send(sample, approve, { ...as, key: 'b' });
    const again = await send(sample, approve, { ...as, key: 'a', headers: { 'If-Match': '"2"' } });

    expect([decided.status, decided.json['code']]).toEqual([409, 'already_decided']);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
  });

  it('PATCH is a merge patch: null takes a value back, absent leaves it', async () => {
    const sample = await withThing();
    const merge = { 'Content-Type': 'application/merge-patch+json' };
    const left = await send(sample, patch, { ...admin, raw: '{}', headers: merge });
    const taken = await send(sample, patch, { ...admin, raw: '{"name":null}', headers: merge });

    expect([left.json['name'], taken.json['name']]).toEqual(['one', 'thg_1']);
  });

  it('DELETE answers 204 without a body', async () => {
    const sample = await withThing();
    const answer = await send(sample, 'DELETE /v1/things/thg_1', admin);

    expect([answer.status, answer.text]).toEqual([204, '']);
  });
});

describe('Prefer: wait', () => {
  it.each([
    ['wait=20', 'wait=20'],
    ['respond-async, wait=3', 'wait=3'],
    ['wait=9999', 'wait=25'],
    ['wait=soon', null],
    ['', null],
  ])('"%s" is granted as %s', async (prefer, applied) => {
    const sent = { ...admin, key: 'k', body, headers: { Prefer: prefer } };
    const answer = await send(startSample(), post, sent);

    expect(answer.headers.get('preference-applied')).toBe(applied);
    expect(answer.json['name']).toBe(applied ? 'one (waited)' : 'one');
  });

  it.each([
    ['wait=9999', true, 'wait=20'],
    ['wait=5', true, 'wait=5'],
    ['wait=5', false, null],
  ])(
    'where few may wait "%s" is granted (a place is free: %s) as %s, and the place is left',
    async (prefer, isFree, applied) => {
      const seen: string[] = [];
      const leave = async () => void seen.push('left');
      const enter = async (seconds: number) => {
        seen.push(`asked for ${seconds}`);
        return isFree ? leave : undefined;
      };
      const sample = startSample({ waiting: { longestSeconds: 20, pollMs: 1000, enter } });
      const sent = { ...admin, key: 'k', body, headers: { Prefer: prefer } };
      const answer = await send(sample, post, sent);
      const refused = await send(sample, post, { ...sent, key: 'other', body: { name: 'refuse me' } });

      expect([answer.status, refused.status]).toEqual([201, 422]);
      expect(answer.headers.get('preference-applied')).toBe(applied);
      expect(answer.json['name']).toBe(applied ? 'one (waited)' : 'one');
      const asked = `asked for ${prefer === 'wait=5' ? 5 : 20}`;
      expect(seen).toEqual(isFree ? [asked, 'left', asked, 'left'] : [asked, asked]);
    },
  );
});

describe('lists', () => {
  async function withThings(count: number) {
    const sample = startSample();
    for (let n = 0; n < count; n++) await send(sample, post, { ...admin, key: `k${n}`, body });
    return sample;
  }

  it('goes forward by sealed cursors and says so in Link', async () => {
    const sample = await withThings(5);
    const seen: unknown[] = [];
    let path: string | undefined = '/v1/things?limit=2&kind=small,large';
    while (path !== undefined) {
      const answer = await send(sample, `GET ${path}`, admin);
      const { data, page } = answer.json as { data: { id: string }[]; page: { nextCursor?: string; hasMore: boolean } };
      seen.push(...data.map(({ id }) => id));
      expect(page.hasMore).toBe(page.nextCursor !== undefined);
      path = /<(.*)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
    }

    expect(seen).toEqual(['thg_1', 'thg_2', 'thg_3', 'thg_4', 'thg_5']);
  });

  it('a cursor belongs to its filters, caller and tenant, lives 24 h, and cannot be made up', async () => {
    const sample = await withThings(3);
    const first = await send(sample, 'GET /v1/things?limit=1', admin);
    const { nextCursor } = first.json['page'] as { nextCursor: string };
    const at = (query: string, as = 'admin') => send(sample, `GET /v1/things?${query}`, { as });

    expect((await at(`limit=2&cursor=${nextCursor}`)).status).toBe(200);
    expect((await at(`limit=1&kind=small&cursor=${nextCursor}`)).json['code']).toBe('cursor_mismatch');
    expect((await at(`limit=1&cursor=${nextCursor}`, 'globex')).json['code']).toBe('cursor_mismatch');
    expect((await at(`limit=1&cursor=${nextCursor.slice(0, -2)}AA`)).json['code']).toBe('bad_cursor');
    expect((await at('cursor=')).status).toBe(400);
    sample.clock.advance(86_400);
    const late = await at(`limit=1&cursor=${nextCursor}`);
    expect([late.status, late.json['code']]).toEqual([400, 'bad_cursor']);
  });

  it.each([
    ['', 200, 50],
    ['?limit=200', 200, 200],
    ['?limit=5000', 200, 200],
    ['?limit=0', 400, undefined],
    ['?limit=-1', 400, undefined],
    ['?limit=ten', 400, undefined],
    ['?limit=1.5', 400, undefined],
  ])('limit: %s answers %i', async (query, status, limit) => {
    const answer = await send(startSample(), `GET /v1/things${query}`, admin);

    expect(answer.status).toBe(status);
    if (limit !== undefined) expect(answer.json['meta']).toEqual({ limit });
  });
});
