import * as z from 'zod';
import { DocumentId, UserId } from '../domain/ids.ts';
import { Money, MonthlyPrice } from '../domain/money.ts';

const Instant = z.iso.datetime();

/** A price and conditions offered to the customer (S0-40, P9). */
export const Terms = z.object({
  version: z.int(),
  state: z.enum(['offered', 'accepted', 'refused', 'expired']),
  reason: z.enum(['special', 'quote', 'restricted', 'price_changed']),
  monthly: MonthlyPrice,
  setup: Money.optional(),
  text: z.string(),
  validUntil: Instant,
  minimumMonths: z.int().optional(),
});
export type Terms = z.infer<typeof Terms>;

export const RejectionReason = z.enum([
  'not_eligible',
  'not_offered',
  'documents_insufficient',
  'fraud_suspected',
  'duplicate',
  'other',
]);
export const Decision = z.object({
  verdict: z.enum(['approved', 'declined']),
  by: UserId,
  byName: z.string(),
  at: Instant,
  comment: z.string().optional(),
  reason: z.string().optional(),
});
export type Decision = z.infer<typeof Decision>;

export const Question = z.object({
  /** `choose_another_number`: a named number is gone and no wish is left. */
  code: z.string().optional(),
  text: z.string(),
  fields: z.array(z.string()),
  /** Numbers that are gone and want replacing. */
  numbers: z.array(z.string()).optional(),
  askedAt: Instant,
  dueAt: Instant.optional(),
  answer: z.string().optional(),
  /** What came with the answer. */
  answered: z.record(z.string(), z.unknown()).optional(),
  documents: z.array(DocumentId).optional(),
});
export type Question = z.infer<typeof Question>;

export const TimelineStep = z.enum([
  'submitted',
  'classified',
  'ticket_opened',
  'approval',
  'terms',
  'information',
  'documents',
  'sourcing',
  'purchase',
  'activation',
  'assignment',
  'closed',
]);
export type TimelineStep = z.infer<typeof TimelineStep>;
export const TimelineEntry = z.object({
  step: TimelineStep,
  state: z.enum(['done', 'current', 'waiting', 'failed', 'undone']),
  at: Instant,
  durationMs: z.int().optional(),
  actor: z.object({
    kind: z.enum(['person', 'api_key', 'system', 'carrier']),
    id: z.string().optional(),
    name: z.string(),
  }),
  detail: z.string().optional(),
});
export type TimelineEntry = z.infer<typeof TimelineEntry>;
