import { mergePatch } from '../contract/merge-patch.ts';
import { InvalidInput } from '../domain/errors.ts';
import type { Planned } from './approval.ts';
import type { RequestChange } from './change-schema.ts';
import { approvalsNeeded, CHANGEABLE, requireState } from './decide.ts';
import { MOST_METADATA, type NumberRequest } from './schema.ts';

/** A merge patch on wish, name, assignment and labels before sourcing; the assignment is replaced as a whole. Pure. */
export function planChange(request: NumberRequest, change: RequestChange): Planned {
  requireState(request, CHANGEABLE, 'a change');
  const { alternatives, name, assignment, reference, tags, metadata, ...wish } = change;
  const wanted = {
    wish: mergePatch(request.wish, wish),
    ...(alternatives === undefined ? {} : { alternatives: alternatives ?? [] }),
  };
  requireCovered(request, { ...request, ...wanted });
  return {
    action: 'changed',
    fields: {
      ...wanted,
      ...(name === undefined ? {} : { name: name ?? undefined }),
      ...(assignment === undefined ? {} : { assignment: assignment ?? undefined }),
      ...(reference === undefined ? {} : { reference: reference ?? undefined }),
      ...(tags === undefined ? {} : { tags: tags ?? [] }),
      ...(metadata === undefined ? {} : { metadata: metadata === null ? {} : merged(request.metadata, metadata) }),
    },
  };
}

/**
 * An approval covers what it was given for: beyond it the price that asks for a second person is not passed, and no limit
 * is taken away, by the customer alone (DESIGN §9). Where terms are made, they are the limit. Throws 409 `wrong_state`.
 */
function requireCovered(request: NumberRequest, next: NumberRequest): void {
  const hasTerms = request.terms !== undefined && request.terms.reason !== 'price_changed';
  if (request.decision?.verdict !== 'approved' || hasTerms) return;
  const isOpen = ({ named, wish, alternatives }: NumberRequest): boolean =>
    [...(named.length > 0 ? [] : [wish]), ...alternatives].some(({ maxMonthly }) => maxMonthly === undefined);
  const isLifted = isOpen(next) && !isOpen(request);
  if (isLifted || approvalsNeeded(next) > request.approvals.length)
    requireState(request, ['approval_pending'], 'a price above what was approved');
}

function merged(
  before: NumberRequest['metadata'],
  change: NonNullable<RequestChange['metadata']>,
): NumberRequest['metadata'] {
  const metadata = mergePatch(before, change);
  if (Object.keys(metadata).length <= MOST_METADATA) return metadata;
  const detail = `at most ${MOST_METADATA} keys`;
  throw new InvalidInput({
    code: 'invalid_input',
    detail: `metadata: ${detail}.`,
    errors: [{ pointer: '#/metadata', code: 'too_many_keys', detail }],
  });
}
