import type * as z from 'zod';
import { Conflict, NotFound } from '../domain/errors.ts';
import type { BundleId } from '../domain/ids.ts';
import type { TenantScope } from '../platform/auth.ts';
import type { Deps } from '../platform/deps.ts';
import { ConditionFailed, type Write } from '../platform/table.ts';
import type { BundleView } from './bundle-routes.ts';
import type { Bundle } from './bundle-schema.ts';
import { findBundle } from './bundle-store.ts';

/** A set as its readers see it. */
export function viewBundle(bundle: Bundle): z.output<typeof BundleView> {
  const { tenantId: _t, refs: _r, createdBy: _c, submittedBy: _s, taskId: _i, version: _v, ...shown } = bundle;
  return shown;
}
export async function openBundle(deps: Pick<Deps, 'table'>, scope: TenantScope, id: BundleId): Promise<Bundle> {
  const found = await findBundle(deps.table, scope, id);
  if (!found) throw new NotFound({ code: 'not_found', detail: `There is no bundle ${id}.` });
  return found;
}
/** Throws 409: in this state it does not change. */
export function requireBundleState(bundle: Bundle, states: readonly Bundle['state'][], what: string): void {
  if (states.includes(bundle.state)) return;
  const state = bundle.state.replaceAll('_', ' ');
  throw new Conflict({ code: 'wrong_state', detail: `The bundle is ${state}; ${what} is not possible.` });
}
export async function writeOrConflict(deps: Pick<Deps, 'table'>, writes: readonly Write[]): Promise<void> {
  try {
    await deps.table.write(writes);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    throw new Conflict({ code: 'conflict', detail: 'Somebody changed this at the same moment; read it again.' });
  }
}
