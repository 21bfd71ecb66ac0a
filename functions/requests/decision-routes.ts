import * as z from 'zod';
import { route } from '../contract/route.ts';
import { Money, MonthlyPrice } from '../domain/money.ts';
import { RejectionReason } from './decision-schema.ts';
import { Id } from './routes.ts';
import { NumberRequestView } from './view-schema.ts';

const tag = 'Decisions';
const decision = { tag, scope: 'tenant', decision: true, params: Id, returns: NumberRequestView } as const;
export const success = { ...decision, roles: ['customer_success'] } as const;
/** Acts of customer success that decide nothing: operators may do them too (api-map §13). */
export const staffActs = {
  tag,
  scope: 'tenant',
  params: Id,
  returns: NumberRequestView,
  roles: ['customer_success'],
} as const;
export const own = {
  tag,
  scope: 'tenant',
  params: Id,
  returns: NumberRequestView,
  roles: ['customer', 'tenant_admin'],
  keyScope: 'requests:write',
} as const;
export const DECISION_ERRORS = ['NotFound', 'NotAllowed', 'Conflict', 'Stale', 'InvalidInput'] as const;

export const TermsBody = z.strictObject({
  monthly: MonthlyPrice,
  setup: Money.describe('Once; `0.00` where nothing is charged.'),
  text: z.string().min(1).max(2000),
  validUntil: z.iso.datetime(),
  minimumMonths: z.int().min(1).max(60).optional(),
});
export type TermsBody = z.infer<typeof TermsBody>;

export const approveNumberRequest = route({
  ...success,
  method: 'post',
  path: '/v1/number-requests/{id}/approval',
  operationId: 'approveNumberRequest',
  summary: 'Approve a restricted request: from here on carriers may be asked',
  keyScope: 'requests:approve',
  idempotency: 'required',
  ifMatch: 'required',
  body: z.strictObject({
    comment: z.string().max(2000).optional(),
    terms: TermsBody.optional(),
    waived: z
      .array(z.strictObject({ requirementId: z.string().min(1), reason: z.string().min(1).max(500) }))
      .max(50)
      .optional(),
    undoSeconds: z.int().min(0).max(30).optional(),
  }),
  errors: [...DECISION_ERRORS, 'PreconditionRequired'],
  codes: ['own_request', 'own_approval', 'already_decided', 'wrong_state'],
});
export const undoApproval = route({
  ...success,
  method: 'delete',
  path: '/v1/number-requests/{id}/approval',
  operationId: 'undoApproval',
  summary: 'Take an approval back within its undo time',
  status: 200,
  errors: ['NotFound', 'Conflict'],
  codes: ['too_late'],
});
export const rejectNumberRequest = route({
  ...success,
  method: 'post',
  path: '/v1/number-requests/{id}/rejection',
  operationId: 'rejectNumberRequest',
  summary: 'Decline a request',
  keyScope: 'requests:approve',
  idempotency: 'accepted',
  ifMatch: 'accepted',
  body: z.strictObject({ reason: RejectionReason, comment: z.string().min(1).max(2000) }),
  errors: DECISION_ERRORS,
  codes: ['own_request', 'already_decided', 'wrong_state'],
});
export const offerTerms = route({
  ...success,
  method: 'post',
  path: '/v1/number-requests/{id}/terms',
  operationId: 'offerTerms',
  summary: 'Offer terms and a price to the customer',
  idempotency: 'accepted',
  ifMatch: 'accepted',
  body: TermsBody,
  errors: DECISION_ERRORS,
  codes: ['own_request', 'wrong_state'],
});

export const acceptTerms = route({
  ...own,
  method: 'post',
  path: '/v1/number-requests/{id}/acceptance',
  operationId: 'acceptTerms',
  summary: 'Accept the terms on offer',
  idempotency: 'required',
  ifMatch: 'accepted',
  body: z.strictObject({ termsVersion: z.int().min(1) }),
  errors: ['NotFound', 'Conflict', 'Stale', 'InvalidInput'],
  codes: ['terms_changed', 'terms_expired', 'wrong_state'],
});
export const refuseTerms = route({
  ...own,
  method: 'post',
  path: '/v1/number-requests/{id}/refusal',
  operationId: 'refuseTerms',
  summary: 'Refuse the terms on offer',
  idempotency: 'accepted',
  ifMatch: 'accepted',
  body: z.strictObject({ reason: z.string().max(500).optional() }),
  errors: ['NotFound', 'Conflict', 'Stale'],
  codes: ['wrong_state'],
});
