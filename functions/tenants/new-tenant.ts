import type { TenantId } from '../domain/ids.ts';
import type { Tenant } from './schema.ts';
import { DEFAULT_FALLBACK } from './target-store.ts';

type NewOne = Pick<Tenant, 'name' | 'country' | 'timeZone' | 'currency' | 'numberLimit' | 'paymentMethod'>;

/** A tenant as it begins. Pure. */
export function newTenant(id: TenantId, input: NewOne, at: Date): Omit<Tenant, 'version'> {
  const stamp = at.toISOString();
  return {
    ...input,
    id,
    object: 'tenant',
    plan: 'standard',
    fallback: { type: 'announce', text: DEFAULT_FALLBACK },
    features: { callerNumberAnonymization: false, tenantMaintainsCallerNumbers: false, ouIsolation: false },
    notificationAddresses: [],
    state: 'active',
    standing: 'good',
    createdAt: stamp,
    updatedAt: stamp,
  };
}
