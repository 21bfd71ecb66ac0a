import { describe, expect, expectTypeOf, it } from 'vitest';
import { ApiProblem, createClient } from '../../functions/contract/client.ts';
import { ACME, startSample } from './sample.ts';
import * as lines from './sample-routes.ts';

function start(as = 'admin', tenant?: string) {
  const sample = startSample();
  const requests: Request[] = [];
  const client = createClient({
    baseUrl: 'http://127.0.0.1',
    token: () => as,
    fetch: async (request) => {
      requests.push(request.clone());
      return sample.app.fetch(request);
    },
    ...(tenant === undefined ? {} : { tenant }),
  });
  return { client, requests, sample };
}
const made = { body: { name: 'one' } };

describe('the client', () => {
  it('is typed by the route and answers with status, body and headers', async () => {
    const { client } = start();
    const { status, body, headers } = await client.call(lines.createThing, { body: { name: 'one', kind: 'large' } });

    expectTypeOf(body.kind).toEqualTypeOf<'small' | 'large'>();
    expect([status, body.name, headers.get('location')]).toEqual([201, 'one', '/v1/things/thg_1']);
  });

  it('asks for what is required and for nothing else', () => {
    const { client } = start();

    expectTypeOf(client.call<never, never, never, never, never, never>).toBeFunction();
    // @ts-expect-error the body is required
    const noBody = () => client.call(lines.createThing);
    // @ts-expect-error the id is required
    const noId = () => client.call(lines.getThing, {});
    // @ts-expect-error no such field
    const unknown = () => client.call(lines.createThing, { body: { name: 'a', nmae: 'b' } });
    expect([noBody, noId, unknown]).toHaveLength(3);
  });

  it('throws ApiProblem with the problem document', async () => {
    const { client } = start();
    const refused = await client.call(lines.getThing, { params: { id: 'thg_9' } }).catch((error: unknown) => error);

    expect(refused).toBeInstanceOf(ApiProblem);
    expect(refused).toMatchObject({ status: 404, code: 'not_found', problem: { instance: '/v1/things/thg_9' } });
  });

  it('sends a key where one is required, the same one when told, and none elsewhere', async () => {
    const { client, requests } = start();
    await client.call(lines.createThing, made);
    await client.call(lines.createThing, made);
    const again = await client.call(lines.createThing, { ...made, idempotencyKey: 'mine' });
    const replay = await client.call(lines.createThing, { ...made, idempotencyKey: 'mine' });
    await client.call(lines.listThings);

    const keys = requests.map((request) => request.headers.get('idempotency-key'));
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).not.toBe(keys[0]);
    expect(keys.slice(2)).toEqual(['mine', 'mine', null]);
    expect(replay.body).toEqual(again.body);
  });

  it('passes If-Match as version or tag, Prefer, tenant and 204', async () => {
    const { client, sample } = start('cs', ACME);
    const { body, headers } = await client.call(lines.createThing, { ...made, prefer: 'wait=5' });
    const patched = await client.call(lines.patchThing, { params: { id: body.id }, body: { name: 'two' }, ifMatch: 1 });
    const tag = patched.headers.get('etag') ?? '';
    await client.call(lines.patchThing, { params: { id: body.id }, body: { name: 'three' }, ifMatch: tag });
    const removed = await client.call(lines.removeThing, { params: { id: body.id } });

    expect(headers.get('preference-applied')).toBe('wait=5');
    expect([removed.status, removed.body]).toEqual([204, undefined]);
    expect(sample.stock.runs.get('createThing')).toBe(1);
  });

  it('writes lists and numbers of the query, and goes through all pages', async () => {
    const { client, requests } = start();
    for (let n = 0; n < 5; n++) await client.call(lines.createThing, made);
    const ids: string[] = [];
    for await (const thing of client.paginate(lines.listThings, { query: { limit: 2, kind: ['small', 'large'] } })) {
      expectTypeOf(thing.name).toBeString();
      ids.push(thing.id);
    }

    expect(ids).toHaveLength(5);
    const pages = requests.filter((request) => request.method === 'GET').map((request) => new URL(request.url));
    expect(pages.length).toBeGreaterThanOrEqual(3);
    expect(pages.map((url) => url.searchParams.get('kind'))).toEqual(pages.map(() => 'small,large'));
  });

  it('an error page of something in between is an ApiProblem too', async () => {
    const client = createClient({
      baseUrl: 'http://127.0.0.1',
      fetch: async () =>
        new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'Content-Type': 'text/html' } }),
    });

    await expect(client.call(lines.listThings)).rejects.toMatchObject({ status: 502, code: 'foreign_answer' });
  });
});
