import { asE164 } from '../domain/e164.ts';
import type { NumberId } from '../domain/ids.ts';
import { nationalDigits } from '../domain/number-parsing.ts';
import { findNumber, rowsOfUser } from '../numbers/store.ts';
import type { TenantScope } from '../platform/auth.ts';
import type { Table } from '../platform/table.ts';
import type { CallFlow, User } from './schema.ts';
import type { UserView } from './view-schema.ts';

/**
 * A user with the numbers that ring them (S0-30). Who has a number is `active`, wherever it came from; the area code of a
 * number that is none of the preferred area is shown as the fallback it is (S0-2).
 */
export async function viewUser(table: Table, scope: TenantScope, user: User): Promise<UserView> {
  const rows = await rowsOfUser(table, scope, user.id);
  const { areaCodeFallback: _stored, ...shown } = user;
  const fallback = await fallbackOf(table, scope, user, rows[0]?.number, rows);
  return {
    ...shown,
    accessibleOus: [],
    numberIds: rows.map((row) => row.id as NumberId),
    state: rows.length > 0 ? 'active' : user.state,
    ...(fallback === undefined ? {} : { areaCodeFallback: fallback }),
  };
}

async function fallbackOf(
  table: Table,
  scope: TenantScope,
  user: User,
  first: string | undefined,
  rows: readonly { readonly number: string }[],
): Promise<string | undefined> {
  const { preferredAreaCode } = user;
  const number = first === undefined ? undefined : asE164(first);
  if (preferredAreaCode === undefined || number === undefined) return undefined;
  const isMet = rows.some((row) => {
    const own = asE164(row.number);
    return own !== undefined && nationalDigits(own).startsWith(preferredAreaCode);
  });
  return isMet ? undefined : (await findNumber(table, scope, number))?.areaCode;
}

/** A flow as its readers see it; simple flows take no parameters. */
export const viewFlow = (flow: CallFlow, appliedTo?: { readonly done: number; readonly of: number }) => ({
  ...flow,
  parameters: [],
  ...(appliedTo ? { appliedTo } : {}),
});
