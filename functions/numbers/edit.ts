import { InvalidInput } from '../domain/errors.ts';
import type { NumberChange } from './change-schema.ts';
import type { NumberRecord } from './schema.ts';

const MOST_KEYS = 20;

/** The record with its labels changed as JSON merge patch says; undefined when nothing is different. Throws InvalidInput. */
export function edited(
  before: NumberRecord,
  change: NumberChange,
  at: Date,
): Omit<NumberRecord, 'version'> | undefined {
  const { name, description, reference, ...rest } = before;
  const next = {
    ...rest,
    ...taken('name', name, change.name === before.number ? null : change.name),
    ...taken('description', description, change.description === '' ? null : change.description),
    ...taken('reference', reference, change.reference === '' ? null : change.reference),
    tags: change.tags === undefined ? before.tags : [...new Set(change.tags ?? [])],
    metadata: merged(before.metadata, change.metadata),
  };
  if (JSON.stringify(labels(before)) === JSON.stringify(labels(next))) return undefined;
  return { ...next, updatedAt: at.toISOString() };
}

type Labels = Pick<NumberRecord, 'name' | 'description' | 'reference' | 'tags' | 'metadata'>;
const labels = ({ name, description, reference, tags, metadata }: Labels) => [
  name ?? null,
  description ?? null,
  reference ?? null,
  tags,
  metadata,
];

const taken = <Name extends string>(
  name: Name,
  before: string | undefined,
  wanted: string | null | undefined,
): { readonly [N in Name]?: string } => {
  const value = wanted === undefined ? before : wanted;
  return (value === undefined || value === null ? {} : { [name]: value }) as { readonly [N in Name]?: string };
};

function merged(before: NumberRecord['metadata'], change: NumberChange['metadata']): NumberRecord['metadata'] {
  if (change === undefined) return before;
  const all = Object.entries({ ...before, ...change });
  const kept = change === null ? [] : all.flatMap(([key, value]) => (value === null ? [] : [[key, value] as const]));
  if (kept.length <= MOST_KEYS) return Object.fromEntries(kept);
  const detail = `must have at most ${MOST_KEYS} keys`;
  throw new InvalidInput({
    code: 'invalid_input',
    detail: `metadata ${detail}.`,
    errors: [{ pointer: '#/metadata', code: 'too_many', detail, rule: `max_members ${MOST_KEYS}` }],
  });
}
