import * as z from 'zod';
import { route } from '../contract/route.ts';
import { DocumentId } from '../domain/ids.ts';
import { DECISION_ERRORS, own, staffActs, success } from './decision-routes.ts';
import { Address } from './papers-schema.ts';
import { Id } from './routes.ts';
import { NamedNumber } from './schema.ts';
import { NumberRequestView } from './view-schema.ts';

export const reviewDocuments = route({
  ...success,
  method: 'post',
  path: '/v1/number-requests/{id}/documents-review',
  operationId: 'reviewDocuments',
  summary: 'Accept or reject what was handed in',
  idempotency: 'accepted',
  ifMatch: 'accepted',
  body: z.strictObject({
    documents: z
      .array(
        z.strictObject({
          id: z.string().min(1).max(80).describe('A document id, or the requirement id of a text or address.'),
          verdict: z.enum(['accepted', 'rejected']),
          reason: z.enum(['unreadable', 'expired', 'wrong_person', 'wrong_type', 'incomplete', 'other']).optional(),
          remark: z.string().max(500).optional(),
        }),
      )
      .max(50),
    waived: z
      .array(z.strictObject({ requirementId: z.string().min(1), reason: z.string().min(1).max(500) }))
      .max(50)
      .optional(),
    listComplete: z.literal(true).optional().describe('Nothing else is needed, where nobody knows the list.'),
  }),
  errors: DECISION_ERRORS,
  codes: ['own_request', 'wrong_state', 'unknown_document'],
});

export const askForInformation = route({
  ...staffActs,
  method: 'post',
  path: '/v1/number-requests/{id}/information-request',
  operationId: 'askForInformation',
  summary: 'Ask the customer a question',
  idempotency: 'accepted',
  ifMatch: 'accepted',
  body: z.strictObject({
    question: z.string().min(1).max(2000),
    fields: z.array(z.string().max(80)).max(20).optional(),
    dueAt: z.iso.datetime().optional(),
  }),
  errors: DECISION_ERRORS,
  codes: ['wrong_state'],
});

export const addRequirement = route({
  ...staffActs,
  method: 'post',
  path: '/v1/number-requests/{id}/requirements',
  operationId: 'addRequirement',
  summary: 'Complete the list of papers where nobody knows it',
  idempotency: 'accepted',
  status: 201,
  body: z.strictObject({
    kind: z.enum(['document', 'text', 'address']),
    name: z.string().min(1).max(100),
    description: z.string().min(1).max(1000),
  }),
  errors: ['NotFound', 'Conflict', 'InvalidInput'],
  codes: ['wrong_state'],
});

export const giveInformation = route({
  ...own,
  method: 'post',
  path: '/v1/number-requests/{id}/information',
  operationId: 'giveInformation',
  summary: 'Answer a question, or choose another number',
  description: 'Where the question is to choose another number, `fields.numbers` names it.',
  idempotency: 'accepted',
  ifMatch: 'accepted',
  body: z.strictObject({
    answer: z.string().min(1).max(4000),
    documents: z.array(DocumentId).max(20).optional(),
    fields: z.looseObject({ numbers: z.array(NamedNumber).min(1).max(100).optional() }).optional(),
  }),
  errors: ['NotFound', 'Conflict', 'Stale', 'InvalidInput'],
  codes: ['wrong_state', 'invalid_number', 'price_required'],
});

export const handInRequirement = route({
  tag: 'Papers',
  scope: 'tenant',
  roles: ['customer', 'tenant_admin', 'customer_success'],
  keyScope: 'requests:write',
  method: 'put',
  path: '/v1/number-requests/{id}/requirements/{requirementId}',
  operationId: 'handInRequirement',
  summary: 'Hand in one requirement: a document, a text or an address',
  ifMatch: 'accepted',
  params: z.strictObject({ ...Id.shape, requirementId: z.string().min(1).max(80) }),
  body: z.strictObject({
    documentId: DocumentId.optional(),
    value: z.string().min(1).max(500).optional(),
    address: Address.optional(),
  }),
  returns: NumberRequestView,
  errors: ['NotFound', 'Conflict', 'Stale', 'InvalidInput'],
  codes: ['wrong_state', 'wrong_kind', 'unknown_document'],
});
