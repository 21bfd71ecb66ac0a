import * as z from 'zod';
import { CarrierId } from '../domain/carrier-id.ts';
import { E164 } from '../domain/e164.ts';
import { NumberId, TenantId } from '../domain/ids.ts';

/** A target with everything the answer needs: inbound reads nothing else. */
export const ResolvedTarget = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('extension'),
    id: z.string(),
    name: z.string(),
    sipUri: z.string(),
    timeoutSeconds: z.int(),
  }),
  z.object({ type: z.literal('queue'), id: z.string(), name: z.string(), timeoutSeconds: z.int() }),
  z.object({ type: z.literal('forward'), number: E164, timeoutSeconds: z.int() }),
  z.object({
    type: z.literal('voicemail'),
    id: z.string().optional(),
    name: z.string(),
    prompt: z.string(),
    maxSeconds: z.int(),
  }),
  z.object({ type: z.literal('announce'), text: z.string(), language: z.string().optional() }),
]);
export type ResolvedTarget = z.infer<typeof ResolvedTarget>;

/** Key `ROUTE#<e164>` / `<carrier>`: the only read of inbound, written with the assignment (DESIGN §6). */
export const RouteEntry = z.object({
  number: E164,
  carrier: CarrierId,
  tenantId: TenantId,
  numberId: NumberId,
  /** Everything but `active` is answered neutrally (V2). */
  state: z.enum(['active', 'suspended', 'released', 'quarantined']),
  ownership: z.enum(['pre_provisioned', 'private', 'shared']),
  /** Absent: routed to nobody; the fallback answers (S2-18). */
  target: ResolvedTarget.optional(),
  /** The tenant's fallback. */
  fallback: ResolvedTarget,
  /** What follows the fallback when that is a queue nobody answers; absent: nothing. */
  afterFallback: z.array(ResolvedTarget).optional(),
  /** Steps of a simple call flow, when the target is one: run in order until one answers. */
  flow: z.array(ResolvedTarget).optional(),
  version: z.int(),
});
export type RouteEntry = z.infer<typeof RouteEntry>;
