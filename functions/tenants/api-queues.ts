import type { Hono } from 'hono';
import { bind } from '../contract/bind.ts';
import { reply } from '../contract/call.ts';
import { newId, QueueId } from '../domain/ids.ts';
import type { TenantScope } from '../platform/auth.ts';
import { type Acting, changeBy, pageOf, patched, present, type TenantDeps } from './act.ts';
import { requireFallback, requireMembers } from './check-targets.ts';
import { followChange, requireUnused } from './in-use.ts';
import type { QueueChange } from './input-schema.ts';
import { listQueueRecords } from './list-store.ts';
import { changeQueue, createQueue, getQueue, listQueues, removeQueue } from './routing-routes.ts';
import type { Queue } from './schema.ts';
import { findQueue, queues } from './store.ts';

/** Queues are set up by customer success (S0-33). */
export function bindQueues(app: Hono, deps: TenantDeps): void {
  const find = async (scope: TenantScope, id: QueueId) => present(await findQueue(deps.table, scope, id), 'queue');
  const shown = (queue: Queue) => reply({ body: queue, etag: queue.version });

  bind(app, deps, listQueues, async (call) => {
    const { items, next } = await listQueueRecords(deps.table, call.scope, pageOf(call));
    return call.page({ data: items, next });
  });
  bind(app, deps, createQueue, async (call) => {
    const { scope, now, body } = call;
    await requireMembers(deps, scope, body.members);
    await requireFallback(deps, scope, body.overflow, '#/overflow');
    const id = QueueId.parse(newId('que', now));
    const stamp = { createdAt: now.toISOString(), updatedAt: now.toISOString() };
    const fields = { ...body, id, object: 'queue' as const, tenantId: scope.tenantId, ...stamp };
    const made = queues.create(fields, changeBy(call, 'created'));
    const answer = reply({ body: made.record, etag: 1, location: `/v1/queues/${id}` });
    await deps.table.write([...made.writes, ...call.idempotency.complete(answer)]);
    return answer;
  });
  bind(app, deps, getQueue, async (call) => shown(await find(call.scope, call.params.id)));
  bind(app, deps, changeQueue, async (call) => {
    const before = await find(call.scope, call.params.id);
    call.checkVersion(before.version);
    return shown(await change(deps, call, before, call.body));
  });
  bind(app, deps, removeQueue, async (call) => {
    const before = await find(call.scope, call.params.id);
    const unused = await requireUnused(deps.table, call.scope, new Set([before.id]));
    await deps.table.write([...queues.remove(before, changeBy(call, 'removed')), ...unused]);
  });
}

async function change(deps: TenantDeps, call: Acting, before: Queue, wanted: QueueChange): Promise<Queue> {
  const { scope } = call;
  const after: Queue = patched(before, wanted);
  if (wanted.members) await requireMembers(deps, scope, wanted.members);
  await requireFallback(deps, scope, wanted.overflow ?? undefined, '#/overflow', before.id);
  const isSame = JSON.stringify(after) === JSON.stringify(before);
  const made = queues.replace(before, { ...after, updatedAt: call.now.toISOString() }, changeBy(call, 'changed'));
  if (!isSame) await deps.table.write(made.writes);
  await followChange(deps, scope, new Set([before.id]), changeBy(call, 'changed'));
  return isSame ? before : made.record;
}
