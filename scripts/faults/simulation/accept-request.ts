import { RequestId } from '../../../functions/domain/ids.ts';
import { outboxWrite } from '../../../functions/platform/outbox.ts';
import { newRequest } from '../../../functions/requests/accept.ts';
import { noticeWrite, openedNotices } from '../../../functions/requests/mails.ts';
import type { NewRequest, NumberRequest } from '../../../functions/requests/schema.ts';
import { requests, whereWrite } from '../../../functions/requests/store.ts';
import { tickets } from '../../../functions/requests/ticket-store.ts';
import type { Tenant } from '../../../functions/tenants/schema.ts';
import { CUSTOMER } from './tenants.ts';
import { SETTINGS, type World } from './world.ts';

type Named = Parameters<typeof newRequest>[0]['named'];
const actor = { kind: 'person', id: CUSTOMER.id, name: CUSTOMER.name } as const;

/** Accepts a request as the interface does: everything in one transaction, then it is acknowledged. */
export async function acceptRequest(world: World, tenant: Tenant, input: NewRequest, named: Named): Promise<void> {
  const at = world.scheduler.clock.now();
  const plain = newRequest({ input, tenant, who: CUSTOMER, actor, class: 'standard', named, requirements: [], at });
  // Who was late to a number chooses again in an order that follows from the id: with a minted one no seed could be had again.
  const id = RequestId.parse(`req_${String(world.acknowledged.length + 1).padStart(26, '0')}`);
  const { record, writes } = requests.create({ ...plain, id }, { action: 'submitted', actor, at });
  const start = {
    kind: 'start_workflow',
    machine: 'request-number',
    name: id,
    input: { tenantId: record.tenantId, requestId: id, class: record.class },
  } as const;
  const mails = openedNotices(record).map((notice) => noticeWrite(record, notice, at, SETTINGS));
  const all = [...writes, ...ticketWrites(record, at), whereWrite(record), outboxWrite(start, at), ...mails];
  world.acknowledged.push(id);
  const numbers = named.length > 0 ? `: ${named.map(({ number }) => number).join(', ')}` : '';
  world.trace.note('customer', `asks for ${record.quantity}, ${record.policy}${numbers} (${id})`);
  await world.table.write(all);
  world.committed(all);
}

function ticketWrites(request: NumberRequest, at: Date) {
  const stamp = at.toISOString();
  const ticket = {
    id: request.ticketId,
    object: 'ticket',
    tenantId: request.tenantId,
    subject: 'numbers',
    kind: 'number_request',
    state: 'open',
    numberRequestId: request.id,
    openedBy: CUSTOMER.id,
    createdAt: stamp,
    updatedAt: stamp,
  } as const;
  return tickets.create(ticket, { action: 'opened', actor, at }).writes;
}
