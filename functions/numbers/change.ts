import { asE164, type E164 } from '../domain/e164.ts';
import { Conflict, NotFound } from '../domain/errors.ts';
import { NumberId } from '../domain/ids.ts';
import type { Principal, TenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { ConditionFailed, type Table, type Write } from '../platform/table.ts';
import type { NumberRecord } from './schema.ts';
import { findNumber, findRow } from './store.ts';
import type { NumberView } from './view-schema.ts';

/** The part of a call that acting on a number needs. */
export interface NumberCall {
  readonly params: { readonly id: NumberId | E164 };
  readonly who: Principal;
  readonly scope: TenantScope;
  readonly now: Date;
  readonly ifMatch: number | undefined;
  checkVersion(version: number, present?: unknown): void;
}
/** Times a change is planned anew when something beside the number itself moved in between. */
const ROUNDS = 8;

/** Customer success, and the platform owner who may do what they may (api-map §13). */
export const isSupport = (who: Pick<Principal, 'roles'>): boolean =>
  who.roles.some((role) => role === 'customer_success' || role === 'operator');
/** A plain user sees the numbers that ring them, nothing else (api-map §6, "own"). */
export const seesOnlyOwn = (who: Pick<Principal, 'roles'>): boolean => who.roles.every((role) => role === 'customer');

/** The tenant's number of an id or an E.164; another tenant's, and an earlier life of one, look missing (I7). */
export async function getNumber(table: Table, scope: TenantScope, id: NumberId | E164): Promise<NumberRecord> {
  const number = asE164(id);
  const row = number ? undefined : await findRow(table, scope, NumberId.parse(id));
  const record = await findNumber(table, scope, number ?? (row?.number as E164 | undefined) ?? NONE);
  if (!record || (row && row.id !== record.id))
    throw new NotFound({ code: 'not_found', detail: `There is no number ${id}.` });
  return record;
}
const NONE = '+' as E164;

/** 412 with the present number when `If-Match` names another version (A2). */
export async function checkPresent(
  call: Pick<NumberCall, 'ifMatch' | 'checkVersion'>,
  record: NumberRecord,
  view: (record: NumberRecord) => Promise<NumberView>,
): Promise<void> {
  const isOther = call.ifMatch !== undefined && call.ifMatch !== record.version;
  call.checkVersion(record.version, isOther ? await view(record) : undefined);
}

/**
 * Changes a number in one conditional transaction. `plan` checks and says what is written; when a target or another number
 * moved in between it is asked again, when the number itself did, the caller hears 409 `conflict` (A2).
 */
export async function changeNumber(
  deps: Pick<Deps, 'table'>,
  call: Pick<NumberCall, 'params' | 'scope'>,
  plan: (before: NumberRecord) => Promise<{ record: NumberRecord; writes: readonly Write[] } | undefined>,
): Promise<NumberRecord> {
  const first = await getNumber(deps.table, call.scope, call.params.id);
  for (let before = first, round = 1; ; round++) {
    const planned = await plan(before);
    if (!planned) return before;
    try {
      await deps.table.write(planned.writes);
      return planned.record;
    } catch (error) {
      if (!(error instanceof ConditionFailed) || round >= ROUNDS) throw error;
    }
    before = await getNumber(deps.table, call.scope, call.params.id);
    if (before.version !== first.version)
      throw new Conflict({
        code: 'conflict',
        detail: 'Somebody changed this number at the same moment; read it again.',
      });
  }
}
