import { InvalidInput } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import { moveNumbers } from '../numbers/refresh-store.ts';
import { type Acting, changeBy, type TenantDeps } from './act.ts';
import { unknownTarget } from './check-targets.ts';
import { followChange, requireUnused } from './in-use.ts';
import { allFlows, allQueues, emailFreed, extensionsOf } from './list-store.ts';
import { idsInSteps, idsInTarget, type Successor, succeeded, succeededSteps } from './references.ts';
import type { Extension, FallbackTarget, User } from './schema.ts';
import {
  callFlows,
  extensionNumberFreed,
  extensions,
  findTenant,
  findUser,
  queues,
  subjectFreed,
  tenants,
  users,
} from './store.ts';

/**
 * Removes a user with extensions, address and sign-in, once nothing leads to them any more (A1). With a successor
 * everything that leads to the user is handed over first, one thing at a time: a repeat goes on where it stopped.
 * Throws Conflict `in_use`, InvalidInput `unknown_target`.
 */
export async function removeWithAll(deps: TenantDeps, call: Acting, user: User, moveTo: UserId | undefined) {
  const { scope } = call;
  const own = await extensionsOf(deps.table, scope, user.id);
  const ids = new Set<string>([user.id, ...own.map((one) => one.id)]);
  if (moveTo) await handOver(deps, call, await successorOf(deps, call, ids, moveTo));
  const unused = await requireUnused(deps.table, scope, ids);
  const change = changeBy(call, 'removed');
  await deps.table.write([
    ...users.remove(user, change),
    ...own.flatMap((one: Extension) => [...extensions.remove(one, change), extensionNumberFreed(one)]),
    ...unused,
    emailFreed(user),
    ...(deps.settings.engine === 'local' ? [subjectFreed(deps.settings.publicUrl, user.id)] : []),
  ]);
}

async function successorOf(
  deps: TenantDeps,
  call: Acting,
  from: ReadonlySet<string>,
  moveTo: UserId,
): Promise<Successor> {
  const successor = await findUser(deps.table, call.scope, moveTo);
  if (successor?.extensionId && !from.has(successor.id))
    return { from, extensionId: successor.extensionId, userId: successor.id };
  const { code } = unknownTarget('#');
  const detail = 'names no other user of the tenant with an extension';
  throw new InvalidInput({ code, detail: `moveTo ${detail}.`, errors: [{ parameter: 'moveTo', code, detail }] });
}

async function handOver(deps: TenantDeps, call: Acting, to: Successor): Promise<void> {
  const change = changeBy(call, 'moved');
  await moveNumbers(
    deps,
    call.scope,
    to.from,
    (before) => ({
      ...before,
      ...(before.target ? { target: succeeded(before.target, to) } : {}),
      // The successor's own primary number stays theirs (S2-20).
      primary: false,
    }),
    change,
  );
  await handOverFlows(deps, call, to);
  await handOverQueues(deps, call, to);
  await handOverFallback(deps, call, to);
}

async function handOverFlows(deps: TenantDeps, call: Acting, to: Successor): Promise<void> {
  const flows = await allFlows(deps.table, call.scope);
  for (const flow of flows.filter((one) => idsInSteps(one.steps).some((id) => to.from.has(id)))) {
    const after = { ...flow, steps: succeededSteps(flow.steps, to), updatedAt: call.now.toISOString() };
    await deps.table.write(callFlows.replace(flow, after, changeBy(call, 'moved')).writes);
    await followChange(deps, call.scope, new Set([flow.id]), changeBy(call, 'moved'));
  }
}

async function handOverQueues(deps: TenantDeps, call: Acting, to: Successor): Promise<void> {
  const leads = (target: FallbackTarget | undefined) => idsInTarget(target).some((id) => to.from.has(id));
  const all = await allQueues(deps.table, call.scope);
  for (const queue of all.filter((one) => leads(one.overflow) || one.members.some((id) => to.from.has(id)))) {
    const members = [...new Set(queue.members.map((id) => (to.from.has(id) ? to.userId : id)))];
    const overflow = queue.overflow && succeeded(queue.overflow, to);
    const after = { ...queue, members, ...(overflow ? { overflow } : {}), updatedAt: call.now.toISOString() };
    await deps.table.write(queues.replace(queue, after, changeBy(call, 'moved')).writes);
    if (overflow) await followChange(deps, call.scope, new Set([queue.id]), changeBy(call, 'moved'));
  }
}

async function handOverFallback(deps: TenantDeps, call: Acting, to: Successor): Promise<void> {
  const tenant = await findTenant(deps.table, call.scope);
  if (!tenant || !idsInTarget(tenant.fallback).some((id) => to.from.has(id))) return;
  const fallback = succeeded(tenant.fallback, to);
  const after = { ...tenant, fallback, updatedAt: call.now.toISOString() };
  await deps.table.write(tenants.replace(tenant, after, changeBy(call, 'moved')).writes);
  await followChange(deps, call.scope, new Set(idsInTarget(fallback)), changeBy(call, 'moved'));
}
