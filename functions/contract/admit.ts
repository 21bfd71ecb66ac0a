import { Malformed, NotAllowed, NotFound, NotSignedIn, TooMany } from '../domain/errors.ts';
import { TenantId } from '../domain/ids.ts';
import { credentialOf, type Principal, type Role, type TenantScope, tenantScope } from '../platform/auth.ts';
import type { QuotaState } from '../platform/rate-limit.ts';
import type { ApiDeps } from './api-deps.ts';
import type { Route } from './route.ts';

type Rules = Pick<Route, 'roles' | 'scope' | 'keyScope' | 'decision'>;

/** Bearer credential of an `Authorization` header. */
export function bearerOf(header: string | undefined): string | undefined {
  const found = /^Bearer +(\S+)\s*$/i.exec(header ?? '');
  return found?.[1];
}

/**
 * Who calls, counted against the credential's quota; a credential that does not verify counts against the caller's
 * address. `counted` hears the state before anything is thrown, so that every answer can carry it. Throws NotSignedIn, TooMany.
 */
export async function signIn(
  deps: ApiDeps,
  bearer: string | undefined,
  address: string | undefined,
  counted: (state: QuotaState) => void,
): Promise<Principal> {
  const take = async (credential: string) => {
    const state = await deps.quota(credential);
    counted(state);
    if (state.exceeded) throw overQuota(state);
  };
  try {
    const who = await deps.authenticate(bearer);
    await take(`${who.kind}:${credentialOf(who)}`);
    return who;
  } catch (error) {
    if (error instanceof NotSignedIn) await take(`address:${address ?? 'unknown'}`);
    throw error;
  }
}

function overQuota(state: QuotaState): TooMany {
  return new TooMany({
    code: 'quota_exceeded',
    detail: `More than ${state.limit} calls in a minute.`,
    retryAfterSeconds: state.resetSeconds,
    extra: { 'violated-policies': ['tenant'] },
  });
}

/** A tenant_admin may do what a customer may; an operator what customer_success may, decisions apart (api-map §13). */
export function actsAs(who: Principal, role: Role, decision = false): boolean {
  if (who.roles.includes(role)) return true;
  if (role === 'customer') return who.roles.includes('tenant_admin');
  return role === 'customer_success' && !decision && who.roles.includes('operator');
}

/** Role, then the key's scope. Throws NotAllowed (`not_allowed`, `missing_scope` naming the scope). */
export function checkRole(route: Rules, who: Principal): void {
  const { roles } = route;
  if (typeof roles !== 'string' && !roles.some((role) => actsAs(who, role, route.decision))) {
    throw new NotAllowed({ code: 'not_allowed', detail: `This takes one of the roles ${roles.join(', ')}.` });
  }
  if (who.kind !== 'api_key' || (roles === 'any' && route.keyScope === undefined)) return;
  if (route.keyScope === undefined) {
    throw new NotAllowed({ code: 'not_allowed', detail: 'API keys may not do this; a person signs in for it.' });
  }
  if (!who.scopes?.includes(route.keyScope)) {
    const detail = `The API key lacks the scope ${route.keyScope}.`;
    throw new NotAllowed({ code: 'missing_scope', detail, extra: { scope: route.keyScope } });
  }
}

/**
 * For which tenant the caller acts. A tenant's own people and keys: always their own; a `Gateway-Tenant` naming another is
 * 403. Staff: the one the header names, which must exist. Throws Malformed (`tenant_required`), NotAllowed, NotFound.
 */
export async function chooseTenant(
  deps: Pick<ApiDeps, 'tenantExists'>,
  route: Rules,
  who: Principal,
  header: string | undefined,
): Promise<TenantScope | undefined> {
  const named = header?.trim();
  if (who.tenantId !== undefined) {
    if (named && named !== who.tenantId) {
      throw new NotAllowed({ code: 'not_allowed', detail: 'Gateway-Tenant names another tenant than yours.' });
    }
    return tenantScope(who.tenantId);
  }
  if (!named) {
    if (route.scope === 'platform') return undefined;
    throw new Malformed({ code: 'tenant_required', detail: 'Send Gateway-Tenant: ten_… to say for whom you act.' });
  }
  const id = TenantId.safeParse(named);
  if (!id.success || !(await deps.tenantExists(id.data))) {
    throw new NotFound({ code: 'not_found', detail: 'There is no tenant of that name.' });
  }
  return tenantScope(id.data);
}
