import * as z from 'zod';
import { NumberId } from '../domain/ids.ts';
import { CallFlow, Extension, Queue, Tenant, User } from './schema.ts';

const Instant = z.iso.datetime();

export const TenantView = Tenant.omit({ version: true, paymentMethod: true, standing: true }).meta({ id: 'Tenant' });
export const BillingView = z
  .object({
    id: Tenant.shape.id,
    object: z.literal('billing'),
    paymentMethod: Tenant.shape.paymentMethod,
    standing: Tenant.shape.standing,
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'Billing' });
export const UserView = User.omit({ version: true, areaCodeFallback: true })
  .extend({
    accessibleOus: z.array(z.string()),
    numberIds: z.array(NumberId).describe('Numbers that ring the user.'),
    state: User.shape.state.describe(
      '`preference_needed`: no area code was named, or no number could be had for it; nothing is bought. `provisioning`: a number is on its way.',
    ),
    areaCodeFallback: z
      .string()
      .optional()
      .describe('Area code of the number the user has, when none of the preferred one could be had (S0-2).'),
  })
  .meta({ id: 'User' });
export type UserView = z.infer<typeof UserView>;
export const ExtensionView = Extension.omit({ version: true }).meta({ id: 'Extension' });
export const QueueView = Queue.omit({ version: true }).meta({ id: 'Queue' });
export const CallFlowView = CallFlow.omit({ version: true })
  .extend({
    parameters: z.array(z.object({ name: z.string() })).describe('Simple flows take none.'),
    appliedTo: z
      .object({ done: z.int(), of: z.int() })
      .optional()
      .describe('After a change: numbers that follow it, of those routed to the flow.'),
  })
  .meta({ id: 'CallFlow' });
