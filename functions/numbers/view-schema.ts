import * as z from 'zod';
import { CarrierId } from '../domain/carrier-id.ts';
import { CountryCode, Feature, NumberType } from '../domain/country.ts';
import { E164 } from '../domain/e164.ts';
import { NumberId, RequestId } from '../domain/ids.ts';
import { Money, MonthlyPrice } from '../domain/money.ts';
import { CallState, MessageState, NumberStatistics } from '../inbound/schema.ts';
import { FallbackTarget } from '../tenants/schema.ts';
import { Assignment, NumberState, Ownership } from './schema.ts';

const Instant = z.iso.datetime();

/** What users see of the lifecycle (S2-26). */
export const NumberStatus = z.enum(['pending', 'active', 'past_due', 'canceling', 'released']);
export type NumberStatus = z.infer<typeof NumberStatus>;
export const RoutedTo = z.enum(['workflow', 'extension', 'queue', 'forward', 'voicemail', 'none']);
export type RoutedTo = z.infer<typeof RoutedTo>;
export const NumberAction = z.enum(['view', 'edit', 'assignment']);
export type NumberAction = z.infer<typeof NumberAction>;

/** A number as its readers see it (api-map §6). */
export const NumberView = z
  .object({
    id: NumberId,
    object: z.literal('number'),
    number: E164,
    display: z.string().describe('International form, as +44 1223 555010.'),
    name: z.string().describe('The number itself until somebody renames it.'),
    description: z.string().optional(),
    country: CountryCode,
    type: NumberType,
    areaCode: z.string().optional(),
    locality: z.string().optional(),
    features: z.array(Feature),
    serviceNumber: z.boolean(),
    status: NumberStatus,
    state: NumberState,
    ownership: Ownership,
    routedTo: RoutedTo,
    routingObject: z
      .object({
        type: z.enum(['extension', 'queue', 'call_flow', 'forward', 'voicemail']),
        id: z.string().optional(),
        name: z.string(),
        label: z.string().describe('As "Extension: Pam B."'),
      })
      .optional(),
    assignment: Assignment.optional(),
    effectiveTarget: FallbackTarget.describe('What rings now; the fallback of the tenant when routed to nobody.'),
    monthly: MonthlyPrice.optional(),
    setup: Money.optional(),
    subscription: z.object({ startedOn: z.iso.date(), periodEndsOn: z.iso.date() }),
    statistics: NumberStatistics,
    carrier: CarrierId,
    attention: z.array(z.string()),
    tags: z.array(z.string()),
    metadata: z.record(z.string(), z.string()),
    reference: z.string().optional(),
    actions: z.array(NumberAction).describe('What this caller may do now.'),
    numberRequestId: RequestId.optional(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'Number' });
export type NumberView = z.infer<typeof NumberView>;

/** How many numbers a tenant may have, has, and holds for orders on their way (S2-5). */
export const LimitView = z
  .object({ limit: z.int(), used: z.int(), held: z.int(), remaining: z.int() })
  .meta({ id: 'NumberLimit' });
export type LimitView = z.infer<typeof LimitView>;

const Counts = z.record(z.string(), z.int());
export const NumberSummary = z
  .object({
    object: z.literal('number_summary'),
    status: Counts,
    ownership: Counts,
    country: Counts,
    carrier: Counts,
    routedTo: Counts,
    limit: LimitView,
  })
  .meta({ id: 'NumberSummary' });

export const CallView = z
  .object({
    id: z.string(),
    object: z.literal('call'),
    from: z.string(),
    to: E164,
    startedAt: Instant,
    answeredAt: Instant.optional(),
    endedAt: Instant.optional(),
    durationSeconds: z.int().optional(),
    outcome: CallState,
    target: z.object({ type: z.string(), id: z.string().optional(), name: z.string().optional() }),
  })
  .meta({ id: 'CallRecord' });
export const MessageView = z
  .object({
    id: z.string(),
    object: z.literal('message'),
    direction: z.enum(['inbound', 'outbound']),
    from: z.string(),
    to: z.string(),
    text: z.string(),
    media: z.array(z.object({ url: z.string(), state: z.string() })),
    state: MessageState,
    at: Instant,
    notTexted: z.boolean().describe('It came to a shared number, where texting is not possible.'),
  })
  .meta({ id: 'MessageRecord' });
export const AuditView = z
  .object({
    object: z.literal('audit_entry'),
    entity: z.string(),
    id: z.string(),
    version: z.int(),
    actor: z.object({ kind: z.string(), id: z.string(), name: z.string() }),
    action: z.string(),
    before: z.record(z.string(), z.unknown()),
    after: z.record(z.string(), z.unknown()),
    at: Instant,
  })
  .meta({ id: 'AuditEntry' });
export type AuditView = z.infer<typeof AuditView>;
