import type { ApiKeyId } from '../domain/ids.ts';
import type { Principal, TenantScope } from '../platform/auth.ts';
import type { KeyRecord } from '../platform/authenticate.ts';
import { entity } from '../platform/entity.ts';
import type { Key, Table } from '../platform/table.ts';
import { ApiKey } from './key-schema.ts';
import { listed, type PageFound, type PageWanted } from './list-store.ts';

const partition = (id: string): string => `KEY#${id}`;
const listOf = (tenantId: string): string => `TEN#${tenantId}#KEY`;
const usedKey = (id: string): Key => ({ pk: partition(id), sk: 'USED' });

export const apiKeys = entity({
  name: 'api_key',
  schema: ApiKey,
  key: (key) => ({ pk: partition(key.id), sk: 'KEY' }),
  indexes: (key) => ({ list2: { pk: listOf(key.tenantId), sk: key.id } }),
  auditId: (key) => key.id,
});

/** A tenant's key; another tenant's looks missing (I7). */
export async function findApiKey(table: Table, scope: TenantScope, id: ApiKeyId): Promise<ApiKey | undefined> {
  const found = await apiKeys.find(table, { pk: partition(id), sk: 'KEY' });
  return found?.tenantId === scope.tenantId ? found : undefined;
}

/** A tenant's keys, oldest first. */
export const listApiKeyRecords = (table: Table, scope: TenantScope, page: PageWanted): Promise<PageFound<ApiKey>> =>
  listed(table, apiKeys, listOf(scope.tenantId), page);

/** The key as the authenticator wants it: it stands for a tenant_admin, within its scopes (api-map, Roles). */
export async function findKeyRecord(table: Table, keyId: string): Promise<KeyRecord | undefined> {
  const key = await apiKeys.find(table, { pk: partition(keyId), sk: 'KEY' });
  if (!key) return undefined;
  const principal: Principal = {
    kind: 'api_key',
    id: key.createdBy.id,
    keyId: key.id,
    name: key.name,
    email: key.createdBy.email,
    roles: ['tenant_admin'],
    permissions: [],
    tenantId: key.tenantId,
    scopes: key.scopes,
  };
  const expires = key.expiresAt === undefined ? {} : { expiresAt: key.expiresAt };
  return { secretHash: key.secretHash, mode: 'live', principal, ...expires };
}

/** Notes the last use, beside the record: a use is no change of the key. */
export async function noteKeyUsed(table: Table, keyId: string, at: Date): Promise<void> {
  await table.write([{ op: 'put', key: usedKey(keyId), data: { at: at.toISOString() } }]);
}

/** When the key was last used, to the hour; undefined when it never was. */
export async function lastUseOf(table: Table, id: ApiKeyId): Promise<string | undefined> {
  const stored = await table.get(usedKey(id));
  return stored ? String(stored.data['at']) : undefined;
}

/** The write that forgets the last use of a removed key. */
export const useForgotten = (id: ApiKeyId) => ({ op: 'delete', key: usedKey(id) }) as const;
