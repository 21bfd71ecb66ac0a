import { mergePatch } from '../contract/merge-patch.ts';
import { InvalidInput } from '../domain/errors.ts';
import type { Planned } from './approval.ts';
import type { RequestChange } from './change-schema.ts';
import { CHANGEABLE, requireState } from './decide.ts';
import { MOST_METADATA, type NumberRequest } from './schema.ts';

/** A merge patch on wish, name, assignment and labels before sourcing; the assignment is replaced as a whole. Pure. */
export function planChange(request: NumberRequest, change: RequestChange): Planned {
  requireState(request, CHANGEABLE, 'a change');
  const { alternatives, name, assignment, reference, tags, metadata, ...wish } = change;
  return {
    action: 'changed',
    fields: {
      wish: mergePatch(request.wish, wish),
      ...(alternatives === undefined ? {} : { alternatives: alternatives ?? [] }),
      ...(name === undefined ? {} : { name: name ?? undefined }),
      ...(assignment === undefined ? {} : { assignment: assignment ?? undefined }),
      ...(reference === undefined ? {} : { reference: reference ?? undefined }),
      ...(tags === undefined ? {} : { tags: tags ?? [] }),
      ...(metadata === undefined ? {} : { metadata: metadata === null ? {} : merged(request.metadata, metadata) }),
    },
  };
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
