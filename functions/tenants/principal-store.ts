import { TenantId, UserId } from '../domain/ids.ts';
import { type Principal, tenantScope } from '../platform/auth.ts';
import type { Table } from '../platform/table.ts';
import { findStaff, findUser, subjectKey } from './store.ts';

/** Our user of a verified subject, as the authenticator wants it: roles and tenant come from the record (reliability §6). */
export async function findPrincipal(table: Table, issuer: string, subject: string): Promise<Principal | undefined> {
  const stored = await table.get(subjectKey(issuer, subject));
  if (!stored) return undefined;
  const id = UserId.parse(stored.data['userId']);
  const tenantId = stored.data['tenantId'] ? TenantId.parse(stored.data['tenantId']) : undefined;
  const user = tenantId ? await findUser(table, tenantScope(tenantId), id) : await findStaff(table, id);
  return (
    user && {
      kind: 'person',
      id: user.id,
      name: user.name,
      email: user.email,
      roles: user.roles,
      permissions: user.permissions,
      ...(user.tenantId ? { tenantId: user.tenantId } : {}),
    }
  );
}
