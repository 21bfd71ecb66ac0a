import * as z from 'zod';
import { CarrierId } from '../domain/carrier-id.ts';
import { CountryClass, CountryCode, Feature, NumberType, Subject } from '../domain/country.ts';
import { E164 } from '../domain/e164.ts';
import { BundleId, DocumentId, EndUserId, RequestId, TaskId, TenantId, TicketId, UserId } from '../domain/ids.ts';
import { Money, MonthlyPrice } from '../domain/money.ts';
import { Assignment } from '../numbers/schema.ts';
import { Decision, Question, Terms, TimelineEntry } from './decision-schema.ts';
import { PapersOnRequest, RequirementOnRequest } from './papers-schema.ts';

const Instant = z.iso.datetime();

export const RequestState = z.enum([
  'submitted',
  'classified',
  'terms_pending',
  'approval_pending',
  'quote_pending',
  'info_requested',
  'documents_pending',
  'documents_review',
  'sourcing',
  'ordering',
  'resolving',
  'activating',
  'assigning',
  'completed',
  'partially_completed',
  'completed_with_issue',
  'declined',
  'expired',
  'cancelled',
  'failed',
]);
export type RequestState = z.infer<typeof RequestState>;
export const FINAL_STATES: readonly RequestState[] = [
  'completed',
  'partially_completed',
  'completed_with_issue',
  'declined',
  'expired',
  'cancelled',
  'failed',
];

export const WaitingFor = z.enum(['customer', 'customer_success', 'carrier', 'nobody']);
export const Policy = z.enum(['all_or_nothing', 'best_effort', 'exact_count']);
export type Policy = z.infer<typeof Policy>;
export const Purpose = z.enum([
  'local_presence',
  'answer_rates',
  'compliance',
  'separate_functions',
  'new_region',
  'other',
]);
export const Channel = z.enum(['form', 'sales', 'support', 'success_manager', 'api']);

/** What would do, when no exact number is named. Digits of `contains` are 2–15, letters allowed where a carrier has them. */
export const Wish = z.strictObject({
  areaCode: z
    .string()
    .regex(/^\d{1,6}$/, 'digits without the national 0')
    .optional(),
  locality: z.string().min(1).max(80).optional(),
  region: z.string().min(1).max(80).optional(),
  contains: z
    .string()
    .regex(/^[0-9A-Za-z]{2,15}$/, '2 to 15 digits or letters')
    .optional(),
  match: z.enum(['starts', 'anywhere', 'ends']).optional(),
  features: z.array(Feature).max(4).optional(),
  maxMonthly: MonthlyPrice.optional(),
});
export type Wish = z.infer<typeof Wish>;

/** An exact number with the price its buyer has seen. */
export const NamedNumber = z.strictObject({
  number: z.string(),
  monthly: MonthlyPrice.optional(),
  setup: Money.optional(),
  carrier: CarrierId.optional(),
});
export type NamedNumber = z.infer<typeof NamedNumber>;

const Reference = z.string().max(200);
const Tags = z.array(z.string().min(1).max(100)).max(50);
export const MOST_METADATA = 20;
const Metadata = z
  .record(z.string().min(1).max(40), z.string().max(500))
  .refine((map) => Object.keys(map).length <= MOST_METADATA, 'at most 20 keys');

/** Fields that POST takes and PATCH may change before sourcing. */
export const Changeable = z.strictObject({
  ...Wish.shape,
  alternatives: z.array(Wish).max(5).optional(),
  name: z.string().min(1).max(100).optional(),
  assignment: Assignment.optional(),
  reference: Reference.optional(),
  tags: Tags.optional(),
  metadata: Metadata.optional(),
});
/** Each is told where it is used in the transaction that accepts the request. */
const MOST_DOCUMENTS = 20;
export const NewRequest = z.strictObject({
  ...Changeable.shape,
  country: CountryCode,
  type: NumberType.optional(),
  numbers: z.array(NamedNumber).min(1).max(100).optional(),
  quantity: z.int().min(1).max(100).optional(),
  policy: Policy.optional(),
  wantedBy: z.iso.date().optional(),
  purpose: Purpose.optional(),
  purposeNote: z.string().max(500).optional(),
  channel: Channel.optional(),
  subject: Subject.optional(),
  endUserId: EndUserId.optional(),
  bundleId: BundleId.optional(),
  documents: z.array(DocumentId).max(MOST_DOCUMENTS).optional(),
});
export type NewRequest = z.infer<typeof NewRequest>;

