import type { TenantScope } from '../platform/auth.ts';
import { outboxWrite } from '../platform/outbox.ts';
import type { Position, Table } from '../platform/table.ts';
import { queryRequests, requests } from '../requests/store.ts';

/** Lines of one transaction. */
const AT_ONCE = 10;

/**
 * Makes every request of the tenant that is on hold look again, now that the account may buy (P17). One that is missed, by a
 * crash or an index that lags, looks by itself within the hour.
 */
export async function wakeHeld(table: Table, scope: TenantScope, at: Date): Promise<void> {
  let after: Position | undefined;
  do {
    const page = await queryRequests(table, scope, 'createdAt', { limit: 100, ...(after ? { after } : {}) });
    const held = page.items.map((item) => requests.parse(item)).filter((request) => request.hold !== undefined);
    const lines = held.map(({ tenantId, id }) => outboxWrite({ kind: 'signal', tenantId, numberRequestId: id }, at));
    for (let from = 0; from < lines.length; from += AT_ONCE) await table.write(lines.slice(from, from + AT_ONCE));
    after = page.next;
  } while (after);
}
