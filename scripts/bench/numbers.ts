import type { Table } from '../../functions/platform/table.ts';
import { RouteEntry } from '../../functions/routing/schema.ts';
import { routeWrite } from '../../functions/routing/store.ts';
import { NUMBERS, numberAt, SIP } from './load-numbers.ts';

/** A routing entry of the bench. */
export function entryOf(number: string, carrier: string): RouteEntry {
  return RouteEntry.parse({
    number,
    carrier,
    tenantId: 'ten_01k0000000000000000000000a',
    numberId: 'num_01k0000000000000000000000a',
    state: 'active',
    ownership: 'private',
    target: { type: 'extension', id: 'ext_1', name: 'Pam B.', sipUri: SIP, timeoutSeconds: 20 },
    fallback: { type: 'announce', text: 'Nobody can take your call at the moment.' },
    version: 1,
  });
}

/** Routes every number of the load at Twilio. */
export async function seed(table: Table): Promise<void> {
  for (let i = 0; i < NUMBERS; i += 100) {
    const some = Array.from({ length: 100 }, (_, k) => routeWrite(entryOf(numberAt(i + k), 'twilio')));
    await table.write(some);
  }
}
