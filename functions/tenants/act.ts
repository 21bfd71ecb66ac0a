import type { ApiDeps } from '../contract/api-deps.ts';
import type { CountryCode } from '../domain/country.ts';
import { NotFound } from '../domain/errors.ts';
import type { ExtensionId, UserId } from '../domain/ids.ts';
import { actorOf, type Principal, type TenantScope } from '../platform/auth.ts';
import type { Change } from '../platform/entity.ts';
import type { Position, Write } from '../platform/table.ts';

/** One number for a user who named an area code (S0-1, S0-2); `extensionId` is what it shall ring, and its primary number. */
export interface NumberWanted {
  readonly scope: TenantScope;
  readonly who: Principal;
  readonly at: Date;
  readonly user: { readonly id: UserId; readonly name: string };
  readonly extensionId: ExtensionId;
  readonly country: CountryCode;
  /** Digits without the national 0. */
  readonly areaCode: string;
}
/**
 * Prepares a number request and gives its writes, which go into the transaction of the user: both or neither. User and
 * extension are not stored yet when it is called. Throws what POST /v1/number-requests throws.
 */
export type FileNumberRequest = (wanted: NumberWanted) => Promise<readonly Write[]>;

export interface TenantDeps extends ApiDeps {
  /** Absent: users who name an area code stay without a number. */
  readonly fileNumberRequest?: FileNumberRequest;
}

/** The part of a call that changing something of a tenant needs. */
export interface Acting {
  readonly who: Principal;
  readonly scope: TenantScope;
  readonly now: Date;
}

export const changeBy = (call: Pick<Acting, 'who' | 'now'>, action: string): Change => ({
  action,
  actor: actorOf(call.who),
  at: call.now,
});

/** The found one, or 404: absent and another tenant's look the same (I7). */
export function present<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new NotFound({ code: 'not_found', detail: `There is no such ${what}.` });
  return found;
}

/** What a list call asks of a store. */
export const pageOf = (call: { readonly query: { readonly limit: number }; readonly after: Position | undefined }) => ({
  limit: call.query.limit,
  ...(call.after === undefined ? {} : { after: call.after }),
});

/** The fields a merge patch leaves: those given, without those it takes away with `null`. */
export function patched<T extends object>(
  before: T,
  change: { readonly [Name in keyof T]?: T[Name] | null | undefined },
): T {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const merged = Object.entries({ ...before, ...Object.fromEntries(given) });
  return Object.fromEntries(merged.filter(([, value]) => value !== null)) as T;
}
