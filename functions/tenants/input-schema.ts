import * as z from 'zod';
import { CountryCode } from '../domain/country.ts';
import { NumberId, UserId } from '../domain/ids.ts';
import { Currency, Money } from '../domain/money.ts';
import { CallFlowStep, FallbackTarget } from './schema.ts';

const Name = z.string().trim().min(1).max(100);
const TimeZone = z
  .string()
  .max(60)
  .refine(isTimeZone, 'a time zone of the IANA list, like Europe/London')
  .describe('IANA name, like Europe/London.');
const PaymentMethod = z.enum(['valid', 'missing', 'expired']);
const NumberLimit = z.int().min(0).max(1_000_000);

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** What the platform owner alone may change of a tenant (S2-7). */
const PLATFORM_FIELDS = {
  plan: Name.optional(),
  numberLimit: NumberLimit.optional(),
  features: z
    .strictObject({
      callerNumberAnonymization: z.boolean().optional(),
      tenantMaintainsCallerNumbers: z.boolean().optional(),
      ouIsolation: z.boolean().optional(),
    })
    .optional(),
  dailyPurchaseCap: Money.shape.amount.nullable().optional(),
};
export const PLATFORM_FIELD_NAMES = ['plan', 'numberLimit', 'features', 'dailyPurchaseCap'] as const;

export const TenantChange = z.strictObject({
  name: Name.optional(),
  country: CountryCode.optional(),
  timeZone: TimeZone.optional(),
  defaultNumberId: NumberId.nullable().optional(),
  fallback: FallbackTarget.nullable().optional(),
  notificationAddresses: z.array(z.email().max(200)).max(20).optional(),
  ...PLATFORM_FIELDS,
});
export type TenantChange = z.infer<typeof TenantChange>;

export const NewTenant = z.strictObject({
  name: Name,
  country: CountryCode,
  timeZone: TimeZone.default('UTC'),
  currency: Currency.default('USD'),
  numberLimit: NumberLimit.default(50),
  paymentMethod: PaymentMethod.default('valid'),
});
export const BillingInput = z.strictObject({
  paymentMethod: PaymentMethod,
  standing: z.enum(['good', 'past_due']).optional().describe('Changed by the platform owner alone.'),
});

const AreaCode = z
  .string()
  .regex(/^0?\d{1,6}$/, 'digits of an area code')
  .transform((text) => text.replace(/^0(?=\d)/, ''))
  .pipe(z.string())
  .describe('With or without the national 0.');
const Digits = z
  .string()
  .regex(/^\d{2,8}$/, '2 to 8 digits')
  .describe('2 to 8 digits, unique in the tenant.');
const SipUri = z
  .string()
  .max(255)
  .regex(/^sips?:[^\s@<>"]+@[^\s@<>"]+$/i, 'a SIP address, like sip:pam@pbx.example.com');

const PERSON = {
  name: Name,
  email: z.email().max(200),
  roles: z
    .array(z.enum(['customer', 'tenant_admin']))
    .min(1)
    .max(2),
  permissions: z.array(z.string().regex(/^[a-z_]+:[a-z_]+$/, 'a permission, like caller_numbers:add')).max(50),
  kind: z.enum(['person', 'ai_employee']),
};
export const NewUser = z.strictObject({
  ...PERSON,
  roles: PERSON.roles.default(['customer']),
  permissions: PERSON.permissions.default([]),
  kind: PERSON.kind.default('person'),
  preferredAreaCode: AreaCode.optional(),
  country: CountryCode.optional(),
  extension: Digits.optional().describe('The next free four-digit one unless given.'),
});
export type NewUser = z.infer<typeof NewUser>;
export const UserChange = z.strictObject({
  name: PERSON.name.optional(),
  email: PERSON.email.optional(),
  roles: PERSON.roles.optional(),
  permissions: PERSON.permissions.optional(),
  kind: PERSON.kind.optional(),
  preferredAreaCode: AreaCode.optional(),
  country: CountryCode.optional(),
});
export type UserChange = z.infer<typeof UserChange>;

export const NewExtension = z.strictObject({ extension: Digits, userId: UserId, sipUri: SipUri.optional() });
export const ExtensionChange = z.strictObject({
  extension: Digits.optional(),
  userId: UserId.optional(),
  sipUri: SipUri.nullable().optional(),
});
export type ExtensionChange = z.infer<typeof ExtensionChange>;

const Members = z.array(UserId).max(200);
const Timeout = z.int().min(5).max(3600);
export const NewQueue = z.strictObject({
  name: Name,
  members: Members.default([]),
  timeoutSeconds: Timeout.default(120),
  overflow: FallbackTarget.optional(),
});
export const QueueChange = z.strictObject({
  name: Name.optional(),
  members: Members.optional(),
  timeoutSeconds: Timeout.optional(),
  overflow: FallbackTarget.nullable().optional(),
});
export type QueueChange = z.infer<typeof QueueChange>;

const Steps = z.array(CallFlowStep).min(1).max(50).describe('The first is the entry; they are run in their order.');
export const NewCallFlow = z.strictObject({ name: Name, steps: Steps });
export const CallFlowChange = z.strictObject({ name: Name.optional(), steps: Steps.optional() });
export type CallFlowChange = z.infer<typeof CallFlowChange>;
