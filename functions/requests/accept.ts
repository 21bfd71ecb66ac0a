import type { RequirementItem } from '../carriers/papers-port.ts';
import { type AtHand, fillRequirements } from '../compliance/at-hand-store.ts';
import type { Bundle } from '../compliance/bundle-schema.ts';
import { papersOfBundle, requirementsOfBundle } from '../compliance/bundle-store.ts';
import type { CountryClass, CountryCode } from '../domain/country.ts';
import { newId, RequestId, TicketId } from '../domain/ids.ts';
import type { Actor } from '../platform/entity.ts';
import type { Tenant } from '../tenants/schema.ts';
import type { Named } from './accept-rules.ts';
import type { Decider } from './decide.ts';
import { approvalsNeeded } from './decide.ts';
import { mergeRequirements } from './requirements.ts';
import type { NewRequest, NumberRequest, RequestState } from './schema.ts';
import { withStep } from './timeline.ts';
import { beginWait, withTimer } from './waiting.ts';

/** Where a request begins, by the class of its country (api-map §4). */
const FIRST_STATE: Readonly<Record<CountryClass, readonly [RequestState, NumberRequest['waitingFor']]>> = {
  standard: ['classified', 'nobody'],
  special: ['terms_pending', 'customer_success'],
  restricted: ['approval_pending', 'customer_success'],
  unsupported: ['quote_pending', 'customer_success'],
};

export interface Acceptance {
  readonly input: NewRequest;
  readonly tenant: Tenant;
  readonly who: Decider & { readonly email: string };
  readonly actor: Actor;
  readonly class: CountryClass;
  readonly named: readonly Named[];
  /** What the country asks for by the data file; a carrier's own list replaces it once carriers may be asked. */
  readonly requirements: readonly RequirementItem[];
  /** Papers that are there already: they meet what they can from the start. */
  readonly atHand?: readonly AtHand[];
  /** A set that can be ordered with: nothing more is asked. */
  readonly bundle?: Bundle | undefined;
  readonly at: Date;
}

/** The record of a new request (version comes with `create`). Pure: nothing is read or written. */
export function newRequest(from: Acceptance): Omit<NumberRequest, 'version'> {
  const { input, at } = from;
  const [state, waitingFor] = FIRST_STATE[from.class];
  const stamp = at.toISOString();
  const request: NumberRequest = {
    ...askedFor(input),
    ...begun(from),
    approvals: [],
    named: [...from.named],
    ...papersFrom(from),
    timeline: [],
    state,
    waitingFor,
    createdAt: stamp,
    updatedAt: stamp,
    waitingSince: stamp,
  };
  const complete = { ...request, approvalsNeeded: approvalsNeeded(request), timeline: firstSteps(from) };
  return withTimer({ ...complete, ...beginWait(complete, at) });
}

function papersFrom({
  bundle,
  requirements,
  atHand = [],
  input,
}: Acceptance): Pick<NumberRequest, 'requirements' | 'papers'> {
  if (bundle) return { requirements: requirementsOfBundle(bundle), papers: papersOfBundle(bundle) };
  return { requirements: fillRequirements(mergeRequirements([], requirements), atHand, input.country) };
}

function askedFor(input: NewRequest) {
  return {
    country: input.country as CountryCode,
    type: input.type ?? 'local',
    quantity: input.numbers?.length ?? input.quantity ?? 1,
    policy: input.policy ?? 'all_or_nothing',
    wish: wishOf(input),
    alternatives: input.alternatives ?? [],
    ...optionalFields(input),
    purpose: input.purpose ?? 'other',
    channel: input.channel ?? 'form',
    subject: input.subject ?? 'business',
    tags: input.tags ?? [],
    metadata: input.metadata ?? {},
  } as const;
}

function begun(from: Acceptance) {
  return {
    id: RequestId.parse(newId('req', from.at)),
    object: 'number_request',
    tenantId: from.tenant.id,
    class: from.class,
    named: [...from.named],
    requestedBy: from.who.id,
    requester: { name: from.who.name, email: from.who.email },
    ticketId: TicketId.parse(newId('tkt', from.at)),
    ...(from.class === 'standard' ? { agreedAt: from.at.toISOString() } : {}),
    approvals: [],
    approvalsNeeded: 1,
    requirements: [],
    reminded: 0,
    escalated: false,
    slots: 0,
    timeline: [],
    executions: 1,
    version: 1,
  } as const;
}

function firstSteps(from: Acceptance) {
  const by = { actor: from.actor, at: from.at };
  const waiting = { standard: undefined, special: 'terms', unsupported: 'terms', restricted: 'approval' } as const;
  let timeline = withStep([], 'submitted', 'done', by);
  timeline = withStep(timeline, 'classified', 'done', { ...by, detail: from.class });
  timeline = withStep(timeline, 'ticket_opened', 'done', by);
  const next = waiting[from.class];
  return next ? withStep(timeline, next, 'waiting', by) : timeline;
}

function wishOf(input: NewRequest): NumberRequest['wish'] {
  const { areaCode, locality, region, contains, match, features, maxMonthly } = input;
  return Object.fromEntries(
    Object.entries({ areaCode, locality, region, contains, match, features, maxMonthly }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

function optionalFields(input: NewRequest): Partial<NumberRequest> {
  const { wantedBy, purposeNote, name, assignment, endUserId, bundleId, documents, reference } = input;
  const given = Object.entries({ wantedBy, purposeNote, name, assignment, endUserId, bundleId, documents, reference });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}
