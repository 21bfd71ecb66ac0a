import * as z from 'zod';
import { BundleId, TenantId } from '../domain/ids.ts';
import { tenantScope } from '../platform/auth.ts';
import { ConditionFailed } from '../platform/table.ts';
import { task } from '../platform/task.ts';
import { attend, type PapersDeps } from './attend-bundle.ts';
import { BundleState } from './bundle-schema.ts';
import { findBundle } from './bundle-store.ts';

/** Times a set is looked at again when somebody changed it while its carrier was asked. */
const ROUNDS = 5;

/**
 * Does the next thing a set of papers needs of its carrier: asks what is needed, hands in, reads the review again. A webhook,
 * a timer and a call all mean only this (reliability §5); running it again changes nothing that was done.
 */
export const attendBundle = task({
  name: 'AttendBundle',
  input: z.strictObject({ tenantId: TenantId, bundleId: BundleId }),
  output: z.object({ state: BundleState.optional() }),
  async run({ tenantId, bundleId }, deps: PapersDeps) {
    for (let round = 1; ; round++) {
      const bundle = await findBundle(deps.table, tenantScope(tenantId), bundleId);
      if (!bundle) return {};
      try {
        return { state: (await attend(deps, bundle)).state };
      } catch (error) {
        // What was read of the carrier belongs to the version it was read for (R5): both are read anew.
        if (!(error instanceof ConditionFailed) || round >= ROUNDS) throw error;
      }
    }
  },
});

/** Runs in the carriers function, which alone may read their credentials; started by `statemachines/attend-bundle.asl.json`. */
export const complianceTasks = [attendBundle] as const;
