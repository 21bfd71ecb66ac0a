import { CountryCode } from '../../functions/domain/country.ts';
import { E164 } from '../../functions/domain/e164.ts';
import { RequestId, TenantId, UserId } from '../../functions/domain/ids.ts';
import { newRequest } from '../../functions/requests/accept.ts';
import { Intent } from '../../functions/requests/intent-schema.ts';
import type { RequirementOnRequest } from '../../functions/requests/papers-schema.ts';
import type { NewRequest, NumberRequest } from '../../functions/requests/schema.ts';
import { newTenant } from '../../functions/tenants/new-tenant.ts';
import type { Tenant } from '../../functions/tenants/schema.ts';

export const NOW = new Date('2026-11-20T10:00:00.000Z');
const id = (prefix: string, n: number): string => `${prefix}_0000000000000000000000000${n}`;
export const person = (n: number, name = `Person ${n}`) => ({
  id: UserId.parse(id('usr', n)),
  name,
  email: `p${n}@acme.example`,
});
export const PAM = person(1, 'Pam Beesly');
export const CHRIS = person(4, 'Chris Success');
export const SAM = person(5, 'Sam Success');
export const GB = CountryCode.parse('GB');

const company = {
  name: 'Acme',
  timeZone: 'Europe/London',
  currency: 'USD',
  numberLimit: 50,
  paymentMethod: 'valid',
} as const;
export const TENANT: Tenant = {
  ...newTenant(TenantId.parse(id('ten', 1)), { ...company, country: GB }, NOW),
  version: 1,
};

/** A request as it stands right after acceptance, with some fields as a test wants them. */
export function request(
  more: Partial<NumberRequest> = {},
  input: Partial<NewRequest> = {},
  countryClass: NumberRequest['class'] = 'standard',
): NumberRequest {
  const plain = newRequest({
    input: { country: GB, ...input },
    tenant: TENANT,
    who: PAM,
    actor: { kind: 'person', id: PAM.id, name: PAM.name },
    class: countryClass,
    named: [],
    requirements: [],
    at: NOW,
  });
  return { ...plain, version: 1, ...more };
}

export const requirement = (
  requirementId: string,
  state: RequirementOnRequest['state'],
  more: Partial<RequirementOnRequest> = {},
): RequirementOnRequest => ({
  requirementId,
  kind: 'text',
  name: requirementId,
  description: '',
  required: true,
  acceptedEvidence: [],
  state,
  ...more,
});

export const intent = (item: number, state: Intent['state'], more: Partial<Intent> = {}): Intent =>
  Intent.parse({
    tenantId: TENANT.id,
    requestId: RequestId.parse(id('req', 1)),
    item,
    attempt: 1,
    state,
    number: E164.parse(`+44122355501${item}`),
    carrier: 'telnyx',
    country: GB,
    type: 'local',
    features: [],
    wantedFeatures: [],
    reference: `${id('req', 1)}.${item}.1`,
    refs: {},
    sends: 1,
    probes: 0,
    createdAt: NOW.toISOString(),
    updatedAt: NOW.toISOString(),
    version: 1,
    ...more,
  });