export const Failure = z.object({ code: z.string(), detail: z.string() });

/** A number request as stored (`TEN#<t>` / `REQ#<id>`). Its numbers lie beside it, one intent an attempt. */
export const NumberRequest = z.object({
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
  /** Exact numbers asked for, in E.164. */
  named: z.array(z.object({ number: E164, monthly: Money, setup: Money.optional(), carrier: CarrierId.optional() })),
  wish: Wish,
  alternatives: z.array(Wish),
  wantedBy: z.string().optional(),
  purpose: Purpose,
  purposeNote: z.string().optional(),
  channel: Channel,
  name: z.string().optional(),
  assignment: Assignment.optional(),
  subject: Subject,
  endUserId: EndUserId.optional(),
  bundleId: BundleId.optional(),
  documents: z.array(DocumentId).optional(),
  reference: z.string().optional(),
  tags: z.array(z.string()),
  metadata: z.record(z.string(), z.string()),
  requestedBy: UserId,
  requester: z.object({ name: z.string(), email: z.string() }),
  ticketId: TicketId,
  /** The open inbox task that stands for this request, if a person must act. */
  taskId: TaskId.optional(),
  /** Everybody agreed: sourcing may begin. Instant from which it counts (after an undo window). */
  agreedAt: Instant.optional(),
  /** Price the customer accepted last: the cap of an order. */
  agreedPrice: z.object({ monthly: MonthlyPrice, setup: Money.optional() }).optional(),
  /** Terms of its own that the customer accepted: what is charged, whatever the carrier takes (S0-40). */
  agreedTerms: z.object({ monthly: MonthlyPrice, setup: Money.optional() }).optional(),
  /** Given up after orders had begun: how it ends if nothing was bought. */
  givenUp: z.enum(['declined', 'expired', 'failed']).optional(),
  /**
   * Counted so far against the daily cap, whole micro-units of the tenant's currency a month, on which day last, and how
   * much of it on that day (all of it where nothing is said).
   */
  committed: z.object({ day: z.iso.date(), micros: z.int(), onDay: z.int().optional() }).optional(),
  terms: Terms.optional(),
  decision: Decision.optional(),
  approvals: z.array(z.object({ by: UserId, name: z.string(), at: Instant })),
  approvalsNeeded: z.int(),
  undoUntil: Instant.optional(),
  question: Question.optional(),
  resumesTo: RequestState.optional(),
  hold: z.object({ reason: z.string(), since: Instant }).optional(),
  requirements: z.array(RequirementOnRequest),
  papers: PapersOnRequest.optional(),
  dueAt: Instant.optional(),
  expiresAt: Instant.optional(),
  /** Next thing the sweep has to do for this request, and what was already done for the present wait. */
  nextTimerAt: Instant.optional(),
  reminded: z.int(),
  escalated: z.boolean(),
  /** Since when the present turn runs: what due dates and reminders count from. */
  waitingSince: Instant,
  /** Slots of the tenant's limit this request took and has not given back (I8). */
  slots: z.int(),
  /** Point of no return: an order may have left. */
  orderedAt: Instant.optional(),
  timeline: z.array(TimelineEntry),
  failure: Failure.optional(),
  /** Names of executions beyond the first (`<id>.2` …). */
  executions: z.int(),
  createdAt: Instant,
  updatedAt: Instant,
  version: z.int(),
});
export type NumberRequest = z.infer<typeof NumberRequest>;
