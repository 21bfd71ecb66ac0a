import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Document, type Operation, operationsOf } from '../../scripts/fuzz/document.ts';
import { type Furniture, knownFrom } from '../../scripts/fuzz/furnish.ts';
import { type Generator, generator } from '../../scripts/fuzz/inputs.ts';
import { furnishTenant } from './furnished.ts';
import { expectProblem, type House, key, openHouse, type Person, type Reply } from './house.ts';

let house: House;
let own: Furniture;
let make: Generator;
let operations: readonly Operation[];
beforeAll(async () => {
  house = await openHouse();
  own = await furnishTenant(house, 'admin', 'Own', '+441223797001');
  const document: Document = (await house.ask('GET /openapi.json')).json;
  operations = operationsOf(document);
  make = generator(document, knownFrom(own));
}, 60_000);
afterAll(() => house.close());

const KINDS: Readonly<Record<string, string>> = {
  'number-requests': 'req',
  documents: 'doc',
  'end-users': 'eus',
  bundles: 'bnd',
  numbers: 'num',
  tickets: 'tkt',
  users: 'usr',
  extensions: 'ext',
  queues: 'que',
  'call-flows': 'flw',
  tenants: 'ten',
};
const ROLES: readonly (readonly [string, Person])[] = [
  ['tenant_admin', 'admin'],
  ['customer', 'admin'],
  ['customer_success', 'cs'],
  ['operator', 'operator'],
];
const callerOf = ({ roles }: Operation): Person => ROLES.find(([role]) => roles.includes(role))?.[1] ?? 'admin';
/** The last request furnished is the one with papers; of the rest any will do. */
const idOf = ({ path }: Operation): string => {
  const all = own[KINDS[path.split('/')[2] ?? ''] ?? ''] ?? [];
  return (path.includes('{requirementId}') ? all[3] : all[0]) ?? '';
};
const address = (operation: Operation): string =>
  operation.path
    .replace('{id}', idOf(operation))
    .replace('{requirementId}', own['requirement']?.[0] ?? 'x')
    .replace('{code}', 'SE')
    .replace('{carrier}', 'telnyx');
/** Valid bodies: whole ones, and such with a single field. */
function bodies(operation: Operation, count: number): readonly unknown[] {
  if (!operation.body) return [undefined];
  const single = Object.entries(make.follow(operation.body).properties ?? {}).flatMap(([name, schema]) =>
    fc.sample(make.valid(schema, name), { numRuns: 2, seed: 11 }).map((value) => ({ [name]: value })),
  );
  return [...fc.sample(make.valid(operation.body), { numRuns: count, seed: 11 }), ...single];
}

describe('conventions: every single object carries a strong ETag', () => {
  it('GET by id', async () => {
    const lines = operations.filter(({ method, path }) => method === 'GET' && path.endsWith('{id}'));
    expect(lines.length).toBeGreaterThan(8);
    for (const operation of lines) {
      const reply = await house.ask(`GET ${address(operation)}`, { as: callerOf(operation) });
      expect([operation.id, reply.status]).toEqual([operation.id, 200]);
      expect(reply.headers.get('etag'), operation.id).toMatch(/^"[^"]+"$/);
      expect(reply.json, operation.id).toMatchObject({
        id: idOf(operation),
        object: expect.any(String),
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      });
    }
  });
});

describe('§13 If-Match is accepted on every PATCH, PUT and decision', () => {
  const lines = () =>
    operations.filter(({ method, path }) => /^(PATCH|PUT)$/.test(method) && !/\/(tasks)\//.test(path));
  it('a stale one is 412, and only that keeps the call from being done', async () => {
    const wrong: string[] = [];
    for (const operation of lines()) {
      const as = callerOf(operation);
      const seen: number[] = [];
      for (const body of bodies(operation, 12)) {
        const reply = await house.ask(`${operation.method} ${address(operation)}`, { as, body, ifMatch: '"99999"' });
        seen.push(reply.status);
        if (reply.status === 412) break;
      }
      if (seen.some((status) => status < 300)) wrong.push(`${operation.id}: done though stale`);
      else if (!seen.includes(412)) wrong.push(`${operation.id}: ${seen.join(' ')}, never 412`);
    }
    expect(wrong).toEqual([]);
  });
});

describe('conventions: Idempotency-Key is accepted on every POST', () => {
  /** An API key is shown once, so a repeat is told all but that. */
  const told = ({ json }: Reply): string => JSON.stringify({ ...json, key: undefined });
  it('the same again is the stored answer; another body under the key is 422', async () => {
    const wrong: string[] = [];
    const replayed: string[] = [];
    for (const operation of operations.filter(({ method }) => method === 'POST')) {
      const as = callerOf(operation);
      const ask = (body: unknown, one: string): Promise<Reply> =>
        house.ask(`POST ${address(operation)}`, { as, key: one, ...(body === undefined ? {} : { body }) });
      for (const body of bodies(operation, 10)) {
        const one = key();
        const first = await ask(body, one);
        if (first.status >= 300) continue;
        const second = await ask(body, one);
        if (second.status !== first.status || told(second) !== told(first))
          wrong.push(`${operation.id}: ${second.text.slice(0, 200)}`);
        else if (second.headers.get('idempotency-replayed') !== 'true')
          wrong.push(`${operation.id}: not said to be replayed`);
        if (second.headers.get('location') !== first.headers.get('location'))
          wrong.push(`${operation.id}: another Location`);
        const third = await ask({ ...(body as object), comment: 'another', text: 'another', name: 'another' }, one);
        if (third.status < 400) wrong.push(`${operation.id}: another body under the same key: ${third.status}`);
        replayed.push(operation.id);
        break;
      }
    }
    expect(wrong).toEqual([]);
    expect(replayed.length, replayed.join(' ')).toBeGreaterThan(12);
  });

  it('where it is required: 400 without, at every such line', async () => {
    const required = operations.filter((one) =>
      one.parameters.some(({ name, required }) => name === 'Idempotency-Key' && required),
    );
    const paths = required.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        '/v1/number-requests',
        '/v1/number-requests/{id}/approval',
        '/v1/number-requests/{id}/acceptance',
        '/v1/tasks/{id}/resolution',
      ]),
    );
    for (const operation of required.filter(({ path }) => !path.includes('/tasks/'))) {
      const [body] = bodies(operation, 1);
      const reply = await house.ask(`POST ${address(operation)}`, {
        as: callerOf(operation),
        ...(body === undefined ? {} : { body }),
      });
      expectProblem(reply, 400, 'idempotency_key_required');
    }
  });
});
