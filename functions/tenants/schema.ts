import * as z from 'zod';
import { CountryCode } from '../domain/country.ts';
import { E164 } from '../domain/e164.ts';
import { CallFlowId, ExtensionId, NumberId, QueueId, TenantId, UserId } from '../domain/ids.ts';
import { Currency } from '../domain/money.ts';

const Instant = z.iso.datetime();

/** Where calls go, as people name it (api-map §6, and §13 for queue overflow and tenant fallback). */
export const Target = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('extension'), id: ExtensionId }),
  z.strictObject({ type: z.literal('queue'), id: QueueId }),
  z.strictObject({
    type: z.literal('call_flow'),
    id: CallFlowId,
    parameters: z.record(z.string(), z.unknown()).optional(),
  }),
  z.strictObject({ type: z.literal('forward'), number: E164 }),
  z.strictObject({ type: z.literal('voicemail'), id: UserId.optional() }),
]);
export type Target = z.infer<typeof Target>;
export const FallbackTarget = z.discriminatedUnion('type', [
  ...Target.options,
  z.strictObject({ type: z.literal('announce'), text: z.string().min(1).max(500) }),
]);
export type FallbackTarget = z.infer<typeof FallbackTarget>;

/** A company that uses the gateway. */
export const Tenant = z.object({
  id: TenantId,
  object: z.literal('tenant'),
  name: z.string().min(1).max(100),
  country: CountryCode,
  timeZone: z.string(),
  currency: Currency,
  plan: z.string(),
  numberLimit: z.int().min(0),
  defaultNumberId: NumberId.optional(),
  fallback: FallbackTarget,
  features: z.object({
    callerNumberAnonymization: z.boolean(),
    tenantMaintainsCallerNumbers: z.boolean(),
    ouIsolation: z.boolean(),
  }),
  notificationAddresses: z.array(z.email()),
  state: z.enum(['active', 'suspended']),
  paymentMethod: z.enum(['valid', 'missing', 'expired']),
  standing: z.enum(['good', 'past_due']),
  /** Most that may be committed to monthly prices in one day, in the tenant's currency (Fraud, reliability §6). */
  dailyPurchaseCap: z.string().optional(),
  createdAt: Instant,
  updatedAt: Instant,
  version: z.int(),
});
export type Tenant = z.infer<typeof Tenant>;

export const RoleName = z.enum(['customer', 'tenant_admin', 'customer_success', 'operator']);
/** A person or an AI employee; staff have no tenant. */
export const User = z.object({
  id: UserId,
  object: z.literal('user'),
  tenantId: TenantId.optional(),
  name: z.string().min(1).max(100),
  email: z.email(),
  roles: z.array(RoleName).min(1),
  permissions: z.array(z.string()),
  kind: z.enum(['person', 'ai_employee']),
  preferredAreaCode: z.string().optional(),
  country: CountryCode.optional(),
  extensionId: ExtensionId.optional(),
  state: z.enum(['preference_needed', 'provisioning', 'active']),
  areaCodeFallback: z.string().optional(),
  createdAt: Instant,
  updatedAt: Instant,
  version: z.int(),
});
export type User = z.infer<typeof User>;

/** A user's inner number: unique in the tenant (S0-5). */
export const Extension = z.object({
  id: ExtensionId,
  object: z.literal('extension'),
  tenantId: TenantId,
  extension: z.string().regex(/^\d{2,8}$/, '2 to 8 digits'),
  userId: UserId,
  sipUri: z.string().max(255).optional(),
  createdAt: Instant,
  updatedAt: Instant,
  version: z.int(),
});
export type Extension = z.infer<typeof Extension>;

/** A queue callers wait in (S0-33). */
export const Queue = z.object({
  id: QueueId,
  object: z.literal('queue'),
  tenantId: TenantId,
  name: z.string().min(1).max(100),
  members: z.array(UserId),
  timeoutSeconds: z.int().min(5).max(3600),
  overflow: FallbackTarget.optional(),
  createdAt: Instant,
  updatedAt: Instant,
  version: z.int(),
});
export type Queue = z.infer<typeof Queue>;

const Step = { id: z.string().regex(/^[a-z0-9_-]{1,40}$/) };
/** One step of a simple call flow; the first is the entry (api-map §13, Call flows: the steps this release runs). */
export const CallFlowStep = z.discriminatedUnion('type', [
  z.strictObject({
    ...Step,
    type: z.literal('announce'),
    text: z.string().max(1500),
    language: z.string().optional(),
    next: z.string().optional(),
  }),
  z.strictObject({
    ...Step,
    type: z.literal('dial'),
    targets: z
      .array(
        z.discriminatedUnion('type', [
          z.strictObject({ type: z.literal('extension'), id: ExtensionId }),
          z.strictObject({ type: z.literal('number'), number: E164 }),
        ]),
      )
      .min(1)
      .max(10),
    strategy: z.enum(['all', 'in_order']).default('in_order'),
    timeoutSeconds: z.int().min(5).max(120).default(25),
    otherwise: z.string().optional(),
  }),
  z.strictObject({ ...Step, type: z.literal('queue'), queueId: QueueId, otherwise: z.string().optional() }),
  z.strictObject({
    ...Step,
    type: z.literal('forward'),
    number: E164,
    timeoutSeconds: z.int().min(5).max(120).optional(),
    otherwise: z.string().optional(),
  }),
  z.strictObject({
    ...Step,
    type: z.literal('voicemail'),
    userId: UserId.optional(),
    prompt: z.string().max(1500).optional(),
    maxSeconds: z.int().min(5).max(600).optional(),
  }),
  z.strictObject({ ...Step, type: z.literal('hangup'), reason: z.string().optional() }),
]);
export type CallFlowStep = z.infer<typeof CallFlowStep>;

/** What happens to a call, as data; the platform owner may lock it (S4-10). */
export const CallFlow = z.object({
  id: CallFlowId,
  object: z.literal('call_flow'),
  tenantId: TenantId,
  name: z.string().min(1).max(100),
  steps: z.array(CallFlowStep).min(1).max(50),
  locked: z.boolean(),
  createdAt: Instant,
  updatedAt: Instant,
  version: z.int(),
});
export type CallFlow = z.infer<typeof CallFlow>;

/** How many numbers a tenant has and holds; `taken` = used + held, the one field the limit is compared with (I8). */
export const NumberCounter = z.object({ used: z.int(), held: z.int(), taken: z.int() });
export type NumberCounter = z.infer<typeof NumberCounter>;

/** Why this tenant may not buy now; undefined when it may. The same rule holds at acceptance and before the order. */
export function standingProblem(tenant: Tenant): { readonly code: string; readonly detail: string } | undefined {
  if (tenant.state === 'suspended')
    return { code: 'tenant_suspended', detail: 'This account is suspended; ask customer success.' };
  if (tenant.paymentMethod !== 'valid')
    return {
      code: 'payment_method_missing',
      detail: `The payment method is ${tenant.paymentMethod}; enter a valid one first.`,
    };
  if (tenant.standing !== 'good')
    return { code: 'billing_not_in_good_standing', detail: 'A bill is past due; pay it first.' };
  return undefined;
}
