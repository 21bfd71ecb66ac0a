import type { Hono } from 'hono';
import type { ApiDeps } from '../contract/api-deps.ts';
import { bind } from '../contract/bind.ts';
import { reply } from '../contract/call.ts';
import { mergePatch } from '../contract/merge-patch.ts';
import { NotFound } from '../domain/errors.ts';
import { EndUserId, newId } from '../domain/ids.ts';
import { changeBy, type TenantScope } from '../platform/auth.ts';
import { changeEndUser, createEndUser, getEndUser, listEndUsers } from './end-user-routes.ts';
import type { EndUser } from './schema.ts';
import { endUsers, findEndUser } from './store.ts';

function view(endUser: EndUser) {
  const { version: _v, tenantId: _t, ...shown } = endUser;
  return shown;
}

async function open(deps: ApiDeps, scope: TenantScope, id: EndUserId): Promise<EndUser> {
  const found = await findEndUser(deps.table, scope, id);
  if (!found) throw new NotFound({ code: 'not_found', detail: `There is no end user ${id}.` });
  return found;
}

/** The people and businesses that really use the numbers (regulatory §1). */
export function bindEndUsers(app: Hono, deps: ApiDeps): void {
  bind(app, deps, createEndUser, async ({ scope, who, body, now, idempotency }) => {
    const stamp = now.toISOString();
    const { subject, name, fields = {}, addresses = [] } = body;
    const id = EndUserId.parse(newId('eus', now));
    const made = endUsers.create(
      {
        id,
        object: 'end_user',
        tenantId: scope.tenantId,
        subject,
        name,
        fields,
        addresses,
        createdAt: stamp,
        updatedAt: stamp,
      },
      changeBy(who, 'created', now),
    );
    const answer = reply({ body: view(made.record), location: `/v1/end-users/${id}`, etag: 1 });
    await deps.table.write([...made.writes, ...idempotency.complete(answer)]);
    return answer;
  });
  bind(app, deps, listEndUsers, async ({ scope, query, after, page }) => {
    const found = await deps.table.queryIndex('list2', {
      pk: `TEN#${scope.tenantId}#EUS`,
      limit: query.limit,
      ...(after ? { after } : {}),
    });
    return page({ data: found.items.map((item) => view(endUsers.parse(item))), next: found.next });
  });
  bind(app, deps, getEndUser, async ({ scope, params }) => {
    const found = await open(deps, scope, params.id);
    return reply({ body: view(found), etag: found.version });
  });
  bind(app, deps, changeEndUser, async ({ scope, who, params, body, now, checkVersion }) => {
    const found = await open(deps, scope, params.id);
    checkVersion(found.version, view(found));
    const { record, writes } = endUsers.replace(
      found,
      { ...mergePatch(found, body), updatedAt: now.toISOString() },
      changeBy(who, 'changed', now),
    );
    await deps.table.write(writes);
    return reply({ body: view(record), etag: record.version });
  });
}
