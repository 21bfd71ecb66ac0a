import * as z from 'zod';
import { CarrierId } from '../domain/carrier-id.ts';
import { E164 } from '../domain/e164.ts';
import { NumberId, TenantId } from '../domain/ids.ts';

/** How a call or message stands; each list is in rank order: time never moves a record back (V5, I15). */
export const CallState = z.enum(['ringing', 'answered', 'cancelled', 'no_answer', 'busy', 'failed', 'completed']);
export type CallState = z.infer<typeof CallState>;
export const MessageState = z.enum(['received', 'sent', 'failed', 'delivered']);
export type MessageState = z.infer<typeof MessageState>;

const Filed = z.object({
  id: z.string(),
  carrier: CarrierId,
  /** The carrier's own id of the call or message. */
  carrierRef: z.string(),
  tenantId: TenantId,
  numberId: NumberId,
  version: z.int(),
});

/** A call to a number, as its carrier's status events tell it (S3-9, S2-23). */
export const CallRecord = Filed.extend({
  /** Any notation, also `anonymous` or a SIP address. */
  from: z.string(),
  to: E164,
  state: CallState,
  startedAt: z.string(),
  answeredAt: z.string().optional(),
  endedAt: z.string().optional(),
  durationSeconds: z.int().optional(),
  /** What the number rang when the first event came. */
  target: z.object({ type: z.string(), id: z.string().optional(), name: z.string().optional() }),
  /** A message the caller left, at the carrier. */
  recordingUrl: z.string().optional(),
});
export type CallRecord = z.infer<typeof CallRecord>;

/** A text message to or from a number. */
export const MessageRecord = Filed.extend({
  direction: z.enum(['inbound', 'outbound']),
  from: z.string(),
  to: z.string(),
  text: z.string(),
  /** Links as the carrier gave them: nothing was fetched (V11). */
  media: z.array(z.object({ url: z.string(), state: z.literal('unfetched') })),
  state: MessageState,
  at: z.string(),
  /** It came to a shared number, where texting is not possible (S0-13). */
  notTexted: z.boolean(),
});
export type MessageRecord = z.infer<typeof MessageRecord>;

/** How much a number is used: calls of the last 30 calendar days (UTC), today included. */
export const NumberStatistics = z.object({ callsLast30Days: z.int(), lastUsedAt: z.string().optional() });
export type NumberStatistics = z.infer<typeof NumberStatistics>;
