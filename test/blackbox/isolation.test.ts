import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allRoutes } from '../../functions/api/routes.ts';
import { type Document, type Operation, operationsOf, type Schema } from '../../scripts/fuzz/document.ts';
import { type Furniture, knownFrom } from '../../scripts/fuzz/furnish.ts';
import { type Generator, generator } from '../../scripts/fuzz/inputs.ts';
import { changes, dump } from './dump.ts';
import { furnishTenant } from './furnished.ts';
import { EMAILS, type House, key, openHouse, type Person, type Reply, type Sent } from './house.ts';

const MARK = 'Zqmark';
const CALLERS: readonly Person[] = ['customer', 'admin', 'cs', 'operator'];
const ROLE: Readonly<Record<string, string>> = {
  customer: 'customer',
  admin: 'tenant_admin',
  cs: 'customer_success',
  operator: 'operator',
};
let house: House;
let theirs: Furniture;
let ours: Furniture;
let make: Generator;
let operations: readonly Operation[];
const seen: { call: string; text: string }[] = [];

beforeAll(async () => {
  house = await openHouse();
  theirs = await furnishTenant(house, 'globex', MARK, '+441223798001');
  ours = await furnishTenant(house, 'admin', 'Own', '+441223798002');
  const document: Document = (await house.ask('GET /openapi.json')).json;
  operations = operationsOf(document);
  make = generator(document, knownFrom(ours));
  await house.gateway.idle();
}, 60_000);
afterAll(() => house.close());

/** Asks as somebody of the first tenant, and keeps what came back for the search for the marker. */
async function ask(call: string, sent: Sent): Promise<Reply> {
  const reply = await house.ask(call, { key: key(), ...sent });
  seen.push({ call: `${sent.as} ${call}`, text: `${reply.text} ${[...reply.headers.values()].join(' ')}` });
  return reply;
}
/** Without lines of the outbox, which are delivered in the background. */
const kept = (keys: readonly string[]) => keys.filter((one) => !one.startsWith('OUT#'));
const missing = (prefix: string): string =>
  prefix === 'e164' ? '+441223798999' : `${prefix}_01k000000000000000000zzzz0`;
/** Answers without what must differ: the id asked for, the request's own id, times. */
const bare = (reply: Reply, id: string): string =>
  `${reply.status} ${reply.text}`
    .replaceAll(encodeURIComponent(id), '')
    .replaceAll(id, '')
    .replaceAll(reply.json.requestId ?? '-', '');
const sample = <T>(arbitrary: fc.Arbitrary<T>): T => fc.sample(arbitrary, { numRuns: 1, seed: 7 })[0] as T;
const bodyOf = (operation: Operation): object => (operation.body ? { body: sample(make.valid(operation.body)) } : {});
const DECISIONS = /\/(approval|rejection|terms|documents-review)$/;
const mayCall = (operation: Operation, as: Person): boolean =>
  operation.roles.includes(ROLE[as] ?? '') ||
  (as === 'admin' && operation.roles.includes('customer')) ||
  (as === 'operator' && operation.roles.includes('customer_success') && !DECISIONS.test(operation.path));

