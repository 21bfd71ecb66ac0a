import { describe, expect, it } from 'vitest';
import { CarrierId } from '../../functions/domain/carrier-id.ts';
import { RouteEntry } from '../../functions/routing/schema.ts';
import { readRoute, removeRouteWrite, routeWrite } from '../../functions/routing/store.ts';
import { testClock } from '../../local/engine/clock.ts';
import { openTable } from '../../local/engine/table.ts';

const open = () => openTable({ path: ':memory:', clock: testClock() });
const full = RouteEntry.parse({
  number: '+441223555010',
  carrier: 'telnyx',
  tenantId: 'ten_01k0000000000000000000000a',
  numberId: 'num_01k0000000000000000000000a',
  state: 'active',
  ownership: 'shared',
  target: { type: 'queue', id: 'que_7', name: 'support', timeoutSeconds: 60 },
  flow: [
    { type: 'extension', id: 'ext_1', name: 'Pam', sipUri: 'sip:100@pbx.example.com', timeoutSeconds: 20 },
    { type: 'forward', number: '+447700900555', timeoutSeconds: 25 },
    { type: 'voicemail', name: 'Pam', prompt: 'Speak.', maxSeconds: 90 },
  ],
  fallback: { type: 'queue', id: 'que_8', name: 'all', timeoutSeconds: 30 },
  afterFallback: [{ type: 'announce', text: 'Nobody is here.' }],
  version: 1,
});
const key = { pk: 'ROUTE#+441223555010', sk: 'telnyx' };

describe('the routing entry in the table', () => {
  it('S3-4: is found by called number and carrier, as it was written', async () => {
    const table = open();
    await table.write([routeWrite(full)]);

    expect(await readRoute(table, full.number, 'telnyx')).toEqual(full);
    expect(await table.get(key)).toBeDefined();
    for (const carrier of CarrierId.options.filter((id) => id !== 'telnyx')) {
      expect(await readRoute(table, full.number, carrier, { eventual: true })).toBeUndefined();
    }
  });

  it('I11: is gone when taken away', async () => {
    const table = open();
    await table.write([routeWrite(full)]);
    await table.write([removeRouteWrite(full.number, 'telnyx')]);

    expect(await readRoute(table, full.number, 'telnyx')).toBeUndefined();
  });

  it.each([
    ['no fallback', { fallback: undefined }],
    ['an unknown state', { state: 'odd' }],
    ['an unknown target', { target: { type: 'fax', number: '+1' } }],
    ['a target of a name that objects have', { target: { type: 'constructor' } }],
    ['a target without what it rings', { target: { type: 'extension', id: 'ext_1', timeoutSeconds: 20 } }],
    ['a queue without its longest wait', { target: { type: 'queue', id: 'que_7', name: 'support' } }],
    ['a flow that is no list', { flow: { 0: full.target } }],
    ['a broken step after its fallback', { afterFallback: [full.fallback, null] }],
    ['a broken step in its flow', { flow: [full.fallback, null] }],
    ['no version', { version: '1' }],
    ['no tenant', { tenantId: undefined }],
  ])('is an error when it has %s', async (_, change) => {
    const table = open();
    const data = JSON.parse(JSON.stringify({ ...full, ...change }));
    await table.write([{ op: 'put', key, data }]);

    await expect(readRoute(table, full.number, 'telnyx')).rejects.toThrow('damaged routing entry');
  });
});
