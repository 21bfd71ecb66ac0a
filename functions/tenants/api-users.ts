import type { Hono } from 'hono';
import type * as z from 'zod';
import { bind } from '../contract/bind.ts';
import { reply } from '../contract/call.ts';
import { requireCountry } from '../countries/store.ts';
import type { UserId } from '../domain/ids.ts';
import type { TenantScope } from '../platform/auth.ts';
import type { Write } from '../platform/table.ts';
import { type Acting, changeBy, pageOf, patched, present, type TenantDeps } from './act.ts';
import { followChange } from './in-use.ts';
import type { UserChange } from './input-schema.ts';
import { removeWithAll } from './leave-user.ts';
import { emailFreed, emailWrite, extensionsOf, isEmailTaken, listUserRecords } from './list-store.ts';
import { emailTaken, makeUser, requestWrites } from './new-user.ts';
import { changeUser, createUser, getUser, listUsers, removeUser } from './people-routes.ts';
import type { User } from './schema.ts';
import { findUser, users } from './store.ts';
import { viewUser } from './view.ts';

/** People and AI employees of a tenant (api-map §7). */
export function bindUsers(app: Hono, deps: TenantDeps): void {
  const find = async (scope: TenantScope, id: UserId) => present(await findUser(deps.table, scope, id), 'user');
  const shown = async (scope: TenantScope, user: User) =>
    reply({ body: await viewUser(deps.table, scope, user), etag: user.version });
  const made = async (scope: TenantScope, user: User) =>
    ({ ...(await shown(scope, user)), location: `/v1/users/${user.id}` }) as const;

  bind(app, deps, listUsers, async (call) => {
    const { items, next } = await listUserRecords(deps.table, call.scope, pageOf(call));
    const data = await Promise.all(items.map((user) => viewUser(deps.table, call.scope, user)));
    return call.page({ data, next });
  });
  bind(app, deps, createUser, async (call) => {
    requireCountry(call.body.country);
    const complete = async (user: User) => call.idempotency.complete(await made(call.scope, user));
    return made(call.scope, await makeUser(deps, call, call.body, complete));
  });
  bind(app, deps, getUser, async (call) => shown(call.scope, await find(call.scope, call.params.id)));
  bind(app, deps, changeUser, async (call) => {
    const before = await find(call.scope, call.params.id);
    call.checkVersion(before.version);
    return shown(call.scope, await change(deps, call, before, call.body));
  });
  bind(app, deps, removeUser, async (call) => {
    await removeWithAll(deps, call, await find(call.scope, call.params.id), call.query.moveTo);
  });
}

async function change(deps: TenantDeps, call: Acting, before: User, wanted: z.infer<typeof UserChange>): Promise<User> {
  const { scope } = call;
  requireCountry(wanted.country);
  const named: User = patched(before, wanted);
  const request = await requestFor(deps, call, before, named);
  const after = request ? { ...named, state: 'provisioning' as const } : named;
  const isSame = JSON.stringify(after) === JSON.stringify(before);
  const made = users.replace(before, { ...after, updatedAt: call.now.toISOString() }, changeBy(call, 'changed'));
  const email = after.email === before.email ? [] : await emailWrites(deps, before, after);
  if (!isSame) await deps.table.write([...made.writes, ...email, ...(request ?? [])]);
  if (after.name !== before.name || isSame) {
    const own = await extensionsOf(deps.table, scope, before.id);
    await followChange(deps, scope, new Set([before.id, ...own.map((one) => one.id)]), changeBy(call, 'renamed'));
  }
  return isSame ? before : made.record;
}

/** Naming the area code a user was asked for files the request, unless a number is there already (S0-3). */
async function requestFor(deps: TenantDeps, call: Acting, before: User, after: User) {
  const isNew = before.state === 'preference_needed' && after.preferredAreaCode !== undefined;
  if (!isNew) return undefined;
  const { numberIds } = await viewUser(deps.table, call.scope, before);
  return numberIds.length > 0 ? undefined : requestWrites(deps, call, after);
}

async function emailWrites(deps: TenantDeps, before: User, after: User): Promise<readonly Write[]> {
  if (await isEmailTaken(deps.table, after.email, before.id)) throw emailTaken();
  const isSameAddress = after.email.toLowerCase() === before.email.toLowerCase();
  return isSameAddress ? [] : [emailFreed(before), emailWrite(after)];
}
