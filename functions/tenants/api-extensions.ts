import type { Hono } from 'hono';
import { bind } from '../contract/bind.ts';
import { reply } from '../contract/call.ts';
import { ExtensionId, newId } from '../domain/ids.ts';
import type { TenantScope } from '../platform/auth.ts';
import { ConditionFailed, type Write } from '../platform/table.ts';
import { type Acting, changeBy, pageOf, patched, present, type TenantDeps } from './act.ts';
import { unknownTarget } from './check-targets.ts';
import { followChange, requireUnused } from './in-use.ts';
import type { ExtensionChange } from './input-schema.ts';
import { holderOfDigits, listExtensionRecords } from './list-store.ts';
import { digitsTaken } from './new-user.ts';
import { changeExtension, createExtension, getExtension, listExtensions, removeExtension } from './people-routes.ts';
import type { Extension } from './schema.ts';
import { extensionNumberFreed, extensionNumberWrite, extensions, findExtension, findUser, users } from './store.ts';

/** Inner numbers: digits are unique in the tenant (S0-5). */
export function bindExtensions(app: Hono, deps: TenantDeps): void {
  const find = async (scope: TenantScope, id: ExtensionId) =>
    present(await findExtension(deps.table, scope, id), 'extension');
  const shown = (extension: Extension) => reply({ body: extension, etag: extension.version });

  bind(app, deps, listExtensions, async (call) => {
    const { items, next } = await listExtensionRecords(deps.table, call.scope, pageOf(call));
    return call.page({ data: items, next });
  });
  bind(app, deps, createExtension, async (call) => {
    const made = await newExtension(deps, call, call.body);
    const answer = reply({ body: made.record, etag: 1, location: `/v1/extensions/${made.record.id}` });
    await written(deps, call.scope, made.record, [...made.writes, ...call.idempotency.complete(answer)]);
    return answer;
  });
  bind(app, deps, getExtension, async (call) => shown(await find(call.scope, call.params.id)));
  bind(app, deps, changeExtension, async (call) => {
    const before = await find(call.scope, call.params.id);
    call.checkVersion(before.version);
    return shown(await change(deps, call, before, call.body));
  });
  bind(app, deps, removeExtension, async (call) => {
    const before = await find(call.scope, call.params.id);
    const unused = await requireUnused(deps.table, call.scope, new Set([before.id]));
    const removed = extensions.remove(before, changeBy(call, 'removed'));
    await deps.table.write([
      ...removed,
      extensionNumberFreed(before),
      ...unused,
      ...(await released(deps, call, before)),
    ]);
  });
}

async function newExtension(
  deps: TenantDeps,
  call: Acting,
  input: Pick<Extension, 'extension' | 'userId'> & { readonly sipUri?: string | undefined },
) {
  const { scope, now } = call;
  await requireFree(deps, scope, input.extension);
  const user = await findUser(deps.table, scope, input.userId);
  if (!user) throw unknownTarget('#/userId');
  const id = ExtensionId.parse(newId('ext', now));
  const stamp = { createdAt: now.toISOString(), updatedAt: now.toISOString() };
  const fields = { ...input, id, object: 'extension' as const, tenantId: scope.tenantId, ...stamp };
  const made = extensions.create(fields, changeBy(call, 'created'));
  // The first extension of a user is the one numbers are moved to.
  const first = user.extensionId
    ? []
    : users.replace(user, { ...user, extensionId: id, updatedAt: stamp.updatedAt }, changeBy(call, 'changed')).writes;
  return { record: made.record, writes: [extensionNumberWrite(made.record), ...made.writes, ...first] };
}

async function change(deps: TenantDeps, call: Acting, before: Extension, wanted: ExtensionChange): Promise<Extension> {
  const { scope } = call;
  const after: Extension = patched(before, wanted);
  const isRenumbered = after.extension !== before.extension;
  if (isRenumbered) await requireFree(deps, scope, after.extension);
  if (!(await findUser(deps.table, scope, after.userId))) throw unknownTarget('#/userId');
  const isSame = JSON.stringify(after) === JSON.stringify(before);
  const made = extensions.replace(before, { ...after, updatedAt: call.now.toISOString() }, changeBy(call, 'changed'));
  const digits = isRenumbered ? [extensionNumberWrite(made.record), extensionNumberFreed(before)] : [];
  const owner = after.userId === before.userId ? [] : await released(deps, call, before);
  if (!isSame) await written(deps, scope, made.record, [...digits, ...made.writes, ...owner]);
  await followChange(deps, scope, new Set([before.id]), changeBy(call, 'changed'));
  return isSame ? before : made.record;
}

/** Its user no longer names it as their own. */
async function released(deps: TenantDeps, call: Acting, extension: Extension): Promise<readonly Write[]> {
  const user = await findUser(deps.table, call.scope, extension.userId);
  if (user?.extensionId !== extension.id) return [];
  const { extensionId: _gone, ...rest } = user;
  return users.replace(user, { ...rest, updatedAt: call.now.toISOString() }, changeBy(call, 'changed')).writes;
}

async function requireFree(deps: TenantDeps, scope: TenantScope, digits: string): Promise<void> {
  if (await holderOfDigits(deps.table, scope, digits)) throw digitsTaken(digits);
}

/** Somebody may have taken the digits in between. */
async function written(
  deps: TenantDeps,
  scope: TenantScope,
  { id, extension: digits }: Extension,
  writes: readonly Write[],
): Promise<void> {
  try {
    await deps.table.write(writes);
  } catch (error) {
    const holder = error instanceof ConditionFailed ? await holderOfDigits(deps.table, scope, digits) : undefined;
    throw holder && holder !== id ? digitsTaken(digits) : error;
  }
}
