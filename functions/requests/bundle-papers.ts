import { type Bundle, isUsable } from '../compliance/bundle-schema.ts';
import { findBundle, mismatchOf, papersOfBundle, requirementsOfBundle } from '../compliance/bundle-store.ts';
import { tenantScope } from '../platform/auth.ts';
import type { BuyDeps } from './buy-deps.ts';
import type { PapersOnRequest } from './papers-schema.ts';
import { ADDED } from './requirements.ts';
import { saveRequest } from './save.ts';
import type { NumberRequest } from './schema.ts';
import { SYSTEM } from './timeline.ts';

const APPROVED: readonly PapersOnRequest['state'][] = ['approved', 'provisionally_approved'];

/**
 * The request with the papers of the set it names: taken over once that can be ordered with, so that nothing is reviewed a
 * second time; given up again if it has run out before an order left, and then asked for like any other.
 */
export async function withBundle(deps: BuyDeps, request: NumberRequest): Promise<NumberRequest> {
  const { bundleId, papers } = request;
  const at = deps.clock.now();
  const isTaken = papers?.bundle !== undefined;
  // What customer success asks for beside it no set answers.
  const isMore = request.requirements.some((one) => one.requirementId.startsWith(ADDED));
  if (!bundleId || (isTaken ? !APPROVED.includes(papers.state) : papers || isMore) || request.orderedAt) return request;
  const found = await findBundle(deps.table, tenantScope(request.tenantId), bundleId);
  const bundle = found && isUsable(found, at) && !mismatch(request, found) ? found : undefined;
  if (isTaken === (bundle !== undefined)) return request;
  const fields = bundle
    ? { papers: papersOfBundle(bundle) satisfies PapersOnRequest, requirements: requirementsOfBundle(bundle) }
    : { papers: undefined, requirements: toBeJudged(request) };
  return saveRequest(deps, { tenantId: request.tenantId, requestId: request.id }, () => ({
    move: { action: bundle ? 'bundle_taken' : 'bundle_lost', actor: SYSTEM, at, fields },
  }));
}

const mismatch = ({ country, type, named }: NumberRequest, bundle: Bundle): string | undefined =>
  mismatchOf(bundle, { country, type, carriers: named.flatMap(({ carrier }) => (carrier ? [carrier] : [])) });

/** What a set held that counts no more: still at hand, but somebody has to look at it. */
const toBeJudged = ({ requirements }: NumberRequest): NumberRequest['requirements'] =>
  requirements.map((one) => (one.state === 'accepted' ? { ...one, state: 'received' } : one));
