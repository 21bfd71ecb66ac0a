import * as z from 'zod';
import { RequestId, TenantId } from '../domain/ids.ts';

/** One place of a request, at one attempt. */
export const ItemPlace = z.strictObject({ tenantId: TenantId, requestId: RequestId, item: z.int(), attempt: z.int() });
export type ItemPlace = z.infer<typeof ItemPlace>;
/** How far the purchase of one intent is; `pollAfter` in seconds. */
export const Purchased = z.object({
  outcome: z.enum(['bought', 'accepted', 'refused', 'unclear', 'price_changed', 'papers_missing', 'later']),
  pollAfter: z.int().optional(),
});
export type Purchased = z.infer<typeof Purchased>;

const Item = z.object({ item: z.int(), attempt: z.int() });
/** What claiming came to, and the intents to be ordered. */
export const Claimed = z.object({
  outcome: z.enum(['claimed', 'nothing_left', 'ended', 'price_changed', 'papers_missing', 'hold', 'choose_again']),
  items: z.array(Item),
});
export type Claimed = z.infer<typeof Claimed>;
