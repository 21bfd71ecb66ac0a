import { TenantId, UserId } from '../../../functions/domain/ids.ts';
import { tenantScope } from '../../../functions/platform/auth.ts';
import type { Table } from '../../../functions/platform/table.ts';
import { newTenant } from '../../../functions/tenants/new-tenant.ts';
import type { Tenant } from '../../../functions/tenants/schema.ts';
import { newCounter, tenants } from '../../../functions/tenants/store.ts';
import { GB } from './stock.ts';

export const CUSTOMER = {
  kind: 'person',
  id: UserId.parse('usr_00000000000000000000000001'),
  name: 'Pam',
  email: 'pam@acme.example',
  roles: ['customer'],
  permissions: [],
} as const;
export const TENANTS = [
  TenantId.parse('ten_00000000000000000000000001'),
  TenantId.parse('ten_00000000000000000000000002'),
] as const;
const LIMITS: ReadonlyMap<string, number> = new Map([
  [TENANTS[0], 3],
  [TENANTS[1], 2],
]);
/** Numbers a tenant may have. */
export const limitOf = (tenantId: string): number => LIMITS.get(tenantId) ?? 0;

/** The companies of every run, with room for few numbers. */
export async function seedTenants(table: Table, at: Date): Promise<readonly Tenant[]> {
  const seeded: Tenant[] = [];
  for (const id of TENANTS) {
    const plain = { name: id.slice(-1), country: GB, timeZone: 'Europe/London', currency: 'USD' } as const;
    const tenant = newTenant(id, { ...plain, numberLimit: limitOf(id), paymentMethod: 'valid' }, at);
    const actor = { kind: 'system', id: 'numbergate', name: 'Simulation' } as const;
    const made = tenants.create(tenant, { action: 'created', actor, at });
    await table.write([...made.writes, newCounter(tenantScope(id))]);
    seeded.push(made.record);
  }
  return seeded;
}
