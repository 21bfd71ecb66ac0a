import * as z from 'zod';
import { CarrierId } from '../domain/carrier-id.ts';
import { CountryClass, CountryCode, NumberType, Subject } from '../domain/country.ts';
import { RequestId, TenantId, TicketId, UserId } from '../domain/ids.ts';
import { Money, MonthlyPrice } from '../domain/money.ts';
import { Assignment } from '../numbers/schema.ts';
import { Decision, Question, Terms, TimelineEntry } from './decision-schema.ts';
import { RequirementOnRequest } from './papers-schema.ts';
import { Channel, Failure, Policy, Purpose, RequestState, WaitingFor, Wish } from './schema.ts';

const Instant = z.iso.datetime();

export const RequestAction = z.enum([
  'approval',
  'rejection',
  'terms',
  'acceptance',
  'refusal',
  'information_request',
  'information',
  'documents_review',
  'requirements',
  'cancellation',
  'comment',
]);
export type RequestAction = z.infer<typeof RequestAction>;

/** One place of a request: the number chosen or wanted, and how far it is. */
export const RequestedNumber = z.object({
  number: z.string(),
  state: z.enum([
    'wanted',
    'chosen',
    'ordered',
    'pending',
    'being_confirmed',
    'bought',
    'active',
    'refused',
    'withdrawn',
  ]),
  carrier: CarrierId.optional(),
  monthly: MonthlyPrice.optional(),
  setup: Money.optional(),
  numberId: z.string().optional(),
  failure: Failure.optional(),
});

/** A number request as its readers see it (api-map §4). */
export const NumberRequestView = z
  .object({
    id: RequestId,
    object: z.literal('number_request'),
    tenantId: TenantId,
    state: RequestState,
    class: CountryClass,
    waitingFor: WaitingFor,
    country: CountryCode,
    type: NumberType,
    quantity: z.int(),
    policy: Policy,
    wish: Wish,
    alternatives: z.array(Wish),
    wantedBy: z.string().optional(),
    purpose: Purpose,
    purposeNote: z.string().optional(),
    channel: Channel,
    name: z.string().optional(),
    assignment: Assignment.optional(),
    subject: Subject,
    endUserId: z.string().optional(),
    bundleId: z.string().optional(),
    documents: z.array(z.string()).optional(),
    reference: z.string().optional(),
    tags: z.array(z.string()),
    metadata: z.record(z.string(), z.string()),
    requestedBy: UserId,
    ticketId: TicketId,
    dueAt: Instant.optional(),
    expiresAt: Instant.optional(),
    cancellable: z.boolean(),
    actions: z.array(RequestAction).describe('What this caller may do now.'),
    numbers: z.array(RequestedNumber),
    terms: Terms.optional(),
    decision: Decision.omit({ byName: true }).extend({ byName: z.string().optional() }).optional(),
    approvalsMissing: z.int().optional(),
    question: Question.optional(),
    resumesTo: RequestState.optional(),
    hold: z.object({ reason: z.string(), since: Instant }).optional(),
    requirements: z.array(RequirementOnRequest),
    timeline: z.array(TimelineEntry),
    failure: Failure.optional(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'NumberRequest' });
export type NumberRequestView = z.infer<typeof NumberRequestView>;
