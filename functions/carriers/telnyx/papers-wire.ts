import * as z from 'zod';
import type { PapersState, RequirementItem } from '../papers-port.ts';

const Type = z.object({
  id: z.string().min(1),
  name: z.string().nullish(),
  description: z.string().nullish(),
  example: z.string().nullish(),
  type: z.enum(['document', 'address', 'textual']),
  acceptance_criteria: z
    .object({
      acceptable_values: z.array(z.string()).nullish(),
      locality_limit: z.string().nullish(),
      time_limit: z.string().nullish(),
    })
    .nullish(),
});
export const RequirementsPage = z.object({
  // `requirement_types` in the specification, `requirements_types` in the documentation
  data: z.array(z.object({ requirement_types: z.array(Type).nullish(), requirements_types: z.array(Type).nullish() })),
});

const KINDS = { document: 'document', address: 'address', textual: 'text' } as const;

/** What is asked for, each thing once. An empty list means that nothing is. */
export function toRequirements(page: z.infer<typeof RequirementsPage>): readonly RequirementItem[] {
  const types = page.data.flatMap((entry) => entry.requirement_types ?? entry.requirements_types ?? []);
  return [...new Map(types.map((type) => [type.id, toRequirement(type)])).values()];
}

function toRequirement(type: z.infer<typeof Type>): RequirementItem {
  const criteria = type.acceptance_criteria;
  const months = /(\d{1,2})\s*months?/i.exec(criteria?.time_limit ?? '')?.[1];
  const scope = addressScope(criteria?.locality_limit ?? '');
  const values = criteria?.acceptable_values ?? [];
  return {
    requirementId: type.id,
    kind: KINDS[type.type],
    name: type.name ?? type.id,
    description: type.description ?? '',
    required: true,
    // documents: examples in prose; texts: the only values taken
    acceptedEvidence: values.length > 0 ? values : evidence(type.example ?? ''),
    ...(months !== undefined && { maxAgeMonths: Number(months) }),
    ...(scope && type.type !== 'textual' && { addressScope: scope }),
  };
}

function evidence(example: string): readonly string[] {
  return example
    .split(/,\s*(?:or\s+)?|\s+or\s+/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** The limit is prose; the narrowest place it names counts. */
function addressScope(limit: string): RequirementItem['addressScope'] {
  if (/\b(city|town|locality)\b/i.test(limit)) return 'city';
  if (/\b(area|region|state|province|area code)\b/i.test(limit)) return 'area';
  if (/\b(country|national)\b/i.test(limit)) return 'country';
  return /\b(world|anywhere|any)\b/i.test(limit) ? 'world' : undefined;
}

const GroupState = z.enum(['unapproved', 'pending-approval', 'approved', 'declined', 'expired', 'no-longer-eligible']);
/** Not wrapped in `data`, unlike everything else; lists of it are bare arrays. */
export const GroupRecord = z.object({
  id: z.string().min(1),
  status: GroupState,
  customer_reference: z.string().nullish(),
  created_at: z.string().nullish(),
  regulatory_requirements: z
    .array(
      z.object({
        requirement_id: z.string(),
        field_value: z.string().nullish(),
        status: z.string().nullish(),
        expires_at: z.string().nullish(),
      }),
    )
    .nullish(),
});
export type GroupRecord = z.infer<typeof GroupRecord>;
export const GroupList = z.array(GroupRecord);

export const CommentPage = z.object({
  data: z.array(
    z.object({ body: z.string().nullish(), commenter_type: z.string().nullish(), created_at: z.string().nullish() }),
  ),
});

const STATES = {
  unapproved: 'draft',
  'pending-approval': 'in_review',
  approved: 'approved',
  declined: 'rejected',
  expired: 'expired',
  'no-longer-eligible': 'expired',
} as const satisfies Record<z.infer<typeof GroupState>, PapersState['state']>;

/** The group's state; the reviewers' comments (newest last) are the remarks on what was declined. */
export function toPapersState(group: GroupRecord, comments: z.infer<typeof CommentPage>['data']): PapersState {
  const state = STATES[group.status];
  const lines = group.regulatory_requirements ?? [];
  const ends = lines.map((line) => line.expires_at).filter((end) => typeof end === 'string');
  const validUntil = ends.toSorted()[0];
  return {
    state,
    ...(state === 'approved' && validUntil !== undefined && { validUntil: new Date(validUntil).toISOString() }),
    rejections: state === 'rejected' ? rejections(lines, comments) : [],
  };
}

function rejections(
  lines: NonNullable<GroupRecord['regulatory_requirements']>,
  comments: z.infer<typeof CommentPage>['data'],
): PapersState['rejections'] {
  const remark = comments
    .filter((comment) => comment.commenter_type !== 'user')
    .map((comment) => comment.body ?? '')
    .filter((body) => body !== '')
    .join('\n');
  const declined = lines.filter((line) => line.status === 'declined');
  if (declined.length === 0) return [{ remark: remark || 'declined' }];
  return declined.map((line) => ({ requirementId: line.requirement_id, remark: remark || 'declined' }));
}

export const WithId = z.object({ data: z.object({ id: z.string().min(1) }) });
/** Documents and addresses found again by our reference. */
export const ReferencedPage = z.object({
  data: z.array(z.object({ id: z.string().min(1), customer_reference: z.string().nullish() })),
});