/** Which kind of thing `{id}` names, by the collection before it. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'number-requests': ['req'],
  documents: ['doc'],
  'end-users': ['eus'],
  bundles: ['bnd'],
  numbers: ['num', 'e164'],
  tickets: ['tkt'],
  users: ['usr'],
  extensions: ['ext'],
  queues: ['que'],
  'call-flows': ['flw'],
  'api-keys': ['key'],
};
const owned = (operation: Operation): readonly string[] => KINDS[operation.path.split('/')[2] ?? ''] ?? [];
const at = (operation: Operation, id: string, furniture: Furniture): string =>
  operation.path
    .replace('{id}', encodeURIComponent(id))
    .replace('{requirementId}', encodeURIComponent(furniture['requirement']?.[0] ?? 'x'));

describe('I7: another tenant’s things', () => {
  it('the collections of all lines with an id are known here', () => {
    const collections = allRoutes.filter(({ path }) => path.includes('{id}')).map(({ path }) => path.split('/')[2]);
    const platform = ['tasks', 'tenants'];
    for (const one of collections) expect([...Object.keys(KINDS), ...platform]).toContain(one);
  });

  it('in the path: 403 or 404, the same answer as for what does not exist, nothing changed', async () => {
    const before = dump(house);
    let tried = 0;
    for (const operation of operations.filter(({ path }) => path.includes('{id}')))
      for (const as of CALLERS)
        for (const kind of owned(operation))
          for (const id of (theirs[kind] ?? []).slice(0, 2)) {
            const sent = { as, ifMatch: '"1"', ...bodyOf(operation) };
            const foreign = await ask(`${operation.method} ${at(operation, id, theirs)}`, sent);
            const none = missing(kind);
            const absent = await ask(`${operation.method} ${at(operation, none, theirs)}`, sent);
            const what = `${as} ${operation.id} ${kind}`;
            expect([403, 404, 422, 400], `${what}: ${foreign.text}`).toContain(foreign.status);
            if (mayCall(operation, as)) expect([404, 422, 400], what).toContain(foreign.status);
            expect(bare(foreign, id), what).toBe(bare(absent, none));
            tried++;
          }
    expect(tried).toBeGreaterThan(200);
    expect(kept(changes(before, dump(house)))).toEqual([]);
  }, 60_000);

  it('in the path of tasks and tenants: a tenant’s people are refused', async () => {
    const tasks = (await house.ask('GET /v1/tasks', { as: 'cs', tenant: false })).json.data;
    expect(tasks.length).toBeGreaterThan(0);
    for (const operation of operations.filter(({ path }) => /^\/v1\/(tasks|tenants)/.test(path)))
      for (const as of ['customer', 'admin'] as const) {
        const id = operation.path.includes('/tasks/') ? tasks[0].id : house.globex;
        const reply = await ask(`${operation.method} ${at(operation, id, theirs)}`, { as, ...bodyOf(operation) });
        expect(reply.status, operation.id).toBe(403);
      }
  });

  it('in the body: every field that takes an id, at any depth', async () => {
    await house.gateway.idle();
    const before = dump(house);
    const tried: string[] = [];
    const wrong: string[] = [];
    for (const operation of operations) {
      const own = owned(operation)[0];
      const path = at(operation, (own && ours[own]?.at(-1)) ?? house.acme, ours);
      for (const place of placesOf(operation.body, make))
        for (const as of CALLERS) {
          if (!mayCall(operation, as)) continue;
          const id = theirs[place.prefix]?.[0];
          if (id === undefined) continue;
          const foreign = await ask(`${operation.method} ${path}`, { as, body: place.build(id) });
          const none = missing(place.prefix);
          const absent = await ask(`${operation.method} ${path}`, { as, body: place.build(none) });
          const what = `${as} ${operation.id} ${place.at}`;
          if (foreign.status < 400 || foreign.status >= 500) wrong.push(`${what} → ${foreign.status}`);
          else if (bare(foreign, id) !== bare(absent, none)) wrong.push(`${what}: ${foreign.text} | ${absent.text}`);
          tried.push(what);
        }
    }
    expect(wrong).toEqual([]);
    expect(tried.length).toBeGreaterThan(30);
    const after = changes(before, dump(house));
    expect(after.filter((one) => one.includes(house.globex))).toEqual([]);
    expect(kept(after)).toEqual([]);
  }, 60_000);

  it('in the query: ids and filters find nothing of theirs', async () => {
    const tried: string[] = [];
    for (const operation of operations.filter(({ method, path }) => method === 'GET' && !path.includes('{')))
      for (const parameter of operation.parameters.filter((one) => one.in === 'query')) {
        const prefix = prefixOf(parameter.schema);
        const words = prefix
          ? (theirs[prefix] ?? []).slice(0, 1)
          : isText(parameter.schema)
            ? [MARK, `${MARK} reference`]
            : [];
        for (const as of CALLERS)
          for (const word of words) {
            if (!mayCall(operation, as)) continue;
            const reply = await ask(`GET ${operation.path}?${parameter.name}=${encodeURIComponent(word)}`, { as });
            expect(reply.status, operation.id).toBeLessThan(500);
            if (reply.status === 200 && operation.path !== '/v1/tasks')
              expect(reply.json.data, `${as} ${operation.id} ${parameter.name}`).toEqual([]);
            tried.push(operation.id);
          }
      }
    expect(tried.length).toBeGreaterThan(10);
  });

  it('in a cursor: theirs opens nothing here', async () => {
    let tried = 0;
    for (const operation of operations.filter((one) => one.parameters.some(({ name }) => name === 'cursor'))) {
      const own = owned(operation)[0];
      const path = at(operation, (own && theirs[own]?.[0]) ?? '', theirs);
      const list = await house.ask(`GET ${path}?limit=1`, {
        as: operation.roles.includes('tenant_admin') ? 'globex' : 'operator',
      });
      const cursor = list.json.page?.nextCursor;
      if (cursor === undefined) continue;
      for (const as of CALLERS) {
        if (!mayCall(operation, as) || operation.path === '/v1/tasks' || operation.path === '/v1/tenants') continue;
        const here = at(operation, (own && ours[own]?.[0]) ?? '', ours);
        const reply = await ask(`GET ${here}?limit=1&cursor=${encodeURIComponent(cursor)}`, { as });
        expect([400, 404], `${as} ${operation.id}`).toContain(reply.status);
        tried++;
      }
    }
    expect(tried).toBeGreaterThan(5);
  });

  it('in Gateway-Tenant: 403 at every line a tenant’s people may call', async () => {
    let tried = 0;
    const lines = allRoutes.filter((route) => route.scope === 'tenant');
    for (const operation of operations.filter(({ id }) => lines.some((line) => line.operationId === id)))
      for (const as of ['customer', 'admin'] as const) {
        const own = owned(operation)[0];
        for (const furniture of [theirs, ours]) {
          const id = (own && furniture[own]?.[0]) ?? '';
          const sent = { as, tenant: house.globex, ifMatch: '"1"', ...bodyOf(operation) };
          const reply = await ask(`${operation.method} ${at(operation, id, furniture)}`, sent);
          expect(reply.status, `${as} ${operation.id}: ${reply.text}`).toBe(403);
          tried++;
        }
      }
    expect(tried).toBeGreaterThan(100);
  });

  it('lists, single objects and mails of the first tenant hold only its own', async () => {
    for (const operation of operations.filter(({ method }) => method === 'GET')) {
      for (const as of CALLERS) {
        if (!mayCall(operation, as) || ['/v1/tasks', '/v1/tenants', '/v1/tenants/{id}'].includes(operation.path))
          continue;
        const kind = owned(operation)[0];
        const ids = operation.path.includes('{id}') ? ((kind && ours[kind]) ?? []) : [''];
        for (const id of ids) await ask(`GET ${at(operation, id, ours)}`, { as });
      }
    }
    for (const to of [EMAILS.customer, EMAILS.admin]) {
      const mails = await house.ask(`GET /local/mails?to=${to}`);
      seen.push({ call: `mails to ${to}`, text: mails.text });
    }
    expect(seen.length).toBeGreaterThan(500);
  });

  it('the marker of the second tenant was in nothing of all that', () => {
    const leaks = seen.filter(
      ({ call, text }) => new RegExp(MARK, 'i').test(text) && !new RegExp(MARK, 'i').test(call),
    );
    expect(leaks.map(({ call, text }) => `${call}\n  ${text.slice(0, 400)}`)).toEqual([]);
    // The inbox of customer success is over all tenants.
    const ids = Object.entries(theirs).flatMap(([kind, all]) => (kind === 'requirement' ? [] : all));
    const named = seen.filter(({ call, text }) =>
      ids.some((id) => text.includes(id) && !call.includes(id) && !call.includes(encodeURIComponent(id))),
    );
    const said = named.filter(
      ({ call, text }) => !/^\{"type":"http/.test(text) && !/^(cs|operator) GET \/v1\/tasks/.test(call),
    );
    expect(said.map(({ call, text }) => `${call}\n  ${text.slice(0, 400)}`)).toEqual([]);
  });

  it('planted it was: the second tenant sees its marker', async () => {
    for (const path of [
      '/v1/number-requests',
      '/v1/numbers',
      '/v1/documents',
      '/v1/end-users',
      '/v1/tickets',
      '/v1/users',
      '/v1/queues',
      '/v1/tenant',
    ])
      expect((await house.ask(`GET ${path}`, { as: 'globex' })).text, path).toContain(MARK);
  });
});

interface Place {
  /** As in `assignment.target.id`. */
  readonly at: string;
  readonly prefix: string;
  build(id: string): unknown;
}
const prefixOf = (schema: Schema): string | undefined => /^\^([a-z]{3})_/.exec(schema.pattern ?? '')?.[1];
const isText = (schema: Schema): boolean =>
  schema.type === 'string' && !schema.enum && !schema.pattern && !schema.format;

/** Every place of a schema where an id may stand, with a value that has it there and is valid otherwise. */
function placesOf(given: Schema | undefined, from: Generator): Place[] {
  if (!given) return [];
  const schema = from.follow(given);
  const prefix = prefixOf(schema);
  if (prefix) return [{ at: '', prefix, build: (id) => id }];
  const choices = schema.oneOf ?? schema.anyOf ?? [];
  if (choices.length > 0) return choices.flatMap((one) => placesOf(one, from));
  if (schema.items)
    return placesOf(schema.items, from).map((place) => ({
      ...place,
      at: `${place.at}[]`,
      build: (id) => [place.build(id)],
    }));
  const required = schema.required ?? [];
  const rest = Object.fromEntries(
    required.flatMap((name) => {
      const one = schema.properties?.[name];
      return one ? [[name, sample(from.valid(one, name))]] : [];
    }),
  );
  return Object.entries(schema.properties ?? {}).flatMap(([name, one]) =>
    placesOf(one, from).map((place) => ({
      prefix: place.prefix,
      at: place.at === '' ? name : `${name}.${place.at}`,
      build: (id) => ({ ...rest, [name]: place.build(id) }),
    })),
  );
}
