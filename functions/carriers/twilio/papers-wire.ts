import * as z from 'zod';
import type { PapersState } from '../papers-port.ts';

const STATES = {
  draft: 'draft',
  'pending-review': 'in_review',
  'in-review': 'in_review',
  'twilio-approved': 'approved',
  'provisionally-approved': 'provisionally_approved',
  'twilio-rejected': 'rejected',
} as const satisfies Record<string, PapersState['state']>;

const BundleStatus = z.enum(Object.keys(STATES) as [keyof typeof STATES]);
/** A regulatory bundle. A status we do not know is an error, not a guess. */
export const Bundle = z.object({
  sid: z.string(),
  friendlyName: z.string().nullish(),
  status: BundleStatus,
  validUntil: z.date().nullish(),
});
export type Bundle = z.infer<typeof Bundle>;
export const Item = z.object({ sid: z.string(), objectSid: z.string() });
export type Item = z.infer<typeof Item>;
export const SupportingDocument = z.object({
  sid: z.string(),
  friendlyName: z.string().nullish(),
  status: z.string().nullish(),
  failureReason: z.string().nullish(),
  attributes: z.looseObject({ address_sids: z.array(z.string()).nullish() }).nullish(),
});
export type SupportingDocument = z.infer<typeof SupportingDocument>;
export const Created = z.object({ sid: z.string() });

const Evaluated = z.object({
  passed: z.boolean(),
  requirement_name: z.string().nullish(),
  failure_reason: z.string().nullish(),
  invalid: z.array(z.object({ object_field: z.string().nullish(), failure_reason: z.string().nullish() })).nullish(),
});
/** Twilio's own check of a bundle, before a person looks. */
export const Evaluation = z.object({
  status: z.enum(['compliant', 'noncompliant']),
  results: z.array(Evaluated).nullish(),
});
type Evaluation = z.infer<typeof Evaluation>;
type Rejection = PapersState['rejections'][number];

/** What an evaluation finds missing or wrong, one remark per requirement. */
export function shortcomings(evaluation: Evaluation): readonly Rejection[] {
  const failed = (evaluation.results ?? []).filter((result) => !result.passed);
  return failed.map((result) => {
    const fields = (result.invalid ?? []).map((field) => field.failure_reason ?? '').filter((reason) => reason !== '');
    const remark = fields.length > 0 ? fields.join(' ') : (result.failure_reason ?? 'not accepted');
    return { ...(result.requirement_name ? { requirementId: result.requirement_name } : {}), remark };
  });
}

/** Names of the parts of a bundle: our reference, and for a document the requirement it answers. */
export function documentName(bundleName: string, requirementId: string): string {
  return `${bundleName}.${requirementId}`;
}

/** A document's rejection under the requirement it answered. */
export function toRejection(document: SupportingDocument, bundleName: string): Rejection | undefined {
  if (document.status !== 'rejected' && document.status !== 'expired') return undefined;
  const remark = document.failureReason ?? `the document is ${document.status}`;
  const prefix = `${bundleName}.`;
  const name = document.friendlyName ?? '';
  return name.startsWith(prefix) ? { requirementId: name.slice(prefix.length), remark } : { remark };
}

/** A bundle's state in our words; an approval past its last day is expired. */
export function toState(bundle: Bundle, rejections: readonly Rejection[], now: Date): PapersState {
  const state = STATES[bundle.status];
  const isOver = bundle.validUntil != null && bundle.validUntil.getTime() <= now.getTime();
  const isUsable = state === 'approved' || state === 'provisionally_approved';
  return {
    state: isOver && isUsable ? 'expired' : state,
    ...(bundle.validUntil ? { validUntil: bundle.validUntil.toISOString() } : {}),
    rejections,
  };
}
