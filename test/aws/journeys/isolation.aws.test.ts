import { beforeAll, describe, expect, it } from 'vitest';
import { file, upload } from '../../blackbox/house.ts';
import { expectProblem, type Json } from '../../blackbox/speaker.ts';
import { type Deployed, openDeployed } from './installation.ts';

const COLLECTIONS = ['number-requests', 'numbers', 'tickets', 'documents', 'users', 'extensions'] as const;
/** What a stranger may try with an id of each collection. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  'number-requests': ['', '/comments'],
  numbers: ['', '/calls', '/messages'],
};

describe('I7: two tenants', () => {
  const begun: { deployed?: Deployed; ids: Map<string, readonly string[]> } = { ids: new Map() };
  const at = (): Deployed => {
    if (!begun.deployed) throw new Error('not opened');
    return begun.deployed;
  };
  const idsOf = async (collection: string, as: 'admin' | 'globex'): Promise<readonly string[]> => {
    const reply = await at().ask(`GET /v1/${collection}?limit=200`, { as });
    expect(reply.status, reply.text).toBe(200);
    return reply.json.data.map((one: Json) => one['id']);
  };
  beforeAll(async () => {
    begun.deployed = await openDeployed();
    const filed = await file(at(), { country: 'GB', areaCode: '161' }, 'admin', 25);
    expect(filed.json.state, filed.text).toBe('completed');
    await upload(at(), 'admin');
    for (const collection of COLLECTIONS) begun.ids.set(collection, await idsOf(collection, 'admin'));
  });

  it.each(COLLECTIONS)('%s of the first are not in the lists of the second', async (collection) => {
    const ours = begun.ids.get(collection) ?? [];
    const theirs = await idsOf(collection, 'globex');

    expect(ours.length, 'there is something to see').toBeGreaterThan(0);
    expect(theirs.filter((id) => ours.includes(id))).toEqual([]);
  });
  it.each(COLLECTIONS)('%s of the first are not there for the second', async (collection) => {
    for (const id of begun.ids.get(collection) ?? [])
      for (const below of BELOW[collection] ?? [''])
        expectProblem(await at().ask(`GET /v1/${collection}/${id}${below}`, { as: 'globex' }), 404);
  });
  it('an administrator of the second acts for no other tenant', async () => {
    const reply = await at().ask('GET /v1/numbers', { as: 'globex', tenant: at().acme });

    expect([403, 404], reply.text).toContain(reply.status);
  });
  it('who is not signed in sees nothing, nor does a token that somebody else signed', async () => {
    const [head, body] = (await at().token('admin@acme.example')).split('.');
    const forged = `${head}.${body}.${'A'.repeat(342)}`;

    expectProblem(await at().ask('GET /v1/numbers'), 401);
    expectProblem(await at().ask('GET /v1/numbers', { headers: { authorization: `Bearer ${forged}` } }), 401);
  });
});
