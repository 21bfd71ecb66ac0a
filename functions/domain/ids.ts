import * as z from 'zod';
import type { IdPrefix } from './mint.ts';

// Apart from the schemas, so that inbound mints ids without loading the schema library.
export { type IdPrefix, newId } from './mint.ts';

function idSchema<Brand extends string>(prefix: IdPrefix, brand: Brand) {
  return z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`), `an id like ${prefix}_01k…`)
    .brand<Brand>()
    .describe(`${brand}: ${prefix}_ and 26 characters, opaque`);
}

export const TenantId = idSchema('ten', 'TenantId');
export type TenantId = z.infer<typeof TenantId>;
export const UserId = idSchema('usr', 'UserId');
export type UserId = z.infer<typeof UserId>;
export const ExtensionId = idSchema('ext', 'ExtensionId');
export type ExtensionId = z.infer<typeof ExtensionId>;
export const QueueId = idSchema('que', 'QueueId');
export type QueueId = z.infer<typeof QueueId>;
export const CallFlowId = idSchema('flw', 'CallFlowId');
export type CallFlowId = z.infer<typeof CallFlowId>;
export const RequestId = idSchema('req', 'RequestId');
export type RequestId = z.infer<typeof RequestId>;
export const TicketId = idSchema('tkt', 'TicketId');
export type TicketId = z.infer<typeof TicketId>;
export const CommentId = idSchema('cmt', 'CommentId');
export type CommentId = z.infer<typeof CommentId>;
export const TaskId = idSchema('tsk', 'TaskId');
export type TaskId = z.infer<typeof TaskId>;
export const NumberId = idSchema('num', 'NumberId');
export type NumberId = z.infer<typeof NumberId>;
export const DocumentId = idSchema('doc', 'DocumentId');
export type DocumentId = z.infer<typeof DocumentId>;
export const BundleId = idSchema('bnd', 'BundleId');
export type BundleId = z.infer<typeof BundleId>;
export const ApiKeyId = idSchema('key', 'ApiKeyId');
export type ApiKeyId = z.infer<typeof ApiKeyId>;
export const EndUserId = idSchema('eus', 'EndUserId');
export type EndUserId = z.infer<typeof EndUserId>;
