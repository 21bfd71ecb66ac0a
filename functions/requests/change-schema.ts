import * as z from 'zod';
import { Changeable } from './schema.ts';

/** A merge patch of what may change before sourcing: `null` takes a value away, labels are merged one by one. */
export const RequestChange = z.strictObject({
  areaCode: Changeable.shape.areaCode.nullable(),
  locality: Changeable.shape.locality.nullable(),
  region: Changeable.shape.region.nullable(),
  contains: Changeable.shape.contains.nullable(),
  match: Changeable.shape.match.nullable(),
  features: Changeable.shape.features.nullable(),
  maxMonthly: Changeable.shape.maxMonthly.nullable(),
  alternatives: Changeable.shape.alternatives.nullable(),
  name: Changeable.shape.name.nullable(),
  assignment: Changeable.shape.assignment.nullable(),
  reference: Changeable.shape.reference.nullable(),
  tags: Changeable.shape.tags.nullable(),
  metadata: z.record(z.string().min(1).max(40), z.string().max(500).nullable()).nullable().optional(),
});
export type RequestChange = z.infer<typeof RequestChange>;
