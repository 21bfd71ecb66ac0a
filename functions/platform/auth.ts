import type { ApiKeyId, TenantId, UserId } from '../domain/ids.ts';
import type { Actor, Change } from './entity.ts';

export const ROLES = ['customer', 'tenant_admin', 'customer_success', 'operator'] as const;
export type Role = (typeof ROLES)[number];

declare const scoped: unique symbol;
/** Proof that the authenticator let this caller act for this tenant; stores take it, only the authenticator makes it. */
export interface TenantScope {
  readonly tenantId: TenantId;
  readonly [scoped]: true;
}

/** Who calls. Roles and tenant come from our user record, never from the token (reliability §6). */
export interface Principal {
  readonly kind: 'person' | 'api_key';
  /** The person; of an API key, who made it: its requests are theirs and mails go to them. */
  readonly id: UserId;
  readonly name: string;
  readonly email: string;
  readonly roles: readonly Role[];
  readonly permissions: readonly string[];
  /** Only for tenant's people and keys. */
  readonly tenantId?: TenantId;
  /** Only for API keys. */
  readonly keyId?: ApiKeyId;
  readonly scopes?: readonly string[];
}

/** Whoever presents the credential: the key itself, not who made it. */
export const credentialOf = (who: Pick<Principal, 'id' | 'keyId'>): string => who.keyId ?? who.id;

/** The caller as audit entries and timelines name them. */
export const actorOf = (who: Pick<Principal, 'kind' | 'id' | 'keyId' | 'name'>): Actor => ({
  kind: who.kind,
  id: credentialOf(who),
  name: who.name,
});

/** What the caller does to a record, for its audit entry; `action` is a verb in the past. */
export const changeBy = (who: Principal, action: string, at: Date): Change => ({ action, actor: actorOf(who), at });

/** Verifies a bearer credential. Throws NotSignedIn. */
export type Authenticate = (bearer: string | undefined) => Promise<Principal>;

/** The one place a scope is made: by the authenticator after its checks, and by workflow tasks from their own input. */
export function tenantScope(tenantId: TenantId): TenantScope {
  return { tenantId } as TenantScope;
}
