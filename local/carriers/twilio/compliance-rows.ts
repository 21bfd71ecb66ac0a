import type { JsonObject, SimPapers, SimWorld } from '../kernel/simulator-port.ts';

const COMPLIANCE = '/v2/RegulatoryCompliance';
const STATUSES: Readonly<Record<SimPapers['state'], string>> = {
  draft: 'draft',
  in_review: 'pending-review',
  approved: 'twilio-approved',
  rejected: 'twilio-rejected',
};

/** An end user, a supporting document or an address, under the names of the wire. */
export interface Part extends JsonObject {
  readonly sid: string;
  readonly friendly_name: string;
  readonly type: string;
  readonly attributes: JsonObject;
}
/** A part's place in a bundle. */
export interface Assignment extends JsonObject {
  readonly sid: string;
  readonly bundle_sid: string;
  readonly object_sid: string;
}

export function iso(at: Date): string {
  return at.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

export function complianceUrl(world: SimWorld, rest: string): string {
  return `${world.publicUrl}${COMPLIANCE}/${rest}`;
}

export function bundleStatus(papers: SimPapers): string {
  return STATUSES[papers.state];
}

export function bundleRow(world: SimWorld, papers: SimPapers): JsonObject {
  const url = complianceUrl(world, `Bundles/${papers.id}`);
  return {
    sid: papers.id,
    account_sid: world.credentials['TWILIO_ACCOUNT_SID'] ?? '',
    friendly_name: papers.reference,
    status: bundleStatus(papers),
    valid_until: null,
    ...papers.data,
    url,
    links: {
      evaluations: `${url}/Evaluations`,
      item_assignments: `${url}/ItemAssignments`,
      bundle_copies: `${url}/Copies`,
    },
  };
}

/** What is assigned to a bundle, in order. */
export function assignments(world: SimWorld, bundleSid: string): readonly Assignment[] {
  return world.records.list<Assignment>('assignments').filter((item) => item.bundle_sid === bundleSid);
}

/** The end users and documents of a bundle. */
export function partsOf(world: SimWorld, bundleSid: string): readonly Part[] {
  return assignments(world, bundleSid)
    .map(({ object_sid: sid }) => world.records.get<Part>('endUsers', sid) ?? world.records.get<Part>('documents', sid))
    .filter((part) => part !== undefined);
}
