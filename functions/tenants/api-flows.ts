import type { Hono } from 'hono';
import { bind } from '../contract/bind.ts';
import { reply } from '../contract/call.ts';
import { NotAllowed } from '../domain/errors.ts';
import { CallFlowId, newId } from '../domain/ids.ts';
import type { TenantScope } from '../platform/auth.ts';
import { type Acting, changeBy, pageOf, patched, present, type TenantDeps } from './act.ts';
import { requireSteps } from './check-targets.ts';
import { followChange, requireUnused } from './in-use.ts';
import type { CallFlowChange } from './input-schema.ts';
import { listFlowRecords } from './list-store.ts';
import {
  changeCallFlow,
  createCallFlow,
  getCallFlow,
  listCallFlows,
  lockCallFlow,
  removeCallFlow,
  unlockCallFlow,
} from './routing-routes.ts';
import type { CallFlow } from './schema.ts';
import { callFlows, findCallFlow } from './store.ts';
import { viewFlow } from './view.ts';

/** Simple call flows, and the platform owner's lock on them (S0-12, S4-10, S4-13). */
export function bindFlows(app: Hono, deps: TenantDeps): void {
  const find = async (scope: TenantScope, id: CallFlowId) =>
    present(await findCallFlow(deps.table, scope, id), 'call flow');
  const shown = (flow: CallFlow, applied?: number) =>
    reply({
      body: viewFlow(flow, applied === undefined ? undefined : { done: applied, of: applied }),
      etag: flow.version,
    });

  bind(app, deps, listCallFlows, async (call) => {
    const { items, next } = await listFlowRecords(deps.table, call.scope, pageOf(call));
    return call.page({ data: items.map((flow) => viewFlow(flow)), next });
  });
  bind(app, deps, createCallFlow, async (call) => {
    const id = CallFlowId.parse(newId('flw', call.now));
    await requireSteps(deps, call.scope, call.body.steps, id);
    const made = callFlows.create(newFlow(id, call, call.body), changeBy(call, 'created'));
    const answer = reply({ body: viewFlow(made.record), etag: 1, location: `/v1/call-flows/${id}` });
    await deps.table.write([...made.writes, ...call.idempotency.complete(answer)]);
    return answer;
  });
  bind(app, deps, getCallFlow, async (call) => shown(await find(call.scope, call.params.id)));
  bind(app, deps, changeCallFlow, async (call) => {
    const before = await find(call.scope, call.params.id);
    requireOpen(before, call);
    call.checkVersion(before.version);
    const { flow, applied } = await change(deps, call, before, call.body);
    return shown(flow, applied);
  });
  bind(app, deps, removeCallFlow, async (call) => {
    const before = await find(call.scope, call.params.id);
    requireOpen(before, call);
    const unused = await requireUnused(deps.table, call.scope, new Set([before.id]));
    await deps.table.write([...callFlows.remove(before, changeBy(call, 'removed')), ...unused]);
  });
  bind(app, deps, lockCallFlow, async (call) => {
    const before = await find(call.scope, call.params.id);
    call.checkVersion(before.version);
    return shown(await lock(deps, call, before, true));
  });
  bind(app, deps, unlockCallFlow, async (call) => {
    await lock(deps, call, await find(call.scope, call.params.id), false);
  });
}

function newFlow(
  id: CallFlowId,
  { scope, now }: Acting,
  input: Pick<CallFlow, 'name' | 'steps'>,
): Omit<CallFlow, 'version'> {
  const stamp = now.toISOString();
  const { tenantId } = scope;
  return { ...input, id, object: 'call_flow', tenantId, locked: false, createdAt: stamp, updatedAt: stamp };
}

/** A locked flow is the platform's: the tenant does not change it (S4-13). */
function requireOpen(flow: CallFlow, { who }: Pick<Acting, 'who'>): void {
  if (flow.locked && who.tenantId !== undefined)
    throw new NotAllowed({ code: 'flow_locked', detail: 'The call flow is locked; customer success may change it.' });
}

async function change(
  deps: TenantDeps,
  call: Acting,
  before: CallFlow,
  wanted: CallFlowChange,
): Promise<{ flow: CallFlow; applied: number }> {
  if (wanted.steps) await requireSteps(deps, call.scope, wanted.steps, before.id);
  const after: CallFlow = patched(before, wanted);
  const isSame = JSON.stringify(after) === JSON.stringify(before);
  const made = callFlows.replace(before, { ...after, updatedAt: call.now.toISOString() }, changeBy(call, 'changed'));
  if (!isSame) await deps.table.write(made.writes);
  const applied = await followChange(deps, call.scope, new Set([before.id]), changeBy(call, 'changed'));
  return { flow: isSame ? before : made.record, applied };
}

async function lock(deps: TenantDeps, call: Acting, before: CallFlow, locked: boolean): Promise<CallFlow> {
  if (before.locked === locked) return before;
  const after = { ...before, locked, updatedAt: call.now.toISOString() };
  const made = callFlows.replace(before, after, changeBy(call, locked ? 'locked' : 'unlocked'));
  await deps.table.write(made.writes);
  return made.record;
}
